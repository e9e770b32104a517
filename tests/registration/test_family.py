"""The people beside a patient: one human, several records; who pays; who lives together; who may decide."""

from __future__ import annotations

from typing import Any

import pytest

from clinic.core.errors import Conflict, Invalid, Moved, Stale
from clinic.core.json import Json
from clinic.db.together import read_together
from clinic.fhir.store import Store
from clinic.fhir.upkeep import refill, reindex, verify
from clinic.registration.mapping.family import bond_of, facts_of
from clinic.registration.queries.people import Beside, people_list, people_of
from clinic.registration.rules.details import Address, Relative
from clinic.registration.rules.family import Bond, Facts, inverse, told
from clinic.registration.service import amend_patient, load_details
from clinic.registration.service.family import (
    Joining,
    change_beside,
    deciders_of,
    end_beside,
    register_relative,
    relate_known,
    relate_patient,
    relate_person,
    resume_beside,
)
from clinic.registration.service.guarantors import payer_id_of
from clinic.registration.service.household import (
    housemates_of,
    live_apart,
    live_together,
    move_along,
    movers_of,
    undo_move,
)
from clinic.registration.service.merging import MergeOrder, merge_patients
from clinic.registration.service.people import patient_behind, tie
from tests.registration.factories import a_patient, someone

HERE = Address("12 Lantern Court", "", "Harbor", "NY", "10990")
THERE = Address("8 Mill Lane", "", "Harbor", "NY", "10991")
GRAN = Facts("Rosa", "Ochoa", mobile="+12025550199")


def beside(store: Store, patient: Json) -> list[Beside]:
    return people_of(read_together(store.conn, [people_list()], {"patient_id": patient["id"]})[0])


def a_mother(store: Store, **rest: Any) -> Json:
    return a_patient(store, "María", "García", "1980-08-14", mobile="+12025550142", address=HERE, **rest)


def a_child(store: Store, given: str = "Inés", born: str = "2015-01-01", **rest: Any) -> Json:
    return a_patient(store, given, "García", born, address=HERE, **rest)


def pays_for(store: Store, patient: Json) -> str:
    return load_details(store, patient["id"]).guarantor.phone


def test_a_relation_is_said_once_and_seen_from_both_sides(any_store: Store) -> None:
    mother, child = a_mother(any_store), a_child(any_store)
    relate_patient(any_store, child["id"], mother["id"], Bond("MTH", guardian=True, pays=True))
    (seen,) = beside(any_store, child)
    assert (seen.relation, seen.patient_id, seen.bond.guardian, seen.bond.pays, seen.mine) == (
        "MTH", mother["id"], True, True, True,
    )  # fmt: skip
    (back,) = beside(any_store, mother)
    assert (back.relation, back.name, back.mine, back.bond.pays) == ("DAU", "Inés García", False, True)


@pytest.mark.parametrize(
    ("code", "sex", "back"),
    [("MTH", "male", "SON"), ("FTH", "female", "DAU"), ("SPS", "female", "WIFE"), ("SIB", "male", "BRO"),
     ("GRPRN", "female", "GRNDDAU"), ("FRND", "male", "FRND"), ("GUARD", "female", "WARD"), ("PRN", "unknown", "CHILD"),
     ("DAU", "male", "FTH"), ("SON", "other", "PRN"), ("NBOR", "", "NBOR")],
)  # fmt: skip
def test_the_other_side_of_a_relation_goes_by_the_sex(code: str, sex: str, back: str) -> None:
    assert told(inverse(code), sex) == back


def test_one_who_pays_for_three_changes_the_telephone_once(any_store: Store) -> None:
    children = [a_child(any_store, name) for name in ("Inés", "Leo", "Noa")]
    first = relate_person(any_store, children[0]["id"], GRAN, Bond("GRPRN", pays=True))
    others = [relate_known(any_store, one["id"], first["id"], Bond("GRPRN", pays=True)) for one in children[1:]]
    change_beside(
        any_store,
        others[1]["id"],
        Bond("GRPRN", pays=True),
        Facts("Rosa", "Ochoa", mobile="+12025550100", address=THERE),
    )
    assert [pays_for(any_store, one) for one in children] == ["+12025550100"] * 3
    records = [any_store.read("RelatedPerson", one["id"]) for one in (first, *others)]
    assert [facts_of(one).address for one in records] == [THERE] * 3


