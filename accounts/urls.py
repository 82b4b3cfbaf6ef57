"""Addresses of the gate."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("", views.begin, name="welcome"),
    path("email/", views.email, name="welcome_email"),
    path("agreement/", views.agree, name="welcome_agreement"),
    path("about/", views.about, name="welcome_about"),
    path("contact/", views.contact, name="welcome_contact"),
    path("waiting/", views.waiting, name="welcome_waiting"),
    path("notice/", views.acknowledge_notice, name="notice_acknowledge"),
]
