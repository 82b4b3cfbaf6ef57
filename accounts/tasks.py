"""Celery entry points of accounts: call and return. No arguments, so no names."""

from celery import shared_task
from django.utils import timezone

from accounts import contact_mail


@shared_task(ignore_result=True)
def send_letters() -> None:
    """By beat, and on commit of whatever is owed."""
    contact_mail.send_due(now=timezone.now())
