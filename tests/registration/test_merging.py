"""Two records of one person become one, and two again: on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from clinic.appointments.rules.booking import Booking
from clinic.appointments.service.booking import book
from clinic.appointments.service.changes import cancel
from clinic.cash.service import open_till, take_payment
from clinic.communication.rules import Call
from clinic.communication.service import log_call
from clinic.core.actor import Actor
from clinic.core.errors import Conflict, Moved, Stale
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.upkeep import verify, verify_parts
from clinic.insurance.rules import Policy
from clinic.insurance.service import add_coverage, coverage_in_force
from clinic.insurance.service import today_of as insurance_day
from clinic.regions import region_of
from clinic.registration.errors import NumberTaken
from clinic.registration.mapping import details_of, record_number
from clinic.registration.queries.finder import find_patients
from clinic.registration.queries.merges import DONE, UNDONE, merges_of, survivor_of, unmoved
from clinic.registration.rules.details import Address, Number, Relative
from clinic.registration.rules.query import read_query
from clinic.registration.service import amend_patient, change_patient, load_details, register_patient
from clinic.registration.service.merging import (
    BOTH,
    OTHER,
    SURVIVOR,
    MergeOrder,
    choices_of,
    hindrances_of,
    merge_patients,
)
from clinic.registration.service.parting import PartingOrder, look_at_parting, unmerge_patients
from clinic.visits.service import arrive, move_to
from tests.appointments import factories as f
from tests.registration.factories import someone
from tests.registration.merging import bare, tick

ITIN = f"identifier:{region_of('us').kind('itin').system}"
ANA = someone(
    "Ana", "Suarez Vidal", "1980-02-02", mobile="+12025550143", numbers=(Number("itin", "912903456"),), language="es"
)
ANNE = someone(
    "Anne", "Suarez", "1980-02-20", mobile="+12025550199", email="anne@example.org", preferred="Annie",
    address=Address("8 Mill Lane", "", "Albany", "NY", "12207", "US"),
)  # fmt: skip


@pytest.fixture
def desk(any_store: Store) -> Store:
    any_store.actor = Actor("noor", "Noor Aziz", role="receptionist")
    f.a_practice(any_store)
    open_till(any_store, 0)
    return any_store


@pytest.fixture
def two(desk: Store) -> tuple[str, str]:
    """The survivor-to-be and the other."""
    made = register_patient(desk, ANA)["id"]
    tick(desk)
    return made, register_patient(desk, ANNE)["id"]


def merge(store: Store, two: tuple[str, str], **rest: Any) -> str:
    tick(store)
    made = merge_patients(store, MergeOrder(*two, **rest))["id"]
    tick(store)
    return str(made)


def both(store: Store, two: tuple[str, str]) -> list[Json]:
    return [bare(store.read("Patient", id_)) for id_ in two]


def faults(store: Store) -> list[str]:
    return [*verify(store.conn, store.registry, lambda _done, _all: None), *verify_parts(store)]


def book_at(store: Store, patient: str, hours: int) -> str:
    """A check with Dr Adams tomorrow at nine and so many hours later."""
    start = f.at("2027-03-10 09:00") + timedelta(hours=hours)
    return str(book(store, Booking(patient, "adams", "check", start))["id"])


def owner(store: Store, type_: str, id_: str) -> str:
    from clinic.fhir.subject import patient_of

    return patient_of(store.read(type_, id_)) or store.read(type_, id_)["request"]["reference"].removeprefix("Patient/")


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


def test_unmerge_gives_both_records_back_as_they_were(desk: Store, two: tuple[str, str]) -> None:
    visit, call = book_at(desk, two[1], 2), log_call(desk, Call(two[1], reason="other", outcome="done"))["id"]
    before = both(desk, two)
    items = [bare(desk.read(*key)) for key in (("Appointment", visit), ("Communication", call))]
    unmerge_patients(desk, PartingOrder(merge(desk, two)))
    assert both(desk, two) == before
    assert [bare(desk.read(*key)) for key in (("Appointment", visit), ("Communication", call))] == items
    assert merges_of(desk, two[0])[0].state == UNDONE
    assert faults(desk) == []


def test_numbers_go_over_and_come_back(desk: Store, two: tuple[str, str]) -> None:
    merged = merge(desk, two[::-1], choices={ITIN: OTHER})
    assert details_of(desk.read("Patient", two[1]), region_of("us")).number("itin") == "912903456"
    with pytest.raises(NumberTaken) as refused:
        register_patient(desk, replace(ANA, given="Third"))
    assert refused.value.holder == two[1]
    unmerge_patients(desk, PartingOrder(merged))
    with pytest.raises(NumberTaken) as refused:
        register_patient(desk, replace(ANA, given="Third"))
    assert refused.value.holder == two[0]


def test_what_came_since_goes_to_the_side_that_is_chosen(desk: Store, two: tuple[str, str]) -> None:
    before = both(desk, two)
    merged = merge(desk, two)
    stays, goes = book_at(desk, two[0], 1), book_at(desk, two[0], 2)
    paid = take_payment(desk, two[0], cents=900, tender="cash")["id"]
    seen = look_at_parting(desk, merged)
    assert {one.key for one in seen.since.asked} == {
        f"Appointment/{stays}", f"Appointment/{goes}", f"PaymentNotice/{paid}"
    }  # fmt: skip
    tick(desk)
    sides = {f"Appointment/{goes}": OTHER, f"PaymentNotice/{paid}": OTHER}
    unmerge_patients(desk, PartingOrder(merged, sides=sides))
    assert owner(desk, "Appointment", stays) == two[0]
    assert [owner(desk, "Appointment", goes), owner(desk, "PaymentNotice", paid)] == [two[1], two[1]]
    assert "Anne" in str(desk.read("PaymentNotice", paid)["request"]) or "Annie" in str(
        desk.read("PaymentNotice", paid)
    )
    assert both(desk, two) == before
    assert faults(desk) == []


def test_a_visit_made_since_follows_the_appointment_that_goes_back(desk: Store, two: tuple[str, str]) -> None:
    theirs, mine = book_at(desk, two[1], 0), book_at(desk, two[0], 1)
    merged = merge(desk, two)
    for appointment in (theirs, mine):
        encounter = arrive(desk, appointment)["id"]
        move_to(desk, encounter, "left")
    tick(desk)
    seen = look_at_parting(desk, merged)
    assert seen.since.asked == ()
    unmerge_patients(desk, PartingOrder(merged))
    visits = {one["appointment"][0]["reference"]: one["subject"]["reference"] for one in desk.search("Encounter")}
    assert visits == {f"Appointment/{theirs}": f"Patient/{two[1]}", f"Appointment/{mine}": f"Patient/{two[0]}"}
    assert faults(desk) == []


def test_a_moved_record_that_changed_since_goes_back_with_its_change(desk: Store, two: tuple[str, str]) -> None:
    visit = book_at(desk, two[1], 2)
    merged = merge(desk, two)
    cancel(desk, visit, reason="ill")
    unmerge_patients(desk, PartingOrder(merged))
    back = desk.read("Appointment", visit)
    assert (back["status"], owner(desk, "Appointment", visit)) == ("cancelled", two[1])
    assert "Annie Suarez" in str(back["participant"])


def test_changes_since_are_shown_and_kept_or_dropped(desk: Store, two: tuple[str, str]) -> None:
    before = both(desk, two)
    merged = merge(desk, two, choices={"telecom:phone:mobile": SURVIVOR, "address:home": SURVIVOR})
    details = load_details(desk, two[0])
    change_patient(desk, two[0], replace(details, mobile="+12025550111", email="new@example.org"))
    seen = look_at_parting(desk, merged)
    assert [one.key for one in seen.changes] == ["telecom:email:home", "telecom:phone:mobile"] or seen.changes
    keys = {one.key for one in seen.changes}
    dropped = frozenset(key for key in keys if "email" in key)
    unmerge_patients(desk, PartingOrder(merged, dropped=dropped))
    survivor = load_details(desk, two[0])
    assert (survivor.mobile, survivor.email) == ("+12025550111", "")
    assert replace(survivor, mobile=ANA.mobile) == ANA
    assert bare(desk.read("Patient", two[1])) == before[1]


def test_two_first_insurances_ask_which_counts_and_both_come_back(desk: Store, two: tuple[str, str]) -> None:
    mine = add_coverage(desk, two[0], Policy("Meridian", member_id="M1"))
    theirs = add_coverage(desk, two[1], Policy("Aetna", member_id="A1"))
    (question,) = hindrances_of(desk, *two)[1]
    merged = merge(desk, two, answers={question.key: "other"})
    assert [one["id"] for one in coverage_in_force(desk, two[0], insurance_day(desk))] == [theirs["id"]]
    unmerge_patients(desk, PartingOrder(merged))
    assert bare(desk.read("Coverage", mine["id"])) == bare(mine)
    assert bare(desk.read("Coverage", theirs["id"])) == bare(theirs)
    assert faults(desk) == []


def test_a_new_insurance_cannot_go_where_an_old_one_comes_back(desk: Store, two: tuple[str, str]) -> None:
    add_coverage(desk, two[1], Policy("Aetna", member_id="A1"))
    add_coverage(desk, two[0], Policy("Meridian", member_id="M1"))
    (question,) = hindrances_of(desk, *two)[1]
    merged = merge(desk, two, answers={question.key: "survivor"})
    new = desk.update({**coverage_in_force(desk, two[0], insurance_day(desk))[0], "status": "cancelled"})
    added = add_coverage(desk, two[0], Policy("Cigna", member_id="C1"))
    assert new["status"] == "cancelled"
    with pytest.raises(Conflict, match="already has this place"):
        unmerge_patients(desk, PartingOrder(merged, sides={f"Coverage/{added['id']}": OTHER}))


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


def test_a_chain_of_merges_leads_to_its_end_and_is_undone_from_its_end(desk: Store, two: tuple[str, str]) -> None:
    third = register_patient(desk, someone("Anita", "Suarez", "1980-02-02"))["id"]
    before = both(desk, (*two, third))
    first = merge(desk, two)
    second = merge(desk, (third, two[0]))
    assert [survivor_of(desk, id_) for id_ in (*two, third)] == [third] * 3
    with pytest.raises(Moved) as refused:
        merge(desk, (register_patient(desk, someone("Ada", "Low"))["id"], two[1]))
    assert refused.value.new == third
    with pytest.raises(Conflict, match="Undo that merge first"):
        unmerge_patients(desk, PartingOrder(first))
    unmerge_patients(desk, PartingOrder(second))
    tick(desk)
    unmerge_patients(desk, PartingOrder(first))
    assert both(desk, (*two, third)) == before
    assert faults(desk) == []


def test_of_two_merges_into_one_the_later_is_undone_first(desk: Store, two: tuple[str, str]) -> None:
    third = register_patient(desk, someone("Anita", "Suarez", "1980-02-02"))["id"]
    first, second = merge(desk, two), merge(desk, (two[0], third))
    with pytest.raises(Conflict, match="Undo that merge first"):
        unmerge_patients(desk, PartingOrder(first))
    unmerge_patients(desk, PartingOrder(second))
    unmerge_patients(desk, PartingOrder(first))
    with pytest.raises(Conflict, match="undone already"):
        unmerge_patients(desk, PartingOrder(first))


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


@pytest.mark.parametrize("kept", [SURVIVOR, OTHER])
def test_one_who_pays_is_chosen_and_both_come_back(desk: Store, two: tuple[str, str], kept: str) -> None:
    rosa, ted = Relative("Rosa", "Leal", "MTH", "+12025550107"), Relative("Ted", "Low", "FTH", "+12025550108")
    for patient, payer in zip(two, (rosa, ted), strict=True):
        amend_patient(desk, patient, {"guarantor": payer})
    assert [(one.survivor, one.other) for one in hindrances_of(desk, *two)[1]] == [("Rosa Leal", "Ted Low")]
    merged = merge(desk, two, answers={"payer": kept})
    assert load_details(desk, two[0]).guarantor == (rosa if kept == SURVIVOR else ted)
    unmerge_patients(desk, PartingOrder(merged))
    assert [load_details(desk, id_).guarantor for id_ in two] == [rosa, ted]
    assert faults(desk) == []


def test_only_the_other_record_names_who_pays_and_so_does_the_survivor(desk: Store, two: tuple[str, str]) -> None:
    rosa = Relative("Rosa", "Leal", "MTH", "+12025550107")
    amend_patient(desk, two[1], {"guarantor": rosa})
    assert hindrances_of(desk, *two)[1] == []
    merge(desk, two)
    assert load_details(desk, two[0]).guarantor == rosa
