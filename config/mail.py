"""A way of sending mail beside the usual one, from its address."""

from typing import Any

from environ import Env


def transport(url: str) -> dict[str, Any]:
    """What `django.core.mail.get_connection` takes, from `smtp+tls://user:pass@host`."""
    read = Env.email_url_config(url)
    return {
        "backend": read["EMAIL_BACKEND"],
        "host": read["EMAIL_HOST"],
        "port": read["EMAIL_PORT"],
        "username": read["EMAIL_HOST_USER"],
        "password": read["EMAIL_HOST_PASSWORD"],
        "use_tls": read.get("EMAIL_USE_TLS", False),
        "use_ssl": read.get("EMAIL_USE_SSL", False),
    }