def test_a_guarantor_retyped_in_the_form_changes_for_all_but_another_name_is_another_person(any_store: Store) -> None:
    one, two = a_child(any_store), a_child(any_store, "Leo")
    first = relate_person(any_store, one["id"], GRAN, Bond("GRPRN", pays=True))
    relate_known(any_store, two["id"], first["id"], Bond("GRPRN", pays=True))
    amend_patient(any_store, one["id"], {"guarantor": Relative("Rosa", "Ochoa Ruiz", "GRPRN", "+12025550101")})
    assert pays_for(any_store, two) == "+12025550101"
    assert load_details(any_store, two["id"]).guarantor.family == "Ochoa Ruiz"
    amend_patient(any_store, one["id"], {"guarantor": Relative("Pedro", "Ruiz", "FTH", "+12025550102")})
    assert pays_for(any_store, two) == "+12025550101"
    assert load_details(any_store, one["id"]).guarantor.given == "Pedro"


def test_a_patient_who_pays_is_changed_in_the_own_record_and_followed(any_store: Store) -> None:
    mother, child = a_mother(any_store), a_child(any_store)
    person = relate_patient(any_store, child["id"], mother["id"], Bond("MTH", pays=True, emergency=True))
    amend_patient(any_store, mother["id"], {"mobile": "+12025550111", "family": "García Ochoa"})
    followed = facts_of(any_store.read("RelatedPerson", person["id"]))
    assert (followed.mobile, followed.family) == ("+12025550111", "García Ochoa")
    assert pays_for(any_store, child) == "+12025550111"
    assert load_details(any_store, child["id"]).emergency == Relative("María", "García Ochoa", "MTH", "+12025550111")
    with pytest.raises(Conflict, match="record of their own"):
        change_beside(any_store, person["id"], Bond("MTH"), GRAN)
    amend_patient(any_store, child["id"], {"guarantor": Relative("María", "García Ochoa", "MTH", "+12025550112")})
    assert load_details(any_store, mother["id"]).mobile == "+12025550112"


def test_an_address_like_the_patients_is_a_link_and_follows(any_store: Store) -> None:
    child = a_child(any_store)
    person = relate_person(any_store, child["id"], GRAN, Bond("GRPRN", follows=True))
    assert facts_of(any_store.read("RelatedPerson", person["id"])).address == HERE
    amend_patient(any_store, child["id"], {"address": THERE})
    assert facts_of(any_store.read("RelatedPerson", person["id"])).address == THERE
    change_beside(any_store, person["id"], Bond("GRPRN"), Facts("Rosa", "Ochoa", address=HERE))
    amend_patient(any_store, child["id"], {"address": Address("1 Quay", "", "Harbor", "NY", "10990")})
    assert facts_of(any_store.read("RelatedPerson", person["id"])).address == HERE


def test_nobody_is_beside_themselves_nor_twice_and_a_name_is_needed(any_store: Store) -> None:
    mother, child = a_mother(any_store), a_child(any_store)
    with pytest.raises(Conflict, match="themselves"):
        relate_patient(any_store, child["id"], child["id"], Bond("MTH"))
    relate_patient(any_store, child["id"], mother["id"], Bond("MTH"))
    with pytest.raises(Conflict, match="already"):
        relate_patient(any_store, child["id"], mother["id"], Bond("GUARD"))
    with pytest.raises(Invalid, match="name"):
        relate_person(any_store, child["id"], Facts(), Bond("FRND"))
    with pytest.raises(Invalid, match="list"):
        relate_person(any_store, child["id"], GRAN, Bond("DRAGON"))
    with pytest.raises(Conflict, match="merge"):
        tie(any_store, f"Patient/{mother['id']}", f"Patient/{child['id']}")


def test_ending_a_relation_ends_paying_and_calling_and_comes_back_whole(any_store: Store) -> None:
    child = a_child(any_store)
    bond = Bond("GRPRN", pays=True, emergency=True)
    person = relate_person(any_store, child["id"], GRAN, bond)
    ended = end_beside(any_store, person["id"])
    assert ended["period"]["end"] == "2027-03-09"
    assert payer_id_of(any_store, child["id"]) == ""
    assert not load_details(any_store, child["id"]).emergency
    assert [one.active for one in beside(any_store, child)] == [False]
    back = resume_beside(any_store, person["id"], pays=True)
    assert "period" not in back
    assert payer_id_of(any_store, child["id"]) == f"RelatedPerson/{person['id']}"
    assert load_details(any_store, child["id"]).emergency.given == "Rosa"


def test_who_was_typed_as_an_emergency_contact_stays_when_somebody_of_that_name_is_added(any_store: Store) -> None:
    child = a_child(any_store, emergency=Relative("Rosa", "Ochoa", "GRPRN", "+12025550100"))
    relate_person(any_store, child["id"], GRAN, Bond("GRPRN"))
    assert load_details(any_store, child["id"]).emergency.phone == "+12025550100"


