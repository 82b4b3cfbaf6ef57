"""Addresses of what was decided, among the settings."""

from django.urls import path

from companion import redress_views

urlpatterns = [
    path("decisions/", redress_views.page, name="decisions"),
    path("decisions/wrong/", redress_views.dispute, name="dispute"),
]
