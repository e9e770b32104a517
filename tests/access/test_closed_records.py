"""Every address of the application with what belongs to a restricted patient, for every role: nothing leaks.

Prints, pictures and files are where such checks are forgotten, so nothing is listed by hand here but the arguments
that name nothing of a patient. A new route is walked from the moment it exists.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from clinic.access.permissions import STAFF, permissions_of
from clinic.audit.tables import audit_event
from clinic.registration.service import restricting
from tests import factories
from tests.robustness.house import House, make_house

OF_NOBODY = {
    "name", "id_", "kind", "side", "status", "version", "position", "token", "job_id", "client_id", "filename",
    "provider_id", "provider", "user_id", "device_id", "form_id", "questionnaire_id", "fee_id", "till_id", "type_",
    "rest", "visit_type", "room", "code", "language", "number", "act", "field", "field_id", "run_id", "since", "size",
    "state", "topic",
}  # fmt: skip
"""Arguments of addresses that name nothing of a patient."""
ASKS_WHY = {"registration.ask_reason", "registration.open_record", "registration.close_record"}
SECRETS = ("1979-08-14", "08/14/1979", "14 Aug 1979", "555-0142", "5550142", "MRD4471902", "1902", "Mafe@", "E11.9")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, _template_file: Path) -> Iterator[House]:
    """The practice in the middle of its day, with both of its patients restricted."""
    made = make_house(_template_file, tmp_path_factory.mktemp("closed"))

    def restrict(store: Any) -> None:
        for patient_id in (made.ids["patient_id"], made.ids["second"]):
            restricting.restrict(store, patient_id, "R", [])

    made.write(restrict)
    made.keep()
    yield made
    made.state.database.dispose()


def walked(house: House, role: str) -> list[Rule]:
    """The rules behind a sign-in that this role may use."""
    found = []
    for rule in house.app.url_map.iter_rules():
        permission = getattr(house.app.view_functions[rule.endpoint], "permission", "")
        if permission in permissions_of(role) and rule.endpoint not in ASKS_WHY:
            found.append(rule)
    return found


def about_a_patient(rule: Rule) -> bool:
    return bool(rule.arguments - OF_NOBODY)


def leaks(body: bytes) -> list[str]:
    return [secret for secret in SECRETS if secret.encode() in body]


@pytest.mark.parametrize("role", STAFF)
def test_nothing_of_a_closed_record_is_shown_at_any_address(house: House, role: str) -> None:
    client, wrong = house.clients[role], []
    asked = {"patient": house.ids["patient"], "patient_id": house.ids["patient"], "q": "mafe garcia"}
    walks = 0
    for rule in walked(house, role):
        if "GET" not in (rule.methods or ()):
            continue
        for query in ({}, asked, {"patient": house.ids["patient"]}):
            for fragment in (False, True):
                headers = {"HX-Request": "true"} if fragment else {}
                answer = client.get(house.address(rule), query_string=query, headers=headers)
                walks += 1
                refused = answer.status_code in (403, 404, 303) or "HX-Redirect" in answer.headers
                if (about_a_patient(rule) and not refused) or answer.status_code >= 500 or leaks(answer.data):
                    wrong.append((rule.rule, query, fragment, answer.status_code, leaks(answer.data)))
    assert walks > 100
    assert wrong == []


@pytest.mark.parametrize("role", STAFF)
def test_nothing_of_a_closed_record_is_changed_at_any_address(house: House, role: str) -> None:
    client, wrong = house.clients[role], []
    token = factories.token_in(client.get("/access/account").text)
    before = house.rows()
    for rule in walked(house, role):
        if "POST" not in (rule.methods or ()) or not about_a_patient(rule):
            continue
        address = house.address(rule)
        fields = {name: values[0] for name, values in house.forms.get(address, {}).items() if values}
        fields |= {"patient": house.ids["patient"], "csrf_token": token}
        answer = client.post(address, data=fields)
        changed = house.rows() != before
        if changed or answer.status_code == 200 or answer.status_code >= 500 or leaks(answer.data):
            wrong.append((rule.rule, answer.status_code, "changed" if changed else "", leaks(answer.data)))
            house.put_back()
    assert wrong == []


def test_the_secrets_of_the_walk_are_really_shown_to_those_who_may(house: House) -> None:
    """Otherwise the walk would find nothing whatever happened."""

    def open_(store: Any) -> None:
        for patient_id in (house.ids["patient_id"], house.ids["second"]):
            restricting.restrict(store, patient_id, "", [])

    house.write(open_)
    client: FlaskClient = house.clients["administrator"]
    found: set[str] = set()
    for rule in walked(house, "administrator"):
        if "GET" in (rule.methods or ()):
            found |= set(leaks(client.get(house.address(rule)).data))
    house.put_back()
    assert {"14 Aug 1979", "555-0142", "1902"} <= found


def test_the_refusals_themselves_are_not_noted_as_having_seen_the_record(house: House) -> None:
    import sqlalchemy as sa

    many = (
        sa.select(sa.func.count())
        .select_from(audit_event)
        .where(audit_event.c.patient_id == house.ids["patient_id"], audit_event.c.json.contains("patient page"))
    )
    with house.state.database.read() as conn:
        before = conn.execute(many).scalar_one()
    assert house.clients["receptionist"].get(f"/registration/{house.ids['patient_id']}").status_code == 403
    with house.state.database.read() as conn:
        assert conn.execute(many).scalar_one() == before
