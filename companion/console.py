"""The console of cases in Django's admin: decode, ask the services, encode.

No rule stands here. Every act is a POST; a page that shows words of a person is made
only after the services have noted in the audit chain who reads them.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.contact_telling import Why, Withheld, unconfirmed
from accounts.models import User
from accounts.sessions import user_on
from companion import case_file, case_told, cases, frames, rates, stream, takeover
from companion.console_acts import ACTS, ENDING, number, uuid_of
from companion.intake import clean
from companion.models import Case
from companion.refusal import Refused
from companion.replies import replies
from companion.services import cases as services
from companion.services.takeover import duty_name
from safety import resources
from safety.models import Severity
from safety.verdict import AgeBand
from vault.admin import ReadOnlyAdmin

QUEUE = "admin:companion_case_changelist"
CASE = "admin:companion_case_file"
View = Callable[..., HttpResponse]


@admin.register(Case)
class CaseAdmin(ReadOnlyAdmin):
    """The queue in place of a list of rows, and a page for each case."""

    def get_urls(self) -> list[URLPattern]:
        own: list[tuple[str, View, str]] = [
            ("live/", self.live, "live"),
            ("next/", self.claim_next, "next"),
            ("<uuid:case>/", self.file, "file"),
            ("<uuid:case>/claim/", self.claim, "claim"),
            ("<uuid:case>/pulse/", self.pulse, "pulse"),
            ("<uuid:case>/say/", self.say, "say"),
            ("<uuid:case>/typing/", self.typing, "typing"),
        ]
        wrapped = [
            path(route, self.admin_site.admin_view(view), name=f"companion_case_{name}")
            for route, view, name in own
        ]
        acts = [
            path(
                f"<uuid:case>/{name}/",
                self.admin_site.admin_view(self.act),
                {"name": name},
                name=f"companion_case_{name}",
            )
            for name in ACTS
        ]
        return [*wrapped, *acts, *super().get_urls()]

    # --- The queue

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        return self._page(request, "change_list", **self._queue(request))

    def live(self, request: HttpRequest) -> HttpResponse:
        """The part of the queue that changes, for the script that keeps it fresh."""
        return TemplateResponse(
            request, "admin/companion/case/_queue.html", self._queue(request)
        )

    def claim_next(self, request: HttpRequest) -> HttpResponse:
        return self._claim(request, None)

    def claim(self, request: HttpRequest, case: UUID) -> HttpResponse:
        return self._claim(request, case)

    def _queue(self, request: HttpRequest) -> dict[str, Any]:
        operator, now = user_on(request), timezone.now()
        if not services.may_look(operator):
            raise PermissionDenied
        if services.may_work(operator):
            services.note_presence(operator=operator, now=now)
        return {
            "queue": cases.queue(operator, now),
            "may_work": services.may_work(operator),
            "now": now,
        }

    def _claim(self, request: HttpRequest, case: UUID | None) -> HttpResponse:
        _only_post(request)
        now = timezone.now()
        try:
            claimed = services.claim(
                operator=user_on(request), now=now, incident_id=case
            )
        except Refused as refused:
            messages.warning(request, refused.words)
            return redirect(QUEUE)
        takeover.tell(claimed.changed, now)
        return redirect(CASE, claimed.incident.id)

    # --- One case

    def file(self, request: HttpRequest, case: UUID) -> HttpResponse:
        """The whole page; its words are opened behind an entry in the audit chain."""
        operator, now = user_on(request), timezone.now()
        row = get_object_or_404(Case, pk=case)
        if not services.may_look(operator):
            raise PermissionDenied
        more = number(request.GET.get("more"))
        try:
            shown = self._opened(operator, row, more)
        except (Refused, PermissionDenied):
            shown = {}
        context = {
            "case": row,
            "line": cases.line(row, operator, now),
            "may_work": services.may_work(operator),
            "now": now,
            **shown,
        }
        return self._page(request, "file", **context)

    def _opened(self, operator: User, row: Case, more: int) -> dict[str, Any]:
        """Everything that only who may read this case sees."""
        now = timezone.now()
        talks = list(case_file.takeovers(row))
        newest = talks[-1] if talks else None
        begins = case_file.first_seq(newest, row) if newest else 0
        begins = max(1, begins - more)
        services.open_transcript(
            operator=operator, incident_id=row.id, purpose="case", from_seq=begins
        )
        is_mine = row.claimed_by == operator.pk
        person = case_file.person(row, now)
        language = get_language() or "en"
        spoken = newest.conversation.user.language if newest else row.language
        return {
            "is_open": True,
            "is_mine": is_mine,
            "person": person,
            "talk": case_file.talk(newest, operator) if newest else None,
            "words": case_file.words(newest, row, from_seq=begins) if newest else [],
            "more": more + case_file.MORE if begins > 1 else 0,
            "notes": case_file.notes(row),
            **case_told.shown(row),
            "replies": replies(
                spoken=spoken, shown=language, name=duty_name(operator, spoken)
            ),
            "reasons": services.Reason.choices,
            "lower": [one for one in Severity.choices if one[0] < row.severity],
            "unconfirmed": unconfirmed(row.subject) if is_mine else [],
            "may_tell_contacts": is_mine and case_told.may_begin(row),
            "whys": Why.choices,
            "withheld": Withheld.choices,
            "colleagues": case_file.colleagues(operator, now) if is_mine else [],
            "numbers": resources.for_person(
                row.region, language, AgeBand(row.age_band)
            ),
        }

    def pulse(self, request: HttpRequest, case: UUID) -> HttpResponse:
        """What is new in a case whose page is open. Keeps the lease while `renew`."""
        _only_post(request)
        operator, now = user_on(request), timezone.now()
        try:
            row = services.keep(
                operator=operator,
                incident_id=case,
                renew=request.POST.get("renew") == "1",
                now=now,
            )
        except Refused as refused:
            return _refused(refused)
        return JsonResponse(self._news(request, operator, row))

    def _news(self, request: HttpRequest, operator: User, row: Any) -> dict[str, Any]:
        newest = case_file.takeovers(row).last()
        after, seen = (number(request.POST.get(name)) for name in ("after", "seen"))
        queue = cases.queue(operator, timezone.now())
        context: dict[str, Any] = {
            "case": row,
            "is_mine": row.claimed_by == operator.pk,
            "notes": case_file.notes(row),
            **case_told.shown(row),
            "queue": queue,
        }
        news: dict[str, Any] = {"rings": queue.rings, "last": after, "read": 0}
        if newest:
            if seen and services.read_by_operator(
                operator=operator, takeover_id=newest.id, seq=seen
            ):
                newest.read_by_operator = seen
                takeover.tell_read(newest)
            begins = case_file.first_seq(newest, row)
            said = case_file.words(newest, row, from_seq=begins, after=after)
            talk = case_file.talk(newest, operator)
            context |= {"talk": talk, "words": said}
            news |= {
                "last": said[-1].seq if said else after,
                "read": newest.read_by_person,
                "may_write": talk.may_write,
                "typing": talk.is_typing,
                "lines": render_to_string("admin/companion/case/_words.html", context),
            }
        for name in ("status", "notes", "told"):
            news[name] = render_to_string(
                f"admin/companion/case/_{name}.html", context, request
            )
        return news

    def say(self, request: HttpRequest, case: UUID) -> HttpResponse:
        _only_post(request)
        operator, now = user_on(request), timezone.now()
        try:
            text = clean(request.POST.get("text", ""))
            message = services.say(
                operator=operator,
                takeover_id=uuid_of(request.POST.get("talk")),
                message_id=uuid_of(request.POST.get("id")),
                text=text,
                now=now,
            )
        except Refused as refused:
            return _refused(refused)
        channel = takeover.channel_of(message.conversation)
        stream.publish_now(channel, frames.message_frame(message))
        return JsonResponse({"seq": message.seq})

    def typing(self, request: HttpRequest, case: UUID) -> HttpResponse:
        _only_post(request)
        operator = user_on(request)
        try:
            rates.check(operator.id, rates.SIGNS)
            newest = case_file.takeovers(services.held(operator, case)).last()
        except Refused as refused:
            return _refused(refused)
        if newest and newest.operator_id == operator.pk:
            takeover.tell_typing(newest.conversation)
        return JsonResponse({})

    # --- What they share

    def act(self, request: HttpRequest, case: UUID, name: str) -> HttpResponse:
        """An act of a form: done and told, or refused in words; then a page again."""
        _only_post(request)
        try:
            changed = ACTS[name](request.POST, user_on(request), case)
            takeover.tell(changed, timezone.now())
        except Refused as refused:
            messages.error(request, refused.words)
            return redirect(CASE, case)
        return redirect(QUEUE) if name in ENDING else redirect(CASE, case)

    def _page(self, request: HttpRequest, name: str, **shown: Any) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Cases"),
            "opts": self.opts,
            "queue_url": reverse(QUEUE),
            **shown,
        }
        return TemplateResponse(request, f"admin/companion/case/{name}.html", context)


def _only_post(request: HttpRequest) -> None:
    if request.method != "POST":
        raise Http404


def _refused(refused: Refused) -> JsonResponse:
    return JsonResponse({"code": refused.code, "words": refused.words}, status=409)
