"""A visit that needs more than its provider: found in one search, booked, moved and cancelled as one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.appointments.errors import NothingFree, TimeTaken
from clinic.appointments.mapping.appointment import visit_type_of
from clinic.appointments.mapping.bonds import SERIES, tie_of
from clinic.appointments.mapping.hours import with_hours
from clinic.appointments.mapping.kinds import with_kind, with_use
from clinic.appointments.queries.free import Search, find_times, next_free
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.booking import Change
from clinic.appointments.rules.hours import Hours
from clinic.appointments.rules.resources import Length, Need
from clinic.appointments.rules.series import Pattern
from clinic.appointments.rules.spans import Span
from clinic.appointments.service.booking import book
from clinic.appointments.service.changes import cancel, move, undo
from clinic.appointments.service.holds import hold
from clinic.appointments.service.requests import ask_to_move
from clinic.appointments.service.series import Moved, Planned, Whole, book_series, change_series
from clinic.appointments.service.upkeep import faults_of_claims, rebuild_claims
from clinic.appointments.tables import appointment_part, appointment_row
from clinic.core.days import cell_start
from clinic.core.json import Json
from clinic.db.engine import Database
from clinic.fhir.store import Setting, Store
from clinic.fhir.tables import slot_claim
from tests.appointments import factories as f
from tests.appointments.conftest import NOW

OWNER = {"reference": "Organization/org-harbour"}
WEEKDAYS = frozenset(range(5))


def a_device(store: Store, id_: str, name: str, **use: object) -> None:
    made = {
        "resourceType": "Device",
        "status": "active",
        "owner": OWNER,
        "deviceName": [{"name": name, "type": "other"}],
    }
    given = {"sort": "laser", "capacity": 1, "margins": (0, 0)} | use
    store.create(with_use(made, **given), id=id_)  # type: ignore[arg-type]


def a_laser_practice(store: Store) -> None:
    """A laser room of its own, a laser that cools for ten minutes, two assistants, and a visit that needs all of it.

    The laser visit lasts 60 minutes: the laser room and the laser for the middle 20, any assistant for the first 30.
    """
    owner = {"managingOrganization": OWNER, "partOf": {"reference": "Location/site"}}
    room = with_use(f.a_location("laser-room", "Laser room", "ro") | owner, sort="laser", capacity=1, margins=(0, 5))
    store.create(room, id="laser-room")
    a_device(store, "laser1", "Laser 1", margins=(0, 10))
    for id_, name in (("eve", "Dr Eve Helper"), ("finn", "Dr Finn Helper")):
        f.a_provider(store, id_, name, code=[{"text": "Assistant"}])
    f.a_visit_type(store, "laser", "Laser", 60)
    needs = (
        Need("person", kind="assistant", minutes=30),
        Need("room", kind="laser", offset=20, minutes=20),
        Need("device", kind="laser", offset=20, minutes=20),
    )
    lengths = (Length(90, who="new"), Length(45, provider="baker"))
    kind = with_kind(
        store.read("HealthcareService", "laser"), margins=(0, 5), lengths=lengths, needs=needs, untimed=False
    )
    store.update(kind)


@pytest.fixture
def laser(practice_database: Database, setting: Setting) -> Iterator[Store]:
    with practice_database.write() as conn:
        store = Store(conn, setting, actor=f.MANAGER, now=NOW)
        a_laser_practice(store)
        yield store


def claimed(store: Store, id_: str) -> dict[str, tuple[str, str]]:
    """Who and what is claimed for an appointment, from and to which local time."""
    c = slot_claim.c
    query = sa.select(c.actor, sa.func.min(c.cell), sa.func.max(c.cell)).where(c.appointment == id_).group_by(c.actor)
    found = {}
    for actor, first, last in store.conn.execute(query):
        times = [cell_start(cell).astimezone().astimezone(NOW.tzinfo) for cell in (first, last + 1)]
        found[actor] = tuple(_wall(one) for one in times)
    return found  # type: ignore[return-value]


def _wall(instant: object) -> str:
    from clinic.core.days import local

    return local(instant, f.ZONE).strftime("%H:%M")  # type: ignore[arg-type]


def booked(store: Store, when: str = "2027-03-10 10:00", **changes: object) -> Json:
    return book(store, f.a_booking(when, visit_type="laser", minutes=60, anyway=True, **changes))


def test_one_booking_takes_the_time_of_everybody_and_everything_it_needs(laser: Store) -> None:
    made = booked(laser)
    assert claimed(laser, made["id"]) == {
        "Practitioner/adams": ("10:00", "11:05"),
        "Location/room1": ("10:00", "11:05"),
        "Practitioner/eve": ("10:00", "10:30"),
        "Location/laser-room": ("10:20", "10:45"),
        "Device/laser1": ("10:20", "10:50"),
    }
    periods = {one["actor"]["reference"]: one["period"] for one in made["participant"] if "period" in one}
    assert periods["Device/laser1"] == {"start": "2027-03-10T15:20:00Z", "end": "2027-03-10T15:40:00Z"}
    parts = laser.conn.execute(sa.select(appointment_part.c.actor)).scalars().all()
    assert sorted(parts) == ["Device/laser1", "Location/laser-room", "Practitioner/eve"]
    assert laser.conn.execute(sa.select(appointment_row.c.provider)).scalars().all() == ["adams"]


def test_what_is_taken_makes_a_time_no_offer_and_no_booking(laser: Store) -> None:
    booked(laser)
    with pytest.raises(NothingFree) as refused:
        booked(laser, "2027-03-10 10:10", provider_id="baker", patient_id="p2")
    assert refused.value.params["what"] == "laser"
    starts = {offer.start for offer in refused.value.offers}
    assert f.at("2027-03-10 10:30") in starts
    assert f.at("2027-03-10 10:25") not in starts  # the laser cools until 10:50 and is needed from 10:45 on
    made = booked(laser, "2027-03-10 10:30", provider_id="baker", patient_id="p2")
    assert claimed(laser, made["id"])["Device/laser1"] == ("10:50", "11:20")


def test_a_visit_gets_the_assistant_who_is_free(laser: Store) -> None:
    booked(laser)
    f.a_visit_type(laser, "help", "Help", 30)
    kind = laser.read("HealthcareService", "help")
    needs = (Need("person", kind="assistant"),)
    laser.update(with_kind(kind, margins=(0, 0), lengths=(), needs=needs, untimed=False))
    made = book(laser, f.a_booking("2027-03-10 10:00", visit_type="help", provider_id="baker", patient_id="p2"))
    assert "Practitioner/finn" in claimed(laser, made["id"])
    with pytest.raises(NothingFree):
        book(laser, f.a_booking("2027-03-10 10:00", visit_type="help", provider_id="finn", patient_id="p3"))


def test_a_visit_moves_with_all_its_parts_and_back(laser: Store) -> None:
    made = booked(laser)
    moved = move(laser, made["id"], Change(start=f.at("2027-03-10 14:00")))
    assert claimed(laser, made["id"])["Device/laser1"] == ("14:20", "14:50")
    undo(laser, made["id"], version=int(moved["meta"]["versionId"]))
    assert claimed(laser, made["id"])["Device/laser1"] == ("10:20", "10:50")
    cancel(laser, made["id"], reason="cold")
    assert claimed(laser, made["id"]) == {}
    assert list(faults_of_claims(laser)) == []
    rebuild_claims(laser)
    assert list(faults_of_claims(laser)) == []


def test_a_visit_made_too_short_for_a_part_claims_nothing_for_it_and_can_be_moved_and_made_long_again(
    laser: Store,
) -> None:
    made = booked(laser)
    move(laser, made["id"], Change(minutes=20))
    assert claimed(laser, made["id"]).keys() == {"Practitioner/adams", "Location/room1", "Practitioner/eve"}
    move(laser, made["id"], Change(minutes=60))
    assert claimed(laser, made["id"])["Device/laser1"] == ("10:20", "10:50")
    assert list(faults_of_claims(laser)) == []


def test_the_search_finds_the_intersection(laser: Store) -> None:
    setup = calendar_setup(laser)
    device = laser.read("Device", "laser1")
    opens, closes = f.at("2027-03-10 13:30"), f.at("2027-03-10 14:30")
    rule = Hours(WEEKDAYS, opens.astimezone().replace(tzinfo=None).time(), closes.time())
    from datetime import time

    laser.update(with_hours(device, [Hours(WEEKDAYS, time(13, 30), time(14, 30))]))
    setup = calendar_setup(laser)
    assert rule.weekdays == setup.devices[0].hours[0].weekdays
    search = Search(60, f.at("2027-03-10 08:00"), ("adams", "baker"), type_id="laser", limit=3)
    offers = next_free(laser, setup, search)
    assert [offer.start for offer in offers[:2]] == [f.at("2027-03-10 13:10"), f.at("2027-03-10 13:10")]
    assert {part.actor for part in offers[0].parts} == {"Device/laser1", "Location/laser-room", "Practitioner/eve"}
    assert not find_times(laser, setup, search).fits
    assert find_times(laser, setup, Search(60, f.at("2027-03-10 13:30"), ("adams",), type_id="laser")).fits


def test_a_length_depends_on_the_provider_and_on_who_is_new(laser: Store) -> None:
    kind = calendar_setup(laser).visit_type("laser")
    assert kind is not None
    assert kind.minutes_with("adams") == 60
    assert kind.minutes_with("adams", known=False) == 90
    assert kind.minutes_with("adams", known=True) == 60
    assert kind.minutes_with("baker", known=False) == 45
    made = book(laser, f.a_booking("2027-03-10 10:00", visit_type="laser"))
    assert made["minutesDuration"] == 90


def test_a_room_for_three_takes_three_and_no_fourth(laser: Store) -> None:
    room = laser.read("Location", "room1")
    laser.update(with_use(room, sort="", capacity=3, margins=(0, 0)))
    for number, who in enumerate(("adams", "baker", "eve")):
        book(laser, f.a_booking("2027-03-10 10:00", provider_id=who, room_id="room1", patient_id=f"p{number + 1}"))
    lanes = laser.conn.execute(
        sa.select(slot_claim.c.lane).where(slot_claim.c.actor == "Location/room1").distinct()
    ).scalars()
    assert sorted(lanes) == [0, 1, 2]
    f.a_patient(laser, "p4")
    with pytest.raises(TimeTaken):
        book(laser, f.a_booking("2027-03-10 10:00", provider_id="finn", room_id="room1", patient_id="p4"))
    assert list(faults_of_claims(laser)) == []


def test_a_hold_keeps_everything_and_gives_way_to_its_owner(laser: Store, setting: Setting) -> None:
    kept = hold(laser, "adams", start=f.at("2027-03-10 10:00"), minutes=60, type_id="laser")
    other = Store(laser.conn, setting, actor=f.OTHER_DESK, now=NOW)
    with pytest.raises(TimeTaken):
        booked(other, provider_id="baker", patient_id="p2")
    assert list(faults_of_claims(laser)) == []
    made = booked(laser, hold=kept.holder)
    assert "Device/laser1" in claimed(laser, made["id"])


def test_a_time_asked_for_from_home_keeps_all_that_the_visit_needs(laser: Store) -> None:
    person = calendar_setup(laser).provider("adams")
    assert person is not None
    ask_to_move(laser, booked(laser), f.at("2027-03-10 14:00"), provider=person)
    with pytest.raises(NothingFree):
        booked(laser, "2027-03-10 14:00", provider_id="baker", patient_id="p2")
    assert list(faults_of_claims(laser)) == []


def test_a_series_that_becomes_another_visit_type_takes_what_that_needs(laser: Store) -> None:
    start = f.at("2027-03-10 10:00")
    planned = [Planned(at, start + timedelta(days=7 * (at - 1)), "adams") for at in (1, 2)]
    made = book_series(laser, f.a_booking(start=start, minutes=60), Pattern(count=2), planned)
    moves = [Moved(one["id"], plan, 1) for one, plan in zip(made, planned, strict=True)]
    first, _second = change_series(laser, tie_of(made[0], SERIES), moves, Whole(visit_type="laser"))
    assert visit_type_of(first)[0] == "laser"
    assert claimed(laser, first["id"])["Device/laser1"] == ("10:20", "10:50")
    assert list(faults_of_claims(laser)) == []


def test_the_margins_of_a_visit_stay_free(laser: Store) -> None:
    booked(laser)  # until 11:00, and five minutes after it
    search = Search(15, f.at("2027-03-10 11:00"), ("adams",), type_id="chat", limit=1)
    assert next_free(laser, calendar_setup(laser), search)[0].start == f.at("2027-03-10 11:05")
    with pytest.raises(TimeTaken):
        book(laser, f.a_booking("2027-03-10 11:00", visit_type="chat", patient_id="p2"))
    assert Span(f.at("2027-03-10 10:00"), f.at("2027-03-10 11:05"))
