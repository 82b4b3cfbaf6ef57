"""The person is told whenever somebody outside is told about them (CN-16).

The card says it while it stands; else fixed words in the thread do. Nothing that
anybody wrote is passed on, and no model has a part in it.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Contact, ContactState
from companion.models import Author, Conversation
from companion.services.conversations import append
from companion.services.takeover import Changed
from safety import texts
from safety.models import Incident
from vault.sealing import SealBroken


@transaction.atomic
def say_who_is_told(
    *, incident_id: UUID, contact_id: UUID, now: datetime
) -> list[Changed]:
    """In the conversation that showed the danger last. What is said once is not said
    again: the caller is a duty, which is done once."""
    incident = Incident.objects.get(pk=incident_id)
    rows = Conversation.objects.select_for_update(of=("self",)).select_related("user")
    where = incident.conversation
    conversation = rows.filter(pk=where).first() if where else None
    contact = Contact.objects.filter(pk=contact_id).first()
    if conversation is None or contact is None:
        return []
    named_by_card = contact.state == ContactState.CONFIRMED
    if conversation.card_id and named_by_card:
        return [Changed(conversation)]
    language = conversation.user.language
    words = texts.get("crisis.told", language).body
    said = words.replace("{name}", _name(contact, language))
    return [Changed(conversation, [append(conversation, Author.SYSTEM, said, now)])]


def _name(contact: Contact, language: str) -> str:
    """As the person gave it."""
    try:
        return contact.name
    except SealBroken:
        with translation.override(language):
            return _("Your contact")
