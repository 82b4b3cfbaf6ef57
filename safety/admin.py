"""Operators' own terms in the console. A pattern that is refused says why; a term is
retired and never deleted, and every act goes through the services.
"""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from safety import terms
from safety.models import Effect, Term, TermState
from safety.rules.patterns import BadPattern
from safety.verdict import Speaker


class TermForm(forms.ModelForm[Term]):
    class Meta:
        model = Term
        fields = ["pattern", "label", "speaker", "effect"]

    def clean_pattern(self) -> str:
        pattern: str = self.cleaned_data["pattern"]
        try:
            terms.check(pattern)
        except BadPattern as refused:
            raise forms.ValidationError(
                _("This pattern is refused: %(reason)s"),
                params={"reason": str(refused)},
            ) from None
        return pattern

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        said_by_model = cleaned.get("speaker") == Speaker.MODEL.value
        if said_by_model and cleaned.get("effect") != Effect.BLOCK:
            self.add_error("effect", _("What a model says can only be held back."))
        return cleaned


def _operator(request: HttpRequest) -> UUID:
    if request.user.pk is None:
        raise PermissionDenied
    return request.user.pk


@admin.register(Term)
class TermAdmin(admin.ModelAdmin[Term]):
    form = TermForm
    list_display = ["pattern", "label", "speaker", "effect", "state", "changed_at"]
    list_filter = ["state", "label", "speaker", "effect"]
    actions = ["retire"]

    def has_change_permission(
        self, request: HttpRequest, obj: Term | None = None
    ) -> bool:
        """A term that is there is retired, and another one written."""
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, *args: object) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: Term, form: forms.ModelForm[Term], change: bool
    ) -> None:
        written = terms.write(
            pattern=obj.pattern,
            label=obj.label,
            speaker=obj.speaker,
            effect=obj.effect,
            by=_operator(request),
            now=timezone.now(),
        )
        obj.pk, obj.changed_at = written.pk, written.changed_at
        obj._state.adding = False

    @admin.action(description=gettext_lazy("Retire"), permissions=["change"])
    def retire(self, request: HttpRequest, queryset: QuerySet[Term]) -> None:
        for term in queryset.filter(state=TermState.ACTIVE):
            terms.retire(term=term, by=_operator(request), now=timezone.now())
        messages.success(request, _("Retired. It is in force nowhere within a second."))
