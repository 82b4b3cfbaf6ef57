"""The screens of the gate, one question each, and the answer to the AI notice."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.flows.email_verification import (
    send_verification_email_for_user,
)
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from accounts import agreement, forms, gate, language, notices, services
from accounts.models import ContactKind
from accounts.refusal import TooManyInvitations
from accounts.sessions import user_on

View = Callable[..., HttpResponse]


def reached(name: str) -> Callable[[View], View]:
    """Opens a step that is due or was done before; else goes to the step that is due.
    An open account is past all steps."""
    place = [step.name for step in gate.STEPS].index(name)

    def decorator(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest) -> HttpResponse:
            step = gate.next_step(user_on(request))
            if step is None and name != "agreement":
                return redirect("settings")
            if step is not None and place > gate.STEPS.index(step):
                return redirect(step.url)
            return view(request)

        return login_required(guarded)

    return decorator


@require_GET
@login_required
def begin(request: HttpRequest) -> HttpResponse:
    return _go_on(request)


@require_GET
@reached("email")
def email(request: HttpRequest) -> HttpResponse:
    """Sends the code again and shows where to enter it."""
    user = user_on(request)
    if send_verification_email_for_user(request, user):
        return redirect("account_email_verification_sent")
    return redirect("account_email")


@reached("agreement")
def agree(request: HttpRequest) -> HttpResponse:
    user = user_on(request)
    form = forms.AgreementForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.accept_agreement(
                user=user,
                version=form.cleaned_data["version"],
                language=get_language() or "en",
                now=timezone.now(),
            )
        except services.StaleAgreement:
            return redirect("welcome_agreement")
        return _go_on(request)
    accepted = user.acceptances.filter(version=agreement.VERSION).first()
    text = agreement.text(get_language() or "en")
    shown = {"form": form, "agreement": text, "accepted": accepted}
    return _page(request, "agreement", shown)


@reached("about")
def about(request: HttpRequest) -> HttpResponse:
    user = user_on(request)
    form = forms.AboutForm(
        request.POST or None,
        user=user,
        today=user.today(timezone.now()),
        initial={
            "region": user.region,
            "language": get_language(),
            "time_zone": user.time_zone,
        },
    )
    if request.method == "POST" and form.is_valid():
        services.state_about(user=user, **_about(form))
        response = _go_on(request)
        language.remember(response, user.language)
        return response
    return _page(request, "about", {"form": form, "birth_date": user.birth_date})


@reached("contact")
def contact(request: HttpRequest) -> HttpResponse:
    user, now = user_on(request), timezone.now()
    if services.may_not_change_contact(user, now):
        return _go_on(request)
    kind = gate.contact_kind(user, now)
    form = forms.ContactForm(request.POST or None, user=user, kind=kind)
    if request.method == "POST" and form.is_valid():
        try:
            services.name_contact(user=user, now=now, **form.cleaned_data)
        except TooManyInvitations:
            form.add_error(None, forms.TOO_MANY)
        else:
            return _go_on(request)
    minor = kind == ContactKind.GUARDIAN
    return _page(request, "contact", {"form": form, "minor": minor})


@require_GET
@reached("consent")
def waiting(request: HttpRequest) -> HttpResponse:
    """Under 14: what is waited for, and what the person can do meanwhile (CN-19)."""
    return _page(request, "waiting", {})


@require_POST
@login_required
def acknowledge_notice(request: HttpRequest) -> HttpResponse:
    notices.acknowledge(
        user=user_on(request), session_key=request.session.session_key or ""
    )
    target = request.POST.get("next", "")
    own = url_has_allowed_host_and_scheme(
        target, {request.get_host()}, require_https=request.is_secure()
    )
    return redirect(target if own else "chat")


def _go_on(request: HttpRequest) -> HttpResponse:
    step = gate.next_step(user_on(request))
    return redirect(step.url if step else "chat")


def _page(request: HttpRequest, name: str, shown: dict[str, Any]) -> HttpResponse:
    steps = [step for step in gate.STEPS if step.number <= gate.FILLED_IN]
    number = next((step.number for step in steps if step.name == name), None)
    progress = {"number": number, "count": gate.FILLED_IN}
    return render(request, f"welcome/{name}.html", shown | progress)


def _about(form: forms.AboutForm) -> dict[str, Any]:
    names = ("birth_date", "region", "language", "time_zone")
    return {name: form.cleaned_data[name] for name in names}
