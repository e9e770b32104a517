"""The practice's own fields on the screens: asked, shown, found, printed, and set up by a manager."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.access.permissions import permissions_of
from clinic.core.actor import Actor
from clinic.fhir.store import Store
from clinic.registration.own_form import forget_own_fields
from clinic.registration.printing import person_sections
from clinic.registration.rules.own import (
    OwnValue,
)
from clinic.registration.service import amend_patient, load_details
from clinic.registration.service.own import save_field
from clinic.web.state import state_of
from tests.registration.factories import a_patient
from tests.registration.own_fields import EVERY, VALUES
from tests.registration.test_routes import ENTRY, text, token, write


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
