"""The audit chain in the console, and the base of every ledger there: to be read, never
written.

Entries hold ids, codes and versions only. Data keys are not shown at all.
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from vault.models import AuditEntry


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """A ledger: looked at, never written in the console."""

    def has_add_permission(self, request: HttpRequest, *args: object) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, *args: object) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, *args: object) -> bool:
        return False


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ["at", "act", "actor", "chain", "seq"]
    list_filter = ["act"]
    search_fields = ["=chain", "=actor"]
    ordering = ["-at"]
