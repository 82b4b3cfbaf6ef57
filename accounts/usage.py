"""The page of a person's own use: what is counted, and what it is taken for (CN-11).

Shows numbers and one sentence, never a goal, a streak or a comparison with others.
"""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.sessions import user_on
from safety import dependence, observing
from safety.policy import POLICY


@require_GET
@login_required
def page(request: HttpRequest) -> HttpResponse:
    user, now = user_on(request), timezone.now()
    found = observing.dependence_of(subject=user.id, today=user.today(now), now=now)
    shown = {
        "minutes_today": found.facts.minutes_today,
        "sentence": dependence.explained(found.facts),
        "level": found.level.label,
        "is_told": found.is_told,
        "weights": POLICY.dependence.weights,
        "gap": POLICY.usage.gap_minutes,
    }
    return render(request, "settings/use.html", shown)
