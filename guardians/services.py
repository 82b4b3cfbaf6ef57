"""The acts of guardianship. Each checks the right, changes the rows and writes the
audit entry of the ward in one transaction.

Not here yet: the two-sided invitation with proof. Until it exists, links are made
only by who runs the installation, never by a web page.
"""

from datetime import datetime

from django.db import transaction

from accounts import gate
from accounts import services as accounts
from accounts.models import ConsentPurpose, GuardianConsent, User
from guardians.models import Guardianship, State
from vault import audit


class Refused(Exception):
    """The act is not allowed; nothing was changed."""


@transaction.atomic
def link(*, ward: User, guardian: User, now: datetime) -> Guardianship:
    """Makes `guardian`, an adult, the guardian of `ward`, a minor. Repeating it is
    harmless."""
    child, adult = gate.band(ward, now), gate.band(guardian, now)
    if child is None or not child.is_minor or adult is None or adult.is_minor:
        raise Refused("an adult is the guardian of a minor")
    found = Guardianship.objects.filter(ward=ward, guardian=guardian)
    live = found.exclude(state=State.REVOKED).first()
    if live is not None and live.state == State.ACTIVE:
        return live
    row = live or Guardianship(ward=ward, guardian=guardian)
    row.state, row.since = State.ACTIVE, now
    row.save()
    _record(row, "guardianship.linked")
    return row


@transaction.atomic
def consent(
    *, guardianship: Guardianship, purpose: ConsentPurpose, by: User, now: datetime
) -> GuardianConsent:
    """The guardian agrees to one purpose (CN-19)."""
    if guardianship.state != State.ACTIVE or by.pk != guardianship.guardian_id:
        raise Refused("only an active guardian consents")
    return accounts.record_consent(
        ward=guardianship.ward, guardian=by, purpose=purpose, now=now
    )


def _record(row: Guardianship, act: str) -> None:
    audit.record(
        chain=row.ward_id,
        act=act,
        actor=str(row.guardian_id),
        facts={"guardianship": str(row.id)},
    )
