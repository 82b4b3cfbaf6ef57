"""The account gate: what someone still has to do before the first chat.

E-mail verified → agreement accepted → age and place known → contact or guardian named
→ under 14: both guardian consents → open (CN-13, CN-19). Help pages are never gated.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from accounts import agreement
from accounts.contact_models import LIVE
from accounts.models import (
    AgreementAcceptance,
    ConsentPurpose,
    Contact,
    ContactKind,
    ContactState,
    GuardianConsent,
    User,
)
from safety.policy import POLICY, age_band
from safety.verdict import AgeBand

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one account, read in one query."""

    email_verified: bool
    agreed: bool
    about_known: bool
    contact_named: bool
    consented: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One screen of the gate. `number` counts the screens a person fills in."""

    name: str
    route: str
    number: int
    done: Callable[[Standing], bool]

    @property
    def url(self) -> str:
        return reverse(self.route)


STEPS = (
    Step("email", "welcome_email", 1, lambda standing: standing.email_verified),
    Step("agreement", "welcome_agreement", 2, lambda standing: standing.agreed),
    Step("about", "welcome_about", 3, lambda standing: standing.about_known),
    Step("contact", "welcome_contact", 4, lambda standing: standing.contact_named),
    Step("consent", "welcome_waiting", 5, lambda standing: standing.consented),
)
FILLED_IN = 4  # the fifth is waited for, not filled in


class GateClosed(Exception):
    """The account is not through the gate; `step` is what comes next."""

    def __init__(self, step: Step) -> None:
        super().__init__(step.name)
        self.step = step


def next_step(user: User, now: datetime | None = None) -> Step | None:
    """The first step that is still to be done; None when the account is open."""
    standing = _standing(user, now or timezone.now())
    return next((step for step in STEPS if not step.done(standing)), None)


def band(user: User, now: datetime) -> AgeBand | None:
    """The age band today where the person lives; None while no birth date is known."""
    if user.birth_date is None:
        return None
    return age_band(user.birth_date, user.today(now))


def assumed_band(user: User, now: datetime) -> AgeBand:
    """For help that is owed to everybody: an adult while no birth date is known."""
    return band(user, now) or AgeBand.ADULT


def contact_kind(user: User, now: datetime) -> ContactKind:
    """Minors name a guardian, everyone else an emergency contact (CN-13)."""
    known = band(user, now)
    minor = known is not None and known.is_minor
    return ContactKind.GUARDIAN if minor else ContactKind.EMERGENCY


def open_required(view: View) -> View:
    """View decorator: whoever is not through the gate is sent to the next step."""

    @never_cache
    @wraps(view)
    def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        assert isinstance(request.user, User)  # noqa: S101 - login_required narrows it
        step = next_step(request.user)
        return redirect(step.url) if step else view(request, *args, **kwargs)

    return login_required(gated)


def _standing(user: User, now: datetime) -> Standing:
    rows = User.objects.filter(pk=user.pk).annotate(
        verified=_has(EmailAddress.objects.filter(verified=True)),
        agreed=_has(AgreementAcceptance.objects.filter(version=agreement.VERSION)),
        named=_has(_named(user, now)),
        service=_has(_live_consents(ConsentPurpose.SERVICE)),
        data=_has(_live_consents(ConsentPurpose.DATA)),
    )
    names = ("verified", "agreed", "named", "service", "data")
    verified, agreed, named, service, data = rows.values_list(*names).get()
    return Standing(
        email_verified=verified,
        agreed=agreed,
        about_known=user.birth_date is not None and bool(user.region),
        contact_named=named,
        consented=band(user, now) is not AgeBand.UNDER_14 or (service and data),
    )


def _named(user: User, now: datetime) -> QuerySet[Contact]:
    """Who is named, or has left so lately that there is still time to name another:
    nobody else can close an account from one minute to the next."""
    lately = now - timedelta(days=POLICY.contacts.grace_days)
    left = Q(state__in=(ContactState.DECLINED, ContactState.STOPPED))
    return Contact.objects.filter(
        Q(state__in=LIVE) | (left & Q(stopped_at__gt=lately)),
        kind=contact_kind(user, now),
    )


def _has(rows: QuerySet[Any]) -> Exists:
    return Exists(rows.filter(user=OuterRef("pk")))


def _live_consents(purpose: ConsentPurpose) -> QuerySet[GuardianConsent]:
    return GuardianConsent.objects.filter(purpose=purpose, withdrawn_at=None)
