"""The page of what was decided, and “this was wrong”: decode, call, encode.

Needs no open account: who is suspended, or not through the gate, may still object.
"""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from accounts.sessions import user_on
from companion import services
from companion.decisions import decisions
from companion.refusal import Refused


@require_GET
@login_required
def page(request: HttpRequest) -> HttpResponse:
    user, now = user_on(request), timezone.now()
    shown = {
        "decisions": decisions(user, now),
        "may_give_examples": services.may_give_examples(user),
        "now": now,
    }
    return render(request, "settings/decisions.html", shown)


@require_POST
@login_required
def dispute(request: HttpRequest) -> HttpResponse:
    """A turn or a suspension, by id. A script that asks gets an empty answer."""
    try:
        _dispute(user_on(request), request)
    except (Refused, ValueError) as refused:
        raise Http404 from refused
    if request.headers.get("X-Requested-With") == "fetch":
        return HttpResponse(status=204)
    messages.success(request, _("Thank you. A person will look at it."))
    return redirect("decisions")


def _dispute(user: User, request: HttpRequest) -> None:
    now, suspension = timezone.now(), request.POST.get("suspension")
    if suspension:
        services.dispute_suspension(user=user, suspension_id=UUID(suspension), now=now)
        return
    services.dispute_turn(
        user=user,
        turn_id=UUID(request.POST.get("turn", "")),
        may_be_example="example" in request.POST,
        now=now,
    )
