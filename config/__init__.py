"""Composition root: settings, urls, processes and the embedded services.

The only package that may import every app; nothing imports it but Django.
"""

from config.celery import app as celery_app

__all__ = ["celery_app"]
