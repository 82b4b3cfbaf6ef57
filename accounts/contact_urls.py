"""Addresses behind the links of contacts."""

from django.urls import path

from accounts import contact_views, contact_way_views

urlpatterns = [
    path("agree/<str:token>/", contact_views.invitation, name="contact_invitation"),
    path("standing/<str:token>/", contact_views.standing, name="contact_standing"),
    path("standing/<str:token>/ways/", contact_way_views.ways, name="contact_ways"),
]
