"""The acts of a person on their own account. Each checks the right, changes the rows
and writes the audit entry in one transaction; entries carry ids and versions only.
"""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts import agreement, contacts, gate, operator_routes, regions
from accounts.contact_models import LIVE
from accounts.models import (
    AgreementAcceptance,
    ConsentPurpose,
    Contact,
    ContactKind,
    ContactState,
    GuardianConsent,
    TextSize,
    User,
)
from accounts.refusal import Refused
from safety.policy import POLICY
from safety.verdict import Subject
from vault import audit

OPERATOR_FIELDS = {"birth_date", "is_active", "is_staff"}


class StaleAgreement(Refused):
    """Another version is in force than the one that was read."""


class BirthDateFixed(Refused):
    """The birth date was stated before; only an operator changes it."""


class ContactFixed(Refused):
    """A minor's guardian is not changed by the minor."""


def subject_for(user: User, now: datetime | None = None) -> Subject:
    """The frozen facts that the safety rules need.

    Raises `gate.GateClosed` when the account is not through the gate.
    """
    now = now or timezone.now()
    if step := gate.next_step(user, now):
        raise gate.GateClosed(step)
    band = gate.band(user, now)
    assert band is not None  # noqa: S101 - the gate has just asked for the birth date
    return Subject(
        id=user.id,
        age_band=band,
        region=user.region,
        language=user.language,
        time_zone=user.time_zone,
    )


@transaction.atomic
def accept_agreement(
    *, user: User, version: str, language: str, now: datetime
) -> AgreementAcceptance:
    """Notes that this version was accepted in this language (CN-13)."""
    if version != agreement.VERSION:
        raise StaleAgreement(version)
    accepted, is_new = AgreementAcceptance.objects.get_or_create(
        user=user,
        version=version,
        defaults={"language": language, "accepted_at": now},
    )
    if is_new:
        _record(user, "agreement.accepted", version=version, language=language)
    return accepted


@transaction.atomic
def state_about(
    *, user: User, birth_date: date | None, region: str, language: str, time_zone: str
) -> None:
    """States age and place. A birth date is stated once; None leaves it as it is."""
    row = User.objects.select_for_update().get(pk=user.pk)
    if birth_date and row.birth_date and birth_date != row.birth_date:
        raise BirthDateFixed
    if not regions.known(region) or time_zone not in regions.time_zones():
        raise Refused("no such region or time zone")
    stated = {
        "birth_date": row.birth_date or birth_date,
        "region": region,
        "language": language,
        "time_zone": time_zone,
    }
    changed = [name for name in stated if getattr(row, name) != stated[name]]
    for name in stated:
        setattr(user, name, stated[name])
    user.save(update_fields=list(stated))
    if changed:
        _record(user, "about.stated", fields=changed)


@transaction.atomic
def name_contact(
    *,
    user: User,
    name: str,
    email: str,
    phone: str,
    now: datetime,
    known_as: str = "",
    place: int = 0,
) -> Contact:
    """Names a person to be told, instead of whoever had this place, and asks them.

    `phone` in E.164 form or "". `place` 0 is told first, the others when nobody before
    them has answered. Raises `ContactFixed` for a minor whose account is open or whose
    guardian has confirmed, `TooManyInvitations`, or `Refused` for no such place.
    """
    User.objects.select_for_update().get(pk=user.pk)
    if may_not_change_contact(user, now):
        raise ContactFixed
    kind = gate.contact_kind(user, now)
    if place not in places(kind):
        raise Refused("there is no such place")
    contacts.release(user=user.id, kind=kind, place=place, now=now)
    contact = Contact(
        user=user, kind=kind, language=user.language, place=place, named_at=now
    )
    contact.seal_details(name=name, email=email, phone=phone, known_as=known_as)
    contact.save(force_insert=True)
    _record(user, "contact.named", contact=str(contact.id), kind=str(kind))
    contacts.invite(contact=contact, now=now)
    return contact


def places(kind: ContactKind) -> range:
    """A minor has one guardian to be told; an adult may name a few people."""
    return range(POLICY.contacts.most if kind == ContactKind.EMERGENCY else 1)


@transaction.atomic
def remove_contact(*, user: User, place: int, now: datetime) -> None:
    """Lets go whoever has this place. Raises `Refused` for a guardian, and when nobody
    would be left."""
    User.objects.select_for_update().get(pk=user.pk)
    if not may_remove_contact(user, place, now):
        raise Refused("somebody has to be left")
    contacts.release(user=user.id, kind=ContactKind.EMERGENCY, place=place, now=now)
    _record(user, "contact.removed", place=str(place))


