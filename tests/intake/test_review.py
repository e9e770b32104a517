"""Answers taken into the record: old beside new, once, by those who may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.core.errors import Invalid, Stale
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.intake import mapping as m
from clinic.intake.questionnaire import Answers, settle, to_response
from clinic.intake.service import review
from clinic.intake.service.forms import form_of, install_library
from clinic.registration.queries.evidence import evidence_of
from clinic.registration.service.patients import amend_patient
from tests.factories import token_in
from tests.intake.factories import a_patient, write

SAME = {
    "line": "1420 Alder Court, Apt 6", "city": "Riverton", "state": "WI", "postal-code": "54021",
    "mobile": "(202) 555-0142", "email": "ana@example.org",
}  # fmt: skip


def answered(store: Store, patient: Json, form_id: str = "intake-contact-check", **texts: Any) -> Json:
    install_library(store)
    questionnaire = store.read("Questionnaire", form_id)
    form = form_of(questionnaire)
    values = {form.at(link): value if isinstance(value, tuple) else (value,) for link, value in texts.items()}
    settled = settle(form, Answers(values))
    about = {
        "status": "completed", "questionnaire": m.canonical_of(questionnaire), "authored": "2027-03-09T15:00:00Z",
        "subject": m.subject(patient["id"], "Ana Soler"),
    }  # fmt: skip
    return store.create(to_response(form, settled.answers, settled.names, about))


def states(store: Store, response: Json) -> dict[str, str]:
    return {change.key: change.state for change in review.review_of(store, response["id"]).changes}


def test_what_agrees_with_the_record_needs_no_decision(any_store: Store) -> None:
    response = answered(any_store, a_patient(any_store), **SAME)
    assert states(any_store, response) == {"address": "same", "mobile": "same", "email": "same"}


def test_old_and_new_stand_side_by_side(store: Store) -> None:
    response = answered(store, a_patient(store), **{**SAME, "mobile": "202-555-0143", "postal-code": "54022"})
    changes = {change.key: change for change in review.review_of(store, response["id"]).changes}
    assert (changes["mobile"].old, changes["mobile"].new) == ("(202) 555-0142", "202-555-0143")
    assert changes["address"].old.endswith("54021")
    assert changes["address"].new.endswith("54022")


def test_what_cannot_be_a_phone_number_is_told_and_not_written(store: Store) -> None:
    response = answered(store, a_patient(store), mobile="call my son")
    (change,) = review.review_of(store, response["id"]).changes
    assert change.state == "unreadable"
    assert change.error
    with pytest.raises(Invalid) as refused:
        review.decide(store, response["id"], frozenset({"mobile"}))
    assert refused.value.details[0].field == "mobile"


def test_accepted_fields_reach_the_record_and_refused_ones_stay_in_the_answers(any_store: Store) -> None:
    patient = a_patient(any_store)
    response = answered(any_store, patient, mobile="202-555-0143", email="new@example.org")
    closed = review.decide(any_store, response["id"], frozenset({"mobile"}))
    telecom = {one["system"]: one["value"] for one in any_store.read("Patient", patient["id"])["telecom"]}
    assert telecom == {"phone": "+12025550143", "email": "ana@example.org"}
    assert m.is_reviewed(closed)
    (source,) = any_store.search("Provenance", [("entity", f"QuestionnaireResponse/{response['id']}")], limit=5)
    assert source["target"][0]["reference"] == f"Patient/{patient['id']}/_history/2"
    assert source["entity"][0]["what"]["reference"] == f"QuestionnaireResponse/{response['id']}/_history/1"
    known = evidence_of(any_store, patient["id"])
    assert (known["mobile"].told.source, known["email"].told.version) == ("tablet", 1)


def test_a_new_street_takes_the_old_apartment_away(store: Store) -> None:
    patient = a_patient(store)
    response = answered(store, patient, **{**SAME, "line": "7 Birch Lane"})
    review.decide(store, response["id"], frozenset({"address"}))
    assert store.read("Patient", patient["id"])["address"][0]["line"] == ["7 Birch Lane"]


def test_choices_reach_the_record_as_codes(store: Store) -> None:
    patient = a_patient(store)
    spanish = next(o.value for o in form_of_new(store).by_link["language"].options if o.text.default == "Spanish")
    response = answered(store, patient, "intake-new-patient", language=spanish, interpreter=True, preferred="Anita")
    review.decide(store, response["id"], frozenset({"language", "interpreter", "preferred"}))
    assert store.read("Patient", patient["id"])["communication"][0]["language"]["coding"][0]["code"] == "es"
    assert states(store, response) == {"language": "same", "interpreter": "same", "preferred": "same"}


def form_of_new(store: Store) -> Any:
    install_library(store)
    return form_of(store.read("Questionnaire", "intake-new-patient"))


def test_a_second_decision_changes_nothing(any_store: Store) -> None:
    patient = a_patient(any_store)
    response = answered(any_store, patient, mobile="202-555-0143")
    review.decide(any_store, response["id"], frozenset())
    review.decide(any_store, response["id"], frozenset({"mobile"}))
    assert any_store.read("Patient", patient["id"])["meta"]["versionId"] == "1"


def test_a_record_changed_meanwhile_is_not_overwritten(any_store: Store) -> None:
    patient = a_patient(any_store)
    response = answered(any_store, patient, mobile="202-555-0143")
    amend_patient(any_store, patient["id"], {"email": "other@example.org"})
    with pytest.raises(Stale):
        review.decide(any_store, response["id"], frozenset({"mobile"}), patient_version=1)


def test_who_somebody_is_is_never_accepted_in_bulk(store: Store) -> None:
    form = {
        "resourceType": "Questionnaire", "status": "active", "title": "Name", "url": "urn:example:name",
        "item": [{"linkId": "n", "type": "string", "text": "Surname", "definition":
                  "http://hl7.org/fhir/StructureDefinition/Patient#Patient.name.family"}],
    }  # fmt: skip
    store.create(form, id="name")
    response = answered(store, a_patient(store), "name", n="Soto")
    found = review.review_of(store, response["id"])
    assert found.changes[0].risky
    assert found.easy == 0


@pytest.fixture
def waiting(app: Flask) -> Json:
    def work(store: Store) -> Json:
        return answered(store, a_patient(store), mobile="202-555-0143", email="not a mail")

    return write(app, work)


def test_the_desk_takes_over_what_it_ticks(app: Flask, waiting: Json, client_of: Callable[[str], FlaskClient]) -> None:
    desk = client_of("receptionist")
    path = f"/intake/answers/{waiting['id']}"
    assert "Ana Soler" in desk.get("/intake/").get_data(as_text=True)
    page = desk.get(f"{path}?tick=simple").get_data(as_text=True)
    assert 'value="mobile" checked' in page
    data = {"accept": "mobile", "version": "1", "csrf_token": token_in(page)}
    assert desk.post(path, data=data).status_code == 303
    assert "Nothing to go through" in desk.get("/intake/").get_data(as_text=True)
    assert "Mobile phone" in desk.get(path).get_data(as_text=True)


def test_a_stale_review_shows_how_it_stands_now(
    app: Flask, waiting: Json, client_of: Callable[[str], FlaskClient]
) -> None:
    desk = client_of("receptionist")
    path = f"/intake/answers/{waiting['id']}"
    page = desk.get(path).get_data(as_text=True)
    patient = m.patient_of(waiting)
    write(app, lambda store: amend_patient(store, patient, {"mobile": "+12025550199"}))
    answer = desk.post(path, data={"accept": "mobile", "version": "1", "csrf_token": token_in(page)})
    assert answer.status_code == 409
    assert "555-0199" in answer.get_data(as_text=True)


@pytest.mark.parametrize(("role", "status"), [("stranger", 303), ("billing", 403), ("receptionist", 303)])
def test_only_the_desk_decides(waiting: Json, client_of: Callable[[str], FlaskClient], role: str, status: int) -> None:
    client = client_of(role)
    page = client.get(f"/intake/answers/{waiting['id']}").get_data(as_text=True)
    token = token_in(page) if "csrf_token" in page else ""
    answer = client.post(f"/intake/answers/{waiting['id']}", data={"csrf_token": token, "version": "1"})
    assert answer.status_code == status


def test_answers_to_an_unknown_form_say_so(app: Flask, waiting: Json, client_of: Callable[[str], FlaskClient]) -> None:
    odd = {**waiting, "questionnaire": "urn:example:gone"}
    write(app, lambda store: store.update(odd))
    assert client_of("receptionist").get(f"/intake/answers/{waiting['id']}").status_code == 409
