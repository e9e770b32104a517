"""The calendar's pages: who may what, what they show, and what odd input does."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from clinic.appointments.rules.spans import Span
from clinic.appointments.service import add_absence, book, record
from clinic.appointments.tables import appointment_row
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.web.state import state_of
from tests.appointments import factories as f
from tests.appointments.conftest import NOW, fill
from tests.factories import token_in
from tests.pdf.reading import words

Clients = Callable[[str], FlaskClient]
HOSTILE = [
    "", "x" * 5000, "<script>alert(1)</script>", "'; drop table resource; --", "\u202e\u2066", "=1+1", "99999999999",
    "-1", "2027-02-30", "0000-00-00", "9999-12-31T23:59:59Z", "NaN", "\U0001f600" * 50, "../../etc/passwd", "%00",
]  # fmt: skip


@pytest.fixture
def calendar(app: Flask) -> Flask:
    """The application with the small practice."""
    state = state_of(app)
    fill(state.database, state.setting)
    return app


def within(app: Flask, work: Callable[[Store], Json], *, actor: object = f.MANAGER) -> Json:
    """Do something in a transaction of its own."""
    state = state_of(app)
    return state.database.run_write(lambda conn: work(Store(conn, state.setting, actor=actor, now=NOW)))  # type: ignore[arg-type]


def rows(app: Flask) -> list[sa.Row]:
    with state_of(app).database.read() as conn:
        return list(conn.execute(sa.select(appointment_row).order_by(appointment_row.c.start)))


def text(client: FlaskClient, path: str, status: int = 200, **headers: str) -> str:
    answer = client.get(path, headers=headers)
    assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
    return answer.get_data(as_text=True)


def once_in(page: str) -> str:
    return re.search(r'name="once"[^>]*value="([^"]+)"', page)[1]


SLOT = "2027-03-09T19:00:00Z/adams"


def form(client: FlaskClient, **changes: str) -> dict[str, str]:
    """The booking form as a person would send it."""
    page = text(client, "/appointments/book?patient=p1")
    given = {"csrf_token": token_in(page), "once": once_in(page), "patient": "p1", "visit_type": "check",
             "minutes": "30", "slot": SLOT, "room": "", "note": "", "hold": ""}  # fmt: skip
    return given | changes


def test_the_day_view_shows_every_visit_with_its_state_in_words(calendar: Flask, client_of: Clients) -> None:
    within(calendar, lambda store: book(store, f.a_booking()))
    within(calendar, lambda store: record(store, f.a_booking("2027-03-09 09:00", patient_id="p2"), status="noshow"))
    page = text(client_of("receptionist"), "/appointments/day")
    assert "Ada Lovelace" in page
    assert "Confirmed" in page
    assert "Did not come" in page
    assert "Dr Ben Baker" in page
    assert "Lovelace" not in re.search(r"<title>(.*?)</title>", page, re.DOTALL)[1]


def test_closed_time_is_drawn_with_its_reason(calendar: Flask, client_of: Clients) -> None:
    span = Span(f.at("2027-03-09 15:00"), f.at("2027-03-09 16:00"))
    within(calendar, lambda store: add_absence(store, ["adams"], span, reason="Case meeting")[0])
    page = text(client_of("receptionist"), "/appointments/day")
    assert "Case meeting" in page
    assert "Lunch" in page
    assert "Off from 17:00" not in page
    assert "From 09:00" in page


@pytest.mark.parametrize("path", ["/appointments/day", "/appointments/week", "/appointments/list"])
@pytest.mark.parametrize("role", ["receptionist", "billing", "manager", "administrator"])
def test_all_staff_may_look_but_only_the_desk_may_book(
    calendar: Flask, client_of: Clients, path: str, role: str
) -> None:
    client = client_of(role)
    page = text(client, path)
    assert ('data-key="b"' in page) == (role != "billing")
    assert "style=" not in page
    if role == "billing":
        assert client.get("/appointments/book").status_code == 403


def test_a_stranger_is_sent_to_sign_in(calendar: Flask, client_of: Clients) -> None:
    for path in ("day", "week", "list", "book", "anything", "patients", "advice"):
        assert client_of("stranger").get(f"/appointments/{path}").status_code == 303


def test_a_visit_is_booked_by_the_plain_form_and_taken_back(calendar: Flask, client_of: Clients) -> None:
    client = client_of("receptionist")
    answer = client.post("/appointments/book", data=form(client, note="brings a letter"))
    assert (answer.status_code, answer.location) == (303, "/appointments/day?day=2027-03-09")
    page = text(client, answer.location)
    assert "Booked: Ada Lovelace" in page
    undo = re.search(r'action="(/appointments/[^"]+/undo/1)"', page)[1]
    assert client.post(undo, data={"csrf_token": token_in(page)}).status_code == 303
    assert [row.status for row in rows(calendar)] == ["entered-in-error"]


def test_a_second_click_books_nothing_more(calendar: Flask, client_of: Clients) -> None:
    client = client_of("receptionist")
    data = form(client)
    assert [client.post("/appointments/book", data=data).status_code for _ in range(3)] == [303, 303, 303]
    assert len(rows(calendar)) == 1


def test_the_loser_is_told_at_once_and_shown_the_nearest_times(calendar: Flask, client_of: Clients) -> None:
    client = client_of("receptionist")
    data = form(client, note="do not lose this")
    within(calendar, lambda store: book(store, f.a_booking(patient_id="p2")))
    answer = client.post("/appointments/book", data=data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "This time has just been taken." in page
    assert "13:30" in page
    assert "14:30" in page
    assert "do not lose this" in page
    assert len(rows(calendar)) == 1


def test_a_typed_time_beats_the_offer_that_was_ticked_before(calendar: Flask, client_of: Clients) -> None:
    client = client_of("receptionist")
    data = form(client, day="2027-03-10", time="3pm", provider="baker", shown="||")
    assert client.post("/appointments/book", data=data).status_code == 303
    (row,) = rows(calendar)
    assert (row.start, row.provider) == (f.at("2027-03-10 15:00"), "baker")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"patient": ""}, "Choose a patient."),
        ({"visit_type": "x"}, "Choose a visit type."),
        ({"minutes": "4"}, "Choose a length"),
        ({"minutes": "ten"}, "Choose a length"),
        ({"slot": "", "day": "soon", "time": "10"}, "This is not a day."),
        ({"slot": "", "day": "10 mar", "time": "tea"}, "This is not a time of day."),
        ({"slot": "", "day": "3/10", "time": "10"}, "Choose a provider"),
        ({"slot": "2027-03-09T13:00:00Z/adams"}, "This time is in the past."),
        ({"slot": "2027-03-09T19:00:00Z/adams", "note": "x" * 401}, "Field cannot be longer|This is too long"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_the_field(
    calendar: Flask, client_of: Clients, change: dict[str, str], words: str
) -> None:
    client = client_of("receptionist")
    answer = client.post("/appointments/book", data=form(client, **change))
    assert answer.status_code == 422
    assert re.search(words, answer.get_data(as_text=True))
    assert rows(calendar) == []


def test_overbooking_is_offered_to_those_who_may(calendar: Flask, client_of: Clients) -> None:
    within(calendar, lambda store: book(store, f.a_booking(patient_id="p2")))
    desk, boss = client_of("receptionist"), client_of("manager")
    assert desk.post("/appointments/book", data=form(desk, overbook_reason="pain")).status_code == 403
    assert boss.post("/appointments/book", data=form(boss, overbook_reason="pain")).status_code == 303
    assert [row.lane for row in rows(calendar)] == [0, 1]


def test_a_patient_with_two_visits_at_once_can_be_booked_when_somebody_says_so(
    calendar: Flask, client_of: Clients
) -> None:
    within(calendar, lambda store: book(store, f.a_booking(provider_id="baker")))
    client = client_of("receptionist")
    answer = client.post("/appointments/book", data=form(client))
    assert answer.status_code == 409
    assert 'name="anyway"' in answer.get_data(as_text=True)
    assert client.post("/appointments/book", data=form(client, anyway="y")).status_code == 303


def test_a_hold_keeps_others_out_and_is_given_back(calendar: Flask, client_of: Clients) -> None:
    one, two = client_of("receptionist"), client_of("receptionist")
    data = {"slot": SLOT, "minutes": "30", "csrf_token": form(one)["csrf_token"]}
    answer = one.post("/appointments/hold", data=data, headers={"HX-Request": "true"})
    held = re.search(r'data-held="([^"]+)"', answer.get_data(as_text=True))[1]
    other = {**data, "csrf_token": form(two)["csrf_token"]}
    assert two.post("/appointments/hold", data=other).status_code == 409
    one.post("/appointments/release", data={"hold": held, "csrf_token": data["csrf_token"]})
    assert two.post("/appointments/hold", data=other).status_code == 200


def test_one_visit_can_be_moved_cancelled_and_missed(calendar: Flask, client_of: Clients) -> None:
    made = within(calendar, lambda store: record(store, f.a_booking("2027-03-09 10:00")))
    client, path = client_of("receptionist"), f"/appointments/{made['id']}"
    page = text(client, path)
    assert "Did not come" in page
    keys = {"csrf_token": token_in(page), "version": "1"}
    moved = client.post(f"{path}/move", data=keys | {"day": "2027-03-10", "time": "9:30", "provider": "baker"})
    assert (moved.status_code, moved.location) == (303, "/appointments/day?day=2027-03-10")
    stale = client.post(f"{path}/move", data=keys | {"slot": SLOT})
    assert stale.status_code == 409
    assert client.post(f"{path}/cancel", data=keys | {"version": "2", "reason": " "}).status_code == 422
    assert client.post(f"{path}/no-show", data=keys | {"version": "2"}).status_code == 409
    gone = client.post(f"{path}/cancel", data=keys | {"version": "2", "reason": "Patient is ill"})
    assert gone.status_code == 303
    page = text(client, path)
    assert "Patient is ill" in page
    assert "Cancelled" in page


def test_a_refused_move_by_the_pointer_answers_with_free_times(calendar: Flask, client_of: Clients) -> None:
    made = within(calendar, lambda store: book(store, f.a_booking()))
    within(calendar, lambda store: book(store, f.a_booking("2027-03-09 15:00", patient_id="p2")))
    client = client_of("receptionist")
    data = {
        "csrf_token": form(client)["csrf_token"],
        "version": "1",
        "slot": "2027-03-09T20:10:00Z/adams",
        "minutes": "30",
    }
    answer = client.post(f"/appointments/{made['id']}/move", data=data, headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert "Nearest free times" in answer.get_data(as_text=True)
    assert "<html" not in answer.get_data(as_text=True)


def test_nothing_is_written_without_the_session_s_token(calendar: Flask, client_of: Clients) -> None:
    made = within(calendar, lambda store: book(store, f.a_booking()))
    client = client_of("receptionist")
    client.post("/appointments/book", data=form(client, csrf_token="wrong", slot="2027-03-09T20:00:00Z/adams"))
    for path in ("move", "cancel", "no-show", "undo/1"):
        client.post(f"/appointments/{made['id']}/{path}", data={"reason": "x", "slot": SLOT})
    assert [(row.status, row.version) for row in rows(calendar)] == [("booked", 1)]


QUESTIONS = (
    "day", "site", "provider", "first", "last", "q", "page", "status", "patient", "slot", "start", "minutes", "part", "time",
)  # fmt: skip


@pytest.mark.parametrize("path", ["day", "week", "list", "book", "advice", "patients"])
def test_an_odd_address_is_answered_with_a_page(calendar: Flask, client_of: Clients, path: str) -> None:
    client = client_of("manager")
    for value in HOSTILE:
        answer = client.get(f"/appointments/{path}", query_string=dict.fromkeys(QUESTIONS, value))
        assert answer.status_code < 500, value


def test_odd_fields_are_refused_and_never_a_fault(calendar: Flask, client_of: Clients) -> None:
    client = client_of("manager")
    base = form(client)
    names = [name for name in base if name != "csrf_token"]
    for number, value in enumerate(HOSTILE):
        alone = names[number % len(names)]
        for changed in (dict.fromkeys(names, value), {alone: value}):
            assert client.post("/appointments/book", data=base | changed).status_code < 500, (value, changed)
        held = {"csrf_token": base["csrf_token"], "slot": value, "minutes": value}
        assert client.post("/appointments/hold", data=held).status_code < 500, value


@pytest.mark.parametrize("act", ["move", "cancel", "no-show", "undo/1"])
def test_odd_changes_of_a_visit_are_refused_and_never_a_fault(calendar: Flask, client_of: Clients, act: str) -> None:
    client = client_of("manager")
    token = form(client)["csrf_token"]
    made = within(calendar, lambda store: book(store, f.a_booking("2027-03-10 10:00", patient_id="p2")))
    names = ("slot", "day", "time", "minutes", "provider", "version", "reason", "overbook_reason")
    for value in HOSTILE:
        data = dict.fromkeys(names, value) | {"csrf_token": token}
        assert client.post(f"/appointments/{made['id']}/{act}", data=data).status_code < 500, value


def test_markup_in_a_name_stays_text(calendar: Flask, client_of: Clients) -> None:
    within(calendar, lambda store: f.a_patient(store, "p9", given="<b>Bo", family="<script>x</script>"))
    within(calendar, lambda store: book(store, f.a_booking(patient_id="p9")))
    for path in ("/appointments/day", "/appointments/list", "/appointments/book?patient=p9"):
        page = text(client_of("receptionist"), path)
        assert "<script>x" not in page
        assert "&lt;script&gt;" in page


def test_there_is_no_such_appointment(calendar: Flask, client_of: Clients) -> None:
    assert client_of("receptionist").get("/appointments/nothing").status_code == 404


def test_the_list_is_searched_and_paged(calendar: Flask, client_of: Clients) -> None:
    def many(store: Store) -> Json:
        for number in range(60):
            start = f.at("2027-03-01 09:00") + timedelta(minutes=15 * number)
            record(
                store, f.a_booking(start=start, visit_type="chat", patient_id=f"p{1 + number % 3}"), status="fulfilled"
            )
        return {}

    within(calendar, many)
    client = client_of("billing")
    first = text(client, "/appointments/list?first=2027-03-01&last=2027-03-05")
    assert "1 to 50 of 60" in first
    assert "51 to 60 of 60" in text(client, "/appointments/list?first=2027-03-01&last=2027-03-05&page=2")
    assert "20 entries" in text(client, "/appointments/list?first=2027-03-01&last=2027-03-05&q=bea")
    assert "No appointments" in text(client, "/appointments/list?first=2027-03-01&last=2027-03-05&q=100%25")


def test_the_day_view_asks_the_database_the_same_number_of_times_however_full_it_is(
    calendar: Flask, client_of: Clients
) -> None:
    client = client_of("receptionist")
    text(client, "/appointments/day")
    few = statements(calendar, lambda: text(client, "/appointments/day"))

    def many(store: Store) -> Json:
        for number in range(64):
            start = f.at("2027-03-09 09:00") + timedelta(minutes=5 * number)
            record(store, f.a_booking(start=start, minutes=5, patient_id=f"p{1 + number % 3}"), status="fulfilled")
        return {}

    within(calendar, many)
    text(client, "/appointments/day")
    full = statements(calendar, lambda: text(client, "/appointments/day"))
    assert len(full) == len(few), full
    assert len([line for line in full if line.startswith("SELECT")]) <= 6, full


def statements(app: Flask, work: Callable[[], object]) -> list[str]:
    """Every statement that reads or writes while something runs; the audit's own are not the page's."""
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "audit_" not in statement and not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    engine = state_of(app).database.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    return seen


def test_the_day_is_printed_with_who_pays_and_what_is_due(calendar: Flask, client_of: Clients) -> None:
    def booked(store: Store) -> Json:
        policy = {"resourceType": "Coverage", "status": "active", "beneficiary": {"reference": "Patient/p1"}}
        store.create({**policy, "payor": [{"display": "Meadow PPO"}], "period": {"end": "2027-03-09"}})
        book(store, f.a_booking("2027-03-10 14:00"))
        book(store, f.a_booking("2027-03-09 15:00", patient_id="p2"))
        return book(store, f.a_booking())

    within(calendar, booked)
    said = []
    for day in ("09", "10"):
        answer = client_of("receptionist").get(f"/appointments/print-day?day=2027-03-{day}")
        assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
        said.append(words(answer.data))
    assert "Meadow PPO $0.00" in said[0]
    assert "Self-pay $0.00" in said[0]
    assert "Meadow PPO Ended $0.00" in said[1]
