"""Addresses of help. Never gated."""

from django.urls import path

from safety import views

urlpatterns = [
    path("", views.help_page, name="help"),
    path("protocol/", views.protocol, name="protocol"),
]
