"""The page on which a contact says how and when they are told. Behind their link alone;
opening it changes nothing."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms as fields
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import contact_links, contact_mail, contact_routes, contact_ways, regions
from accounts.contact_models import Contact, LinkPurpose
from accounts.contact_views import by_link
from accounts.contact_ways import Kind
from accounts.forms import phone_number
from accounts.refusal import Refused
from safety.channels import addresses
from safety.channels.addresses import Unusable
from safety.proving import TooManyCodes

ENOUGH = gettext_lazy("No more codes are sent until tomorrow.")


class WayForm(fields.Form):
    """One more way to be told."""

    kind = fields.ChoiceField(label=gettext_lazy("What it is"), choices=())
    address = fields.CharField(
        label=gettext_lazy("E-mail address, or address of a provider"),
        max_length=addresses.LONGEST,
        widget=fields.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("A code is sent there, which you then enter here."),
    )

    def __init__(self, *args: Any, region: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.region = region
        field = self.fields["kind"]
        assert isinstance(field, fields.ChoiceField)  # noqa: S101 - narrows the type
        field.choices = contact_ways.kinds()
        if Kind.PHONE in dict(contact_ways.kinds()):
            self.fields["address"].label = _("Number or address")
            self.fields["address"].help_text = _(
                "A code is sent there, which you then enter here. A number from abroad "
                "needs its country code."
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.keys() >= {"kind", "address"}:
            try:
                cleaned["address"] = self._address(**cleaned)
            except fields.ValidationError as wrong:
                self.add_error("address", wrong)
        return cleaned

    def _address(self, kind: str, address: str) -> str:
        if kind == Kind.PHONE:
            return phone_number(address, self.region)
        if kind == Kind.MAIL:
            return str(fields.EmailField().clean(address))
        return address.strip()


class HoursForm(fields.Form):
    """When the contact sleeps, and where."""

    quiet_from = fields.TimeField(
        label=gettext_lazy("Quiet from"),
        required=False,
        widget=fields.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    quiet_until = fields.TimeField(
        label=gettext_lazy("Quiet until"),
        required=False,
        widget=fields.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    time_zone = fields.ChoiceField(
        label=gettext_lazy("Time zone"), choices=regions.time_zone_choices
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if bool(cleaned.get("quiet_from")) != bool(cleaned.get("quiet_until")):
            self.add_error("quiet_until", _("Fill in both times, or neither."))
        return cleaned


@by_link
def ways(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    contact = contact_links.find(token, LinkPurpose.MANAGE, now).contact
    answer = request.POST.get("answer", "")
    if answer == "add":
        return _add(request, contact, token)
    if answer == "hours":
        return _hours(request, contact, token)
    if answer in ACTS:
        _act(request, token, answer)
        return redirect("contact_ways", token)
    return _page(request, contact)


def _add(request: HttpRequest, contact: Contact, token: str) -> HttpResponse:
    form = WayForm(request.POST, region=contact.user.region)
    if not form.is_valid():
        return _page(request, contact, way_form=form)
    try:
        contact_ways.add(
            token=token,
            kind=Kind(form.cleaned_data["kind"]),
            address=form.cleaned_data["address"],
            now=timezone.now(),
        )
    except Unusable as unusable:
        form.add_error("address", unusable.words)
    except TooManyCodes:
        form.add_error(None, str(ENOUGH))
    except Refused:
        form.add_error("address", _("It is there already, or there are five."))
    else:
        messages.success(request, _("A code is on its way. Enter it below."))
        return redirect("contact_ways", token)
    return _page(request, contact, way_form=form)


def _hours(request: HttpRequest, contact: Contact, token: str) -> HttpResponse:
    form = HoursForm(request.POST)
    if not form.is_valid():
        return _page(request, contact, hours_form=form)
    quiet = (form.cleaned_data["quiet_from"], form.cleaned_data["quiet_until"])
    contact_ways.change_hours(
        token=token,
        quiet=quiet if all(quiet) else None,
        time_zone=form.cleaned_data["time_zone"],
        now=timezone.now(),
    )
    messages.success(request, _("Saved."))
    return redirect("contact_ways", token)


def _act(request: HttpRequest, token: str, answer: str) -> None:
    try:
        route = UUID(request.POST.get("way", ""))
    except ValueError:
        raise Http404 from None
    try:
        ACTS[answer](request, token, route)
    except TooManyCodes:
        messages.error(request, str(ENOUGH))
    except Refused:
        messages.error(request, _("This cannot be done: look at the list again."))


def _prove(request: HttpRequest, token: str, route: UUID) -> None:
    code, now = request.POST.get("code", ""), timezone.now()
    if contact_ways.prove(token=token, route=route, code=code, now=now):
        messages.success(request, _("Confirmed. You are told here from now on."))
    else:
        messages.error(
            request, _("This is not the code, or it is too old. Ask for a new one.")
        )


def _ask_again(request: HttpRequest, token: str, route: UUID) -> None:
    contact_ways.ask_again(token=token, route=route, now=timezone.now())
    messages.success(request, _("A code is on its way. Enter it below."))


def _put_first(request: HttpRequest, token: str, route: UUID) -> None:
    contact_ways.put_first(token=token, route=route, now=timezone.now())


def _remove(request: HttpRequest, token: str, route: UUID) -> None:
    contact_ways.remove(token=token, route=route, now=timezone.now())
    messages.success(request, _("Removed."))


ACTS: dict[str, Callable[[HttpRequest, str, UUID], None]] = {
    "prove": _prove,
    "again": _ask_again,
    "first": _put_first,
    "remove": _remove,
}


def _page(request: HttpRequest, contact: Contact, **forms: fields.Form) -> HttpResponse:
    quiet, time_zone = contact_routes.hours(contact)
    begin, end = quiet or (None, None)
    initial = {"quiet_from": begin, "quiet_until": end, "time_zone": time_zone}
    shown = {
        "person": contact_mail.person_of(contact),
        "ways": contact_ways.of(contact),
        "way_form": WayForm(region=contact.user.region),
        "hours_form": HoursForm(initial=initial),
        "messengers": addresses.fixed_names(),
        **forms,
    }
    return render(request, "contacts/ways.html", shown)