def test_two_who_change_one_person_at_once_lose_nothing(any_store: Store) -> None:
    child = a_child(any_store)
    person = relate_person(any_store, child["id"], GRAN, Bond("GRPRN"))
    change_beside(any_store, person["id"], Bond("GRPRN", attorney=True), None, version=1)
    with pytest.raises(Stale):
        change_beside(any_store, person["id"], Bond("FRND"), None, version=1)


@pytest.mark.parametrize(
    ("born", "bond", "why"),
    [
        ("2015-01-01", Bond("MTH", guardian=True), ["guardian"]),
        ("2015-01-01", Bond("MTH"), []),
        ("1990-01-01", Bond("MTH", guardian=True), ["self"]),
        ("1990-01-01", Bond("GUARD"), ["self", "guardian"]),
        ("1990-01-01", Bond("SON", attorney=True), ["self", "attorney"]),
        ("2009-03-10", Bond("FTH", guardian=True), ["guardian"]),
        ("2009-03-09", Bond("FTH", guardian=True), ["self"]),
    ],
)
def test_who_may_decide_goes_by_age_guardian_and_power_of_attorney(
    store: Store, born: str, bond: Bond, why: list[str]
) -> None:
    patient = a_child(store, born=born)
    relate_person(store, patient["id"], GRAN, bond)
    assert [one.why for one in deciders_of(store, patient["id"])] == why


def test_a_household_is_offered_the_move_one_by_one_and_it_can_be_taken_back(any_store: Store) -> None:
    mother = a_mother(any_store, home_phone="+12025550190")
    one, two = a_child(any_store, home_phone="+12025550190"), a_child(any_store, "Leo")
    elsewhere = a_patient(any_store, "Ana", "García", "2001-01-01", address=THERE)
    for other in (one, two, elsewhere):
        live_together(any_store, mother["id"], other["id"])
    since = int(any_store.read("Patient", mother["id"])["meta"]["versionId"])
    new = Address("1 Quay", "", "Harbor", "NY", "10990")
    amend_patient(any_store, mother["id"], {"address": new, "home_phone": "+12025550191"})
    offered = movers_of(any_store, mother["id"], since)
    assert [(mover.name.split()[0], mover.same) for mover in offered] == [
        ("Inés", True), ("Leo", True), ("Ana", False),
    ]  # fmt: skip
    move_along(any_store, mother["id"], since, [one["id"]])
    assert load_details(any_store, one["id"]).address == new
    assert load_details(any_store, one["id"]).home_phone == "+12025550191"
    assert load_details(any_store, two["id"]).address == HERE
    assert len(movers_of(any_store, mother["id"], since)) == 2
    with pytest.raises(Invalid):
        move_along(any_store, mother["id"], since, [a_child(any_store, "Stranger")["id"]])
    assert undo_move(any_store, mother["id"], since) == 1
    assert load_details(any_store, one["id"]).address == HERE
    assert load_details(any_store, one["id"]).home_phone == "+12025550190"
    assert undo_move(any_store, mother["id"], since) == 0


def test_who_moved_out_is_no_longer_asked_and_a_child_may_have_two_homes(any_store: Store) -> None:
    mother, child = a_mother(any_store), a_child(any_store)
    father, other = (a_patient(any_store, name, "Ruiz", "1979-01-01", address=THERE) for name in ("Andrés", "Eva"))
    live_together(any_store, mother["id"], child["id"])
    live_together(any_store, father["id"], other["id"])
    live_together(any_store, father["id"], child["id"])
    assert set(housemates_of(any_store, child["id"])) == {mother["id"], father["id"], other["id"]}
    assert {one.name for one in beside(any_store, child)} == {"María García", "Andrés Ruiz", "Eva Ruiz"}
    live_apart(any_store, mother["id"], child["id"])
    assert housemates_of(any_store, mother["id"]) == []
    assert set(housemates_of(any_store, child["id"])) == {father["id"], other["id"]}
    live_together(any_store, mother["id"], child["id"])
    assert housemates_of(any_store, mother["id"]) == [child["id"]]


def test_the_next_of_a_family_shares_home_and_payer_and_is_told_upward(any_store: Store) -> None:
    told_of: list[Json] = []
    any_store.setting.hooks.listen("family_member_registered", lambda _store, news: told_of.append(news))
    mother = a_mother(any_store)
    child = register_relative(
        any_store, mother["id"], someone("Leo", "García", "2018-05-05", sex="male"),
        Joining("PRN", pays=f"Patient/{mother['id']}"),
    )  # fmt: skip
    (seen,) = beside(any_store, child)
    assert (seen.relation, seen.bond.guardian, seen.bond.pays, seen.lives) == ("MTH", True, True, True)
    assert housemates_of(any_store, mother["id"]) == [child["id"]]
    assert told_of == [{"resourceType": "Patient", "id": child["id"], "family_of": mother["id"], "relation": "PRN"}]


