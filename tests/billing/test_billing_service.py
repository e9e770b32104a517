"""A sheet as people work on it, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from clinic.billing import queries, service
from clinic.billing.errors import AlreadyReady, NotReady
from clinic.billing.mapping import Fee, sheet_in
from clinic.billing.printing import encounter_form
from clinic.billing.rules import ChargeLine, Diagnosis, Sheet
from clinic.codes import HCPCS, OWN_PROCEDURES, URI
from clinic.core.errors import Conflict, Invalid, Missing, Stale
from clinic.core.json import Json
from clinic.fhir.store import Store
from tests.billing import factories as f

DAY = datetime(2027, 3, 9, 5, tzinfo=UTC)


@pytest.fixture
def visit(any_store: Store) -> Json:
    """A finished visit of a patient with a coverage and a provider with a number."""
    f.few_codes(any_store)
    f.price_list(any_store)
    patient = f.a_person(any_store)
    f.a_coverage(any_store, patient)
    return f.a_visit(any_store, patient, provider=f.a_provider(any_store))


def test_a_saved_sheet_is_a_draft_claim_and_comes_back_equal(any_store: Store, visit: Json) -> None:
    claim = service.save_sheet(any_store, visit["id"], f.a_sheet(), version=0)
    assert claim["resourceType"] == "Claim"
    assert (claim["status"], claim["use"]) == ("draft", "claim")
    assert claim["diagnosis"][0]["diagnosisCodeableConcept"]["coding"][0]["code"] == "E11.65"
    assert claim["item"][0]["diagnosisSequence"] == [1, 2]
    assert str(claim["total"]["value"]) == "113.00"
    assert claim["insurance"][0]["coverage"]["reference"].startswith("Coverage/")
    opened = service.open_sheet(any_store, visit["id"])
    assert opened.sheet.total == 11300
    assert opened.sheet.diagnoses[1] == Diagnosis("I10", "Essential (primary) hypertension")
    assert opened.sheet.lines[1].modifiers == ("QW",)
    assert opened.stops == 0


def test_the_patient_without_coverage_pays_and_the_claim_says_so(any_store: Store) -> None:
    f.few_codes(any_store)
    patient = f.a_person(any_store)
    f.a_coverage(any_store, patient, end="2027-02-28")
    visit = f.a_visit(any_store, patient)
    claim = service.save_sheet(any_store, visit["id"], f.a_sheet(), version=None)
    assert claim["insurance"] == [{"sequence": 1, "focal": True, "coverage": {"display": "Self-pay"}}]
    assert "COVERAGE_NONE" in {each.rule for each in service.open_sheet(any_store, visit["id"]).findings}


def test_codes_are_spelled_as_in_the_lists_and_get_their_texts(any_store: Store, visit: Json) -> None:
    typed = Sheet((Diagnosis("e1165"),), (ChargeLine("v-est-15", OWN_PROCEDURES, pointers=(1,), fee=10500),))
    sheet = sheet_in(service.save_sheet(any_store, visit["id"], typed, version=0))
    assert sheet.diagnoses[0].code == "E11.65"
    assert (sheet.lines[0].code, sheet.lines[0].system) == ("V-EST-15", OWN_PROCEDURES)
    assert sheet.lines[0].display == "Visit, known patient, 15 minutes"


def test_a_stale_sheet_is_refused_and_nothing_is_lost(any_store: Store, visit: Json) -> None:
    service.save_sheet(any_store, visit["id"], f.a_sheet(), version=0)
    with pytest.raises(Stale):
        service.save_sheet(any_store, visit["id"], Sheet(), version=0)
    assert len(service.open_sheet(any_store, visit["id"]).sheet.lines) == 2


def test_undo_takes_the_last_change_back_and_done_twice_it_is_there_again(any_store: Store, visit: Json) -> None:
    first = f.a_sheet()
    service.save_sheet(any_store, visit["id"], first, version=0)
    service.save_sheet(any_store, visit["id"], replace(first, lines=first.lines[:1]), version=1)
    service.undo(any_store, visit["id"], version=2)
    assert len(service.open_sheet(any_store, visit["id"]).sheet.lines) == 2
    service.undo(any_store, visit["id"], version=3)
    assert len(service.open_sheet(any_store, visit["id"]).sheet.lines) == 1


def test_undo_of_the_first_save_leaves_an_empty_sheet(any_store: Store, visit: Json) -> None:
    service.save_sheet(any_store, visit["id"], f.a_sheet(), version=0)
    service.undo(any_store, visit["id"], version=1)
    assert service.open_sheet(any_store, visit["id"]).sheet == Sheet()


def test_a_sheet_with_something_to_mend_cannot_be_made_ready(any_store: Store, visit: Json) -> None:
    unlinked = Sheet((Diagnosis("I10"),), (ChargeLine("LB-03", OWN_PROCEDURES, fee=1100),))
    service.save_sheet(any_store, visit["id"], unlinked, version=0)
    with pytest.raises(NotReady):
        service.make_ready(any_store, visit["id"], version=1)


def test_a_ready_sheet_is_closed_until_it_is_opened_again(any_store: Store, visit: Json) -> None:
    service.save_sheet(any_store, visit["id"], f.a_sheet(), version=0)
    assert service.make_ready(any_store, visit["id"], version=1)["status"] == "active"
    with pytest.raises(AlreadyReady):
        service.save_sheet(any_store, visit["id"], Sheet(), version=2)
    service.open_again(any_store, visit["id"], version=2)
    assert service.save_sheet(any_store, visit["id"], Sheet(), version=3)["status"] == "draft"


def test_what_others_wrote_into_the_claim_stays(any_store: Store, visit: Json) -> None:
    claim = service.save_sheet(any_store, visit["id"], f.a_sheet(), version=0)
    note = {"url": "urn:other:note", "valueString": "kept"}
    any_store.update({**claim, "extension": [*claim["extension"], note]})
    saved = service.save_sheet(any_store, visit["id"], Sheet(), version=2)
    assert note in saved["extension"]
    assert "item" not in saved


def test_a_visit_that_is_not_there_is_missing(any_store: Store) -> None:
    with pytest.raises(Missing):
        service.open_sheet(any_store, "nothing")
    with pytest.raises(Missing):
        service.undo(any_store, "nothing", version=None)


def test_the_last_visit_is_copied_with_units_fees_and_links(any_store: Store, visit: Json) -> None:
    sheet = f.a_sheet()
    twice = replace(sheet, lines=(replace(sheet.lines[0], units=Decimal(2)), sheet.lines[1]))
    service.save_sheet(any_store, visit["id"], twice, version=0)
    patient = any_store.read("Patient", visit["subject"]["reference"].split("/")[1])
    later = f.a_visit(any_store, patient, start="2027-03-09T15:00:00Z")
    opened = service.open_sheet(any_store, later["id"])
    copied = service.copy_previous(opened.previous, Sheet((Diagnosis("I10"),)))
    assert [each.code for each in copied.diagnoses] == ["I10", "E11.65"]
    assert copied.lines[0].pointers == (1, 2)
    assert copied.lines[0].units == 2
    assert copied.lines[0].day is None
    assert copied.lines[1].pointers == (2,)
    assert service.copy_previous(opened.previous, copied) == copied


def test_the_worklist_counts_each_state_and_finds_by_name(any_store: Store, visit: Json) -> None:
    other = f.a_visit(any_store, f.a_person(any_store, family="Peña"))
    f.a_visit(any_store, f.a_person(any_store), status="arrived")
    service.save_sheet(any_store, visit["id"], f.a_sheet(), version=0)
    now = any_store.now

    def listed(state: queries.State, text: str = "") -> list[str]:
        found = queries.worklist(any_store.conn, queries.WorkFilter(state, text), before=DAY, now=now)
        return [row.encounter_id for row in found.rows]

    assert listed("code") == [other["id"]]
    assert listed("fix") == [visit["id"]]
    assert listed("ready") == []
    assert listed("all", "pena kw") == [other["id"]]
    assert listed("all", "100%_") == []
    assert queries.waiting(any_store.conn, DAY) == 2
    service.make_ready(any_store, visit["id"], version=1)
    assert queries.waiting(any_store.conn, DAY) == 1


def test_a_visit_of_yesterday_that_was_never_checked_out_is_on_the_worklist(any_store: Store) -> None:
    f.a_visit(any_store, f.a_person(any_store), status="in-progress", start="2027-03-08T15:00:00Z")
    f.a_visit(any_store, f.a_person(any_store), status="in-progress", start="2027-03-09T15:00:00Z")
    found = queries.worklist(any_store.conn, queries.WorkFilter(), before=DAY, now=any_store.now)
    assert found.total == 1


def test_fees_are_added_changed_and_retired(any_store: Store) -> None:
    f.few_codes(any_store)
    made = service.save_fee(any_store, Fee("v-new-30", " New  patient, 30 minutes ", 14000, section="Visit"))
    assert [fee.code for fee in service.fees(any_store)] == ["V-NEW-30"]
    with pytest.raises(Invalid, match="already"):
        service.save_fee(any_store, Fee("V-NEW-30", "Twice", 1))
    service.save_fee(any_store, Fee("V-NEW-30", "New patient", 15000, id=made["id"]), version=1)
    assert service.fees(any_store)[0].cents == 15000
    service.retire_fee(any_store, made["id"])
    assert service.fees(any_store) == []


def test_a_fee_for_an_hcpcs_code_is_kept_under_hcpcs(any_store: Store) -> None:
    f.few_codes(any_store)
    service.save_fee(any_store, Fee("j3420", "Vitamin B12", 800))
    assert service.fees(any_store)[0].system == URI[HCPCS]


@pytest.mark.parametrize(
    ("fee", "field"),
    [
        (Fee("", "x", 1), "code"),
        (Fee("a b", "x", 1), "code"),
        (Fee("A" * 25, "x", 1), "code"),
        (Fee("<b>", "x", 1), "code"),
        (Fee("A1", "", 1), "display"),
        (Fee("A1", "x" * 201, 1), "display"),
        (Fee("A1", "x", -1), "fee"),
        (Fee("A1", "x", 10**12), "fee"),
    ],
)
def test_a_fee_that_cannot_be_is_refused_beside_its_field(any_store: Store, fee: Fee, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        service.save_fee(any_store, fee)
    assert refused.value.field == field


def test_a_fee_file_is_taken_row_by_row_and_twice_is_once(any_store: Store) -> None:
    f.few_codes(any_store)
    text = "\ufeffCode;Description;Fee;Section\nV-1;Short visit;70,00;Visit\nV-2;Long visit;$1,150.00;Visit\n;No code;3\nV-3;Bad fee;ten\n"
    lines = service.read_fee_lines(text)
    assert [(line.number, bool(line.fault)) for line in lines] == [(2, False), (3, False), (4, True), (5, True)]
    assert service.import_fees(any_store, lines) == (2, 0)
    assert service.import_fees(any_store, lines) == (0, 0)
    dearer = service.read_fee_lines(text.replace("70,00", "75,00"))
    assert service.import_fees(any_store, dearer) == (0, 1)
    assert {fee.code: fee.cents for fee in service.fees(any_store)} == {"V-1": 7500, "V-2": 115000}


@pytest.mark.parametrize("text", ["", "a,b\n1,2", 'code,description,fee\n"V-1,x', "code\x00,description,fee"])
def test_a_file_that_is_no_fee_list_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        service.read_fee_lines(text)


def test_own_codes_are_offered_before_hcpcs(any_store: Store, visit: Json) -> None:
    assert visit
    found = service.offers(any_store, "line", "visit", DAY.date()).found
    assert [each.code for each in found] == ["V-EST-15", "G0438"]
    assert found[0].cents == 10500
    assert [each.code for each in service.offers(any_store, "line", "v-est", DAY.date()).found] == ["V-EST-15"]


def test_a_heading_comes_with_guidance(any_store: Store, visit: Json) -> None:
    assert visit
    found = service.offers(any_store, "dx", "M25.56", DAY.date())
    assert found.guidance is not None
    assert found.guidance.missing == "side"


def test_the_interface_cannot_make_a_second_sheet_for_a_visit(any_store: Store, visit: Json) -> None:
    claim = service.save_sheet(any_store, visit["id"], f.a_sheet(), version=0)
    copy = {key: value for key, value in claim.items() if key not in ("id", "meta")}
    assert service.CLAIMS.create is not None
    with pytest.raises(Conflict):
        service.CLAIMS.create(any_store, copy)
    assert service.FEES.create is not None
    fee = any_store.search("ChargeItemDefinition", [("code", "V-EST-15")])[0]
    with pytest.raises(Conflict):
        service.FEES.create(any_store, {key: value for key, value in fee.items() if key not in ("id", "meta")})


@pytest.mark.parametrize("units", ["1e30", "-1e30", "123456789012345678901234567890"])
def test_a_claim_of_the_interface_with_impossible_numbers_is_kept_and_harms_no_list(
    any_store: Store, visit: Json, units: str
) -> None:
    claim = service.save_sheet(any_store, visit["id"], f.a_sheet(), version=0)
    claim["item"][0]["quantity"] = {"value": Decimal(units)}
    claim["item"][1]["unitPrice"] = {"value": Decimal(units), "currency": "USD"}
    any_store.update(claim)
    assert service.open_sheet(any_store, visit["id"]).sheet.total >= 0


def test_the_tick_sheet_ticks_what_is_coded_only_for_those_who_may_see_it(any_store: Store, visit: Json) -> None:
    service.save_sheet(any_store, visit["id"], f.a_sheet(), version=0)
    full = encounter_form(any_store, visit["id"])
    ticked = {
        line.code: line.letters for section in (*full.diagnoses, *full.charges) for line in section.lines if line.ticked
    }
    assert ticked == {"E11.65": "A", "I10": "B", "V-EST-15": "AB", "J3420": "A"}
    assert (full.coverage, full.day.isoformat()) == ("Meridian PPO", "2027-03-09")
    blank = encounter_form(any_store, visit["id"], coded=False)
    assert not any(
        line.ticked or line.letters for section in (*blank.diagnoses, *blank.charges) for line in section.lines
    )
    assert [section.title for section in blank.charges] == ["In the room", "Injections", "Visit"]
