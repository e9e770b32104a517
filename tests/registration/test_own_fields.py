"""Fields that the practice adds itself: kept as FHIR, asked in the form, found, shown, and checked for programs too."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.access.permissions import permissions_of
from clinic.core.actor import Actor
from clinic.core.errors import Conflict, Invalid
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.upkeep import verify
from clinic.registration.mapping.own import OWN, definition_of, field_of, own_of, put_own
from clinic.registration.own_form import forget_own_fields
from clinic.registration.printing import person_sections
from clinic.registration.queries.finder import find_patients
from clinic.registration.queries.own import missing_at_check_in, own_fields_of
from clinic.registration.rules.own import (
    Option,
    OwnField,
    OwnValue,
    key_of,
    read_number,
    read_options,
    shown_options,
    split_query,
)
from clinic.registration.rules.query import Query
from clinic.registration.service import amend_patient, load_details
from clinic.registration.service.own import delete_field, save_field, set_field_active
from clinic.web.state import state_of
from tests.registration.factories import a_patient
from tests.registration.test_routes import ENTRY, text, token, write

SHOE = OwnField("shoe-size", "number", {"en": "Shoe size", "es": "Número de zapato"}, searched=True)
CARD = OwnField(
    "parking", "choice", {"en": "Parking permit", "nl": "Parkeerkaart"}, {"en": "As on the windscreen"},
    (Option("yes", {"en": "Yes", "nl": "Ja"}), Option("no-car", {"en": "No car"})), need="checkin", section="address",
)  # fmt: skip
DIET = OwnField("diet", "choices", {"en": "Diet"}, options=read_options("halal\nvegan\nkosher"))
EVERY = (
    SHOE, CARD, DIET,
    OwnField("school", "text", {"en": "School"}, need="register", section="language"),
    OwnField("visa-until", "date", {"en": "Visa until"}),
    OwnField("veteran", "yesno", {"en": "Veteran"}, sees="leaders"),
)  # fmt: skip
VALUES = (
    OwnValue("shoe-size", "number", "42.5"), OwnValue("parking", "choice", "yes", "Yes"),
    OwnValue("diet", "choice", "halal"), OwnValue("diet", "choice", "kosher"), OwnValue("school", "text", "St Mary's"),
    OwnValue("visa-until", "date", "2028-01-31"), OwnValue("veteran", "yesno", "yes"),
)  # fmt: skip


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


@pytest.fixture
def desk(client_of: Callable[[str], FlaskClient]) -> FlaskClient:
    return client_of("receptionist")


@pytest.fixture
def fields(app: Flask) -> None:
    for one in EVERY:
        write(app, lambda store, one=one: save_field(store, one))
    forget_own_fields(state_of(app))


FILLED = {"own_shoe-size": "42,5", "own_parking": "yes", "own_school": "St Mary's", "own_visa-until": "31 Jan 2028"}


@pytest.mark.usefixtures("fields")
def test_own_fields_are_asked_kept_shown_found_and_in_the_history(app: Flask, desk: FlaskClient) -> None:
    panel = text(desk.get("/registration/?q=zz&new=1"))
    assert 'name="own_school"' in panel
    assert 'name="own_diet"' not in panel
    refused = desk.post("/registration/new", data={**ENTRY, "csrf_token": token(desk)})
    assert refused.status_code == 422
    assert "School is needed" in text(refused)
    sent = {**ENTRY, **FILLED, "own_diet": ["halal", "kosher"], "csrf_token": token(desk)}
    answer = desk.post("/registration/new", data=sent)
    assert answer.status_code == 303, text(answer)
    page = text(desk.get(answer.headers["Location"]))
    for shown in ("Shoe size", "42.5", "Parking permit", "St Mary&#39;s", "halal, kosher", "31 Jan 2028"):
        assert shown in page, shown
    found = text(desk.get("/registration/?q=shoe-size:42.5", headers={"HX-Request": "true"}))
    assert "Beatriz" in found
    assert "Shoe size: 42.5" in found
    assert "Beatriz" in text(desk.get("/registration/?q=garcia+diet:kosher", headers={"HX-Request": "true"}))
    assert "Beatriz" not in text(desk.get("/registration/?q=garcia+diet:vegan", headers={"HX-Request": "true"}))
    assert "Beatriz" in text(desk.get("/registration/?q=42.5", headers={"HX-Request": "true"}))
    edit = f"{answer.headers['Location']}/edit"
    form = text(desk.get(edit))
    assert 'value="halal" checked' in re.sub(r"checked value", "value", form) or "halal" in form
    assert "As on the windscreen" in form
    version = re.search(r'name="version"[^>]*value="(\d+)"', form)
    assert version
    entry = {**ENTRY, "birth_date": "2 Feb 1980", "mobile": "(202) 555-0177", "version": version[1], "own_shoe-size": "43",
             "own_parking": "no-car", "own_school": "", "own_diet": "vegan", "csrf_token": token(desk)}  # fmt: skip
    assert desk.post(edit, data=entry).status_code == 303
    patient = answer.headers["Location"].rsplit("/", 1)[1]
    kept = {one.key: one.value for one in write(app, lambda store: load_details(store, patient)).own}
    assert kept["shoe-size"] == "43"
    assert kept["parking"] == "no-car"
    assert kept["diet"] == "vegan"
    assert "school" not in kept
    history = text(desk.get(f"{answer.headers['Location']}/history"))
    assert "Shoe size" in history
    assert "42.5" in history


@pytest.mark.usefixtures("fields")
@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"own_shoe-size": "big"}, "This is no number"), ({"own_parking": "maybe"}, "Choose one from the list"),
     ({"own_visa-until": "soon"}, "This is no date"), ({"own_school": "x" * 300}, "longer than"),
     ({"own_diet": ["halal", "stones"]}, "Choose one from the list")],
)  # fmt: skip
def test_bad_values_are_said_beside_their_field(desk: FlaskClient, wrong: dict[str, Any], said: str) -> None:
    answer = desk.post("/registration/new", data={**ENTRY, **FILLED, **wrong, "csrf_token": token(desk)})
    assert answer.status_code == 422
    assert said in text(answer)


@pytest.mark.usefixtures("fields")
def test_a_field_for_managers_is_seen_and_kept_by_nobody_else(
    app: Flask, client_of: Callable[[str], FlaskClient], desk: FlaskClient
) -> None:
    patient = write(app, lambda store: a_patient(store, "Ana", "García", own=VALUES))["id"]
    manager = client_of("manager")
    assert "Veteran" in text(manager.get(f"/registration/{patient}"))
    assert "Veteran" not in text(desk.get(f"/registration/{patient}"))
    form = text(desk.get(f"/registration/{patient}/edit"))
    assert "own_veteran" not in form
    version = re.search(r'name="version"[^>]*value="(\d+)"', form)
    assert version
    entry = {"given": "Anna", "family": "García", "birth_date": "2 Feb 1980", "sex": "female", "version": version[1],
             "own_veteran": "no", **FILLED, "csrf_token": token(desk)}  # fmt: skip
    assert desk.post(f"/registration/{patient}/edit", data=entry).status_code == 303
    kept = {one.key: one.value for one in write(app, lambda store: load_details(store, patient)).own}
    assert kept["veteran"] == "yes"
    assert kept["shoe-size"] == "42.5"
    write(app, lambda store: amend_patient(store, patient, {"own": VALUES[:1]}))
    back = f"/registration/{patient}/history/1/restore/own:veteran"
    assert desk.post(back, data={"csrf_token": token(desk)}).status_code == 404
    history = text(desk.get(f"/registration/{patient}/history"))
    assert "Veteran" not in history
    assert manager.post(back, data={"csrf_token": token(manager)}).status_code == 303
    assert OwnValue("veteran", "yesno", "yes") in write(app, lambda store: load_details(store, patient)).own


def test_a_manager_adds_changes_retires_and_brings_back_a_field(
    app: Flask, client_of: Callable[[str], FlaskClient]
) -> None:
    manager = client_of("manager")
    assert "No own fields yet" in text(manager.get("/management/own-fields"))

    def post(url: str, **data: Any) -> Any:
        page = text(manager.get("/management/own-fields/new"))
        csrf = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert csrf
        return manager.post(url, data={**data, "csrf_token": csrf[1]})

    usual = {"type": "text", "section": "contact", "need": "never", "sees": "all", "place": "10"}
    assert post("/management/own-fields/new", **usual, label_en="").status_code == 422
    assert (
        post("/management/own-fields/new", **{**usual, "type": "choice"}, label_en="Car", options="One").status_code
        == 422
    )
    bad_place = post("/management/own-fields/new", **{**usual, "place": "many"}, label_en="Car")
    assert bad_place.status_code == 422
    assert post("/management/own-fields/new", **usual, label_en="Car", label_ar="سيارة").status_code == 303
    assert post("/management/own-fields/new", **usual, label_en="Car").status_code == 422
    made = write(app, lambda store: store.search("StructureDefinition", []))[0]
    url = f"/management/own-fields/{made['id']}"
    assert "Car" in text(manager.get("/management/own-fields?q=car"))
    assert 'name="own_car"' in text(manager.get("/registration/new?q=zz"))
    page = text(manager.get(url))
    assert 'value="سيارة"' in page
    assert post(url, **{**usual, "type": "number"}, label_en="Cars", version="1").status_code == 303
    assert post(url, **usual, label_en="Cars", version="1").status_code == 422
    assert post(f"{url}/retire").status_code == 303
    assert 'name="own_car"' not in text(manager.get("/registration/new?q=zz"))
    assert post(f"{url}/restore").status_code == 303
    assert 'name="own_car"' in text(manager.get("/registration/new?q=zz"))
    patient = write(app, lambda store: a_patient(store, "Ana", "García", own=(OwnValue("car", "number", "1"),)))
    assert post(f"{url}/delete").status_code == 409
    write(app, lambda store: amend_patient(store, patient["id"], {"own": ()}))
    assert post(f"{url}/delete").status_code == 303
    assert manager.get(url).status_code in (404, 410)
    assert client_of("receptionist").get("/management/own-fields").status_code == 403


@pytest.mark.usefixtures("fields")
def test_own_fields_stand_on_the_face_sheet(app: Flask) -> None:
    def sections(store: Store) -> list[Any]:
        patient = a_patient(store, "Ana", "García", own=VALUES)
        return person_sections(store, load_details(store, patient["id"]))

    with app.test_request_context():
        last = write(app, sections)[-1]
    assert last.title == "Own fields"
    assert ("Shoe size", "42.5") in last.lines
    assert ("Parking permit", "Yes") in last.lines


@pytest.mark.usefixtures("fields")
def test_a_face_sheet_says_only_what_the_one_who_prints_it_may_see(app: Flask) -> None:
    def labels(role: str) -> list[str]:
        def work(store: Store) -> list[str]:
            patient = a_patient(store, "Ana", "García", own=VALUES)
            store.actor = Actor("one", "One", role=role, permissions=permissions_of(role))
            return [label for label, _ in person_sections(store, load_details(store, patient["id"]))[-1].lines]

        with app.test_request_context():
            return write(app, work)

    assert {"Veteran", "Shoe size"} <= set(labels("manager"))
    assert "Veteran" not in labels("receptionist")
    assert "Shoe size" in labels("receptionist")
