"""What a visit needs, as the manager asks for it: pure decisions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from clinic.visits.rules.needs import (
    COLUMNS,
    LEVELS,
    NEEDS,
    TERMS,
    USUAL,
    Known,
    Need,
    Rules,
    before_they_come,
    in_columns,
    is_fresh,
    left_to_do,
    needs_of,
    rules_for,
    shut_gates,
    worst,
)

NOW = datetime(2027, 3, 9, 15, 24, tzinfo=UTC)
START = NOW.replace(hour=5, minute=0)

moments = st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2027, 3, 9)).map(lambda one: one.replace(tzinfo=UTC))
some_levels = st.fixed_dictionaries({name: st.sampled_from(LEVELS) for name in NEEDS})
some_days = st.fixed_dictionaries({name: st.integers(0, 3650) for name in TERMS})
known = st.builds(
    Known,
    confirmed=st.dictionaries(
        st.sampled_from(("identity", "contact", "coverage", "eligibility", "referral")),
        moments.filter(bool),
        max_size=4,
    ),
    stale=st.none() | st.just(()) | st.just(("mobile",)),
    here=st.booleans(),
    id_ended=st.sampled_from(("", "2026-01-31")),
    has_contact=st.booleans(),
    cover=st.sampled_from(("active", "ended", "future", "none", "self")),
    eligible=st.sampled_from(("", "yes", "no")),
    eligible_at=moments,
    referral=st.sampled_from(("ok", "ended", "used", "none")),
    referral_asked=st.booleans(),
    consents=st.integers(0, 3),
    consent_ends=st.sampled_from(("", "2027-03-20")),
    forms_open=st.integers(0, 4),
    forms_done=moments,
    due_cents=st.integers(-5000, 50000),
)


def judged(found: Known, rules: Rules | None = None) -> dict[str, Need]:
    return {need.name: need for need in needs_of(found, NOW, START, rules)}


@given(known, some_levels, some_days)
def test_every_level_means_what_it_says(found: Known, levels: dict[str, str], days: dict[str, int]) -> None:
    needs = judged(found, Rules(levels, days))
    assert tuple(needs) == NEEDS
    for name, need in needs.items():
        level = levels[name]
        if level == "off" and not (name == "referral" and found.referral_asked):
            assert need.state == "off"
        if level == "nice" and name != "referral":
            assert not need.open
            assert not need.gate
        if need.open and level == "gate":
            assert need.gate
            assert need.state == "danger"
        if need.open and level == "ask":
            assert not need.gate
        assert need.mend


@given(known, some_levels, some_days)
def test_fresh_is_nothing_open_and_the_counts_agree(found: Known, levels: dict[str, str], days: dict[str, int]) -> None:
    needs = needs_of(found, NOW, START, Rules(levels, days))
    assert is_fresh(needs) == (left_to_do(needs) == 0) == (worst(needs) is None)
    assert set(shut_gates(needs)) <= {need for need in needs if need.open}
    assert not is_fresh(needs) or not shut_gates(needs)
    assert set(before_they_come(needs)) <= {need for need in needs if need.open}
    first = worst(needs)
    assert first is None or first.gate == bool(shut_gates(needs))


@given(known, some_levels)
def test_a_narrow_board_never_hides_what_is_open(found: Known, levels: dict[str, str]) -> None:
    needs = needs_of(found, NOW, START, Rules(levels))
    shown = in_columns(needs)
    assert len(shown) == len(COLUMNS)
    for group, cell in zip(COLUMNS, shown, strict=True):
        assert cell.name in group
        assert cell.open == any(need.open for need in needs if need.name in group)


@given(
    st.dictionaries(st.sampled_from(("", "a", "b")), st.dictionaries(st.sampled_from(NEEDS), st.sampled_from(LEVELS)))
)
def test_a_types_own_rule_counts_before_the_one_for_all(kept: dict[str, dict[str, str]]) -> None:
    for kind in ("", "a", "other"):
        found = rules_for(kept, {}, kind).levels
        for name in NEEDS:
            own = kept.get(kind, {}).get(name) or kept.get("", {}).get(name)
            assert found[name] == (own or USUAL[name])


def test_a_term_can_be_the_practices_the_types_or_the_usual_one() -> None:
    assert rules_for({}, {}, "a", coverage_days=90).days["coverage"] == 90
    assert rules_for({}, {"": {"coverage": 30}}, "a", coverage_days=90).days["coverage"] == 30
    assert rules_for({}, {"": {"coverage": 30}, "a": {"coverage": 7}}, "a").days["coverage"] == 7
    assert rules_for({}, {}, "a").days == TERMS
    assert rules_for({"": {"nonsense": "gate", "due": "loud"}}, {"": {"due": 3}}, "").levels == USUAL


def test_who_was_identified_within_the_term_is_not_asked_again() -> None:
    known_before = Known(confirmed={"identity": NOW - timedelta(days=20)})
    assert judged(known_before)["identity"].state == "todo"
    assert judged(known_before, Rules(days=dict(TERMS) | {"identity": 30}))["identity"].state == "ok"


def test_a_gate_of_identity_wants_a_press_of_its_own() -> None:
    rules = Rules(dict(USUAL) | {"identity": "gate"})
    assert judged(Known(here=False), rules)["identity"].state == "todo"
    need = judged(Known(here=True), rules)["identity"]
    assert (need.state, need.gate) == ("danger", True)
    assert judged(Known(confirmed={"identity": NOW}), rules)["identity"].state == "ok"


def test_what_the_payer_said_and_what_the_desk_noted() -> None:
    rules = Rules(dict(USUAL) | {"eligibility": "ask"})
    old = NOW - timedelta(days=31)
    cases = {
        "not asked": Known(cover="active"),
        "not covered": Known(cover="active", eligible="no", eligible_at=NOW),
        "old answer": Known(cover="active", eligible="yes", eligible_at=old),
        "": Known(cover="active", eligible="no", eligible_at=old, confirmed={"eligibility": NOW}),
    }
    for word, found in cases.items():
        assert judged(found, rules)["eligibility"].word == word
    assert judged(Known(cover="none"), rules)["eligibility"].state == "ok"


def test_a_cover_that_asks_for_a_referral_is_heard_whatever_the_type() -> None:
    assert judged(Known(referral_asked=True))["referral"].state == "warn"
    assert judged(Known(referral_asked=True, referral="ok"))["referral"].state == "ok"
    assert judged(Known())["referral"].state == "off"
    seen = Known(referral_asked=True, confirmed={"referral": NOW - timedelta(days=10)})
    assert judged(seen)["referral"].state == "ok"
    assert judged(seen, Rules(days=dict(TERMS) | {"referral": 7}))["referral"].word == "seen long ago"


def test_what_is_owed_is_mentioned_and_never_holds_anybody_back_unless_the_manager_says_so() -> None:
    assert judged(Known(due_cents=2500))["due"].state == "told"
    assert judged(Known(due_cents=2500), Rules(dict(USUAL) | {"due": "gate"}))["due"].gate
    assert judged(Known(due_cents=-2500), Rules(dict(USUAL) | {"due": "gate"}))["due"].state == "ok"


def test_a_must_among_the_consents_is_a_gate_even_where_consents_are_only_mentioned() -> None:
    need = judged(Known(consents=2, consents_must=1), Rules(dict(USUAL) | {"consents": "nice"}))["consents"]
    assert (need.state, need.gate) == ("danger", True)


def test_a_look_at_the_card_waits_until_they_are_here() -> None:
    needs = needs_of(Known(cover="active", stale=("mobile",), here=False), NOW, START)
    assert left_to_do(needs) == 2
    assert before_they_come(needs) == ()
    gone = needs_of(Known(cover="ended", has_contact=False, here=False), NOW, START)
    assert [need.name for need in before_they_come(gone)] == ["contact", "coverage"]
