"""What insurance says when two patient records become one: one payer for each rank and day."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from clinic.core.errors import N_, Conflict
from clinic.core.json import Json
from clinic.core.merging import Answers, MergePart, Question
from clinic.fhir.store import Store
from clinic.insurance.mapping import to_policy
from clinic.insurance.rules import overlaps
from clinic.insurance.service import TWO_AT_ONCE, coverages_of, term_of

RANKED = {
    1: N_("First insurance: which one counts?"),
    2: N_("Second insurance: which one counts?"),
    3: N_("Third insurance: which one counts?"),
}


def examine(store: Store, survivor_id: str, other_id: str) -> Iterator[Question]:
    """A question for each pair that would be, say, first on the same day."""
    for mine, theirs in _clashes(store, survivor_id, other_id):
        said = RANKED.get(int(mine["order"]), RANKED[3])
        yield Question(_key(mine, theirs), said, _words(mine), _words(theirs), _newer(mine, theirs))


def settle(store: Store, survivor_id: str, other_id: str, answers: Answers) -> None:
    """Set the one of each pair aside that does not count: it is kept, and cancelled."""
    for mine, theirs in _clashes(store, survivor_id, other_id):
        kept = answers.get(_key(mine, theirs), _newer(mine, theirs))
        aside = store.read("Coverage", (mine if kept == "other" else theirs)["id"])
        store.update({**aside, "status": "cancelled"}, reason="merged")


def together(coverages: list[Json]) -> Iterator[Conflict]:
    """Two of one patient that would both be, say, first on some day."""
    ranked = [one for one in coverages if "order" in one]
    for one, two in combinations(ranked, 2):
        term = term_of(two)
        if overlaps(term_of(one), term):
            payer, starts, ends = term.payer or "Self-pay", term.starts or "always", term.ends or "now on"
            yield Conflict(TWO_AT_ONCE, payer=payer, starts=starts, ends=ends)


def _clashes(store: Store, survivor_id: str, other_id: str) -> list[tuple[Json, Json]]:
    mine = [one for one in coverages_of(store, survivor_id) if "order" in one]
    theirs = [one for one in coverages_of(store, other_id) if "order" in one] if other_id else []
    return [(one, two) for one in mine for two in theirs if overlaps(term_of(one), term_of(two))]


def _newer(mine: Json, theirs: Json) -> str:
    return "other" if theirs["meta"]["lastUpdated"] > mine["meta"]["lastUpdated"] else "survivor"


def _key(mine: Json, theirs: Json) -> str:
    return f"coverage:{mine['id']}:{theirs['id']}"


def _words(coverage: Json) -> str:
    policy = to_policy(coverage)
    number = f"…{policy.member_id[-4:]}" if policy.member_id else ""
    days = f"{policy.starts or ''}\u00a0– {policy.ends or ''}".strip() if policy.starts or policy.ends else ""
    return ", ".join(filter(None, (policy.payer_name or "Self-pay", policy.plan, number, days)))


MERGING = MergePart(examine=examine, settle=settle, together={"Coverage": together})
