"""The manager's screens: each is real, refuses what is wrong beside its field, and undoes what was done."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from clinic.access.users import find_user
from clinic.audit.reader import Wanted, search
from clinic.fhir.store import Store
from clinic.web.state import state_of
from tests import factories
from tests.management.conftest import fields_of, in_app, send

PAGES = [
    "", "users", "users/new", "roles", "audit", "audit/chain", "providers/", "providers/new", "visit-types/",
    "visit-types/new", "sites/", "sites/new", "rooms/", "rooms/new", "devices/", "devices/new",
    "practice", "forms", "work", "outside",
]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_every_screen_opens_with_a_title_and_within_six_statements(
    furnished: Flask, manager: FlaskClient, path: str
) -> None:
    manager.get(f"/management/{path}")
    said: list[str] = []
    engine = state_of(furnished).database.engine

    def note(conn: object, cursor: object, statement: str, *rest: object) -> None:
        if statement.startswith("SELECT"):
            said.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    page = manager.get(f"/management/{path}")
    event.remove(engine, "before_cursor_execute", note)
    assert page.status_code == 200
    assert "<h1>" in page.text
    assert len(said) <= 6, said


def add(client: FlaskClient, kind: str, **values: object) -> str:
    """Add a thing; gives its id from the list."""
    answer = send(client, f"/management/{kind}/new", **values)
    assert answer.status_code == 303, answer.text
    page = client.get(f"/management/{kind}/").text
    name = str(values.get("name") or values.get("family"))
    return page.split(name)[0].rsplit(f"/management/{kind}/", 1)[1].split('"')[0]


def test_a_room_is_added_changed_retired_and_put_back(manager: FlaskClient, furnished: Flask) -> None:
    site = state_of(furnished).practice.site_id
    room = add(manager, "rooms", name="Room 1", site=site)
    assert send(manager, f"/management/rooms/{room}", name="Room 1b", site=site).status_code == 303
    assert "Room 1b" in manager.get("/management/rooms/").text
    send(manager, f"/management/rooms/{room}/retire", f"/management/rooms/{room}")
    page = manager.get("/management/rooms/").text
    assert "not in use" in page
    assert f"/management/rooms/{room}/restore" in page, "the toast offers Undo"
    send(manager, f"/management/rooms/{room}/restore", f"/management/rooms/{room}")
    assert "not in use" not in manager.get("/management/rooms/").text


def test_a_double_click_adds_one_thing(manager: FlaskClient) -> None:
    hidden = fields_of(manager.get("/management/sites/new").text)
    data = {**hidden, "name": "Annex"}
    assert [manager.post("/management/sites/new", data=data).status_code for _ in range(2)] == [303, 303]
    assert manager.get("/management/sites/").text.count(">Annex<") == 1


@pytest.mark.parametrize("name", ["", " ", "x" * 121, "Desk\u202egnp.exe", "\ud83d\ude00" * 200, "a\x00b"])
def test_a_bad_name_is_refused_and_nothing_is_written(manager: FlaskClient, name: str) -> None:
    hidden = fields_of(manager.get("/management/sites/new").text)
    data = {**hidden, "name": name.encode("utf-8", "surrogatepass")}
    answer = manager.post("/management/sites/new", data=data)
    assert answer.status_code in (400, 422)
    assert "1 entry" in manager.get("/management/sites/").text


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "'; DROP TABLE resource; --", "=1+1", "😀 Room"])
def test_odd_but_honest_text_is_kept_as_text(manager: FlaskClient, name: str) -> None:
    assert send(manager, "/management/sites/new", name=name).status_code == 303
    page = manager.get("/management/sites/").text
    assert "<script>alert" not in page
    assert "2 entries" in page


def test_a_stale_save_shows_both_versions_and_loses_neither(manager: FlaskClient) -> None:
    kind = add(manager, "visit-types", name="Follow-up", minutes="20", colour="")
    first = fields_of(manager.get(f"/management/visit-types/{kind}").text)
    send(manager, f"/management/visit-types/{kind}", name="Follow-up", minutes="30", colour="blue")
    data = {**first, "name": "Follow up short", "minutes": "15", "colour": ""}
    late = manager.post(f"/management/visit-types/{kind}", data=data)
    assert late.status_code == 409
    for words in ("Theirs", "30", "15", "Blue", "Follow up short"):
        assert words in late.text, words
    again = manager.post(f"/management/visit-types/{kind}", data={**data, **fields_of(late.text)})
    assert again.status_code == 303
    assert "Follow up short" in manager.get("/management/visit-types/").text


def test_a_provider_keeps_the_title_and_gets_hours(manager: FlaskClient, furnished: Flask) -> None:
    site = state_of(furnished).practice.site_id
    provider = add(
        manager, "providers", title="Dr.", given="Chidi", family="Nwosu", npi="1234567893", site=site, room=""
    )
    page = manager.get(f"/management/providers/{provider}").text
    assert 'value="Dr."' in page
    url = f"/management/providers/{provider}/hours"
    wrong = send(manager, url, mon_1_from="9", mon_1_to="8")
    assert wrong.status_code == 422
    assert "after the start" in wrong.text
    assert send(manager, url, mon_1_from="9", mon_1_to="5pm").status_code == 303
    assert 'value="17:00"' in manager.get(url).text
    bad = send(
        manager, f"/management/providers/{provider}", given="Chidi", family="Nwosu", npi="1234567890", site="", room=""
    )
    assert bad.status_code == 422
    assert "does not fit" in bad.text


@pytest.mark.parametrize("kind", ["providers", "rooms", "sites", "visit-types"])
def test_a_record_of_another_organisation_or_kind_is_not_there(
    manager: FlaskClient, furnished: Flask, kind: str
) -> None:
    site = state_of(furnished).practice.site_id

    def bring(store: Store) -> None:
        owner = {"reference": "Organization/elsewhere"}
        store.create({"resourceType": "Organization", "name": "Elsewhere"}, id="elsewhere")
        store.create({"resourceType": "Location", "name": "Far", "managingOrganization": owner}, id="far")
        store.create({"resourceType": "HealthcareService", "name": "Far", "providedBy": owner}, id="far")
        store.create({"resourceType": "Practitioner", "name": [{"family": "Far"}]}, id="far")

    in_app(state_of(furnished), bring)
    token = factories.token_in(manager.get("/management/sites/new").text)
    data = {"csrf_token": token, "name": "Ours now", "site": site, "minutes": "20", "colour": "",
            "given": "A", "family": "B", "room": ""}  # fmt: skip
    for other in ["far"] + ([site] if kind != "sites" else []):
        url = f"/management/{kind}/{other}"
        assert manager.get(url).status_code == 404
        assert manager.post(url, data=data).status_code == 404
    assert manager.post(f"/management/{kind}/far/retire", data=data).status_code == 404


def test_the_form_of_a_provider_and_the_hours_keep_to_six_statements(furnished: Flask, manager: FlaskClient) -> None:
    provider = add(manager, "providers", given="Chidi", family="Nwosu", npi="", site="", room="")
    said: list[str] = []
    engine = state_of(furnished).database.engine
    event.listen(engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    for path in ("", "/hours"):
        said.clear()
        assert manager.get(f"/management/providers/{provider}{path}").status_code == 200
        assert len([one for one in said if one.startswith("SELECT")]) <= 6, said


def test_searching_a_list_finds_any_word_and_says_when_nothing_has_it(manager: FlaskClient) -> None:
    add(manager, "visit-types", name="Vaccination", minutes="10", colour="")
    add(manager, "visit-types", name="Follow-up", minutes="20", colour="")
    assert "Follow-up" not in manager.get("/management/visit-types/?q=VACC").text
    assert "Nothing has these words" in manager.get("/management/visit-types/?q=zzz").text


def test_long_lists_have_pages(manager: FlaskClient, furnished: Flask) -> None:
    from clinic.management import service
    from clinic.management.mapping import VisitType

    def fill(store: Store) -> None:
        for number in range(30):
            service.save_visit_type(store, VisitType(f"Type {number:02}"))

    in_app(state_of(furnished), fill)
    first = manager.get("/management/visit-types/").text
    assert "1 to 25 of 30" in first
    assert "page=2" in first
    assert "26 to 30 of 30" in manager.get("/management/visit-types/?page=2").text
    for odd in ("0", "-1", "999", "x", "1e9", "٣"):
        assert manager.get(f"/management/visit-types/?page={odd}").status_code == 200


def new_user(client: FlaskClient, username: str = "rosa", role: str = "receptionist") -> tuple[str, str]:
    """Add a person; gives the address of their page and the first password shown on it."""
    answer = send(client, "/management/users/new", name="Rosa Quispe", username=username, role=role, provider="")
    assert answer.status_code == 303, answer.text
    page = client.get(answer.headers["Location"]).text
    return answer.headers["Location"], page.split('class="once">')[1].split("<")[0]


def test_a_new_user_gets_a_first_password_that_is_shown_once_and_must_be_changed(
    furnished: Flask, manager: FlaskClient
) -> None:
    url, password = new_user(manager)
    assert password not in manager.get(url).text
    fresh = furnished.test_client()
    token = factories.token_in(fresh.get("/access/sign-in").text)
    fresh.post("/access/sign-in", data={"username": "rosa", "password": password, "csrf_token": token})
    assert fresh.get("/management/").headers["Location"].startswith("/access/account")


def test_a_manager_can_neither_make_nor_touch_an_administrator(
    furnished: Flask, manager: FlaskClient, administrator: FlaskClient
) -> None:
    answer = send(manager, "/management/users/new", name="Eve", username="eve", role="administrator", provider="")
    assert answer.status_code == 422
    assert "Only an administrator" in answer.text
    with state_of(furnished).database.read() as conn:
        assert find_user(conn, "eve") is None
    url, _ = new_user(administrator, "ada", "administrator")
    token = factories.token_in(manager.get("/management/users/new").text)
    for path in ("password", "disable", "sessions", ""):
        data = {"csrf_token": token, "name": "Eve", "role": "receptionist", "provider": ""}
        assert manager.post(f"{url}/{path}".rstrip("/"), data=data).status_code in (403, 422), path
    with state_of(furnished).database.read() as conn:
        row = find_user(conn, "ada")
    assert row is not None
    assert (row.role, row.disabled) == ("administrator", False)


def test_a_disabled_person_can_be_admitted_again_by_undo(furnished: Flask, manager: FlaskClient) -> None:
    url, _ = new_user(manager)
    send(manager, f"{url}/disable", url)
    page = manager.get("/management/users?q=rosa").text
    assert "disabled" in page
    assert f"{url}/enable" in page
    send(manager, f"{url}/enable", url)
    assert "disabled" not in manager.get("/management/users?q=rosa").text.split("<tbody>")[1]


def test_a_sign_in_name_in_use_is_told_beside_its_field(manager: FlaskClient) -> None:
    new_user(manager)
    answer = send(manager, "/management/users/new", name="Rosa", username="ROSA", role="billing", provider="")
    assert answer.status_code == 422
    assert "in use" in answer.text


def seen(furnished: Flask) -> None:
    def visit(store: Store) -> None:
        patient = {
            "resourceType": "Patient",
            "name": [{"family": "Papadaki", "given": ["Eleni"]}],
            "birthDate": "1952-04-01",
        }
        store.create(patient, id="eleni")
        store.did("print", "=HYPERLINK(label)", "eleni")

    in_app(state_of(furnished), visit)


def test_the_trail_is_searched_by_patient_person_action_and_time(furnished: Flask, manager: FlaskClient) -> None:
    seen(furnished)
    by_patient = manager.get("/management/audit?patient=papadaki").text
    assert by_patient.count("Eleni Papadaki") >= 2
    assert "signed in" not in by_patient.split("<tbody>")[1]
    assert "printed" not in manager.get("/management/audit?patient=papadaki&verb=create").text.split("<tbody>")[1]
    assert "No event fits" in manager.get("/management/audit?person=nobody+has+this").text
    assert "No event fits" in manager.get("/management/audit?since=3/10/2027").text
    assert "Eleni" in manager.get("/management/audit?since=3/9/2027&until=3/9/2027").text


@pytest.mark.parametrize(
    "query", ["since=yesterday-ish", "until=99/99/9999", "patient=nobody+like+this", "patient=%27+OR+1%3D1"]
)
def test_an_odd_filter_is_explained(manager: FlaskClient, query: str) -> None:
    assert manager.get(f"/management/audit?{query}").status_code == 422


def test_searching_the_trail_and_taking_it_out_are_in_the_trail(furnished: Flask, manager: FlaskClient) -> None:
    seen(furnished)
    manager.get("/management/audit?patient=papadaki")
    answer = manager.get("/management/audit.csv?patient=papadaki")
    assert answer.mimetype == "text/csv"
    assert '"\'=HYPERLINK(label)"' in answer.text, "a formula is only text"
    with state_of(furnished).database.read() as conn:
        verbs = [line.verb for line in search(conn, Wanted(patient_id="eleni"))]
    assert verbs[:2] == ["export", "audit-search"]


def test_a_changed_event_turns_the_chain_page_red(furnished: Flask, manager: FlaskClient) -> None:
    assert "The chain is whole" in manager.get("/management/audit/chain").text
    with state_of(furnished).database.write() as conn:
        conn.exec_driver_sql("UPDATE audit_event SET actor_name = 'Somebody else'")
    assert "was changed" in manager.get("/management/audit/chain").text


def test_the_practice_is_renamed_and_a_bad_zone_is_refused(furnished: Flask, manager: FlaskClient) -> None:
    site = state_of(furnished).practice.site_id
    form = {"name": "Lakeside Clinic", "site": site, "zone": "America/Chicago", "language": "en",
            "date_order": "mdy", "paper": "letter", "record_prefix": "LC-"}  # fmt: skip
    bad = send(manager, "/management/practice", **{**form, "zone": "Mars/Base"})
    assert bad.status_code == 422
    assert send(manager, "/management/practice", **form).status_code == 303
    assert "Lakeside Clinic" in manager.get("/management/").text


def test_a_form_is_brought_in_published_and_retired(manager: FlaskClient) -> None:
    text = b'{"resourceType":"Questionnaire","status":"draft","title":"Foot check","item":[{"linkId":"1","text":"Pain?","type":"boolean"}]}'
    answer = send(manager, "/management/forms", file=(io.BytesIO(text), "foot.json"))
    assert answer.status_code == 303, answer.text
    page = manager.get("/management/forms").text
    form_id = page.split("Foot check")[1].split("/management/forms/")[1].split("/")[0]
    token = factories.token_in(page)
    assert manager.post(f"/management/forms/{form_id}/active", data={"csrf_token": token}).status_code == 303
    assert manager.post(f"/management/forms/{form_id}/nonsense", data={"csrf_token": token}).status_code == 422


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b'{"resourceType":"Patient"}', b"\xff\xfe", b'{"a":1,"a":2}', b"[" * 3000]
)
def test_a_file_that_is_no_form_is_explained(manager: FlaskClient, text: bytes) -> None:
    answer = send(manager, "/management/forms", file=(io.BytesIO(text), "x.json"))
    assert answer.status_code == 422
    assert "This file" in answer.text or "fill" in answer.text or "form" in answer.text


def test_programs_are_for_the_administrator_and_a_secret_is_shown_once(
    manager: FlaskClient, administrator: FlaskClient
) -> None:
    assert manager.get("/management/clients").status_code == 403
    assert send(administrator, "/management/clients", name="Lab", scopes="everything").status_code == 422
    assert send(administrator, "/management/clients", name="Lab", scopes="system/Patient.rs").status_code == 303
    page = administrator.get("/management/clients").text
    client_id = page.split('class="once">')[1].split("<")[0]
    assert "client_secret" in page
    assert "client_secret" not in administrator.get("/management/clients").text
    send(administrator, f"/management/clients/{client_id}/revoke", "/management/clients")
    assert "revoked" in administrator.get("/management/clients").text
