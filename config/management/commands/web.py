"""`manage.py web`: HTTP and websockets through uvicorn, one process."""

import warnings
from typing import Any

import uvicorn
from django.core.management.base import BaseCommand

from config.ports import host, port


class Command(BaseCommand):
    help = "Serves pages and the chat socket on HOST and PORT."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        # WhiteNoise hands over whole static files; there is nothing to stream.
        warnings.filterwarnings("ignore", "StreamingHttpResponse must consume")
        uvicorn.run(
            "config.asgi:application",
            host=host(),
            port=port(),
            loop="uvloop",
            lifespan="off",
            ws="websockets-sansio",
            # A million characters still get an answer in words (the consumer refuses
            # what is over 16 KiB); more than this ends the socket.
            ws_max_size=4 * 1024 * 1024,
            ws_max_queue=8,
            ws_per_message_deflate=False,
            # Who the client is, is for the proxy count in the settings to say.
            proxy_headers=False,
            server_header=False,
            access_log=False,  # addresses and times of people are nobody's business
            log_config=None,
            timeout_graceful_shutdown=5,
        )
