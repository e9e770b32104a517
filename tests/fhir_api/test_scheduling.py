"""Free and busy time, finding, holding and booking for programs, and published free times."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from clinic.appointments.rules.online import OnlineRule
from clinic.appointments.rules.spans import Span
from clinic.appointments.service import add_absence, book
from clinic.appointments.service.online import save_rule
from clinic.core.json import Json
from clinic.web.state import state_of
from tests.appointments import factories as f
from tests.appointments.conftest import NOW, fill
from tests.appointments.test_routes import within
from tests.fhir_api.conftest import Api, token_for, why

THURSDAY = "start=ge2027-03-11&start=lt2027-03-12"
WHEN = {"start": "2027-03-11T00:00:00-05:00", "end": "2027-03-12T00:00:00-05:00"}


@pytest.fixture
def planned(api: Api) -> Api:
    """A program, and the small practice with Dr Adams (nine to noon, one to five) and Dr Baker, on both databases."""
    state = state_of(api.app)
    fill(state.database, state.setting)
    return api


@pytest.fixture
def small(lite: Api) -> Api:
    """The same on SQLite only."""
    state = state_of(lite.app)
    fill(state.database, state.setting)
    return lite


def parameters(*more: Json, **texts: str) -> Json:
    """A Parameters resource: references end in `_reference`, all others are texts or times."""
    parts: list[Json] = list(more)
    for name, value in texts.items():
        bare = name.replace("_", "-") if name != "_count" else name
        if "/" in value:
            parts.append({"name": bare, "valueReference": {"reference": value}})
        else:
            parts.append({"name": bare, "valueDateTime" if name in ("start", "end") else "valueString": value})
    return {"resourceType": "Parameters", "parameter": parts}


def found(api: Api, **more: str) -> list[Json]:
    answer = api("POST", "/Appointment/$find", parameters(**(WHEN | more)))
    assert answer.status_code == 200, answer.text
    return [one["resource"] for one in answer.json.get("entry", [])]


def slots(api: Api, query: str) -> list[Json]:
    answer = api("GET", f"/Slot?{query}")
    assert answer.status_code == 200, answer.text
    return [one["resource"] for one in answer.json.get("entry", []) if one["search"]["mode"] == "match"]


def a_slot_of(api: Api, start: str) -> list[tuple[str, str]]:
    return [(one["start"], one["status"]) for one in slots(api, f"{THURSDAY}&schedule=Schedule/adams&_count=200")
            if one["start"].startswith(start)]  # fmt: skip


def test_free_and_busy_are_true_at_the_moment_of_asking(planned: Api) -> None:
    before = slots(planned, f"{THURSDAY}&schedule=Schedule/adams&status=free&service-type=urn:clinic:visit-type|check")
    assert len(before) == 14
    assert {one["schedule"]["reference"] for one in before} == {"Schedule/adams"}
    assert before[0]["serviceType"][0]["coding"][0]["code"] == "check"
    visit = within(planned.app, lambda store: book(store, f.a_booking("2027-03-11 09:00")))
    [busy] = slots(planned, f"{THURSDAY}&schedule=Schedule/adams&status=busy")
    assert (busy["start"], busy["end"]) == ("2027-03-11T14:00:00Z", "2027-03-11T14:30:00Z")
    assert "Lovelace" not in json.dumps(busy)
    after = slots(planned, f"{THURSDAY}&schedule=Schedule/adams&status=free&service-type=check")
    assert [one["start"] for one in before[1:]] == [one["start"] for one in after]
    assert planned("GET", f"/Slot/{before[0]['id']}").json["status"] == "busy"
    assert planned("PUT", f"/Appointment/{visit['id']}", visit | {"status": "cancelled"}).status_code == 200
    assert planned("GET", f"/Slot/{before[0]['id']}").json["status"] == "free"


def test_time_off_is_a_kept_slot_beside_the_computed_ones(planned: Api) -> None:
    span = Span(f.at("2027-03-11 09:00"), f.at("2027-03-11 12:00"))
    within(planned.app, lambda store: add_absence(store, ["adams"], span, reason="Course")[0])
    [away] = slots(planned, f"{THURSDAY}&schedule=Schedule/adams&status=busy-unavailable")
    assert away["comment"] == "Course"
    assert len(slots(planned, f"{THURSDAY}&schedule=Schedule/adams&status=free&service-type=check")) == 8


def test_pages_of_slots_hold_each_once(planned: Api) -> None:
    within(planned.app, lambda store: add_absence(
        store, ["baker"], Span(f.at("2027-03-11 09:00"), f.at("2027-03-11 10:00")), reason="Course")[0])  # fmt: skip
    every = [one["id"] for one in slots(planned, f"{THURSDAY}&_count=1000")]
    paged: list[str] = []
    address: str | None = f"/Slot?{THURSDAY}&_count=7"
    while address:
        answer = planned("GET", address)
        assert answer.json["total"] == len(every)
        paged += [one["resource"]["id"] for one in answer.json["entry"]]
        address = next((one["url"].split("/fhir")[1] for one in answer.json["link"] if one["relation"] == "next"), None)
    assert paged == every
    assert len(set(paged)) == len(paged)


def test_schedules_of_everybody_are_found_and_read(planned: Api) -> None:
    assert set(planned.ids("/Schedule")) == {"adams", "baker"}
    assert planned.ids("/Schedule?actor=Practitioner/baker") == ["baker"]
    assert planned.ids("/Schedule?actor=Practitioner/nobody") == []
    schedule = planned("GET", "/Schedule/adams").json
    assert schedule["actor"][0]["display"] == "Dr Ann Adams"
    assert {one["coding"][0]["code"] for one in schedule["serviceType"]} == {"check", "chat"}
    answer = planned("GET", f"/Slot?{THURSDAY}&status=free&_count=3&_include=Slot:schedule")
    modes = [(one["search"]["mode"], one["resource"]["resourceType"]) for one in answer.json["entry"]]
    assert ("include", "Schedule") in modes


@pytest.mark.parametrize(
    ("query", "status"),
    [("start=nonsense", 400), ("start=ge2027-03-11&start=lt2035-03-11", 400), ("start=ap2027-03-11", 400),
     ("_count=x", 400), ("status=odd", 200), ("schedule=Schedule/nobody", 200), ("service-type=nothing", 200),
     ("start=ge2027-03-12&start=lt2027-03-11", 200), ("_summary=count", 200), ("_id=nothing", 200)],
)  # fmt: skip
def test_odd_questions_have_plain_answers(small: Api, query: str, status: int) -> None:
    assert small("GET", f"/Slot?{query}").status_code == status


@pytest.mark.parametrize(
    "id_", ["free.000000000000.0.1.20", "free.x.0.1.20", "busy.000000000000.0.99999999999.20", "held.x.y", "nothing"]
)
def test_what_names_no_time_is_not_there(small: Api, id_: str) -> None:
    for type_ in ("Slot", "Appointment"):
        assert small("GET", f"/{type_}/{id_}").status_code == 404


def test_a_time_is_found_held_and_booked(planned: Api) -> None:
    [first, *_rest] = found(planned, visit_type="urn:clinic:visit-type|check", practitioner="Practitioner/adams")
    assert (first["status"], first["start"]) == ("proposed", "2027-03-11T14:00:00Z")
    assert planned("GET", f"/Appointment/{first['id']}").json["status"] == "proposed"
    answer = planned("POST", "/Appointment/$hold", parameters(appointment_reference=f"Appointment/{first['id']}"))
    held = answer.json["entry"][0]["resource"]
    assert (answer.json["type"], held["status"]) == ("searchset", "pending")
    assert planned("GET", f"/Appointment/{held['id']}").json["status"] == "pending"
    again = planned("POST", "/Appointment/$hold", parameters(appointment_reference=f"Appointment/{first['id']}"))
    assert why(again) == (409, "Appointment.start")
    assert first["id"] not in {one["id"] for one in found(planned, visit_type="check")}
    given = parameters(
        appointment_reference=f"Appointment/{held['id']}", patient_reference="Patient/p1", comment="Knee"
    )
    booked = planned("POST", "/Appointment/$book", given).json["entry"][0]["resource"]
    assert (booked["status"], booked["start"], booked["comment"]) == ("booked", first["start"], "Knee")
    assert planned("GET", f"/Appointment/{booked['id']}/_history").json["total"] == 1
    assert planned("GET", f"/Appointment/{held['id']}").status_code == 404
    assert why(planned("POST", "/Appointment/$book", given))[0] == 409


def test_a_hold_belongs_to_its_program_and_runs_out(planned: Api) -> None:
    [first, *_rest] = found(planned, visit_type="check")
    held = planned("POST", "/Appointment/$hold", parameters(appointment_reference=f"Appointment/{first['id']}"))
    id_ = held.json["entry"][0]["resource"]["id"]
    other = Api(planned.app, token_for(planned.app))
    given = parameters(appointment_reference=f"Appointment/{id_}", patient_reference="Patient/p1")
    assert other("GET", f"/Appointment/{id_}").status_code == 404
    assert other("POST", "/Appointment/$book", given).status_code == 409
    state_of(planned.app).clock.instant = NOW + timedelta(minutes=11)  # type: ignore[attr-defined]
    assert planned("POST", "/Appointment/$book", given).status_code == 409
    assert first["id"] in {one["id"] for one in found(planned, visit_type="check")}


def test_a_described_appointment_is_booked_moved_and_cancelled(planned: Api) -> None:
    [first, second, *_rest] = found(planned, visit_type="check", practitioner="Practitioner/adams")
    described = {key: value for key, value in first.items() if key not in ("id", "meta")} | {"status": "pending"}
    patient = {"actor": {"reference": "Patient/p1"}, "status": "accepted"}
    described["participant"] = [patient, *described["participant"]]
    answer = planned("POST", "/Appointment/$book", parameters({"name": "appointment-resource", "resource": described}))
    made = answer.json["entry"][0]["resource"]
    assert made["status"] == "booked"
    moved = made | {"start": second["start"], "end": second["end"]}
    answer = planned("POST", "/Appointment/$book", parameters({"name": "appointment-resource", "resource": moved}))
    assert answer.json["entry"][0]["resource"]["start"] == second["start"]
    within(planned.app, lambda store: book(store, f.a_booking("2027-03-11 11:00", patient_id="p2")))
    taken = moved | {"start": "2027-03-11T16:00:00Z", "end": "2027-03-11T16:30:00Z"}
    answer = planned("POST", "/Appointment/$book", parameters({"name": "appointment-resource", "resource": taken}))
    assert answer.status_code == 409
    gone = moved | {"status": "cancelled"}
    answer = planned(
        "POST", "/Appointment/$book", parameters({"name": "appointment-resource", "resource": gone}, comment="Away")
    )
    assert answer.json["entry"][0]["resource"]["cancelationReason"]["text"] == "Away"
    assert planned("GET", f"/Appointment/{made['id']}/_history").json["total"] == 3


def test_a_described_patient_is_found_or_registered(planned: Api) -> None:
    [first, second, *_rest] = found(planned, visit_type="check", practitioner="Practitioner/adams")
    someone = {"resourceType": "Patient", "name": [{"family": "Vance", "given": ["Nora"]}], "birthDate": "1990-05-06",
               "gender": "female"}  # fmt: skip
    ids = []
    for one in (first, second):
        given = parameters(
            {"name": "patient-resource", "resource": someone}, appointment_reference=f"Appointment/{one['id']}"
        )
        answer = planned("POST", "/Appointment/$book", given)
        assert answer.status_code == 200, answer.text
        ids.append(answer.json["entry"][0]["resource"]["participant"][0]["actor"]["reference"])
    assert len(planned.ids("/Patient?name=Vance")) >= 1
    assert ids[0].startswith("Patient/")


def test_the_rules_of_the_desk_hold_for_programs(small: Api) -> None:
    described = {
        "resourceType": "Appointment", "status": "pending", "start": "2027-03-13T15:00:00Z",
        "end": "2027-03-13T15:30:00Z",
        "serviceType": [{"coding": [{"system": "urn:clinic:visit-type", "code": "check"}]}],
        "participant": [{"actor": {"reference": f"{one}"}, "status": "accepted"}
                        for one in ("Patient/p1", "Practitioner/adams")],
    }  # fmt: skip

    def answer(**changes: Any) -> int:
        body = parameters({"name": "appointment-resource", "resource": described | changes})
        return small("POST", "/Appointment/$book", body).status_code

    assert answer() == 409
    thursday = {"start": "2027-03-11T15:00:00Z", "end": "2027-03-11T15:30:00Z"}
    assert answer(**thursday, serviceType=[]) == 422
    assert answer(**thursday, status="booked") == 422
    assert answer(**thursday, participant=described["participant"][:1]) == 422
    assert answer(start="2027-03-01T15:00:00Z", end="2027-03-01T15:30:00Z") == 422
    assert answer(**thursday) == 200
    assert answer(**thursday) == 409


@pytest.mark.parametrize(
    ("operation", "body", "status"),
    [("$find", {"resourceType": "Patient"}, 400), ("$find", parameters(), 400), ("$hold", parameters(), 400),
     ("$find", parameters(start="x", end="y"), 400), ("$book", parameters(), 400),
     ("$hold", parameters(appointment_reference="Appointment/nothing"), 404),
     ("$find", {"resourceType": "Parameters", "parameter": [{"name": 3}]}, 400),
     ("$find", {"resourceType": "Parameters", "parameter": [{"name": "start"}]}, 400),
     ("$find", parameters(start="2027-03-12T00:00:00Z", end="2027-03-11T00:00:00Z"), 400),
     ("$book", parameters(appointment_reference="Appointment/nothing", patient_reference="Patient/p1"), 404),
     ("$book", parameters(appointment_reference="Appointment/nothing", patient_reference="Patient/p9"), 404)],
)  # fmt: skip
def test_every_error_is_an_operation_outcome(small: Api, operation: str, body: Json, status: int) -> None:
    answer = small("POST", f"/Appointment/{operation}", body)
    assert answer.status_code == status, answer.text
    assert answer.json["resourceType"] == "OperationOutcome"


def test_find_works_by_address_too_and_honours_count(small: Api) -> None:
    answer = small("GET", "/Appointment/$find?start=2027-03-11&end=2027-03-12&visit-type=check&_count=2")
    assert len(answer.json["entry"]) == 2
    assert answer.json["total"] > 2
    assert small("GET", "/Appointment/$hold").status_code in (404, 405)


def test_scopes_bound_what_a_program_may_do(app: Flask) -> None:
    state = state_of(app)
    fill(state.database, state.setting)
    reader = Api(app, token_for(app, "system/Slot.rs"))
    assert reader("GET", f"/Slot?{THURSDAY}").status_code == 200
    assert reader("GET", "/Schedule").status_code == 403
    assert reader("POST", "/Appointment/$find", parameters(**WHEN)).status_code == 403
    finder = Api(app, token_for(app, "system/Appointment.rs"))
    [first, *_rest] = found(finder, visit_type="check")
    given = parameters(appointment_reference=f"Appointment/{first['id']}", patient_reference="Patient/p1")
    assert finder("POST", "/Appointment/$hold", given).status_code == 403
    assert finder("POST", "/Appointment/$book", given).status_code == 403


def test_a_patient_answers_by_a_response(planned: Api) -> None:
    visit = within(planned.app, lambda store: book(store, f.a_booking("2027-03-11 09:00")))
    response = {
        "resourceType": "AppointmentResponse", "appointment": {"reference": f"Appointment/{visit['id']}"},
        "actor": {"reference": "Patient/p1"}, "participantStatus": "accepted",
    }  # fmt: skip
    made = planned("POST", "/AppointmentResponse", response)
    assert made.status_code == 201
    assert planned("GET", f"/Appointment/{visit['id']}").json["extension"][-1]["url"] == "urn:clinic:confirmed"
    declined = made.json | {"participantStatus": "declined"}
    assert planned("PUT", f"/AppointmentResponse/{made.json['id']}", declined).status_code == 200
    assert planned("GET", f"/Appointment/{visit['id']}").json["status"] == "cancelled"
    wrong = response | {"actor": {"reference": "Patient/p2"}}
    assert why(planned("POST", "/AppointmentResponse", wrong)) == (422, "AppointmentResponse.actor")
    gone = response | {"appointment": {"reference": "Appointment/nothing"}}
    assert planned("POST", "/AppointmentResponse", gone).status_code == 422


def test_nothing_is_published_until_the_manager_says_so(small: Api) -> None:
    client = small.app.test_client()
    for path in ("/fhir/$bulk-publish", "/fhir/published/slots.ndjson"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert answer.json["resourceType"] == "OperationOutcome"
    within(small.app, lambda store: save_rule(store, OnlineRule("check", "book", publish=True, notice_hours=24)) or {})
    state_of(small.app).extra.pop("published")
    manifest = client.get("/fhir/$bulk-publish")
    assert manifest.headers["Cache-Control"] == "public, max-age=60"
    files = {one["type"]: one["url"] for one in manifest.json["output"]}
    assert set(files) == {"Location", "Schedule", "Slot"}
    lines = {type_: client.get(url).text.splitlines() for type_, url in files.items()}
    published = [json.loads(line) for line in lines["Slot"]]
    assert {one["status"] for one in published} == {"free"}
    assert min(one["start"] for one in published) >= "2027-03-10T15:24:00Z"
    schedules = {f"Schedule/{json.loads(line)['id']}" for line in lines["Schedule"]}
    assert {one["schedule"]["reference"] for one in published} == schedules
    link = next(one["valueUrl"] for one in published[0]["extension"] if "valueUrl" in one)
    assert client.get(link.split("localhost", 1)[1]).status_code == 200
    tag = manifest.headers["ETag"]
    assert client.get("/fhir/$bulk-publish", headers={"If-None-Match": tag}).status_code == 304
    assert client.get(files["Slot"], headers={"Accept": "application/fhir+ndjson"}).status_code == 200


def test_the_statement_says_what_there_is(small: Api) -> None:
    rest = small("GET", "/metadata").json["rest"][0]
    operations = {one["type"]: {op["name"] for op in one.get("operation", [])} for one in rest["resource"]}
    assert operations["Appointment"] == {"find", "hold", "book"}
    assert "bulk-publish" in {one["name"] for one in rest["operation"]}
