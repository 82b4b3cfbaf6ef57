"""The pages behind the links of contacts. They need no account.

Opening one changes nothing: mail scanners open links too. Only a pressed button does.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache

from accounts import contact_links, contact_mail, contact_ways, contacts, forms
from accounts.contact_models import Contact, ContactKind, LinkPurpose
from accounts.refusal import LinkEnded, TooManyInvitations

View = Callable[..., HttpResponse]


def by_link(view: View) -> View:
    """An ended or unknown link gets one and the same page."""

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, token: str) -> HttpResponse:
        try:
            return view(request, token)
        except LinkEnded:
            return render(request, "contacts/ended.html", status=404)

    return guarded


@by_link
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What they are asked, and yes or no."""
    now = timezone.now()
    contact = contact_links.find(token, LinkPurpose.INVITE, now).contact
    if request.method != "POST":
        return _page(request, "invitation", contact, phone_end=contact.phone[-4:])
    if request.POST.get("answer") == "yes":
        agreed = contacts.confirm(
            token=token,
            language=get_language() or "en",
            keep_phone=request.POST.get("keep_phone") == "on",
            now=now,
        )
        today = contacts.link_for_today(contact=agreed, now=now)
        code = any(not way.is_proved for way in contact_ways.of(agreed))
        return _page(request, "agreed", agreed, token=today, code=code)
    if request.POST.get("answer") == "no":
        contacts.decline(token=token, now=now)
        return _page(request, "declined", contact)
    return _page(request, "invitation", contact, phone_end=contact.phone[-4:])


@by_link
def standing(request: HttpRequest, token: str) -> HttpResponse:
    """Who stands by may stop or propose somebody else."""
    now = timezone.now()
    contact = contact_links.find(token, LinkPurpose.MANAGE, now).contact
    if request.POST.get("answer") == "stop":
        contacts.stop(token=token, now=now)
        return _page(request, "stopped", contact)
    if request.POST.get("answer") == "hand_over":
        return _hand_over(request, contact, token)
    form = forms.SuccessorForm()
    return _page(request, "standing", contact, form=form, token=token)


def _hand_over(request: HttpRequest, contact: Contact, token: str) -> HttpResponse:
    form = forms.SuccessorForm(request.POST)
    if form.is_valid():
        try:
            contacts.hand_over(token=token, now=timezone.now(), **form.cleaned_data)
        except TooManyInvitations:
            form.add_error(None, forms.TOO_MANY)
        else:
            return _page(request, "handed_over", contact)
    return _page(request, "standing", contact, form=form, token=token)


def _page(
    request: HttpRequest, name: str, contact: Contact, **shown: Any
) -> HttpResponse:
    shown |= {
        "person": contact_mail.person_of(contact),
        "contact": contact.name,
        "guardian": contact.kind == ContactKind.GUARDIAN,
    }
    return render(request, f"contacts/{name}.html", shown)
