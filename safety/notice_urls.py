"""The address behind the link of a notice. Never gated."""

from django.urls import path

from safety import notice_views

urlpatterns = [path("<str:token>/", notice_views.notice, name="notice")]
