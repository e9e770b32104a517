"""Overbooking on purpose: counted for good, with who and why; and the same patient twice at one time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.appointments.errors import SamePatient
from clinic.appointments.queries.overbooked import Wanted, counts, overbooked
from clinic.appointments.rules.booking import Change
from clinic.appointments.service.booking import book
from clinic.appointments.service.changes import cancel, move
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.web.state import state_of
from tests.appointments import factories as f
from tests.appointments.conftest import NOW, fill

MARCH = Wanted(date(2027, 3, 1), date(2027, 3, 31))


def overbook(store: Store, reason: str = "In pain") -> Json:
    """A second visit beside the first, by a manager."""
    book(store, f.a_booking())
    store.actor = f.MANAGER
    return book(store, f.a_booking(patient_id="p2", overbook_reason=reason))


def test_each_is_counted_with_who_and_why_even_when_it_is_cancelled_later(desk: Store) -> None:
    made = overbook(desk)
    cancel(desk, made["id"], reason="feels better")
    rows, total = overbooked(desk, MARCH)
    assert total == 1
    assert (rows[0].patient_name, rows[0].reason, rows[0].author_name, rows[0].status) == (
        "Bea Lovelace",
        "In pain",
        "Meera",
        "cancelled",
    )
    assert [[(one.name, one.number) for one in part] for part in counts(desk, MARCH)] == [
        [("Dr Ann Adams", 1)],
        [("Meera", 1)],
    ]


def test_a_visit_that_is_only_renamed_is_counted_once_and_an_ordinary_one_never(desk: Store) -> None:
    made = overbook(desk)
    book(desk, f.a_booking("2027-03-10 09:00", patient_id="p3"))
    desk.fire("appointment_changed", made)
    assert overbooked(desk, MARCH)[1] == 1


@pytest.mark.parametrize(
    ("changes", "found"),
    [({"words": "bea"}, 1), ({"words": "PAIN"}, 1), ({"words": "%"}, 0), ({"words": "ada"}, 0),
     ({"provider": "adams"}, 1), ({"provider": "baker"}, 0), ({"first": date(2027, 3, 10)}, 0), ({"page": 2}, 0)],
)  # fmt: skip
def test_the_report_is_searched(lite: Store, changes: dict[str, object], found: int) -> None:
    overbook(lite)
    assert len(overbooked(lite, replace(MARCH, **changes))[0]) == found


def test_of_a_closed_record_the_reason_stays_hidden(lite: Store) -> None:
    overbook(lite)
    lite.actor = replace(f.MANAGER, barred=frozenset({"p2"}))
    assert [row.reason for row in overbooked(lite, MARCH)[0]] == [""]


def test_moving_into_another_visit_of_the_same_patient_is_noticed_across_providers(desk: Store) -> None:
    book(desk, f.a_booking(provider_id="baker"))
    other = book(desk, f.a_booking("2027-03-10 10:00"))
    with pytest.raises(SamePatient):
        move(desk, other["id"], Change(start=f.at("2027-03-09 14:15"), anyway=False))
    assert move(desk, other["id"], Change(start=f.at("2027-03-09 14:15"), anyway=True))


@pytest.fixture
def report(app: Flask) -> Flask:
    state = state_of(app)
    fill(state.database, state.setting)
    state.database.run_write(
        lambda conn: overbook(Store(conn, state.setting, actor=f.DESK, now=NOW), '=HYPERLINK("x")')
    )
    return app


def test_the_report_and_its_file_are_for_those_who_may_overbook(
    report: Flask, client_of: Callable[[str], FlaskClient]
) -> None:
    manager = client_of("manager")
    page = manager.get("/appointments/overbooked").get_data(as_text=True)
    assert "Bea Lovelace" in page
    assert "HYPERLINK" in page
    file = manager.get("/appointments/overbooked.csv").get_data(as_text=True)
    assert "'=HYPERLINK" in file
    for role in ("receptionist", "billing"):
        assert client_of(role).get("/appointments/overbooked").status_code == 403
        assert client_of(role).get("/appointments/overbooked.csv").status_code == 403


def test_an_empty_report_says_so(report: Flask, client_of: Callable[[str], FlaskClient]) -> None:
    page = client_of("manager").get("/appointments/overbooked?first=2020-01-01&last=2020-01-02&page=9").get_data(True)
    assert "Nothing was overbooked" in page
