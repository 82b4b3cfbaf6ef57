"""The state of every row: what is claimed, by which code, proven by which tests.

Facts in, entries and complaints out; it reads no file but asks whether one exists. A
row counts as proven only when a claim covers the whole of it and a test is marked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from compliance.discovery import Claim, Scope
from compliance.proofs import MarkedTest, Outcome, outcome_of
from compliance.register import Part, Row

Results = Mapping[str, Outcome]


class State(StrEnum):
    PROVEN = "proven"
    PARTLY = "partly"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Proof:
    """`outcome` is None when no results were asked for."""

    test: MarkedTest
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Entry:
    row: Row
    state: State
    claims: tuple[Claim, ...]
    proofs: tuple[Proof, ...]

    @property
    def code(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(p for claim in self.claims for p in claim.code))


@dataclass(frozen=True, slots=True)
class Section:
    part: Part
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Report:
    sections: tuple[Section, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(entry for section in self.sections for entry in section.entries)

    def count(self, state: State) -> int:
        return sum(entry.state is state for entry in self.entries)


def build(
    parts: Iterable[Part],
    claims: Iterable[Claim],
    tests: Iterable[MarkedTest],
    results: Results | None = None,
) -> Report:
    """Without `results` a marked test counts as one that passes: `problems` of a
    full run say whether that is so."""
    claims, tests = tuple(claims), tuple(tests)
    return Report(
        tuple(
            Section(
                part, tuple(_entry(row, claims, tests, results) for row in part.rows)
            )
            for part in parts
        )
    )


def problems(
    report: Report, claims: Iterable[Claim], tests: Iterable[MarkedTest], root: Path
) -> list[str]:
    """Everything that makes the report untrue; empty when it can be relied on."""
    known = {entry.row.id for entry in report.entries}
    claims = tuple(claims)
    return [
        *_unknown_rows(claims, tests, known),
        *_missing_code(claims, root),
        *_claimed_twice(claims),
        *(said for entry in report.entries for said in _unproven(entry)),
    ]


def _entry(
    row: Row,
    claims: tuple[Claim, ...],
    tests: tuple[MarkedTest, ...],
    ended: Results | None,
) -> Entry:
    own = tuple(claim for claim in claims if claim.id == row.id)
    proofs = tuple(
        Proof(test, None if ended is None else outcome_of(test, ended))
        for test in tests
        if row.id in test.rows
    )
    return Entry(row=row, state=_state(own, proofs), claims=own, proofs=proofs)


def _state(claims: tuple[Claim, ...], proofs: tuple[Proof, ...]) -> State:
    if not claims:
        return State.OPEN
    whole = any(claim.scope is Scope.WHOLE for claim in claims)
    relied_on = [proof for proof in proofs if not _may_be_left_out(proof, proofs)]
    passed = all(proof.outcome in {None, Outcome.PASSED} for proof in relied_on)
    return State.PROVEN if whole and relied_on and passed else State.PARTLY


def _may_be_left_out(proof: Proof, proofs: tuple[Proof, ...]) -> bool:
    """A test of the large model on a machine without it, while another test of the
    row passed."""
    return (
        proof.outcome in {Outcome.SKIPPED, Outcome.NOT_RUN}
        and proof.test.needs_default_model
        and any(other.outcome is Outcome.PASSED for other in proofs)
    )


def _unknown_rows(
    claims: tuple[Claim, ...], tests: Iterable[MarkedTest], known: set[str]
) -> list[str]:
    return [
        f"{claim.app}: claims {claim.id}, which is not in the register"
        for claim in claims
        if claim.id not in known
    ] + [
        f"{test.id}: marked {row}, which is not in the register"
        for test in tests
        for row in test.rows
        if row not in known
    ]


def _missing_code(claims: tuple[Claim, ...], root: Path) -> list[str]:
    return [
        f"{claim.app}: {claim.id} names {path}, which does not exist"
        for claim in claims
        for path in claim.code
        if not (root / path).is_file()
    ]


def _claimed_twice(claims: tuple[Claim, ...]) -> list[str]:
    seen: set[tuple[str, str]] = set()
    twice = []
    for claim in claims:
        if (claim.app, claim.id) in seen:
            twice.append(f"{claim.app}: claims {claim.id} twice")
        seen.add((claim.app, claim.id))
    return twice


def _unproven(entry: Entry) -> list[str]:
    """Claims that no test stands behind, and tests that did not do so."""
    whole = [claim for claim in entry.claims if claim.scope is Scope.WHOLE]
    if whole and not entry.proofs:
        return [f"{whole[0].app}: claims the whole of {entry.row.id}, and no test"]
    return [
        f"{entry.row.id}: {proof.test.id} {proof.outcome.replace('_', ' ')}"
        for proof in entry.proofs
        if proof.outcome not in {None, Outcome.PASSED}
        and not _may_be_left_out(proof, entry.proofs)
    ]
