"""The page on which operators say where they are told, and supervisors where the
provider is. Behind the password, for a whole alarm hangs on it."""

from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django import forms as fields
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from accounts import operator_routes
from accounts.models import User
from accounts.refusal import Refused
from accounts.sessions import user_on
from safety.channels import addresses
from safety.channels.addresses import Unusable
from safety.models import Channel, OwnerKind, Route


class RouteForm(fields.Form):
    """One way to be told: a mail address, or the address of a provider."""

    owner = fields.ChoiceField(label=gettext_lazy("Who is told"), choices=())
    address = fields.CharField(
        label=gettext_lazy("E-mail address, or address of a provider"),
        max_length=addresses.LONGEST,
        widget=fields.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "Such as dingtalk://…, wecombot://…, feishu://…, tgram://…, twilio://… or "
            "jsons://… It is stored encrypted and never shown again in full."
        ),
    )
    quiet_from = fields.TimeField(
        label=gettext_lazy("Quiet from"),
        required=False,
        widget=fields.TimeInput(attrs={"type": "time"}),
        help_text=gettext_lazy("Urgent notices come at any hour."),
    )
    quiet_until = fields.TimeField(
        label=gettext_lazy("Quiet until"),
        required=False,
        widget=fields.TimeInput(attrs={"type": "time"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        choices = [(OwnerKind.OPERATOR.value, _("me"))]
        if operator_routes.may_set_provider(user):
            choices.append((OwnerKind.PROVIDER.value, _("the provider")))
        field = self.fields["owner"]
        assert isinstance(field, fields.ChoiceField)  # noqa: S101 - narrows the type
        field.choices = choices

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"].strip()
        if "://" not in address:
            return str(fields.EmailField().clean(address))
        try:
            addresses.check(address)
        except Unusable as unusable:
            raise fields.ValidationError(unusable.words) from None
        return address

    def save(self) -> None:
        """Raises `Refused`."""
        cleaned = self.cleaned_data
        quiet = (cleaned["quiet_from"], cleaned["quiet_until"])
        is_mail = "://" not in cleaned["address"]
        operator_routes.add(
            by=self.user,
            kind=OwnerKind(cleaned["owner"]),
            channel=Channel.MAIL if is_mail else Channel.APPRISE,
            address=cleaned["address"],
            quiet=quiet if all(quiet) else None,
        )


@never_cache
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth is untyped
def ways(request: HttpRequest) -> HttpResponse:
    user = user_on(request)
    if not operator_routes.may_have(user):
        raise Http404
    form = RouteForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            form.save()
        except Refused:
            form.add_error("address", _("It is there already, or there are five."))
        else:
            messages.success(request, _("Saved. Try it out."))
            return redirect("settings_notices")
    shown = {
        "form": form,
        "own": [_line(route) for route in operator_routes.own(user)],
        "provider": [_line(route) for route in operator_routes.provider()]
        if operator_routes.may_set_provider(user)
        else None,
    }
    return render(request, "settings/notices.html", shown)


@login_required
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth is untyped
def act(request: HttpRequest, route: UUID) -> HttpResponse:
    """POST: try a way out, or take it away."""
    user = user_on(request)
    try:
        if request.POST.get("act") == "test":
            operator_routes.try_out(by=user, route=route, now=timezone.now())
            messages.success(request, _("A test is on its way."))
        elif request.POST.get("act") == "remove":
            operator_routes.remove(by=user, route=route)
            messages.success(request, _("Removed."))
    except Refused:
        messages.error(request, _("This way stays: it is the last one, or not yours."))
    return redirect("settings_notices")


def _line(route: Route) -> dict[str, Any]:
    return {
        "id": route.id,
        "shown": _shown(route),
        "quiet": (route.quiet_from, route.quiet_until) if route.quiet_from else None,
        "test": operator_routes.newest_test(route),
    }


def _shown(route: Route) -> str:
    """A mail address in full; of a provider's address no secret, only whose it is."""
    address = route.address
    if route.channel == Channel.MAIL:
        return address
    scheme = addresses.schemes().get(address.partition("://")[0])
    return f"{scheme.name if scheme else route.channel} …{address[-4:]}"
