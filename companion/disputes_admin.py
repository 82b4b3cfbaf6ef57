"""Disputes in the console: a list with each rule's record, and one page to decide on.

The words are shown to who has claimed the dispute with a purpose, read-only, and to
nobody else; the purpose is in the audit chain before (CN-24).
"""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.sessions import user_on
from companion import services
from safety import redress
from safety.labels import named
from safety.models import Dispute, ReadPurpose, Suspension
from vault.admin import ReadOnlyAdmin


@admin.register(Suspension)
class SuspensionAdmin(ReadOnlyAdmin):
    list_display = ["subject", "reason", "state", "since", "until"]
    list_filter = ["state", "reason"]


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    list_display = ["at", "kind", "labels", "rules", "state", "decided_at"]
    list_filter = ["state", "kind"]
    ordering = ["-at"]
    change_list_template = "admin/safety/dispute/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        decide = self.admin_site.admin_view(self.decide)
        own = path("<uuid:dispute>/decide/", decide, name="safety_dispute_decide")
        return [own, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        records = {"records": redress.rule_records()}
        return super().changelist_view(request, records)

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """One dispute: its facts, and its words for who has claimed it."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        user, now = user_on(request), timezone.now()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Dispute"),
            "opts": self.opts,
            "row": row,
            "classes": named(row.labels),
            "may_decide": services.may_decide(user) and row.subject != user.id,
            "is_decided": row.state not in redress.WAITING,
            "opened": services.open_dispute(by=user, dispute_id=row.pk, now=now),
            "purposes": ReadPurpose.choices,
        }
        return TemplateResponse(request, "admin/safety/dispute/change.html", context)

    def decide(self, request: HttpRequest, dispute: UUID) -> HttpResponse:
        """POST: claim it with a purpose, or say what is right."""
        if request.method == "POST":
            try:
                _act(request, dispute)
            except (redress.Refused, ValueError):
                messages.error(request, _("Somebody else has it, or it is decided."))
        return redirect("admin:safety_dispute_change", dispute)


def _act(request: HttpRequest, dispute: UUID) -> None:
    by, now = user_on(request), timezone.now()
    said = request.POST.get("decision")
    if said is None:
        purpose = ReadPurpose(request.POST.get("purpose", ""))
        services.claim_dispute(by=by, dispute_id=dispute, purpose=purpose, now=now)
        return
    services.decide_dispute(
        by=by, dispute_id=dispute, was_wrong=said == "wrong", now=now
    )
