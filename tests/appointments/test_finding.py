"""Find a time: what suits comes first, with its reasons; what misses one thing says so."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from clinic.appointments.queries.finding import Question, find
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules import ranking as r
from clinic.appointments.rules.free import Offer
from clinic.appointments.rules.ranking import Ask, Ground, Known, rank
from clinic.appointments.rules.setup import Provider, Setup
from clinic.appointments.service import book, record
from clinic.core.days import local
from clinic.fhir.store import Store
from tests.appointments import factories as f
from tests.appointments.conftest import NOW

SETUP = Setup((Provider("adams", "Dr Ann Adams"), Provider("baker", "Dr Ben Baker", languages=frozenset({"es"}))))
GROUND = Ground(SETUP, NOW, f.ZONE)


def an_offer(when: str, provider: str = "adams", rank_: int = 0) -> Offer:
    start = f.at(when)
    return Offer(start, rank_, provider, start + timedelta(minutes=30))


def codes(ranked: r.Ranked) -> list[str]:
    return [reason.code for reason in ranked.reasons]


def test_the_soonest_comes_first_and_says_so() -> None:
    early, late, other = (
        an_offer("2027-03-09 13:00"),
        an_offer("2027-03-10 09:00"),
        an_offer("2027-03-09 15:00", "baker"),
    )
    found = rank([late, other, early, early], Ask(), Known(), GROUND)
    assert [one.offer for one in found] == [early, other, late]
    assert [codes(one) for one in found] == [[r.SOONEST], [r.SOONEST_WITH], []]


def test_what_was_asked_goes_before_what_is_sooner() -> None:
    morning, afternoon = an_offer("2027-03-12 09:00"), an_offer("2027-03-09 13:00")
    ask = Ask(part="morning", before=f.at("2027-03-13 00:00"))
    first, second = rank([afternoon, morning], ask, Known(), GROUND)
    assert (first.offer, first.fits, codes(first)) == (morning, True, [r.PART, r.BEFORE])
    assert (second.offer, second.fits) == (afternoon, False)
    assert r.NOT_PART in codes(second)


def test_who_knows_the_patient_is_worth_two_days_and_one_trip_a_day_and_a_half() -> None:
    usual, other = an_offer("2027-03-10 13:00", "baker"), an_offer("2027-03-09 13:00")
    assert rank([usual, other], Ask(), Known(usual="baker"), GROUND)[0].offer == usual
    trip = Known(trips={date(2027, 3, 10): f.at("2027-03-10 10:00")})
    found = rank([usual, other], Ask(), trip, GROUND)
    assert found[0].offer == usual
    assert r.SAME_DAY in codes(found[0])
    later = an_offer("2027-03-13 13:00", "baker")
    assert rank([later, other], Ask(), Known(usual="baker"), GROUND)[0].offer == other


def test_every_wish_that_is_missed_is_named() -> None:
    ask = Ask(frozenset({"baker"}), "", "morning", frozenset({0}), f.at("2027-03-09 12:00"), "es")
    (only,) = rank([an_offer("2027-03-09 13:00")], ask, Known(), GROUND)
    assert codes(only) == [r.SOONEST, r.NOT_WITH, r.NOT_PART, r.NOT_DAY, r.NOT_BEFORE, r.NOT_SPEAKS]
    (kept,) = rank([an_offer("2027-03-08 11:00", "baker")], ask, Known(), GROUND)
    assert codes(kept) == [r.SOONEST, r.PART, r.DAY, r.BEFORE, r.SPEAKS]


@given(
    st.lists(st.tuples(st.integers(0, 2000), st.sampled_from(["adams", "baker"])), max_size=30),
    st.sampled_from(["any", "morning", "afternoon"]),
    st.frozensets(st.integers(0, 6)),
)
def test_nothing_is_lost_and_what_fits_stands_before_what_does_not(
    starts: list[tuple[int, str]], part: str, days: frozenset[int]
) -> None:
    offers = [Offer(NOW + timedelta(minutes=5 * step), 0, who, NOW) for step, who in starts]
    found = rank(offers, Ask(part=part, weekdays=days), Known(), GROUND)  # type: ignore[arg-type]
    assert {one.offer for one in found} == set(offers)
    assert [one.fits for one in found] == sorted((one.fits for one in found), reverse=True)


def test_the_panel_finds_ranked_times_for_any_of_several_providers(desk: Store) -> None:
    for day in ("01", "02"):
        record(desk, f.a_booking(f"2027-03-{day} 10:00", provider_id="baker"), status="fulfilled")
    found = find(desk, Question("p1", "check"))
    assert found.person is not None
    assert (found.minutes, len(found.offers)) == (30, 5)
    assert found.offers[0].offer.provider == "baker"
    assert codes(found.offers[0])[:2] == [r.SOONEST_WITH, r.USUAL] or r.USUAL in codes(found.offers[0])


def test_days_parts_providers_and_the_last_day_are_kept_to(desk: Store) -> None:
    ask = Ask(frozenset({"baker"}), "site", "afternoon", frozenset({3, 4}), f.at("2027-03-13 00:00"))
    found = find(desk, Question("p1", "check", ask=ask))
    fitting = [one.offer for one in found.offers if one.fits]
    assert {offer.provider for offer in fitting} == {"baker"}
    assert {local(offer.start, f.ZONE).date() for offer in fitting} == {date(2027, 3, 11), date(2027, 3, 12)}
    assert all(local(offer.start, f.ZONE).hour >= 12 for offer in fitting)
    assert any(not one.fits for one in found.offers)


def test_when_nothing_fits_the_nearest_say_what_they_miss(desk: Store) -> None:
    found = find(desk, Question("p1", "check", ask=Ask(part="evening")))
    assert found.offers
    assert not found.suiting
    assert all(r.NOT_PART in codes(one) for one in found.offers)
    nobody = find(desk, Question("p1", "check", ask=Ask(language="es")))
    assert all(r.NOT_SPEAKS in codes(one) for one in nobody.offers)


def test_the_patients_own_visits_are_not_offered_and_a_moved_visit_keeps_its_type(desk: Store) -> None:
    soonest = find(desk, Question("p1", "check")).offers[0].offer
    made = book(desk, f.a_booking(start=soonest.start, provider_id=soonest.provider))
    again = find(desk, Question("p1", "check"))
    assert soonest.start not in {one.offer.start for one in again.offers}
    moving = find(desk, Question(instead=made["id"]))
    assert (moving.question.patient, moving.question.type_id, moving.minutes) == ("p1", "check", 30)
    assert find(desk, Question(instead="gone")).question.instead == ""


def test_a_provider_speaks_what_the_record_says(lite: Store) -> None:
    spoken = [{"coding": [{"system": "urn:ietf:bcp:47", "code": "es-MX"}]}]
    lite.update(lite.read("Practitioner", "baker") | {"communication": spoken})
    baker = calendar_setup(lite).provider("baker")
    assert baker is not None
    assert baker.languages == {"es"}
    found = find(lite, Question("p1", "check", ask=Ask(language="es")))
    assert {one.offer.provider for one in found.offers if one.fits} == {"baker"}
