"""Orders and recalls over the interface: a program orders a follow-up, finds it, and its booking completes it."""

from __future__ import annotations

import pytest

from clinic.appointments.queries.recalls import open_for
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.web.state import state_of
from tests.appointments import factories as f
from tests.appointments.conftest import NOW, fill
from tests.fhir_api.conftest import Api, token_for, why


@pytest.fixture
def practice(api: Api) -> Api:
    """A program and the small practice."""
    state = state_of(api.app)
    fill(state.database, state.setting)
    return api


def an_order(**more: object) -> Json:
    """An order of another system for a check, between the 20th and the 26th."""
    return {
        "resourceType": "ServiceRequest",
        "status": "active",
        "intent": "order",
        "code": {"coding": [{"system": "urn:clinic:visit-type", "code": "check", "display": "Check"}]},
        "subject": {"reference": "Patient/p1"},
        "occurrencePeriod": {"start": "2027-03-20", "end": "2027-03-26"},
        **more,
    }


def waiting(api: Api) -> list[tuple[str, str, str]]:
    state = state_of(api.app)
    with state.database.read() as conn:
        found = open_for(Store(conn, state.setting, actor=f.DESK, now=NOW), "p1")
    return [(one.what, one.due.isoformat(), one.patient_name) for one in found]


def test_a_programs_order_is_on_the_call_list_and_is_found(practice: Api) -> None:
    made = practice("POST", "/ServiceRequest", an_order())
    assert made.status_code == 201, made.text
    assert waiting(practice) == [("Check", "2027-03-23", "Ada Lovelace")]
    for query in (
        "patient=p1&status=active",
        "occurrence=ge2027-03-20&intent=order",
        "code=urn:clinic:visit-type|check",
    ):
        assert practice.ids(f"/ServiceRequest?{query}") == [made.json["id"]]
    assert practice.ids("/ServiceRequest?occurrence=gt2027-03-26") == []


def test_a_laboratory_request_is_kept_and_nobody_is_called_for_it(practice: Api) -> None:
    category = [{"coding": [{"system": "http://snomed.info/sct", "code": "108252007"}]}]
    code = {"text": "Full blood count"}
    made = practice("POST", "/ServiceRequest", an_order(category=category, code=code))
    assert made.status_code == 201, made.text
    assert waiting(practice) == []


def test_an_appointment_based_on_an_order_completes_it_and_its_end_opens_it_again(practice: Api) -> None:
    order = practice("POST", "/ServiceRequest", an_order()).json["id"]
    visit = {
        "resourceType": "Appointment",
        "status": "booked",
        "basedOn": [{"reference": f"ServiceRequest/{order}"}],
        "start": "2027-03-23T18:00:00Z",
        "end": "2027-03-23T18:30:00Z",
        "participant": [
            {"actor": {"reference": one}, "status": "accepted"} for one in ("Patient/p1", "Practitioner/adams")
        ],
    }
    booked = practice("POST", "/Appointment", visit)
    assert booked.status_code == 201, booked.text
    assert practice("GET", f"/ServiceRequest/{order}").json["status"] == "completed"
    assert practice.ids(f"/Appointment?based-on=ServiceRequest/{order}") == [booked.json["id"]]
    practice("PUT", f"/Appointment/{booked.json['id']}", booked.json | {"status": "cancelled"})
    assert practice("GET", f"/ServiceRequest/{order}").json["status"] == "active"


def test_an_order_that_was_given_up_cannot_be_completed(practice: Api) -> None:
    order = practice("POST", "/ServiceRequest", an_order()).json
    path = f"/ServiceRequest/{order['id']}"
    assert practice("PUT", path, order | {"status": "revoked"}).status_code == 200
    assert why(practice("PUT", path, order | {"status": "completed"})) == (409, "ServiceRequest.status")


@pytest.mark.parametrize(
    ("wrong", "element"),
    [
        ({"status": "waiting"}, "ServiceRequest.status"),
        ({"priority": "tomorrow"}, "ServiceRequest.priority"),
        ({"subject": {"reference": "Appointment/1"}}, "ServiceRequest.subject"),
        ({"occurrencePeriod": {"start": "2027-04-01", "end": "2027-03-01"}}, "ServiceRequest.occurrencePeriod"),
    ],
)
def test_what_is_no_order_is_refused_at_its_element(practice: Api, wrong: Json, element: str) -> None:
    status, where = why(practice("POST", "/ServiceRequest", an_order(**wrong)))
    assert (status, where.startswith(element)) == (422, True)


def test_the_capability_statement_lists_requests(practice: Api) -> None:
    rest = practice("GET", "/metadata").json["rest"][0]
    (one,) = [each for each in rest["resource"] if each["type"] == "ServiceRequest"]
    assert {"read", "create", "update", "search-type"} <= {each["code"] for each in one["interaction"]}


def test_a_program_without_the_right_is_refused(practice: Api) -> None:
    reader = Api(practice.app, token_for(practice.app, "system/ServiceRequest.rs"))
    assert reader("POST", "/ServiceRequest", an_order()).status_code == 403
