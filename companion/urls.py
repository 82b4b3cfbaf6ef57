"""Addresses of the chat pages."""

from django.urls import path

from companion import views

urlpatterns = [
    path("", views.index, name="chat"),
    path("record/", views.record, name="record"),
    path("new/", views.new, name="chat_new"),
    path("<uuid:conversation>/", views.conversation, name="conversation"),
    path(
        "<uuid:conversation>/before/<int:before>/", views.earlier, name="chat_earlier"
    ),
]
