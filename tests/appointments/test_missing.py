"""Missed and late cancelled visits: noted by themselves, with the call and the fee that the rules ask for, and undone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from clinic.appointments.mapping.appointment import reason_of
from clinic.appointments.mapping.kinds import with_kind
from clinic.appointments.policy_tables import visit_breach
from clinic.appointments.queries.policy import policy_of, reasons_of
from clinic.appointments.rules.booking import Change
from clinic.appointments.rules.policy import SHIPPED, VisitPolicy
from clinic.appointments.service import book, cancel, move, no_show, set_status
from clinic.appointments.service.changes import undo
from clinic.appointments.service.missing import (
    anything_missed,
    came_after_all,
    drop_policy,
    note_missed,
    save_policy,
    save_reasons,
)
from clinic.cli.state import transact
from clinic.communication.queries.tasks import TaskRow, list_tasks
from clinic.core.errors import Conflict, Invalid, Stale
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.web.state import state_of
from tests.appointments import factories as f
from tests.factories import token_in

START = "2027-03-10 10:00"
RULES = VisitPolicy(grace=15, notice=24, no_show_fee=2500, late_fee=1000)


def a_visit(store: Store, when: str = START, patient: str = "p1", **more: object) -> Json:
    if store.find("Patient", patient) is None:
        f.a_patient(store, patient)
    return book(store, f.a_booking(when, patient_id=patient, **more))


def a_house(store: Store, rules: VisitPolicy = RULES) -> None:
    f.a_practice(store)
    save_policy(store, rules)


def to_do(store: Store) -> list[TaskRow]:
    return sorted(list_tasks(store)[0], key=lambda row: row.kind)


def breaches(store: Store) -> list[tuple[str, int]]:
    c = visit_breach.c
    return [tuple(row) for row in store.conn.execute(sa.select(c.kind, c.fee).order_by(c.start))]


def after(store: Store, **later: float) -> None:
    store.now = f.at(START) + timedelta(**later)


def test_who_does_not_come_is_noted_after_the_grace_and_not_before(any_store: Store) -> None:
    a_house(any_store)
    visit = a_visit(any_store)
    after(any_store, minutes=14)
    assert not anything_missed(any_store)
    assert note_missed(any_store) == 0
    after(any_store, minutes=15)
    assert anything_missed(any_store)
    assert note_missed(any_store) == 1
    assert note_missed(any_store) == 0
    missed = any_store.read("Appointment", visit["id"])
    assert (missed["status"], reason_of(missed)) == ("noshow", "Did not come, noted automatically")
    assert breaches(any_store) == [("noshow", 2500)]
    fee, call = to_do(any_store)
    assert (fee.kind, fee.amount, fee.words) == ("fee", "25.00", "25.00 USD: Check, 2027-03-10 10:00")
    assert (call.kind, call.patient_id) == ("missed-visit", "p1")
    assert call.words == "Check, 2027-03-10 10:00: Did not come, noted automatically"


@pytest.mark.parametrize("status", ["arrived", "checked-in", "fulfilled"])
def test_who_came_is_never_noted(any_store: Store, status: str) -> None:
    a_house(any_store)
    visit = a_visit(any_store)
    set_status(any_store, visit["id"], status)
    after(any_store, minutes=30)
    assert note_missed(any_store) == 0


def test_rules_are_those_of_the_type_and_off_is_off(any_store: Store) -> None:
    a_house(any_store)
    save_policy(any_store, VisitPolicy("chat", grace=0))
    a_visit(any_store, visit_type="chat")
    after(any_store, minutes=60)
    assert note_missed(any_store) == 0
    drop_policy(any_store, "chat")
    assert note_missed(any_store) == 1


def test_nobody_on_a_list_of_the_day_is_late(any_store: Store) -> None:
    a_house(any_store)
    bare = any_store.read("HealthcareService", "chat")
    any_store.update(with_kind(bare, margins=(0, 0), lengths=(), needs=(), untimed=True, per_day=3))
    listed = a_visit(any_store, visit_type="chat", anyway=True)
    timed = a_visit(any_store, "2027-03-10 11:00")
    after(any_store, hours=6)
    assert note_missed(any_store) == 1
    assert not anything_missed(any_store)
    assert any_store.read("Appointment", listed["id"])["status"] == "booked"
    assert any_store.read("Appointment", timed["id"])["status"] == "noshow"


def test_a_new_rule_says_nothing_about_the_days_before_it(any_store: Store) -> None:
    f.a_practice(any_store)
    a_visit(any_store)
    after(any_store, hours=40)
    save_policy(any_store, RULES)
    assert note_missed(any_store) == 0


def test_the_desk_takes_a_missed_visit_back_with_its_fee_and_its_call(any_store: Store) -> None:
    a_house(any_store)
    visit = a_visit(any_store)
    after(any_store, minutes=20)
    note_missed(any_store)
    after(any_store, minutes=50)
    assert came_after_all(any_store, visit["id"])["status"] == "booked"
    assert (breaches(any_store), to_do(any_store)) == ([], [])
    with pytest.raises(Conflict):
        came_after_all(any_store, visit["id"])


def test_undo_within_the_minute_takes_the_fee_back_too(any_store: Store) -> None:
    a_house(any_store)
    visit = a_visit(any_store)
    after(any_store, minutes=5)
    missed = no_show(any_store, visit["id"], reason="Forgot")
    assert len(to_do(any_store)) == 2
    undo(any_store, visit["id"], version=int(missed["meta"]["versionId"]))
    assert (breaches(any_store), to_do(any_store)) == ([], [])


@pytest.mark.parametrize(
    ("reason", "before", "kinds"),
    [
        ("Patient asked", 23, [("late-cancel", 1000)]),
        ("Cancelled by text", 2, [("late-cancel", 1000)]),
        ("Patient asked", 24, []),
        ("Provider is away", 1, []),
        ("booked by mistake", 1, []),
    ],
)
def test_a_late_cancellation_is_one_by_the_patient_within_the_hours(
    any_store: Store, reason: str, before: int, kinds: list[tuple[str, int]]
) -> None:
    a_house(any_store)
    visit = a_visit(any_store, "2027-03-12 10:00")
    any_store.now = f.at("2027-03-12 10:00") - timedelta(hours=before)
    cancel(any_store, visit["id"], reason=reason)
    assert breaches(any_store) == kinds
    assert [row.kind for row in to_do(any_store)] == ["fee"] * len(kinds)


def test_the_first_ones_of_a_year_are_free(any_store: Store) -> None:
    a_house(any_store, VisitPolicy(grace=15, no_show_fee=2500, free=1, follow_up=False))
    for day in ("10", "11"):
        a_visit(any_store, f"2027-03-{day} 10:00")
        any_store.now = f.at(f"2027-03-{day} 10:20")
        assert note_missed(any_store) == 1
    assert breaches(any_store) == [("noshow", 0), ("noshow", 2500)]
    assert [row.kind for row in to_do(any_store)] == ["fee"]


def test_a_visit_that_moved_is_not_late(any_store: Store) -> None:
    a_house(any_store)
    visit = a_visit(any_store)
    move(any_store, visit["id"], Change(start=f.at("2027-03-12 10:00")))
    after(any_store, minutes=30)
    assert note_missed(any_store) == 0
    assert breaches(any_store) == []


def test_rules_that_mean_nothing_and_stale_ones_are_refused(any_store: Store) -> None:
    save_policy(any_store, RULES)
    with pytest.raises(Stale):
        save_policy(any_store, RULES)
    with pytest.raises(Invalid) as refused:
        save_policy(
            any_store, VisitPolicy("x", grace=-1, notice=1000, free=100, no_show_fee=-5, video="http://x/{room}")
        )
    assert {one.field for one in refused.value.details} == {"grace", "notice", "free", "no_show_fee", "video"}
    assert policy_of(any_store, "x").grace == 15


def test_managers_write_the_reasons(any_store: Store) -> None:
    save_reasons(any_store, {"practice": (" Burst   pipe ", "Burst pipe", ""), "noshow": ("Overslept",)})
    found = reasons_of(any_store)
    assert (found["practice"], found["noshow"], found["patient"]) == (
        ("Burst pipe",),
        ("Overslept",),
        SHIPPED["patient"],
    )
    with pytest.raises(Invalid):
        save_reasons(any_store, {"patient": ("x" * 101,)})
    save_reasons(any_store, {})
    assert reasons_of(any_store) == SHIPPED


def test_the_manager_sets_rules_and_reasons_and_the_desk_uses_them(
    app: Flask, client_of: Callable[[str], FlaskClient]
) -> None:
    transact(state_of(app), f.a_practice)
    manager, path = client_of("manager"), "/appointments/missed-visits/check"
    token = token_in(manager.get(path).text)
    fields = {"csrf_token": token, "version": "0", "grace": "15", "notice": "24", "no_show_fee": "25", "late_fee": "",
              "free": "0", "follow_up": "y", "video": ""}  # fmt: skip
    refused = manager.post(path, data=fields | {"late_fee": "much", "grace": "x", "video": "zoom"})
    assert refused.status_code == 422
    assert "Write an amount such as 25.00." in refused.text
    assert 'value="much"' in refused.text
    assert manager.post(path, data=fields).status_code == 303
    assert manager.post(path, data=fields).status_code == 409
    assert "15 min" in manager.get("/appointments/missed-visits").text
    lists = {"csrf_token": token, "patient": "Has the flu", "practice": "", "noshow": "Overslept"}
    assert manager.post("/appointments/missed-visits/reasons", data=lists).status_code == 303
    visit = transact(state_of(app), lambda store: a_visit(store, "2027-03-09 14:00"))
    desk = client_of("receptionist")
    assert "Has the flu" in desk.get(f"/appointments/{visit['id']}").text
    assert desk.get(path).status_code == 403
    state_of(app).clock.instant += timedelta(hours=8)  # type: ignore[attr-defined]
    assert transact(state_of(app), note_missed) == 1
    desk = client_of("receptionist")
    listed = desk.get("/communication/messages/to-do").text
    assert "amount=25.00" in listed
    assert "25.00 USD: Check, 2027-03-09 14:00" in listed
    shown = desk.get(f"/appointments/{visit['id']}").text
    assert "Came after all" in shown
    data = {"csrf_token": token_in(shown)}
    assert desk.post(f"/appointments/{visit['id']}/came", data=data).status_code == 303
    assert desk.post(f"/appointments/{visit['id']}/came", data=data).status_code == 409
    assert "Nothing to see to" in desk.get("/communication/messages/to-do").text
