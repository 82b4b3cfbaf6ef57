"""The address of the public register."""

from django.urls import path

from compliance import views

urlpatterns = [path("", views.register_page, name="compliance")]