def may_remove_contact(user: User, place: int, now: datetime) -> bool:
    """Never a guardian; and never the only one."""
    if gate.contact_kind(user, now) != ContactKind.EMERGENCY:
        return False
    named = user.contacts.filter(kind=ContactKind.EMERGENCY, state__in=LIVE)
    places_taken = set(named.values_list("place", flat=True))
    return place in places_taken and places_taken != {place}


@transaction.atomic
def ask_again(*, user: User, now: datetime, place: int = 0) -> None:
    """Another invitation to whoever has not answered yet. Raises
    `TooManyInvitations`, or `Refused` when nobody is waited for."""
    User.objects.select_for_update().get(pk=user.pk)
    waiting = user.contacts.filter(state=ContactState.INVITED, place=place)
    contact = waiting.order_by("named_at").last()
    if contact is None or not contact.email:
        raise Refused("nobody is waited for")
    _record(user, "contact.asked_again", contact=str(contact.id))
    contacts.invite(contact=contact, now=now)


def may_not_change_contact(user: User, now: datetime) -> bool:
    """A minor may correct the guardian's address only while still waiting for them."""
    if gate.contact_kind(user, now) != ContactKind.GUARDIAN:
        return False
    named = user.contacts.filter(kind=ContactKind.GUARDIAN, state__in=LIVE)
    if not named.exists():
        return False
    confirmed = named.filter(state=ContactState.CONFIRMED).exists()
    return confirmed or gate.next_step(user, now) is None


@transaction.atomic
def change_language(*, user: User, language: str) -> None:
    if user.language != language:
        user.language = language
        user.save(update_fields=["language"])
        _record(user, "language.changed", language=language)


@transaction.atomic
def change_presentation(*, user: User, display_name: str, text_size: str) -> None:
    """The name the pages use and the size of the text. The name is not audited."""
    user.display_name, user.text_size = display_name, TextSize(text_size)
    user.save(update_fields=["display_name", "text_size"])
    _record(user, "presentation.changed", text_size=text_size)


@transaction.atomic
def change_by_operator(*, user: User, by: User, changed: list[str]) -> None:
    """Saves what an operator changed in the console: birth date, roles, activity.

    Only an operator corrects a birth date; nobody changes their own roles.
    """
    if not by.is_staff or by.pk == user.pk:
        raise Refused("operators change others, not themselves")
    fields = [name for name in changed if name in OPERATOR_FIELDS]
    if fields:
        user.save(update_fields=fields)
        operator_routes.follow(user=user, by=by, now=timezone.now())
    audit.record(
        chain=user.id,
        act="account.changed",
        actor=str(by.id),
        facts={"fields": sorted(changed)},
    )


@transaction.atomic
def record_consent(
    *, ward: User, guardian: User, purpose: ConsentPurpose, now: datetime
) -> GuardianConsent:
    """Notes a guardian's consent (CN-19). That the guardian is one is checked by the
    caller, who knows the links; a person never consents for themselves."""
    if guardian.pk == ward.pk:
        raise Refused("a guardian is somebody else")
    consent, is_new = GuardianConsent.objects.get_or_create(
        user=ward,
        guardian=guardian,
        purpose=purpose,
        withdrawn_at=None,
        defaults={
            "version": agreement.CONSENT_VERSION,
            "language": guardian.language,
            "given_at": now,
        },
    )
    if is_new:
        _record_consent(consent, "consent.given")
    return consent


@transaction.atomic
def withdraw_consent(*, consent: GuardianConsent, by: User, now: datetime) -> None:
    """Closes the consent at once; for a ward under 14 the gate closes with it."""
    if by.pk != consent.guardian_id:
        raise Refused("only who gave a consent withdraws it")
    live = GuardianConsent.objects.filter(pk=consent.pk, withdrawn_at=None)
    if live.update(withdrawn_at=now):
        _record_consent(consent, "consent.withdrawn")


def _record_consent(consent: GuardianConsent, act: str) -> None:
    audit.record(
        chain=consent.user_id,
        act=act,
        actor=str(consent.guardian_id),
        facts={"purpose": consent.purpose, "version": consent.version},
    )


def _record(user: User, act: str, **facts: str | list[str]) -> None:
    audit.record(chain=user.id, act=act, actor=str(user.id), facts=facts)
