"""What each form of the console does with a case: reads its fields and calls one act.

Raises `Refused` in words of the console, and `Http404` for what no form of it sends.
"""

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.contact_telling import Why, Withheld
from accounts.models import User
from companion.models import NoteKind
from companion.refusal import Refused
from companion.services import cases, judging
from companion.services.cases import Reason
from companion.services.takeover import Changed
from safety.models import Severity

Act = Callable[[QueryDict, User, UUID], list[Changed]]


def join(form: QueryDict, operator: User, case: UUID) -> list[Changed]:
    wanted, now = uuid_of(form.get("talk")), timezone.now()
    return [cases.join(operator=operator, takeover_id=wanted, now=now)]


def answer_drill(form: QueryDict, operator: User, case: UUID) -> list[Changed]:
    cases.answer_drill(operator=operator, incident_id=case, now=timezone.now())
    return []


def note(form: QueryDict, operator: User, case: UUID) -> list[Changed]:
    kind = form.get("kind", "")
    if kind not in NoteKind.values:
        raise Http404
    judging.write_note(
        operator=operator,
        incident_id=case,
        kind=NoteKind(kind),
        text=form.get("text", ""),
        now=timezone.now(),
    )
    return []


def transfer(form: QueryDict, operator: User, case: UUID) -> list[Changed]:
    to, now = get_object_or_404(User, pk=uuid_of(form.get("to"))), timezone.now()
    return cases.transfer(operator=operator, incident_id=case, to=to, now=now)


def lower(form: QueryDict, operator: User, case: UUID) -> list[Changed]:
    wanted = number(form.get("severity"))
    if wanted not in Severity.values:
        raise Http404
    judging.lower(
        operator=operator,
        incident_id=case,
        severity=Severity(wanted),
        why=form.get("why", ""),
        now=timezone.now(),
    )
    return []


def guardian(form: QueryDict, operator: User, case: UUID) -> list[Changed]:
    now = timezone.now()
    judging.implicate_guardian(operator=operator, incident_id=case, now=now)
    return []


def tell(form: QueryDict, operator: User, case: UUID) -> list[Changed]:
    judging.tell_unconfirmed(
        operator=operator,
        incident_id=case,
        contact_id=uuid_of(form.get("contact")),
        why=_why(form),
        withheld=_withheld(form),
        now=timezone.now(),
    )
    return []


def tell_contacts(form: QueryDict, operator: User, case: UUID) -> list[Changed]:
    judging.tell_contacts(
        operator=operator,
        incident_id=case,
        why=_why(form),
        withheld=_withheld(form),
        now=timezone.now(),
    )
    return []


def close(form: QueryDict, operator: User, case: UUID) -> list[Changed]:
    reason = form.get("reason", "")
    if reason not in Reason.values:
        raise Refused("reason_missing")
    return cases.close(
        operator=operator,
        incident_id=case,
        reason=Reason(reason),
        note=form.get("note", ""),
        now=timezone.now(),
    )


ACTS: dict[str, Act] = {
    "join": join,
    "answer_drill": answer_drill,
    "note": note,
    "transfer": transfer,
    "lower": lower,
    "guardian": guardian,
    "tell": tell,
    "tell_contacts": tell_contacts,
    "close": close,
}
ENDING = {"transfer", "close"}  # after these the case is no longer here


def _why(form: QueryDict) -> Why:
    why = form.get("why", "")
    if why not in Why.values:
        raise Refused("reason_missing")
    return Why(why)


def _withheld(form: QueryDict) -> Withheld | None:
    """None: the person is told. Only a reason that the form knows keeps it back."""
    code = form.get("withheld", "")
    if code and code not in Withheld.values:
        raise Http404
    return Withheld(code) if code else None


def number(value: str | None) -> int:
    return int(value) if value and value.isdecimal() and len(value) < 9 else 0


def uuid_of(value: str | None) -> UUID:
    try:
        return UUID(value or "")
    except ValueError:
        raise Http404 from None
