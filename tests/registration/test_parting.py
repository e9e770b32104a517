"""Two records that were one are two again, as they were, with what came since: on both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clinic.appointments.service.changes import cancel
from clinic.cash.service import take_payment
from clinic.communication.rules import Call
from clinic.communication.service import log_call
from clinic.core.errors import Conflict, Moved
from clinic.fhir.store import Store
from clinic.insurance.rules import Policy
from clinic.insurance.service import add_coverage, coverage_in_force
from clinic.insurance.service import today_of as insurance_day
from clinic.regions import region_of
from clinic.registration.errors import NumberTaken
from clinic.registration.mapping import details_of
from clinic.registration.queries.merges import UNDONE, merges_of, survivor_of
from clinic.registration.rules.details import Relative
from clinic.registration.service import amend_patient, change_patient, load_details, register_patient
from clinic.registration.service.merging import (
    OTHER,
    SURVIVOR,
    hindrances_of,
)
from clinic.registration.service.parting import PartingOrder, look_at_parting, unmerge_patients
from clinic.visits.service import arrive, move_to
from tests.registration.factories import someone
from tests.registration.merging import ANA, ITIN, bare, book_at, both, desk, faults, merge, owner, tick, two

__all__ = ["desk", "two"]


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
