"""The best new times for all visits at once, against trying every way there is."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.appointments.rules.replanning import (
    NORMAL,
    URGENT,
    Affected,
    Candidate,
    Reason,
    asking_words,
    cost_of,
    plan,
    reasons_of,
)
from clinic.appointments.rules.spans import Span
from tests.appointments import factories as f

TEN = f.at("2027-03-09 10:00")
HALF = timedelta(minutes=30)


def visit(id_: str, start: datetime = TEN, **more: object) -> Affected:
    return Affected(id_, f"patient-{id_}", Span(start, start + HALF), "adams", **more)  # type: ignore[arg-type]


def free(start: datetime, provider: str = "baker", **more: object) -> Candidate:
    span = Span(start, start + HALF)
    return Candidate(span, provider, ((f"Practitioner/{provider}", span),), **more)  # type: ignore[arg-type]


SLOTS = st.builds(
    free,
    st.integers(0, 40).map(lambda step: TEN + timedelta(minutes=15 * step)),
    st.sampled_from(["baker", "adams", "cole"]),
)
CASES = st.lists(
    st.tuples(st.sampled_from([URGENT, NORMAL]), st.lists(SLOTS, max_size=4)), min_size=1, max_size=4
)  # fmt: skip


def clash(one: Candidate, other: Candidate) -> bool:
    return one.provider == other.provider and one.span.meets(other.span)


def worth(one: Affected, candidate: Candidate) -> int:
    weight = 8 if one.priority == URGENT else 1
    return 4000 * weight - min(cost_of(one, candidate, f.ZONE), 3999)


def best_of_all(visits: list[Affected], options: dict[str, list[Candidate]]) -> int:
    best = 0
    for picks in itertools.product(*([None, *range(len(options[one.id]))] for one in visits)):
        taken = [(one, options[one.id][at]) for one, at in zip(visits, picks, strict=True) if at is not None]
        if not any(clash(a[1], b[1]) for a, b in itertools.combinations(taken, 2)):
            best = max(best, sum(worth(*pair) for pair in taken))
    return best


@settings(max_examples=40, deadline=None)
@given(CASES)
def test_no_other_way_is_better_and_nobody_is_in_two_places(case: list[tuple[int, list[Candidate]]]) -> None:
    visits = [visit(str(number), priority=priority) for number, (priority, _) in enumerate(case)]
    options = {str(number): some for number, (_, some) in enumerate(case)}
    found = plan(visits, options, f.ZONE)
    taken = [(one, options[one.id][found.chosen[one.id]]) for one in visits if one.id in found.chosen]
    assert found.proven
    assert not any(clash(a[1], b[1]) for a, b in itertools.combinations(taken, 2))
    assert sum(worth(*pair) for pair in taken) == best_of_all(visits, options)
    assert plan(visits, options, f.ZONE).chosen == found.chosen


def test_the_urgent_one_has_the_only_soon_time_though_it_comes_last_in_the_list() -> None:
    soon, late = free(TEN + HALF), free(TEN + timedelta(days=7))
    visits = [visit("normal"), visit("urgent", priority=URGENT)]
    found = plan(visits, {"normal": [soon, late], "urgent": [late, soon]}, f.ZONE)
    assert found.chosen == {"urgent": 1, "normal": 1}


def test_one_room_is_not_given_twice_and_a_patient_is_at_one_place() -> None:
    room = (("Location/room1", Span(TEN, TEN + HALF)),)
    one, other = (Candidate(Span(TEN, TEN + HALF), who, room) for who in ("baker", "cole"))
    assert len(plan([visit("a"), visit("b")], {"a": [one], "b": [other]}, f.ZONE).chosen) == 1
    twice = [Affected(id_, "same", Span(TEN, TEN + HALF), "adams") for id_ in ("a", "b")]
    options = {"a": [free(TEN, "baker")], "b": [free(TEN, "cole")]}
    assert len(plan(twice, options, f.ZONE).chosen) == 1


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (free(TEN + HALF), free(TEN + timedelta(days=1))),
        (free(TEN + timedelta(days=7), "adams"), free(TEN + timedelta(days=7))),
        (free(TEN + HALF, site="here"), free(TEN + HALF, site="there")),
        (free(TEN + HALF, languages=frozenset({"es"})), free(TEN + HALF)),
    ],
)
def test_sooner_same_person_same_site_and_own_language_are_better(better: Candidate, worse: Candidate) -> None:
    one = visit("a", site="here", language="es")
    assert cost_of(one, better, f.ZONE) < cost_of(one, worse, f.ZONE)


def test_reasons_say_who_when_and_which_part_of_the_day() -> None:
    later = free(f.at("2027-03-11 15:00"), site="there")
    assert reasons_of(visit("a", site="here"), later, f.ZONE) == (
        Reason("other-provider"),
        Reason("days-later", 2),
        Reason("other-part"),
        Reason("other-site"),
    )


def test_nobody_without_a_candidate_gets_a_time_and_progress_is_heard() -> None:
    heard: list[int] = []
    found = plan([visit("a"), visit("b")], {"a": [free(TEN)]}, f.ZONE, beat=heard.append)
    assert found.chosen == {"a": 0}
    assert heard[-1] == 1


@pytest.mark.parametrize("language", ["en", "es", "nl", "ar", "nl-NL", "xx", ""])
def test_the_words_have_every_place_in_every_language(language: str) -> None:
    words = asking_words(language)
    assert all(f"{{{place}}}" in words for place in ("practice", "name", "day", "time", "link"))