def test_children_of_one_mother_or_father_are_brothers_and_sisters(any_store: Store) -> None:
    mother, ines, leo = a_mother(any_store), a_child(any_store), a_child(any_store, "Leo", sex="male")
    noa, cousin = a_child(any_store, "Noa", sex="other"), a_child(any_store, "Ana")
    bonds = [relate_patient(any_store, one["id"], mother["id"], Bond("MTH")) for one in (ines, leo)]
    relate_patient(any_store, cousin["id"], mother["id"], Bond("FAMMEMB"))
    father = relate_person(any_store, ines["id"], Facts("Andrés", "Ruiz"), Bond("FTH"))
    for child in (leo, noa):
        relate_known(any_store, child["id"], father["id"], Bond("FTH"))
    live_together(any_store, ines["id"], leo["id"])

    def siblings(one: Json) -> list[tuple[str, str, bool]]:
        return [
            (each.name.split()[0], each.relation, each.lives)
            for each in beside(any_store, one)
            if each.relation in ("BRO", "SIS", "SIB")
        ]

    assert siblings(ines) == [("Leo", "BRO", True), ("Noa", "SIB", False)]
    assert siblings(leo) == [("Inés", "SIS", True), ("Noa", "SIB", False)]
    assert siblings(cousin) == []
    end_beside(any_store, bonds[0]["id"])
    assert [name for name, *_ in siblings(leo)] == ["Inés", "Noa"]
    end_beside(any_store, father["id"])
    assert [name for name, *_ in siblings(leo)] == ["Noa"]
    assert [(one.name, one.relation) for one in beside(any_store, ines) if one.lives] == [("Leo García", "")]


def test_the_next_of_a_family_gets_the_guarantor_of_the_first(any_store: Store) -> None:
    one = a_child(any_store)
    gran = relate_person(any_store, one["id"], GRAN, Bond("GRPRN", pays=True))
    two = register_relative(
        any_store, one["id"], someone("Leo", "García", "2018-05-05"), Joining("SIB", pays=f"RelatedPerson/{gran['id']}")
    )
    change_beside(any_store, gran["id"], Bond("GRPRN", pays=True), Facts("Rosa", "Ochoa", mobile="+12025550166"))
    assert pays_for(any_store, two) == "+12025550166"
    assert {person.relation for person in beside(any_store, two)} == {"SIS", "GRPRN"}


def test_rows_are_what_a_rebuild_gives(any_store: Store) -> None:
    mother, child = a_mother(any_store), a_child(any_store)
    relate_patient(any_store, child["id"], mother["id"], Bond("MTH", pays=True), together=True)
    person = relate_person(any_store, child["id"], GRAN, Bond("GRPRN", emergency=True))
    end_beside(any_store, person["id"])
    before = beside(any_store, child)
    assert list(verify(any_store.conn, any_store.registry, lambda *_: None)) == []
    refill(any_store, {"beside_row", "person_link", "household_row"})
    assert beside(any_store, child) == before
    reindex(any_store.conn, any_store.registry, lambda *_: None)
    assert beside(any_store, child) == before


@pytest.fixture
def three(any_store: Store) -> tuple[Json, Json, Json]:
    """A mother, her child, and the record that says so."""
    mother, child = a_mother(any_store), a_child(any_store)
    return mother, child, relate_patient(any_store, child["id"], mother["id"], Bond("MTH", pays=True))


