"""Whom a connection to an engine trusts. Reading the certificates takes long: once per
process.
"""

import ssl
from functools import cache

import httpx


def context(scheme: str) -> ssl.SSLContext:
    return _authorities() if scheme == "https" else _nobody()


@cache
def _authorities() -> ssl.SSLContext:
    return httpx.create_ssl_context()


@cache
def _nobody() -> ssl.SSLContext:
    """For plain connections httpx wants a context too; this one trusts nobody."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
