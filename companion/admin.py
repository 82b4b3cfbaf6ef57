"""Operators see that conversations and turns exist and how they ended, and how the
engines are; who has the right gives an engine another model.

No text: a transcript is opened only for a purpose, and not here (CN-24).
"""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.sessions import user_on
from companion import (
    console,
    disputes_admin,
    engines,
    measures_admin,
    services,
    switching,
)
from companion.models import Conversation, EngineSwitch, Turn
from companion.refusal import Refused
from vault.admin import ReadOnlyAdmin

__all__ = ["console", "disputes_admin", "measures_admin"]  # they register themselves


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    list_display = ["id", "persona", "state", "created_at", "updated_at"]
    list_filter = ["state", "persona"]
    fields = ["id", "persona", "state", "created_at", "updated_at"]


@admin.register(Turn)
class TurnAdmin(ReadOnlyAdmin):
    list_display = [
        "id",
        "state",
        "reason",
        "model",
        "prompt_version",
        "policy",
        "prompt_tokens",
        "completion_tokens",
        "started_at",
        "ended_at",
    ]
    list_filter = ["state", "model", "policy"]
    fields = [
        "id",
        "state",
        "reason",
        "model",
        "policy",
        "prompt_version",
        "sampling",
        "view_from",
        "prompt_tokens",
        "completion_tokens",
        "started_at",
        "ended_at",
    ]


@admin.register(EngineSwitch)
class EngineSwitchAdmin(ReadOnlyAdmin):
    """The page of the engines in place of a bare list; each change stays readable."""

    fields = ["by", "engine", "old", "new", "state", "reason", "begun_at", "ended_at"]
    at_once = 2.0  # seconds in which a change that fails at once is still awaited

    def get_urls(self) -> list[URLPattern]:
        use = self.admin_site.admin_view(self.use)
        own = path("use/", use, name="companion_engineswitch_use")
        return [own, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        services.fail_lost_switches(now=timezone.now())
        shown = engines.panels()
        return self._page(
            request,
            "change_list",
            panels=shown,
            choices=engines.choices(shown, get_language() or "en"),
            newest=engines.newest_switch(),
            may_switch=services.may_switch(user_on(request)),
            now=timezone.now(),
        )

    def use(self, request: HttpRequest) -> HttpResponse:
        """What a change would do; with POST it begins."""
        if not services.may_switch(user_on(request)):
            raise PermissionDenied
        if request.method == "POST":
            return self._begin(request)
        wanted = request.GET.get("model", "")
        choice = engines.choice(wanted, engines.panels(), get_language() or "en")
        if choice is None:
            raise Http404
        return self._page(request, "use", choice=choice, pinned=engines.pinned_model())

    def _begin(self, request: HttpRequest) -> HttpResponse:
        try:
            switch = services.begin_switch(
                by=user_on(request),
                engine=request.POST.get("engine", ""),
                model=request.POST.get("model", ""),
                now=timezone.now(),
            )
            switching.launch(switch).join(self.at_once)
        except Refused as refused:
            messages.error(request, refused.words)
        return redirect("admin:companion_engineswitch_changelist")

    def _page(self, request: HttpRequest, name: str, **shown: Any) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Engine and models"),
            "opts": self.opts,
            **shown,
        }
        return TemplateResponse(
            request, f"admin/companion/engineswitch/{name}.html", context
        )
