"""Fifty at once, from home and by programs: one time is one person's, one link one answer."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from clinic.appointments.online_tables import online_request
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.online import OnlineRule, Person, Wish
from clinic.appointments.rules.slots import FREE, Stretch, stretch_id
from clinic.appointments.service.answers import Answer, answer_visit
from clinic.appointments.service.booking import book
from clinic.appointments.service.links import open_link, visit_link_for
from clinic.appointments.service.online import ask_or_book, save_rule
from clinic.appointments.service.programs import hold_found
from clinic.appointments.service.requests import Who, accept
from clinic.appointments.service.upkeep import faults_of_claims
from clinic.db.engine import Database
from clinic.fhir.store import Setting, Store
from tests.appointments import factories as f
from tests.appointments.conftest import NOW
from tests.appointments.test_race import CLIENTS, race

START = f.at("2027-03-11 10:00")


def opened(database: Database, setting: Setting) -> None:
    with database.write() as conn:
        save_rule(Store(conn, setting, actor=f.DESK, now=NOW), OnlineRule("check", "request"))


def whole(database: Database, setting: Setting) -> None:
    with database.read() as conn:
        assert list(faults_of_claims(Store(conn, setting, actor=f.DESK, now=NOW))) == []


def test_of_fifty_who_ask_for_one_time_one_has_it_held(practice_database: Database, setting: Setting) -> None:
    opened(practice_database, setting)
    wish = Wish("check", "adams", START)

    def ask(store: Store, number: int) -> object:
        person = Person("Nora", f"Vance{number}", "1990-05-06", f"+1212555{number:04d}")
        return ask_or_book(store, person, replace(wish, network=str(number)), known=False)

    results = race(practice_database, setting, ask)
    assert sorted(results) == ["Taken"] * (CLIENTS - 1) + ["won"]
    with practice_database.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(online_request)).scalar() == 1
    whole(practice_database, setting)


def test_of_fifty_programs_one_holds_a_time(practice_database: Database, setting: Setting) -> None:
    with practice_database.read() as conn:
        setup = calendar_setup(Store(conn, setting, actor=f.DESK, now=NOW))
    kind = setup.visit_type("check")
    assert kind is not None
    id_ = stretch_id(Stretch(START, f.at("2027-03-11 10:30"), "adams", FREE, kind.id))
    results = race(practice_database, setting, lambda store, _number: hold_found(store, id_))
    assert results.count("won") == 1
    assert set(results) - {"won"} <= {"Taken", "Conflict"}
    whole(practice_database, setting)


def test_a_request_that_two_desks_accept_is_booked_once(practice_database: Database, setting: Setting) -> None:
    opened(practice_database, setting)
    with practice_database.write() as conn:
        store = Store(conn, setting, actor=f.DESK, now=NOW)
        person = Person("Nora", "Vance", "1990-05-06", "+12125550177")
        made = ask_or_book(store, person, Wish("check", "adams", START), known=False)
    results = race(practice_database, setting, lambda store, _number: accept(store, made.request_id, Who("p1")))
    assert sorted(results) == ["Conflict"] * (CLIENTS - 1) + ["won"]
    whole(practice_database, setting)


def test_a_link_that_fifty_guess_at_once_counts_every_guess(practice_database: Database, setting: Setting) -> None:
    with practice_database.write() as conn:
        store = Store(conn, setting, actor=f.DESK, now=NOW)
        token = visit_link_for(store, book(store, f.a_booking("2027-03-11 10:00")))
    said: list[str] = []
    race(practice_database, setting, lambda store, _number: said.append(open_link(store, token, "1990-01-01")))
    with practice_database.write() as conn:
        assert open_link(Store(conn, setting, actor=f.DESK, now=NOW), token, "1980-02-03") == "over"


def test_yes_and_no_at_once_leave_one_whole_visit(practice_database: Database, setting: Setting) -> None:
    with practice_database.write() as conn:
        visit = book(Store(conn, setting, actor=f.DESK, now=NOW), f.a_booking("2027-03-11 10:00"))

    def act(store: Store, number: int) -> object:
        return answer_visit(store, visit["id"], Answer("Patient/p1", "declined" if number % 2 else "accepted"))

    race(practice_database, setting, act)
    with practice_database.read() as conn:
        kept = Store(conn, setting, actor=f.DESK, now=NOW).read("Appointment", visit["id"])
    assert kept["status"] == "cancelled"
    whole(practice_database, setting)
