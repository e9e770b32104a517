"""The screens of series: every date seen before it is booked, changed together, for those who may."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.appointments.mapping.bonds import SERIES, tie_of
from clinic.appointments.rules.series import Pattern
from clinic.appointments.service import book
from clinic.appointments.service.series import book_series
from tests.appointments import factories as f
from tests.appointments.test_routes import HOSTILE, calendar, once_in, rows, text, within  # noqa: F401 a fixture
from tests.appointments.test_series import FIRST, plan
from tests.factories import token_in

Clients = Callable[[str], FlaskClient]
NEW = (
    "/appointments/series/new?patient=p1&visit_type=check&minutes=30&provider=adams&day=2027-03-10&time=14:00"
    "&every=week&interval=1&ends=count&count=4"
)


def a_series(app: Flask) -> str:
    made = within(app, lambda store: book_series(store, f.a_booking(FIRST), Pattern(count=4), plan())[0])
    return tie_of(made, SERIES)


def chosen(page: str) -> dict[str, str]:
    """What is chosen on the page for each date."""
    found = re.findall(r'name="(d\d+)" value="([^"]+)" checked', page)
    return dict(found)


def test_every_date_is_seen_and_booked_at_once(calendar: Flask, client_of: Clients) -> None:  # noqa: F811
    desk = client_of("receptionist")
    page = text(desk, NEW)
    assert "All 4 dates are free" in page
    form = {"csrf_token": token_in(page), "once": once_in(page), "patient": "p1", "visit_type": "check",
            "minutes": "30", "provider": "adams", "day": "2027-03-10", "time": "14:00", "every": "week",
            "interval": "1", "ends": "count", "count": "4", **chosen(page)}  # fmt: skip
    assert desk.post("/appointments/series/new", data=form).status_code == 303
    assert len(rows(calendar)) == 4
    assert desk.post("/appointments/series/new", data=form).status_code == 303
    assert len(rows(calendar)) == 4


def test_the_first_day_is_written_as_one_reads_it_and_is_not_called_optional(
    calendar: Flask,  # noqa: F811
    client_of: Clients,
) -> None:
    desk = client_of("receptionist")
    page = text(desk, NEW)
    assert 'value="10 Mar 2027"' in page
    assert 'value="2027-03-10"' not in page
    for name in ("day", "time"):
        label = page.partition(f'<label for="{name}">')[2].partition("</label>")[0]
        assert label
        assert "optional" not in label
    again = text(desk, NEW.replace("day=2027-03-10", "day=10+Mar+2027"))
    assert "All 4 dates are free" in again, "what the form shows is what it reads"
    assert "optional" not in text(desk, "/appointments/groups/new").partition('<label for="day">')[2].partition("<")[0]


def test_a_taken_date_is_shown_before_saving_with_times_close_to_it(calendar: Flask, client_of: Clients) -> None:  # noqa: F811
    within(calendar, lambda store: book(store, f.a_booking("2027-03-17 14:00", patient_id="p2")))
    within(calendar, lambda store: book(store, f.a_booking("2027-03-24 14:00", provider_id="baker")))
    page = text(client_of("receptionist"), NEW)
    assert "2 dates are not free" in page
    assert "the patient is with Dr Ben Baker then" in page
    assert len(chosen(page)) == 4
    assert "over:" not in page
    assert "over:" in text(client_of("manager"), NEW)


@pytest.mark.parametrize("value", HOSTILE)
def test_odd_input_never_breaks_the_dates(calendar: Flask, client_of: Clients, value: str) -> None:  # noqa: F811
    desk = client_of("receptionist")
    for name in ("interval", "count", "weekdays", "every", "ends", "until", "day", "time", "provider", "minutes"):
        answer = desk.get("/appointments/series/dates", query_string={**NAMED, name: value})
        assert answer.status_code in (200, 400), (name, value)


NAMED = {"patient": "p1", "provider": "adams", "day": "2027-03-10", "time": "14:00", "count": "3"}


def test_a_change_is_looked_at_then_made_and_taken_back(calendar: Flask, client_of: Clients) -> None:  # noqa: F811
    id_ = a_series(calendar)
    desk = client_of("receptionist")
    page = text(
        desk,
        f"/appointments/series/{id_}?plan=change&number=2&scope=following&day=2027-03-18&time=10:00&provider=baker",
    )
    form = {"csrf_token": token_in(page), "number": "2", "scope": "following", "day": "2027-03-18", "time": "10:00",
            "provider": "baker", **chosen(page), **dict(re.findall(r'name="(v\d+)" value="([^"]+)"', page))}  # fmt: skip
    assert desk.post(f"/appointments/series/{id_}/change", data=form).status_code == 303
    assert [row.provider for row in rows(calendar)] == ["adams", "baker", "baker", "baker"]
    after = text(desk, f"/appointments/series/{id_}")
    undo = re.search(r'action="(/appointments/series/[^"]+/undo/[^"]+)"', after)[1]
    assert desk.post(undo, data={"csrf_token": token_in(after)}).status_code == 303


def test_cancelling_wants_a_reason(calendar: Flask, client_of: Clients) -> None:  # noqa: F811
    id_ = a_series(calendar)
    desk = client_of("receptionist")
    page = text(desk, f"/appointments/series/{id_}")
    form = {"csrf_token": token_in(page), "number": "3", "scope": "following", "reason": ""}
    assert desk.post(f"/appointments/series/{id_}/cancel", data=form).status_code == 422
    assert desk.post(f"/appointments/series/{id_}/cancel", data={**form, "reason": "Moved"}).status_code == 303
    assert [row.status for row in rows(calendar)] == ["booked", "booked", "cancelled", "cancelled"]


def test_a_series_without_an_end_is_listed_to_extend_and_extended(calendar: Flask, client_of: Clients) -> None:  # noqa: F811
    made = within(calendar, lambda store: book_series(store, f.a_booking(FIRST), Pattern(carries_on=True), plan(2))[0])
    id_, desk = tie_of(made, SERIES), client_of("receptionist")
    assert "to extend" in text(desk, "/appointments/series?state=extend")
    page = text(desk, f"/appointments/series/{id_}?plan=extend")
    form = {"csrf_token": token_in(page), **chosen(page)}
    assert desk.post(f"/appointments/series/{id_}/extend", data=form).status_code == 303
    assert len(rows(calendar)) == 2 + 26
    assert "No series" in text(desk, "/appointments/series?state=extend")


def test_the_list_is_searched_and_an_unknown_series_is_not_found(calendar: Flask, client_of: Clients) -> None:  # noqa: F811
    a_series(calendar)
    desk = client_of("receptionist")
    assert "Ada Lovelace" in text(desk, "/appointments/series?q=ada")
    assert "Nobody found" in text(desk, "/appointments/series?q=%25")
    assert desk.get("/appointments/series/none").status_code == 404
