"""Eight weeks of appointments around today, with visits in every state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from clinic.appointments.rules.booking import Booking
from clinic.appointments.service.booking import record
from clinic.appointments.service.changes import cancel
from clinic.cli.demo.people import Person
from clinic.cli.demo.practice import Made
from clinic.cli.demo.reminding import last_reminder, remind
from clinic.core.days import local, to_utc
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.visits import mapping, service
from clinic.visits.rules import CHECK_IN, CHECK_OUT, LEFT, PROVIDER, ROOM, STATIONS, WAITING
from clinic.visits.service import waits

At = Callable[[datetime], Store]
"""Gives the store as it was at an instant."""

_NOTES = ("", "", "", "Knee pain", "Refill", "Form for work", "Rash, left arm", "Cough for two weeks", "Travel advice")
_MINUTES = {
    "Follow-up": 20,
    "New patient": 40,
    "Annual visit": 30,
    "Blood pressure": 15,
    "Results": 15,
    "Vaccination": 10,
}
DAYS_BACK, DAYS_AHEAD = 42, 14
_STAYS = {"arrived": 3, CHECK_IN: 4, WAITING: 14, ROOM: 8, PROVIDER: 16, CHECK_OUT: 4}


@dataclass(frozen=True)
class Planned:
    """One visit to make."""

    patient: Person
    provider: str
    kind: str
    start: datetime


def plan_day(random: Random, made: Made, people: list[Person], day: date, zone: str) -> Iterator[Planned]:
    """A believable day: most of the times taken, a lunch kept free, the weekend clinic thin."""
    for number, provider in enumerate(made.providers):
        if day.weekday() >= 5 and number not in (0, 5):
            continue
        for opens, closes in ((8 * 60 + 30 * (number % 2), 12 * 60), (13 * 60, 17 * 60)):
            minute = opens
            while minute < closes:
                kind = random.choice(list(_MINUTES))
                length = _MINUTES[kind]
                if minute + length > closes:
                    break
                if random.random() < 0.62:
                    wall = datetime.combine(day, time(minute // 60, minute % 60))
                    yield Planned(random.choice(people), provider, kind, to_utc(wall, zone))
                minute += length if random.random() < 0.8 else length + 10


def make_visit(at: At, random: Random, made: Made, planned: Planned, now: datetime) -> Json:
    """Book one visit and let it happen as far as the present allows; gives the appointment."""
    ahead = random.choice((0, 1, 2, 3, 5, 7, 9, 14, 21, 28, 40, 70))
    booked = planned.start - timedelta(days=ahead, hours=random.randrange(1, 20))
    booking = Booking(
        planned.patient.id, planned.provider, made.types[planned.kind], planned.start, note=random.choice(_NOTES)
    )
    past = planned.start < now - timedelta(minutes=90)
    reminded = last_reminder(random, ahead) if past else 0
    missed = 3 + ahead // 5 + (5 if ahead > 2 and not reminded else 0)
    fate = random.choices(("came", "noshow", "cancelled"), (100 - missed - 5, missed, 5))[0]
    if past and fate != "cancelled":
        keep = _past_visit if fate == "came" else _missed_visit
        appointment = keep(at, random, booking, booked, now)
        return remind(at, appointment, reminded)
    appointment = record(at(min(booked, now)), booking)
    if fate == "cancelled":
        reason = random.choice(("Patient cannot come", "Feels better", "Moved away"))
        left = planned.start - timedelta(hours=random.choice((2, 5, 20, 30, 60, 100)))
        return cancel(at(min(max(left, booked), now)), appointment["id"], reason=reason)
    if planned.start < now + timedelta(minutes=12):
        _present_visit(at, random, appointment, planned, now)
    return appointment


def _missed_visit(at: At, _random: Random, booking: Booking, booked: datetime, _now: datetime) -> Json:
    return record(at(booked), booking, status="noshow")


def _past_visit(at: At, random: Random, booking: Booking, booked: datetime, now: datetime) -> Json:
    appointment = record(at(booked), booking, status="fulfilled")
    moment = arrived = booking.start - timedelta(minutes=round(random.gauss(6, 7)))
    busy = 0.7 + 0.15 * (ord(booking.provider_id[-1]) % 5) + (0.3 if booking.start.hour in (15, 16, 20) else 0)
    store = at(moment)
    encounter = mapping.new_encounter(appointment, moment, store.practice.organization_id)
    for station in STATIONS[1:]:
        stay = _STAYS.get(STATIONS[STATIONS.index(station) - 1], 5) * busy
        moment += timedelta(minutes=max(1, round(random.gauss(stay, stay / 4))))
        encounter = mapping.at_station(encounter, station, min(moment, now))
    made = at(min(moment, now)).create(encounter)
    store.claim("visit", appointment["id"], f"Encounter/{made['id']}")
    waits.tell(at(arrived), made, due=booking.start)
    waits.settle(at(min(moment, now)), made)
    return appointment


def _present_visit(at: At, random: Random, appointment: Json, planned: Planned, now: datetime) -> None:
    """Somebody who is here now, or late: as far along as the time since their appointment."""
    if random.random() < 0.1 and planned.start < now - timedelta(minutes=6):
        return
    moment = min(planned.start - timedelta(minutes=random.randrange(1, 10)), now)
    store = at(moment)
    encounter = service.arrive(store, appointment["id"])
    for station in (CHECK_IN, WAITING, ROOM, PROVIDER, CHECK_OUT, LEFT):
        stay = _STAYS[STATIONS[STATIONS.index(station) - 1]] * random.uniform(0.7, 1.5)
        moment += timedelta(minutes=stay)
        if moment > now:
            return
        service.confirm(at(moment), planned.patient.id, "identity")
        encounter = service.move_to(at(moment), encounter["id"], station)


def demo_days(now: datetime, zone: str) -> list[date]:
    """Six weeks back to two weeks ahead."""
    today = local(now, zone).date()
    return [today + timedelta(days=offset) for offset in range(-DAYS_BACK, DAYS_AHEAD)]
