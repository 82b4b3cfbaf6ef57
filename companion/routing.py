"""Websocket addresses."""

from django.urls import path

from companion.consumers import ChatConsumer

websocket_urlpatterns = [
    path("ws/chat/<uuid:conversation>/", ChatConsumer.as_asgi()),
]
