"""Two pages of the console: how long people in danger had to wait, and drills.

No person is named: a case has a code. Who may press the button is a supervisor.
"""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import rostered
from accounts.sessions import user_on
from companion import case_told, measure_chart, measures
from safety import canary, drill
from safety.measures import ORDER, Measure
from safety.models import DrillReport, IncidentKind, Measured
from vault.admin import ReadOnlyAdmin

NAMES: dict[str, Promise] = {
    "first_word": gettext_lazy("to the first word (the card)"),
    "claim": gettext_lazy("until somebody took the case"),
    "first_reply": gettext_lazy("to the first word of a person"),
    "first_notice": gettext_lazy("until the first notice had left"),
    "acknowledged": gettext_lazy("until a contact answered"),
}
TO: dict[str, Promise] = {
    "contact": gettext_lazy("to the test contact"),
    "team": gettext_lazy("to the team"),
}
DRILLS = "admin:safety_drillreport_changelist"


@admin.register(Measured)
class MeasuredAdmin(ReadOnlyAdmin):
    """The page of waiting times in place of a list of rows."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        now = timezone.now()
        wanted = request.GET.get("kind") == IncidentKind.DRILL
        kind = IncidentKind.DRILL if wanted else IncidentKind.REAL
        context = {
            **self.admin_site.each_context(request),
            "title": _("Waiting times"),
            "opts": self.opts,
            "panels": [_panel(one, now) for one in measures.recent(now, kind)],
            "is_drill": wanted,
            "days": measures.PERIOD.days,
            "now": now,
        }
        return TemplateResponse(
            request, "admin/safety/measured/change_list.html", context
        )


class DrillForm(forms.Form):
    address = forms.EmailField(label=gettext_lazy("Test contact's e-mail address"))


@admin.register(DrillReport)
class DrillReportAdmin(ReadOnlyAdmin):
    """Drills and their reports, and the button that begins one."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("begin/", view(self.begin), name="safety_drill_begin"),
            path("<uuid:pk>/end/", view(self.end), name="safety_drill_end"),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        reports = DrillReport.objects.select_related("incident")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Drills"),
            "opts": self.opts,
            "drills": [_report(one) for one in reports.order_by("-started_at")[:24]],
            "may_begin": self._may_begin(request),
            "address": user_on(request).email,
        }
        return TemplateResponse(
            request, "admin/safety/drillreport/change_list.html", context
        )

    def begin(self, request: HttpRequest) -> HttpResponse:
        self._only_supervisors(request)
        form, user = DrillForm(request.POST), user_on(request)
        if not form.is_valid():
            messages.error(request, _("Enter an e-mail address for the test contact."))
            return redirect(DRILLS)
        try:
            drill.begin(
                by=user.id,
                address=form.cleaned_data["address"],
                region=user.region,
                language=user.language,
                time_zone=user.time_zone,
                now=timezone.now(),
            )
        except drill.Running:
            messages.error(request, _("A drill is running already."))
        except canary.Deaf:
            messages.error(
                request, _("Detection does not hear. This is an alarm, no drill.")
            )
        else:
            messages.success(request, _("The drill has begun. Act as in earnest."))
        return redirect(DRILLS)

    def end(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        self._only_supervisors(request)
        report = get_object_or_404(DrillReport, pk=pk)
        drill.finish(report=report, now=timezone.now())
        messages.success(request, _("The report is written within seconds."))
        return redirect(DRILLS)

    def _may_begin(self, request: HttpRequest) -> bool:
        return user_on(request).has_perm("safety.add_drillreport")

    def _only_supervisors(self, request: HttpRequest) -> None:
        if request.method != "POST" or not self._may_begin(request):
            raise PermissionDenied


def _panel(measure: Measure, now: Any) -> dict[str, Any]:
    count, missed = len(measure.values), len(measure.misses)
    return {
        "name": NAMES[measure.id],
        "goal": measure.goal,
        "count": count,
        "missed": missed,
        "p50": measure.quantile(0.5),
        "p95": measure.quantile(0.95),
        "p99": measure.quantile(0.99),
        "misses": sorted(measure.misses, key=lambda v: v.at, reverse=True)[:50],
        "chart": measure_chart.of(measure, now - measures.PERIOD, measures.PERIOD),
    }


def _report(report: DrillReport) -> dict[str, Any]:
    result = report.result
    return {
        "id": report.id,
        "code": report.incident.code,
        "by": rostered.names().get(report.started_by, "–"),
        "started_at": report.started_at,
        "ends_at": report.ends_at,
        "ended_at": report.ended_at,
        "measures": [
            {"name": NAMES[name], **result["measures"][name]}
            for name in ORDER
            if name in result.get("measures", {})
        ],
        "notices": [_notice(one) for one in result.get("notices", [])],
        "missed": sum(one["missed"] for one in result.get("measures", {}).values()),
    }


def _notice(one: dict[str, Any]) -> dict[str, Any]:
    return one | {
        "to": str(TO[one["to"]]),
        "channel": case_told.channel_words(one["channel"]),
        "state": str(case_told.SENT[one["state"]]),
    }
