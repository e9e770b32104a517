"""Two records of one person become one: on both databases."""

from __future__ import annotations

import pytest

from clinic.appointments.rules.booking import Booking
from clinic.appointments.service.booking import book
from clinic.appointments.service.changes import undo
from clinic.cash.service import take_payment
from clinic.communication.rules import Call
from clinic.communication.service import log_call
from clinic.core.errors import Conflict, Moved, Stale
from clinic.fhir.store import Store
from clinic.insurance.rules import Policy
from clinic.insurance.service import add_coverage, coverage_in_force
from clinic.insurance.service import today_of as insurance_day
from clinic.regions import region_of
from clinic.registration.mapping import details_of, record_number
from clinic.registration.queries.finder import find_patients
from clinic.registration.queries.merges import DONE, merges_of, unmoved
from clinic.registration.rules.query import read_query
from clinic.registration.service import amend_patient
from clinic.registration.service.merging import (
    BOTH,
    OTHER,
    SURVIVOR,
    choices_of,
)
from clinic.registration.service.parting import PartingOrder, unmerge_patients
from clinic.visits.service import arrive
from tests.appointments import factories as f
from tests.registration.merging import ITIN, book_at, both, desk, faults, merge, owner, tick, two

__all__ = ["desk", "two"]


def test_everything_of_the_other_record_is_the_survivors_afterwards(desk: Store, two: tuple[str, str]) -> None:
    keep, gone = two
    visit = book_at(desk, gone, 2)
    paid = take_payment(desk, gone, cents=2500, tender="cash")["id"]
    policy = add_coverage(desk, gone, Policy("Meridian", member_id="MRD1"))["id"]
    call = log_call(desk, Call(gone, reason="other", outcome="done"))["id"]
    picture = desk.create(
        {"resourceType": "Binary", "contentType": "text/plain", "data": "aGk=",
         "securityContext": {"reference": f"Patient/{gone}"}}
    )["id"]  # fmt: skip
    merge(desk, two)
    assert unmoved(desk, gone) == {}
    for key in (("Appointment", visit), ("PaymentNotice", paid), ("Coverage", policy), ("Communication", call)):
        assert owner(desk, *key) == keep
    assert desk.read("Binary", picture)["securityContext"] == {"reference": f"Patient/{keep}"}
    assert [one["id"] for one in coverage_in_force(desk, keep, insurance_day(desk))] == [policy]
    assert faults(desk) == []


def test_undo_of_a_visit_does_not_take_back_what_a_merge_did_to_it(desk: Store, two: tuple[str, str]) -> None:
    keep, gone = two
    visit = book_at(desk, gone, 2)
    merge(desk, two)
    version = int(desk.read("Appointment", visit)["meta"]["versionId"])
    with pytest.raises(Conflict, match="changed again"):
        undo(desk, visit, version=version)
    assert owner(desk, "Appointment", visit) == keep


def test_the_two_records_say_what_became_of_them(desk: Store, two: tuple[str, str]) -> None:
    merge(desk, two)
    survivor, other = (desk.read("Patient", id_) for id_ in two)
    assert other["active"] is False
    assert other["link"] == [{"other": {"reference": f"Patient/{two[0]}"}, "type": "replaced-by"}]
    assert survivor["link"] == [{"other": {"reference": f"Patient/{two[1]}"}, "type": "replaces"}]
    assert record_number(survivor) == "HS-00001"
    assert [one.state for one in merges_of(desk, two[0])] == [DONE]


@pytest.mark.parametrize("typed", ["HS-00002", "00002", "anne suarez", "annie", "ana suarez"])
def test_the_finder_finds_the_survivor_by_the_old_number_and_the_old_names(
    desk: Store, two: tuple[str, str], typed: str
) -> None:
    merge(desk, two, choices={"name:official": SURVIVOR, "name:usual": SURVIVOR})
    query = read_query(typed, today=desk.now.date(), order="mdy")
    assert [hit.person.id for hit in find_patients(desk, query)] == [two[0]]


def test_only_what_differs_is_asked_and_the_newer_or_fuller_value_is_proposed(
    desk: Store, two: tuple[str, str]
) -> None:
    survivor, other = (desk.read("Patient", id_) for id_ in two)
    proposed = {one.key: (one.proposed, one.both) for one in choices_of(desk, survivor, other)}
    assert proposed == {
        "name:official": (OTHER, False),
        "name:usual": (OTHER, True),
        "birthDate": (OTHER, False),
        "telecom:email:home": (OTHER, True),
        "telecom:phone:mobile": (OTHER, True),
        "address:home": (OTHER, True),
        "communication": (SURVIVOR, True),
        ITIN: (SURVIVOR, False),
    }
    tick(desk)
    amend_patient(desk, two[0], {"birth_date": "1980-02-03"})
    survivor = desk.read("Patient", two[0])
    assert {one.key: one.proposed for one in choices_of(desk, survivor, other)}["birthDate"] == SURVIVOR


