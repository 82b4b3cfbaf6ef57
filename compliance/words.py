"""The words of the register's page for states, statuses and certainties.

Only names; what a row says stands in the register itself.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from compliance.register import Certainty, Party, Status
from compliance.report import State

STATES: dict[State, str | Promise] = {
    State.PROVEN: _("proven"),
    State.PARTLY: _("partly done"),
    State.OPEN: _("open"),
}
STATUSES: dict[Status, str | Promise] = {
    Status.FINAL: _("adopted"),
    Status.GUIDANCE: _("guidance or recommended standard"),
    Status.DRAFT: _("draft, not adopted"),
    Status.DRAFT_ONLY: _("only in an earlier draft; kept as the stricter choice"),
    Status.UNKNOWN: _("status not known"),
}
CERTAINTIES: dict[Certainty, str | Promise] = {
    Certainty.VERIFIED: _("wording quoted by more than one source"),
    Certainty.STATUTE: _("read on a site of statutes"),
    Certainty.SECONDARY: _("from law firms and trackers"),
    Certainty.FROM_MEMORY: _("from memory, to be confirmed"),
    Certainty.UNVERIFIED: _("not verified, to be confirmed"),
}
PARTIES: dict[Party, str | Promise] = {
    Party.PROVIDER: _("the people who run the service"),
    Party.SOFTWARE: _("the software"),
}
