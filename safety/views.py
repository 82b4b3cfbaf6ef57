"""Help and the published protocol: open to everyone, signed in or not, at any time.

They read fixed texts and data files only, so that they answer while much else is down.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from safety import gate, resources, texts
from safety.policy import POLICY
from safety.rules import rule_set


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """The numbers of the person's region first, or of the region asked for."""
    language = get_language() or "en"
    own = getattr(request.user, "region", "")
    region = request.GET.get("region", own)[:6].upper()
    context = {
        "lead": texts.get("help.lead", language),
        "resources": resources.for_region(region, language),
        "region": region,
        "others": [
            (code, resources.for_region(code, language))
            for code in resources.regions()
            if code != region
        ],
    }
    return render(request, "safety/help.html", context)


@require_safe
def protocol(request: HttpRequest) -> HttpResponse:
    """How danger is found and answered, made from the rules in force (US-CA-2)."""
    language = get_language() or "en"
    context = {
        "version": gate.version(),
        "shown": [texts.get(name, language) for name in ("crisis.t3", "crisis.t2")],
        "rule_count": len(rule_set().rules),
        "stale_days": POLICY.stale_days,
    }
    return render(request, "safety/protocol.html", context)
