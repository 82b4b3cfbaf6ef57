"""The settings page: what a person can look at and change about their account."""

from datetime import datetime
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_GET, require_POST

from accounts import (
    agreement,
    contact_standing,
    forms,
    gate,
    language,
    regions,
    services,
)
from accounts.models import ContactKind, User
from accounts.refusal import Refused, TooManyInvitations
from accounts.sessions import user_on
from safety import texts


@require_GET
@login_required
def overview(request: HttpRequest) -> HttpResponse:
    user, now = user_on(request), timezone.now()
    shown = {
        "presentation": forms.PresentationForm(initial=_presentation(user)),
        "region": regions.name(user.region) if user.region else "",
        "language_name": forms.LANGUAGE_NAMES[user.language],
        **_contacts(user, now),
        "contact_fixed": services.may_not_change_contact(user, now),
        "minor": gate.contact_kind(user, now) == ContactKind.GUARDIAN,
        "second_factor": is_mfa_enabled(user),
        "accepted": user.acceptances.filter(version=agreement.VERSION).first(),
        "ai_notice": texts.get("notice.login", user.language),
        "gate_step": gate.next_step(user, now),
    }
    return render(request, "settings/overview.html", shown)


@login_required
def presentation(request: HttpRequest) -> HttpResponse:
    user = user_on(request)
    form = forms.PresentationForm(request.POST or None, initial=_presentation(user))
    if request.method == "POST" and form.is_valid():
        services.change_presentation(user=user, **form.cleaned_data)
        return _saved(request)
    return render(request, "settings/presentation.html", {"form": form})


@login_required
def place(request: HttpRequest) -> HttpResponse:
    user = user_on(request)
    names = ("region", "language", "time_zone")
    form = forms.PlaceForm(
        request.POST or None, initial={name: getattr(user, name) for name in names}
    )
    if request.method == "POST" and form.is_valid():
        services.state_about(user=user, birth_date=None, **form.cleaned_data)
        with override(user.language):
            response = _saved(request)
        language.remember(response, user.language)
        return response
    return render(request, "settings/place.html", {"form": form})


@login_required
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth is untyped
def contact(request: HttpRequest, place: int = 0) -> HttpResponse:
    """Changing who may be told asks for the password again."""
    user, now = user_on(request), timezone.now()
    if services.may_not_change_contact(user, now):
        return render(request, "settings/contact_fixed.html", status=403)
    kind = gate.contact_kind(user, now)
    if place not in services.places(kind):
        raise Http404
    form = forms.ContactForm(request.POST or None, user=user, kind=kind)
    if request.method == "POST" and form.is_valid():
        try:
            services.name_contact(user=user, now=now, place=place, **form.cleaned_data)
        except TooManyInvitations:
            form.add_error(None, forms.TOO_MANY)
        else:
            return _saved(request)
    shown = {"form": form, "minor": kind == ContactKind.GUARDIAN, "place": place}
    shown["can_remove"] = services.may_remove_contact(user, place, now)
    return render(request, "settings/contact.html", shown)


@require_POST
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth is untyped
def remove_contact(request: HttpRequest, place: int) -> HttpResponse:
    try:
        services.remove_contact(user=user_on(request), place=place, now=timezone.now())
    except Refused:
        messages.error(request, _("Somebody has to be left who can be told."))
        return redirect("settings")
    return _saved(request)


@require_POST
@login_required
def ask_again(request: HttpRequest, place: int = 0) -> HttpResponse:
    """Sends the invitation once more, while it is not answered."""
    try:
        services.ask_again(user=user_on(request), now=timezone.now(), place=place)
    except TooManyInvitations:
        messages.error(request, forms.TOO_MANY)
    except Refused:
        messages.error(request, _("Nobody is being waited for."))
    else:
        messages.success(request, _("A new invitation is on its way."))
    return redirect("settings")


def _saved(request: HttpRequest) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect("settings")


def _presentation(user: User) -> dict[str, Any]:
    return {"display_name": user.display_name, "text_size": user.text_size}


def _contacts(user: User, now: datetime) -> dict[str, Any]:
    """The people named, to be shown to the one who named them, and the next place that
    is free."""
    kind = gate.contact_kind(user, now)
    shown = contact_standing.of(user.contacts.filter(kind=kind), now)
    taken = {one.place for one in shown}
    free = [place for place in services.places(kind) if place not in taken]
    return {"contacts": shown, "free_place": free[0] if free and shown else None}
