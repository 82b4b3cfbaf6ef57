"""The public register: every duty, how far it is met, and how sure its wording is.

Open to everyone, reads files of the project alone, and never shows a person's data.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from compliance import discovery, proofs, report
from compliance.register import Row, register
from compliance.report import Entry, Report, State
from compliance.words import CERTAINTIES, PARTIES, STATES, STATUSES


@dataclass(frozen=True, slots=True)
class Line:
    """One row in the language of the page. `who`, `status` and `sure` are words."""

    id: str
    title: str
    text: str
    law: str
    url: str
    article: str
    status: str
    in_force: date | None
    sure: str
    note: str
    who: str
    state: State
    state_word: str
    how: tuple[str, ...]
    tests: int


@dataclass(frozen=True, slots=True)
class Group:
    id: str
    title: str
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Filter:
    """One choice above the list; `value` is empty for all rows."""

    value: str
    label: str
    count: int
    is_current: bool


@require_safe
def register_page(request: HttpRequest) -> HttpResponse:
    """All rows, or with `?state=` those in one state; an unknown state shows all."""
    language = get_language() or "en"
    asked = request.GET.get("state", "")
    wanted = State(asked) if asked in set(State) else None
    shown = current()
    context = {
        "groups": _groups(shown, wanted, language),
        "filters": _filters(shown, wanted),
        "any_filter": wanted is not None,
        "total": len(shown.entries),
    }
    return render(request, "compliance/register.html", context)


@cache
def current() -> Report:
    """The files do not change while a process runs."""
    tests = proofs.marked_tests(settings.BASE_DIR)
    return report.build(register(), discovery.claims(), tests)


def _groups(shown: Report, wanted: State | None, language: str) -> list[Group]:
    groups = [
        Group(
            id=section.part.id,
            title=section.part.title.in_language(language),
            lines=[
                _line(entry, language)
                for entry in section.entries
                if wanted in {None, entry.state}
            ],
        )
        for section in shown.sections
    ]
    return [group for group in groups if group.lines]


def _filters(shown: Report, wanted: State | None) -> list[Filter]:
    return [
        Filter(
            value=state.value,
            label=str(word),
            count=shown.count(state),
            is_current=state is wanted,
        )
        for state, word in STATES.items()
    ]


def _line(entry: Entry, language: str) -> Line:
    row = entry.row
    return Line(
        id=row.id,
        title=row.title.in_language(language),
        text=row.text.in_language(language),
        law=row.law.name.in_language(language),
        url=row.law.url,
        article=row.article.in_language(language),
        status=str(STATUSES[row.status]),
        in_force=row.in_force,
        sure=str(CERTAINTIES[row.certainty]),
        note=row.note.in_language(language) if row.note else "",
        who=_who(row, language),
        state=entry.state,
        state_word=str(STATES[entry.state]),
        how=tuple(claim.how.in_language(language) for claim in entry.claims),
        tests=len(entry.proofs),
    )


def _who(row: Row, language: str) -> str:
    comma = "、" if language.startswith("zh") else ", "
    return comma.join(str(PARTIES[party]) for party in row.who)