def test_programs_write_related_persons_by_the_same_rules(any_store: Store, three: tuple[Json, Json, Json]) -> None:
    mother, child, person = three
    writer = any_store.registry.writers["RelatedPerson"]
    with pytest.raises(Invalid, match="no record here"):
        writer.create(any_store, {"resourceType": "RelatedPerson", "patient": {"reference": "Patient/none"}})
    with pytest.raises(Conflict, match="follows it"):
        writer.update(any_store, {**person, "name": [{"family": "Other"}]}, None)
    with pytest.raises(Invalid, match="themselves"):
        writer.update(any_store, {**person, "patient": {"reference": f"Patient/{mother['id']}"}}, None)
    with pytest.raises(Conflict, match="pays"):
        writer.delete(any_store, person["id"], None)
    assert patient_behind(any_store, person["id"]) == mother["id"]
    other = a_child(any_store, "Leo")
    made = writer.create(
        any_store,
        {
            "resourceType": "RelatedPerson",
            "patient": {"reference": f"Patient/{other['id']}"},
            "name": [{"family": "Ochoa", "given": ["Rosa"]}],
            "telecom": [{"system": "phone", "value": "+12025550199", "use": "mobile"}],
        },
    )
    twin = relate_known(any_store, child["id"], made["id"], Bond("GRPRN"))
    moved = {**any_store.read("RelatedPerson", made["id"]), "telecom": [{"system": "phone", "value": "+12025550133"}]}
    writer.update(any_store, moved, None)
    assert facts_of(any_store.read("RelatedPerson", twin["id"])).home_phone == "+12025550133"
    writer.delete(any_store, made["id"], None)
    assert any_store.search("Person", [("link", f"RelatedPerson/{twin['id']}")]) == []


def test_programs_write_persons_and_accounts_by_the_same_rules(
    any_store: Store, three: tuple[Json, Json, Json]
) -> None:
    mother, child, person = three
    persons, accounts = any_store.registry.writers["Person"], any_store.registry.writers["Account"]

    def linking(*references: str) -> Json:
        return {"resourceType": "Person", "link": [{"target": {"reference": one}} for one in references]}

    with pytest.raises(Invalid, match="no record here"):
        persons.create(any_store, linking("Patient/none"))
    with pytest.raises(Conflict, match="already"):
        persons.create(any_store, linking(f"RelatedPerson/{person['id']}"))
    with pytest.raises(Conflict, match="merge"):
        persons.create(any_store, linking(f"Patient/{child['id']}", f"Patient/{a_child(any_store, 'Leo')['id']}"))
    gran = relate_person(any_store, child["id"], GRAN, Bond("GRPRN"))
    with pytest.raises(Invalid, match="themselves"):
        persons.create(any_store, linking(f"Patient/{child['id']}", f"RelatedPerson/{gran['id']}"))
    rosa = a_patient(any_store, "Rosa", "Ochoa", "1950-01-01", mobile="+12025550123")
    persons.create(any_store, linking(f"Patient/{rosa['id']}", f"RelatedPerson/{gran['id']}"))
    assert facts_of(any_store.read("RelatedPerson", gran["id"])).mobile == "+12025550123"
    account = {"resourceType": "Account", "status": "active", "subject": [{"reference": f"Patient/{mother['id']}"}]}
    with pytest.raises(Invalid, match="no record here"):
        accounts.create(any_store, {**account, "guarantor": [{"party": {"reference": "RelatedPerson/none"}}]})
    accounts.create(any_store, {**account, "guarantor": [{"party": {"reference": f"Patient/{rosa['id']}"}}]})
    assert load_details(any_store, mother["id"]).guarantor.given == "Rosa"


def test_codes_that_the_desk_does_not_know_stay(any_store: Store) -> None:
    child = a_child(any_store)
    strange = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0131", "code": "N"}]}
    person = relate_person(any_store, child["id"], GRAN, Bond("GRPRN"))
    any_store.update({**person, "relationship": [*person["relationship"], strange]})
    change_beside(any_store, person["id"], Bond("GRPRN", emergency=True), None)
    kept = any_store.read("RelatedPerson", person["id"])
    assert strange in kept["relationship"]
    assert bond_of(kept) == Bond("GRPRN", emergency=True)


def test_relations_homes_and_payers_go_with_a_merge_and_nothing_new_names_the_old_record(any_store: Store) -> None:
    mother, double, child = a_mother(any_store), a_mother(any_store), a_child(any_store)
    relate_patient(any_store, child["id"], double["id"], Bond("MTH", pays=True), together=True)
    merge_patients(any_store, MergeOrder(mother["id"], double["id"]))
    (seen,) = beside(any_store, child)
    assert (seen.patient_id, seen.relation, seen.bond.pays, seen.lives) == (mother["id"], "MTH", True, True)
    assert housemates_of(any_store, child["id"]) == [mother["id"]]
    amend_patient(any_store, mother["id"], {"mobile": "+12025550177"})
    assert pays_for(any_store, child) == "+12025550177"
    for refused in (
        lambda: relate_patient(any_store, child["id"], double["id"], Bond("MTH")),
        lambda: relate_person(any_store, double["id"], GRAN, Bond("FRND")),
        lambda: live_together(any_store, child["id"], double["id"]),
        lambda: register_relative(any_store, double["id"], someone("Leo", "García", "2018-05-05"), Joining("SIB")),
    ):
        with pytest.raises(Moved):
            refused()
