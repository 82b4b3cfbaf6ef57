"""The audit chain in the console: to be read, never written.

Entries hold ids, codes and versions only. Data keys are not shown at all.
"""

from django.contrib import admin
from django.http import HttpRequest

from vault.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin[AuditEntry]):
    list_display = ["at", "act", "actor", "chain", "seq"]
    list_filter = ["act"]
    search_fields = ["=chain", "=actor"]
    ordering = ["-at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: AuditEntry | None = None
    ) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: AuditEntry | None = None
    ) -> bool:
        return False
