"""Guardianships in the operator console: to look at."""

from django.contrib import admin

from accounts.admin import ReadOnlyAdmin
from guardians.models import Guardianship


@admin.register(Guardianship)
class GuardianshipAdmin(ReadOnlyAdmin):
    list_display = ["ward", "guardian", "state", "since"]
    list_filter = ["state"]
