"""The duty roster in the console: who is on duty now, when nobody will be, shifts in
the reader's own time zone, and the swap of a shift between two colleagues.

Everything changes through `safety.roster`, which notes it.
"""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import rostered
from accounts.models import User
from accounts.sessions import user_on
from safety import roster
from safety.models import Shift, ShiftOffer, ShiftRole

WORDS: dict[str, Promise] = {
    "ends_before": gettext_lazy("A shift ends after it begins."),
    "too_long": gettext_lazy("A shift is no longer than 24 hours."),
    "past": gettext_lazy("This shift has ended already."),
    "twice": gettext_lazy("This operator is on duty then already."),
    "not_yours": gettext_lazy("Only a coming shift of one's own can be given away."),
    "not_theirs": gettext_lazy("The shift is no longer theirs to give."),
    "offer_ended": gettext_lazy("This question has been settled already."),
}


CHECKED = ("operator", "role", "starts_at", "ends_at")


class ShiftForm(forms.ModelForm[Shift]):
    operator = forms.ChoiceField(label=gettext_lazy("operator"))

    class Meta:
        model = Shift
        fields = ("operator", "role", "starts_at", "ends_at", "position")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["operator"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - narrows the type
        field.choices = [(str(user.id), rostered.name(user)) for user in _team()]

    def clean_operator(self) -> UUID:
        return UUID(self.cleaned_data["operator"])

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        wanted: dict[str, Any] = {name: cleaned.get(name) for name in CHECKED}
        if all(wanted.values()):
            shift = self.instance if self.instance.pk else None
            try:
                roster.check(shift=shift, now=timezone.now(), **wanted)
            except roster.Refused as refused:
                raise ValidationError(str(WORDS[refused.code])) from None
        return cleaned


@admin.register(Shift)
class ShiftAdmin(admin.ModelAdmin[Shift]):
    form = ShiftForm
    list_display = ["who", "role", "starts_at", "ends_at", "position"]
    list_filter = ["role"]
    ordering = ["starts_at", "position"]
    list_per_page = 100

    @admin.display(description=gettext_lazy("operator"))
    def who(self, shift: Shift) -> str:
        return rostered.names().get(shift.operator, "–")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/give/", view(self.give), name="safety_shift_give"),
            path("offer/<int:pk>/", view(self.answer), name="safety_shift_answer"),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        user = user_on(request)
        with timezone.override(ZoneInfo(user.time_zone)):
            shown = rostered.page(user, timezone.now()) | {"title": _("Duty roster")}
            page = super().changelist_view(request, shown | (extra_context or {}))
            return page.render() if isinstance(page, TemplateResponse) else page

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Times are written and read where the operator lives."""
        user = user_on(request)
        with timezone.override(ZoneInfo(user.time_zone)):
            page = super().changeform_view(request, *args, **kwargs)
            return page.render() if isinstance(page, TemplateResponse) else page

    def save_model(
        self,
        request: HttpRequest,
        obj: Shift,
        form: forms.ModelForm[Shift],
        change: bool,
    ) -> None:
        planned = roster.plan(
            operator=obj.operator,
            role=ShiftRole(obj.role),
            starts_at=obj.starts_at,
            ends_at=obj.ends_at,
            position=obj.position,
            by=user_on(request).id,
            now=timezone.now(),
            shift=obj if change else None,
        )
        obj.pk = planned.pk

    def delete_model(self, request: HttpRequest, obj: Shift) -> None:
        roster.remove(shift=obj, by=user_on(request).id, now=timezone.now())

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for shift in queryset:
            self.delete_model(request, shift)

    def give(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Asks a colleague to take one's own shift."""
        if request.method != "POST":
            return redirect("admin:safety_shift_changelist")
        to = get_object_or_404(_team(), pk=_uuid(request.POST.get("to", "")))
        shift = get_object_or_404(Shift, pk=pk)
        user = user_on(request)
        return self._act(
            request,
            lambda: roster.offer(shift=shift, by=user.id, to=to.id, now=timezone.now()),
            _("Your colleague has been asked. Until they take it, the shift is yours."),
        )

    def answer(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.method != "POST":
            return redirect("admin:safety_shift_changelist")
        offer, now = get_object_or_404(ShiftOffer, pk=pk), timezone.now()
        by = user_on(request).id
        if request.POST.get("answer") == "take":
            said = _("The shift is yours now.")
            return self._act(
                request, lambda: roster.take(offer=offer, by=by, now=now), said
            )
        said = _("You have declined. The shift stays with your colleague.")
        return self._act(
            request, lambda: roster.decline(offer=offer, by=by, now=now), said
        )

    def _act(self, request: HttpRequest, act: Any, said: str) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            act()
        except roster.Refused as refused:
            messages.error(request, str(WORDS[refused.code]))
        else:
            messages.success(request, said)
        return redirect("admin:safety_shift_changelist")


def _team() -> Any:
    return User.objects.filter(is_staff=True, is_active=True).order_by("display_name")


def _uuid(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None
