"""Addresses of the settings page."""

from django.urls import path

from accounts import operator_route_views, preferences, usage

urlpatterns = [
    path("", preferences.overview, name="settings"),
    path("use/", usage.page, name="settings_use"),
    path("name/", preferences.presentation, name="settings_presentation"),
    path("place/", preferences.place, name="settings_place"),
    path("contact/", preferences.contact, name="settings_contact"),
    path("contact/<int:place>/", preferences.contact, name="settings_contact"),
    path(
        "contact/<int:place>/again/",
        preferences.ask_again,
        name="settings_contact_again",
    ),
    path(
        "contact/<int:place>/remove/",
        preferences.remove_contact,
        name="settings_contact_remove",
    ),
    path("notices/", operator_route_views.ways, name="settings_notices"),
    path("notices/<uuid:route>/", operator_route_views.act, name="settings_notice_act"),
]