def test_each_field_is_taken_from_the_chosen_record_or_from_both(desk: Store, two: tuple[str, str]) -> None:
    chosen = {"name:official": SURVIVOR, "birthDate": OTHER, "telecom:phone:mobile": BOTH, "name:usual": SURVIVOR}
    merge(desk, two, choices=chosen)
    patient = desk.read("Patient", two[0])
    details = details_of(patient, region_of("us"))
    assert (details.given, details.family, details.birth_date) == ("Ana", "Suarez Vidal", "1980-02-20")
    assert (details.preferred, details.email, details.language) == ("", "anne@example.org", "es")
    phones = [part["value"] for part in patient["telecom"] if part["system"] == "phone"]
    assert phones == ["+12025550143", "+12025550199"]
    assert [name["given"] for name in patient["name"] if name["use"] == "old"] == [["Anne"], ["Annie"]]


@pytest.mark.parametrize("whose", [0, 1])
def test_an_open_visit_of_either_refuses_with_the_reason(desk: Store, two: tuple[str, str], whose: int) -> None:
    arrive(desk, book_at(desk, two[whose], 1))
    with pytest.raises(Conflict, match="still at a visit"):
        merge(desk, two)


def test_two_coming_visits_at_one_time_refuse_with_the_reason(desk: Store, two: tuple[str, str]) -> None:
    start = f.at("2027-03-10 14:00")
    book(desk, Booking(two[0], "adams", "check", start))
    book(desk, Booking(two[1], "baker", "check", start))
    with pytest.raises(Conflict, match="at the same time"):
        merge(desk, two)


def test_one_record_is_not_merged_with_itself_nor_twice(desk: Store, two: tuple[str, str]) -> None:
    with pytest.raises(Conflict, match="one and the same"):
        merge(desk, (two[0], two[0]))
    merge(desk, two)
    for pair in (two, two[::-1]):
        with pytest.raises(Conflict, match="one and the same"):
            merge(desk, pair)


def test_nothing_new_is_kept_under_a_merged_record(desk: Store, two: tuple[str, str]) -> None:
    merge(desk, two)
    for act in (
        lambda: take_payment(desk, two[1], cents=100, tender="cash"),
        lambda: add_coverage(desk, two[1], Policy("Aetna", member_id="A1")),
        lambda: log_call(desk, Call(two[1], reason="other", outcome="done")),
        lambda: amend_patient(desk, two[1], {"mobile": "+12025550100"}),
    ):
        with pytest.raises(Moved):
            act()


def test_who_changed_a_record_meanwhile_is_not_overrun(desk: Store, two: tuple[str, str]) -> None:
    versions = {"survivor_version": 1, "other_version": 1}
    amend_patient(desk, two[1], {"mobile": "+12025550100"})
    with pytest.raises(Stale):
        merge(desk, two, **versions)


def test_a_restricted_record_stays_restricted(desk: Store, two: tuple[str, str]) -> None:
    label = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
    other = desk.read("Patient", two[1])
    desk.update({**other, "meta": {**other["meta"], "security": [label]}})
    before = both(desk, two)
    merged = merge(desk, two)
    assert desk.read("Patient", two[0])["meta"]["security"] == [label]
    unmerge_patients(desk, PartingOrder(merged))
    assert both(desk, two) == before


def test_evidence_of_one_version_stays_with_that_version(desk: Store, two: tuple[str, str]) -> None:
    said = desk.create(
        {"resourceType": "Provenance", "target": [{"reference": f"Patient/{two[1]}/_history/1"}],
         "recorded": "2027-03-09T15:00:00Z", "agent": [{"who": {"display": "Noor"}}]}
    )  # fmt: skip
    merge(desk, two)
    assert desk.read("Provenance", said["id"])["target"] == [{"reference": f"Patient/{two[1]}/_history/1"}]


def test_the_merge_and_its_end_are_said_in_fhir(desk: Store, two: tuple[str, str]) -> None:
    merged = merge(desk, two)
    said = desk.read("Provenance", merged)
    assert said["activity"]["coding"][0]["code"] == "merge"
    assert [one["reference"] for one in said["target"]] == [
        f"Patient/{two[0]}/_history/2",
        f"Patient/{two[1]}/_history/1",
    ]
    assert unmerge_patients(desk, PartingOrder(merged))["activity"]["coding"][0]["code"] == "unmerge"
