"""HTTP and websockets in one ASGI application (served by uvicorn)."""

import os
from urllib.parse import ParseResult

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import OriginValidator
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
http = get_asgi_application()

# Both import models, so Django must be set up first.
from django.conf import settings  # noqa: E402

from companion import voice_bank  # noqa: E402
from companion.routing import websocket_urlpatterns  # noqa: E402
from safety.layers import table  # noqa: E402

table()  # loads what the detectors need now, not in somebody's first message

voice_bank.ready()  # read now, not while somebody waits for their first word


# OriginValidator compares scheme, host and port; Channels' AllowedHosts variant
# compares host names only and would let http:// and any port in.
class SameOrigin(OriginValidator):  # type: ignore[misc]  # untyped
    """Denies an origin that cannot even be read, instead of failing."""

    def valid_origin(self, parsed_origin: ParseResult | None) -> bool:
        try:
            return bool(super().valid_origin(parsed_origin))
        except ValueError:  # a port that is none
            return False


sockets = SameOrigin(
    AuthMiddlewareStack(URLRouter(websocket_urlpatterns)),
    settings.WEBSOCKET_ORIGINS,
)

application = ProtocolTypeRouter({"http": http, "websocket": sockets})
