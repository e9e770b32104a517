"""Fix before they come: what every coming visit lacks, on both databases, and what the list does about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from clinic.appointments.rules.booking import Booking
from clinic.appointments.service.booking import book
from clinic.appointments.service.changes import cancel
from clinic.cli.state import transact
from clinic.core.actor import SYSTEM
from clinic.core.errors import Conflict, Invalid
from clinic.fhir.practice import save_practice
from clinic.fhir.store import Store
from clinic.insurance.mapping import to_policy
from clinic.insurance.rules import Policy
from clinic.insurance.service import add_coverage, change_coverage, coverages_of
from clinic.intake.service import packets
from clinic.intake.service.forms import install_library
from clinic.registration.rules.details import PatientDetails
from clinic.registration.service.patients import register_patient
from clinic.visits import service
from clinic.visits.queries.ready import Ready, Wanted, coming_visits, counts_of, ready_mark, to_fix_today
from clinic.visits.screens import today_of
from clinic.visits.service.mending import ask_to_confirm, note_call, send_forms, undo_mending
from clinic.web.context import forget_practice
from clinic.web.state import state_of
from tests.factories import token_in
from tests.visits.conftest import Desk, set_up
from tests.visits.test_one_key import freshen


def later_visit(desk: Desk, days: int, patient_id: str = "") -> str:
    start = desk.store.now.replace(second=0, microsecond=0) + timedelta(days=days, minutes=6)
    who, kind = patient_id or desk.patient_id, desk.made.types["Annual visit"]
    return str(
        book(
            desk.store,
            Booking(who, desk.made.providers[days % 3], kind, start, anyway=True, overbook_reason="They asked for it"),
        )["id"]
    )


def coming(desk: Desk, **more: object) -> dict[str, Ready]:
    desk.store._read_once.clear()
    return {row.id: row for row in coming_visits(desk.store, Wanted(today_of(desk.store), **more))}  # type: ignore[arg-type]


def lacks(row: Ready) -> list[str]:
    return [need.name for need in row.to_mend]


def test_cover_is_looked_at_on_the_day_of_each_visit(desk: Desk) -> None:
    freshen(desk)
    near, far = later_visit(desk, 2), later_visit(desk, 9)
    assert {lacks(row) == [] for row in coming(desk).values()} == {True}
    policy = coverages_of(desk.store, desk.patient_id)[0]
    ends = today_of(desk.store) + timedelta(days=5)
    change_coverage(desk.store, policy["id"], replace(to_policy(policy), ends=ends), version=1)
    found = coming(desk)
    assert lacks(found[near]) == []
    assert lacks(found[far]) == ["coverage"]
    starts = ends + timedelta(days=1)
    add_coverage(desk.store, desk.patient_id, Policy("Northline HMO", member_id="NLH-1", starts=starts))
    assert lacks(coming(desk)[far]) == []


def test_a_consent_that_ends_before_the_visit_is_missing_on_its_day(desk: Desk) -> None:
    visit = later_visit(desk, 3)
    assert lacks(coming(desk)[visit]) == ["consents"]
    freshen(desk)
    assert lacks(coming(desk)[visit]) == []


def test_who_cannot_be_reached_stands_in_the_list_and_who_can_does_not(desk: Desk) -> None:
    alone = register_patient(desk.store, PatientDetails("Otto", "Ohne", "1950-02-03", "male"))
    visit = later_visit(desk, 1, alone["id"])
    assert lacks(coming(desk)[visit]) == ["contact", "coverage", "consents"]
    assert coming(desk)[visit].number == ""
    assert coming(desk)[desk.appointment_id].number == "+12125550142"


def test_only_what_is_still_to_come_stands_in_it_and_each_visit_once(desk: Desk) -> None:
    visit = later_visit(desk, 4)
    assert set(coming(desk)) == {desk.appointment_id, visit}
    assert set(coming(desk, days=2)) == {desk.appointment_id}
    assert set(coming(desk, provider=desk.made.providers[1])) <= {visit}
    assert coming(desk, site="nowhere") == {}
    service.arrive(desk.store, desk.appointment_id)
    cancel(desk.store, visit, reason="Moved away")
    assert coming(desk) == {}


def test_the_filters_the_counts_and_todays_number_agree(desk: Desk) -> None:
    later_visit(desk, 4)
    rows = list(coming(desk).values())
    today = Wanted(today_of(desk.store))
    assert [today.takes(row) for row in rows] == [True, True]
    assert not replace(today, need="coverage").takes(rows[0])
    assert replace(today, need="consents", text="garcia mafe").takes(rows[0])
    assert not replace(today, text="nobody").takes(rows[0])
    assert replace(today, need="contact", whole=True).takes(rows[0]), "its card and number are asked at the desk"
    assert counts_of(rows) == {"consents": 2}
    assert to_fix_today(desk.store) == 1


def test_a_restricted_patient_is_not_in_the_list_of_who_may_not_open_them(desk: Desk) -> None:
    desk.store.actor = replace(desk.store.actor, barred=frozenset({desk.patient_id}))
    row = coming(desk)[desk.appointment_id]
    assert row.closed
    assert row.to_mend == ()
    assert (row.number, row.tried, row.birth_date) == ("", None, "1979")
    assert not Wanted(today_of(desk.store), whole=True).takes(row)


def test_the_mark_changes_with_what_the_list_is_made_of(desk: Desk) -> None:
    before = ready_mark(desk.store, "x")
    assert ready_mark(desk.store, "x") == before
    assert ready_mark(desk.store, "y") != before
    desk.later(0.1)
    note_call(desk.store, desk.appointment_id, "no-answer")
    assert ready_mark(desk.store, "x") != before


def test_a_call_is_noted_shown_and_taken_back_within_a_minute(desk: Desk) -> None:
    done = note_call(desk.store, desk.appointment_id, "no-answer")
    tried = coming(desk)[desk.appointment_id].tried
    assert tried is not None
    assert (tried.outcome, tried.at) == ("no-answer", desk.store.now)
    undo_mending(desk.later(0.5), done)
    assert coming(desk)[desk.appointment_id].tried is None
    done = note_call(desk.store, desk.appointment_id, "message")
    with pytest.raises(Conflict):
        undo_mending(desk.later(5), done)
    with pytest.raises(Invalid):
        note_call(desk.store, desk.appointment_id, "shouted")


def test_a_patient_is_asked_once_a_day_and_not_after_they_came(desk: Desk) -> None:
    first = ask_to_confirm(desk.store, desk.appointment_id)
    with pytest.raises(Conflict):
        ask_to_confirm(desk.store, desk.appointment_id)
    undo_mending(desk.store, first)
    service.arrive(desk.store, desk.appointment_id)
    with pytest.raises(Conflict):
        note_call(desk.store, desk.appointment_id, "done")


def test_the_forms_are_sent_by_a_link_that_lasts_until_the_visit_and_makes_way_for_the_tablet(desk: Desk) -> None:
    install_library(desk.store)
    visit = later_visit(desk, 3)
    tokens: list[str] = []

    def address(token: str) -> str:
        tokens.append(token)
        return f"https://clinic.example/{token}"

    done = send_forms(desk.store, visit, address)
    kept = desk.store.read("Communication", done.id)
    assert tokens[0] not in str(kept), "the link travels with the work and is never kept in the record"
    forms = {need.name: need for need in coming(desk)[visit].needs}["forms"]
    assert (forms.state, forms.word) == ("warn", "open")
    again = send_forms(desk.later(3), visit, address)
    assert again.packet != done.packet
    undo_mending(desk.store, again)
    assert tokens[0] != tokens[1]


def test_nobody_is_sent_forms_that_there_are_not(desk: Desk) -> None:
    with pytest.raises(Invalid):
        send_forms(desk.store, desk.appointment_id, str)


@pytest.fixture
def booked(app: Flask) -> Desk:
    """The practice, committed, with forms in use."""

    def make(store: Store) -> Desk:
        desk = set_up(store)
        install_library(store)
        save_practice(store.conn, store.practice)
        return desk

    desk = transact(state_of(app), make)
    forget_practice(state_of(app))
    return desk


def test_the_list_does_it_in_place_and_stays_where_it_was(
    booked: Desk, client_of: Callable[[str], FlaskClient]
) -> None:
    client = client_of("receptionist")
    page = client.get("/visits/ready?days=2&need=consents").text
    assert "Consents: 2 to sign" in page
    token = {"csrf_token": token_in(page)}
    base = f"/visits/ready/{booked.appointment_id}"
    called = client.post(f"{base}/called?days=2&need=consents", data={**token, "outcome": "no-answer"})
    assert called.headers["Location"].endswith("/visits/ready?days=2&need=consents")
    page = client.get("/visits/ready").text
    assert "nobody answered" in page
    assert "no answer" in page
    undo = page.partition('action="/visits/ready/undo/call/')[2].partition('"')[0]
    assert client.post(f"/visits/ready/undo/call/{undo}", data=token).status_code == 303
    assert client.post(f"{base}/ask", data=token).status_code == 303
    client.get("/visits/ready")
    assert client.post(f"{base}/ask", data=token).status_code == 303
    assert "was asked today already" in client.get("/visits/ready").text
    assert client.post(f"{base}/forms", data=token).status_code == 303
    assert "The link to the forms leaves in a minute" in client.get("/visits/ready").text
    assert client.post(f"{base}/called", data={"outcome": "no-answer"}).status_code in (400, 403, 422)


def test_the_list_renews_itself_only_when_something_changed_and_asks_six_things_at_most(
    booked: Desk, app: Flask, client_of: Callable[[str], FlaskClient]
) -> None:
    client = client_of("receptionist")
    client.get("/visits/ready")
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "audit_" not in statement and not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    engine = state_of(app).database.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        page = client.get("/visits/ready").text
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    assert len(seen) <= 7, seen
    mark = page.partition('data-mark="')[2].partition('"')[0]
    headers = {"X-Background": "1", "If-None-Match": f'"{mark}"'}
    assert client.get("/visits/ready/list?days=14&page=1", headers=headers).status_code == 204
    assert client.get("/visits/ready/list?days=7&page=1", headers=headers).status_code == 200


def test_the_calendar_and_the_panel_of_the_visit_say_what_is_to_fix(
    booked: Desk, client_of: Callable[[str], FlaskClient]
) -> None:
    client, today = client_of("receptionist"), today_of(booked.store)
    assert "1 to fix" in client.get(f"/visits/ready/day/{today}").text
    assert "to fix" not in client.get(f"/visits/ready/day/{today - timedelta(days=1)}").text
    assert "to fix" not in client.get(f"/visits/ready/day/{today + timedelta(days=1)}").text
    assert client.get("/visits/ready/day/someday").status_code == 404
    needs = client.get(f"/visits/ready/{booked.appointment_id}/needs").text
    assert "Consents: 2 to sign" in needs
    assert client.get("/visits/ready/none/needs").status_code == 404
    assert f"/visits/ready/{booked.appointment_id}/needs" in client.get(f"/appointments/{booked.appointment_id}").text
    assert f"/visits/ready/day/{today}" in client.get(f"/appointments/day?day={today}").text


def test_a_link_opened_again_asks_for_the_birth_date_again(app: Flask, booked: Desk) -> None:
    state = state_of(app)
    tokens: list[str] = []

    def address(token: str) -> str:
        tokens.append(token)
        return token

    def sent(store: Store) -> str:
        return send_forms(store, booked.appointment_id, address).packet

    packet = transact(state, sent)
    transact(state, lambda store: packets.identify(store, packets.packet(store, packet), "1979-08-14", "self"))
    phone = app.test_client()
    page = phone.get(f"/intake/link/{tokens[0]}")
    assert phone.post(f"/intake/link/{tokens[0]}", data={"csrf_token": token_in(page.text)}).status_code == 303
    with state.database.read() as conn:
        found = packets.packet(Store(conn, state.setting, actor=SYSTEM, now=state.clock.now()), packet)
    assert (found.state, found.identified) == ("waiting", False)


@pytest.mark.parametrize(
    "query", ["day=yesterday", "day=0001-01-01", "days=900", "page=-3", "page=9999", "need=<b>", "q=%00", "provider=x"]
)
def test_odd_questions_are_answered(query: str, booked: Desk, client_of: Callable[[str], FlaskClient]) -> None:
    assert client_of("receptionist").get(f"/visits/ready?{query}").status_code in (200, 400)


def test_nobody_is_missing_is_said_in_words(app: Flask, client_of: Callable[[str], FlaskClient]) -> None:
    assert "Everybody is ready" in client_of("receptionist").get("/visits/ready").text
