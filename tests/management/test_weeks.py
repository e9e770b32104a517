"""New working hours on the screen: what falls outside is shown before it is saved, and listed afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.appointments.queries.free import Search, find_times
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.booking import Booking
from clinic.appointments.rules.weeks import Part
from clinic.appointments.service.booking import book
from clinic.core.days import local, to_utc
from clinic.core.errors import Invalid
from clinic.fhir.store import Store
from clinic.management import service
from clinic.management.mapping import Provider, Site, VisitType
from clinic.management.rules import Stretch, read_week
from clinic.management.service import NewWeek
from clinic.web.state import state_of
from tests.management.conftest import fields_of, in_app, send
from tests.management.test_screens import add


def test_hours_that_leave_a_visit_outside_are_saved_only_when_that_was_seen(
    manager: FlaskClient, furnished: Flask
) -> None:
    provider = add(manager, "providers", given="Chidi", family="Nwosu", npi="", site="", room="")
    kind = add(manager, "visit-types", name="Check", minutes="20", colour="", comment="")
    url = f"/management/providers/{provider}/hours"
    week = {f"{day}_1_{part}": at for day in ("mon", "tue", "wed") for part, at in (("from", "9"), ("to", "17"))}
    assert send(manager, url, **week).status_code == 303

    def visit(store: Store) -> None:
        store.create({"resourceType": "Patient", "name": [{"given": ["Ada"], "family": "Outsider"}]}, id="outsider")
        start = to_utc(datetime(2027, 3, 17, 14), store.practice.zone)
        book(store, Booking("outsider", provider, kind, start))

    in_app(state_of(furnished), visit)
    short = {**week, "wed_1_to": "12", "since": "3/15/2027"}
    refused = send(manager, url, **short)
    assert refused.status_code == 409
    assert "Outsider" in refused.text
    assert 'value="17:00"' in manager.get(url).text
    assert "Outsider" not in manager.get("/management/outside").text
    kept = manager.post(url, data={**fields_of(refused.text), **short, "agreed": "1"})
    assert kept.status_code == 303
    assert "Outsider" in manager.get("/management/outside").text
    assert send(manager, url, **{**week, "since": "soon"}).status_code == 422


def test_hours_at_another_site_and_for_some_visit_types_stand_beside_the_ordinary_ones(any_practice: Store) -> None:
    north = service.save_site(any_practice, Site("North"))["id"]
    person = service.save_provider(any_practice, Provider("Chidi", "Nwosu", site=any_practice.practice.site_id))["id"]
    check, talk = (service.save_visit_type(any_practice, VisitType(name, 30))["id"] for name in ("Check", "Talk"))

    def week(day: str, opens: str, closes: str) -> tuple[Stretch, ...]:
        return read_week({f"{day}_1_from": opens, f"{day}_1_to": closes})

    service.save_week(any_practice, person, week("wed", "9", "12"))
    service.save_week(any_practice, person, NewWeek(week("wed", "13", "15"), part=Part(types=frozenset({talk}))))
    service.save_week(any_practice, person, NewWeek(week("thu", "9", "10"), part=Part(north)))
    since = datetime(2027, 3, 10, tzinfo=UTC)

    def found(type_id: str, site: str = "") -> list[str]:
        search = Search(
            0, since, (person,), limit=99, spread=99, type_id=type_id, latest=since + timedelta(days=3), site=site
        )
        offers = find_times(any_practice, calendar_setup(any_practice), search).offers
        return [f"{local(one.start, any_practice.practice.zone):%a %H:%M}" for one in offers]

    morning = [f"Wed {time}" for time in ("09:00", "09:30", "10:00", "10:30", "11:00", "11:30")]
    assert found(check) == [*morning, "Thu 09:00", "Thu 09:30"]
    assert found(talk) == [
        *morning,
        *(f"Wed {t}" for t in ("13:00", "13:30", "14:00", "14:30")),
        "Thu 09:00",
        "Thu 09:30",
    ]
    assert found(check, north) == ["Thu 09:00", "Thu 09:30"]
    with pytest.raises(Invalid, match="another site"):
        service.save_week(any_practice, person, NewWeek(week("wed", "11", "13"), part=Part(north)))
    service.save_week(any_practice, person, NewWeek((), part=Part(north)))
    assert found(check, north) == []
    assert found(check) == morning


def test_the_screen_shows_one_part_of_the_hours_at_a_time(manager: FlaskClient, furnished: Flask) -> None:
    provider = add(manager, "providers", given="Chidi", family="Nwosu", npi="", site="", room="")
    north = add(manager, "sites", name="North")
    url = f"/management/providers/{provider}/hours"
    assert send(manager, url, mon_1_from="9", mon_1_to="12").status_code == 303
    assert send(manager, f"{url}?site={north}", tue_1_from="13", tue_1_to="18").status_code == 303
    ordinary, other = manager.get(url).text, manager.get(f"{url}?site={north}").text
    assert ('value="12:00"' in ordinary, 'value="18:00"' in ordinary) == (True, False)
    assert ('value="12:00"' in other, 'value="18:00"' in other) == (False, True)
    assert send(manager, f"{url}?site={north}", mon_1_from="11", mon_1_to="18").status_code == 422
    for odd in ("?site=nothing", "?type=%00", "?site=" + "x" * 5000, "?type=x&type=y"):
        assert manager.get(url + odd).status_code in (200, 400)
