"""Fields that the practice adds itself: kept as FHIR, found, and checked for programs too."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from clinic.core.errors import Conflict, Invalid
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.upkeep import verify
from clinic.registration.mapping.own import OWN, definition_of, field_of, own_of, put_own
from clinic.registration.queries.finder import find_patients
from clinic.registration.queries.own import missing_at_check_in, own_fields_of
from clinic.registration.rules.own import (
    OwnField,
    OwnValue,
    key_of,
    read_number,
    read_options,
    shown_options,
    split_query,
)
from clinic.registration.rules.query import Query
from clinic.registration.service import amend_patient
from clinic.registration.service.own import delete_field, save_field, set_field_active
from tests.registration.factories import a_patient
from tests.registration.own_fields import CARD, EVERY, SHOE, VALUES


def patients_with(store: Store, **values: str) -> list[str]:
    query = Query(text="x", own=tuple(values.items()))
    return [hit.person.display for hit in find_patients(store, query)]


@pytest.mark.parametrize("one", EVERY, ids=lambda one: one.key)
def test_a_field_is_a_structure_definition_and_comes_back_whole(any_store: Store, one: OwnField) -> None:
    kept = save_field(any_store, one)
    again = field_of(any_store.read("StructureDefinition", kept["id"]))
    assert again == one
    assert again.labels == one.labels
    assert again.helps == one.helps
    assert [option.words for option in again.options] == [option.words for option in one.options]
    assert definition_of(again, kept) == {**kept, "id": kept["id"]}
    assert list(verify(any_store.conn, any_store.registry, lambda *_: None)) == []


def test_values_are_extensions_and_the_rest_of_a_record_stays() -> None:
    other = {"url": "urn:clinic:pronouns", "valueString": "she"}
    patient: Json = {"resourceType": "Patient", "extension": [other]}
    put_own(patient, VALUES)
    assert own_of(patient) == VALUES
    assert {"url": f"{OWN}shoe-size", "valueDecimal": Decimal("42.5")} in patient["extension"]
    put_own(patient, ())
    assert patient["extension"] == [other]
    foreign = [{"url": f"{OWN}x", "valueInteger": 7}, {"url": f"{OWN}y", "valueQuantity": {"value": 1}}]
    assert own_of({"extension": foreign}) == (OwnValue("x", "number", "7"),)


def test_values_are_found_by_field_and_alone_and_stay_true(any_store: Store) -> None:
    for one in EVERY:
        save_field(any_store, one)
    ana = a_patient(any_store, "Ana", "García", own=VALUES)
    a_patient(any_store, "Bea", "Ruiz", own=(OwnValue("shoe-size", "number", "42.5"),))
    assert sorted(patients_with(any_store, **{"shoe-size": "42.5"})) == ["Ana García", "Bea Ruiz"]
    assert patients_with(any_store, **{"shoe-size": "42.5", "diet": "kosher"}) == ["Ana García"]
    assert patients_with(any_store, diet="vegan") == []
    named = Query(text="bea", words=("bea",), own=(("shoe-size", "42.5"),))
    assert [hit.person.display for hit in find_patients(any_store, named)] == ["Bea Ruiz"]
    alone = Query(text="42.5", number="425", loose=("shoe-size",))
    assert sorted(hit.person.display for hit in find_patients(any_store, alone)) == ["Ana García", "Bea Ruiz"]
    assert any_store.search("Patient", [("own", f"{OWN}diet|halal")])[0]["id"] == ana["id"]
    assert any_store.search("Patient", [("own", f"{OWN}veteran|true")])[0]["id"] == ana["id"]
    assert any_store.search("Patient", [("own", f"{OWN}diet|vegan")]) == []
    amend_patient(any_store, ana["id"], {"own": ()})
    assert patients_with(any_store, **{"shoe-size": "42.5"}) == ["Bea Ruiz"]
    assert list(verify(any_store.conn, any_store.registry, lambda *_: None)) == []


def test_a_key_is_there_once_a_used_field_keeps_its_kind_and_is_not_deleted(any_store: Store) -> None:
    kept = save_field(any_store, SHOE)
    with pytest.raises(Conflict, match="key already"):
        save_field(any_store, SHOE)
    patient = a_patient(any_store, "Ana", "García", own=VALUES[:1])
    with pytest.raises(Conflict, match="cannot change"):
        save_field(any_store, OwnField("shoe-size", "text", {"en": "Shoe"}), kept["id"])
    with pytest.raises(Conflict, match="1 patients"):
        delete_field(any_store, kept["id"])
    set_field_active(any_store, kept["id"], active=False)
    assert own_fields_of(any_store, any_store.read("Patient", patient["id"]))[0][1] == VALUES[:1]
    set_field_active(any_store, kept["id"], active=True)
    amend_patient(any_store, patient["id"], {"own": ()})
    delete_field(any_store, kept["id"])
    save_field(any_store, SHOE)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (OwnField("x", "text", {}), "label_en"), (OwnField("9x", "text", {"en": "X"}), "key"),
        (OwnField("x y", "text", {"en": "X"}), "key"), (OwnField("x", "colour", {"en": "X"}), "type"),
        (OwnField("x", "choice", {"en": "X"}), "options"), (OwnField("x", sees="nobody", labels={"en": "X"}), "sees"),
        (OwnField("x", need="always", labels={"en": "X"}), "need"),
    ],
)  # fmt: skip
def test_a_field_that_cannot_be_is_refused_beside_its_part(store: Store, wrong: OwnField, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        save_field(store, wrong)
    assert [detail.field for detail in refused.value.details] == [field]


@pytest.mark.parametrize(
    ("sent", "fine"),
    [
        ([{"url": f"{OWN}shoe-size", "valueDecimal": Decimal(41)}], True),
        ([{"url": f"{OWN}shoe-size", "valueString": "big"}], False),
        ([{"url": f"{OWN}shoe-size", "valueDecimal": 41}, {"url": f"{OWN}shoe-size", "valueDecimal": 42}], False),
        ([{"url": f"{OWN}parking", "valueCoding": {"code": "yes"}}], True),
        ([{"url": f"{OWN}parking", "valueCoding": {"code": "maybe"}}], False),
        ([{"url": f"{OWN}diet", "valueCoding": {"code": "vegan"}}, {"url": f"{OWN}diet", "valueCoding": {"code": "halal"}}],
         True),
        ([{"url": f"{OWN}unheard-of", "valueString": "x"}], False),
        ([{"url": f"{OWN}school", "valueString": "x" * 300}], False),
        ([{"url": f"{OWN}school", "valueQuantity": {"value": 1}}], False),
        ([{"url": "urn:elsewhere:x", "valueString": "x"}], True),
    ],
)  # fmt: skip
def test_programs_write_values_by_the_rules_of_the_form(store: Store, sent: list[Json], fine: bool) -> None:
    for one in EVERY:
        save_field(store, one)
    writer = store.registry.writers["Patient"]
    patient = {"resourceType": "Patient", "extension": sent}
    if fine:
        kept = writer.create(store, patient)
        writer.update(store, {**kept, "gender": "female"}, None)
        return
    with pytest.raises(Invalid) as refused:
        writer.create(store, patient)
    assert refused.value.details[0].field == "Patient.extension"


def test_what_a_record_had_before_may_stay_when_a_program_changes_another_part(store: Store) -> None:
    kept = save_field(store, CARD)
    patient = store.registry.writers["Patient"].create(
        store, {"resourceType": "Patient", "extension": [{"url": f"{OWN}parking", "valueCoding": {"code": "no-car"}}]}
    )
    save_field(store, OwnField("parking", "choice", {"en": "P"}, options=read_options("yes\nnever")), kept["id"])
    store.registry.writers["Patient"].update(store, {**patient, "gender": "male"}, None)


def test_programs_define_fields_by_the_rules_of_the_screen(store: Store) -> None:
    writer = store.registry.writers["StructureDefinition"]
    made = writer.create(store, definition_of(SHOE))
    with pytest.raises(Conflict):
        writer.create(store, definition_of(SHOE))
    with pytest.raises(Invalid, match="keeps its address"):
        writer.update(store, {**definition_of(CARD), "id": made["id"]}, None)
    with pytest.raises(Invalid):
        writer.create(store, {**definition_of(CARD), "url": f"{OWN}Not A Key"})
    writer.delete(store, made["id"], None)


def test_what_is_needed_at_check_in_is_named_until_it_is_there(any_store: Store) -> None:
    for one in EVERY:
        save_field(any_store, one)
    ana, bea = a_patient(any_store, "Ana", "García", own=VALUES), a_patient(any_store, "Bea", "Ruiz")
    found = missing_at_check_in(any_store, [ana["id"], bea["id"]])
    assert {key: [one.key for one in some] for key, some in found.items()} == {bea["id"]: ["parking", "school"]}


@pytest.mark.parametrize(
    ("typed", "own", "rest"),
    [
        ("garcia shoe-size:42,50", (("shoe-size", "42.5"),), "garcia"),
        ("shoesize:42 ana", (("shoe-size", "42"),), "ana"),
        ('parkeerkaart:"no car" ana', (("parking", "no-car"),), "ana"),
        ("parking:Ja", (("parking", "yes"),), ""),
        ("10:30 garcia", (), "10:30 garcia"),
        ("nothing:x", (), "nothing:x"),
        (":", (), ":"),
    ],
)
def test_a_search_may_name_fields_in_any_language(typed: str, own: tuple[Any, ...], rest: str) -> None:
    assert split_query(typed, EVERY) == (own, rest)


def test_choices_are_lines_with_languages_between_bars() -> None:
    found = read_options("Yes, daily | Sí, a diario | Ja\n\nnever = Never\n")
    assert [(one.code, one.word("es"), one.word("ar")) for one in found] == [
        ("yes-daily", "Sí, a diario", "Yes, daily"), ("never", "Never", "Never"),
    ]  # fmt: skip
    assert read_options(shown_options(found)) == found
    with pytest.raises(Invalid, match="the same"):
        read_options("Yes\nYES")
    assert [one.code for one in read_options("نعم\nلا")] == ["choice-1", "choice-2"]


@pytest.mark.parametrize(("typed", "kept"), [("42", "42"), ("42,50", "42.5"), ("-7", "-7"), ("1 000", "1000")])
def test_numbers_are_kept_in_their_shortest_form(typed: str, kept: str) -> None:
    assert read_number(typed) == kept


@pytest.mark.parametrize("typed", ["abc", "1e9", "1.2.3", "٤٢", "9" * 30, "NaN", "."])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        read_number(typed)


def test_a_key_comes_from_the_name() -> None:
    assert key_of("Shoe size") == "shoe-size"
    assert key_of("¿Número de zapato?") == "numero-de-zapato"
    assert key_of("رقم") == ""
    assert len(key_of("x" * 99)) == 24
