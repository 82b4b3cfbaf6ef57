"""Guardianships in the operator console: to look at."""

from django.contrib import admin

from guardians.models import Guardianship
from vault.admin import ReadOnlyAdmin


@admin.register(Guardianship)
class GuardianshipAdmin(ReadOnlyAdmin):
    list_display = ["ward", "guardian", "state", "since"]
    list_filter = ["state"]
