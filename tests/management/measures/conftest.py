"""Two months of visits over both clock changes' neighbours, written as rows: what the measures are counted from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from clinic.appointments.tables import appointment_row, visit_policy
from clinic.cli.demo.practice import Made, make_places, make_practice
from clinic.communication.rules.reminders import Stage, reminder_key
from clinic.communication.tables import message_row
from clinic.core.days import local
from clinic.fhir.store import Store
from clinic.management.measures.rules.periods import Period, period_around
from clinic.visits.tables import visit_row, visit_time

MARCH = period_around("month", date(2027, 3, 10))
"""In New York the clock goes forward on the 14th."""
NOW = datetime(2027, 3, 27, 15, tzinfo=UTC)
STATUSES = ("fulfilled",) * 12 + ("noshow",) * 3 + ("cancelled",) * 4 + ("booked", "entered-in-error")
MINUTES = (
    "late", "late_provider", "wait", "whole", "in_arrived", "in_check_in", "in_waiting", "in_room", "in_provider",
    "in_check_out",
)  # fmt: skip


@dataclass
class Past:
    """The store, the practice, and every row that was written, as it was written."""

    store: Store
    made: Made
    visits: list[dict[str, Any]] = field(default_factory=list)
    booked: list[dict[str, Any]] = field(default_factory=list)
    stages: dict[str, str] = field(default_factory=dict)
    """By appointment the last reminder of its time that was sent."""

    def within(self, rows: list[dict[str, Any]], name: str, period: Period) -> list[dict[str, Any]]:
        """The rows whose instant lies in a period by the clock on the wall."""
        zone = self.store.practice.zone
        return [row for row in rows if period.first <= local(row[name], zone).date() <= period.last]

    def wall(self, instant: datetime) -> datetime:
        """The time on the wall."""
        return local(instant, self.store.practice.zone)


def write_past(store: Store, visits: int = 700) -> Past:
    """The visits of February and March, about half of them arrived."""
    store.setting.practice = make_practice(store)
    past = Past(store, make_places(store))
    store.now = NOW
    random = Random(7)
    for number in range(visits):
        _booked(past, random, number)
        if random.random() < 0.6:
            _arrived(past, random, number)
    store.conn.execute(sa.insert(appointment_row), past.booked)
    store.conn.execute(sa.insert(visit_time), past.visits)
    names = ("id", "appointment_id", "patient_id", "provider", "arrived")
    rest = {
        "patient_name": "Ann Smith", "provider_name": "Dr", "type_name": "Visit", "station": "left", "room_name": "",
        "version": 1, "ticket": 1, "way": "", "called": None, "called_to": "",
    }  # fmt: skip
    rows = [{name: one[name] for name in names} | rest | {"since": one["arrived"]} for one in past.visits]
    store.conn.execute(sa.insert(visit_row), rows)
    strict = {"visit_type": past.made.types["Results"], "grace": 0, "notice": 72, "no_show_fee": 0, "late_fee": 0}
    store.conn.execute(sa.insert(visit_policy), [strict | {"free": 0, "follow_up": True, "video": "", "version": 1}])
    return past


def _booked(past: Past, random: Random, number: int) -> None:
    start = datetime(2027, 2, 1, 13, tzinfo=UTC) + timedelta(minutes=15 * random.randrange(59 * 96))
    booked = None if random.random() < 0.05 else start - timedelta(minutes=random.randrange(-60, 100 * 1440))
    status = random.choice(STATUSES)
    gone = start - timedelta(minutes=random.randrange(-30, 9 * 1440)) if status == "cancelled" else None
    made = past.made
    row = {
        "start": start, "id": f"a{number:04}", "provider": random.choice(made.providers),
        "end": start + timedelta(minutes=20), "local_day": past.wall(start).date(), "minutes": 20, "status": status,
        "lane": 0, "version": 1, "provider_name": "Dr", "site": random.choice(made.sites), "room": "",
        "room_name": "", "patient_id": f"p{number % 40}", "patient_name": "Ann Smith", "birth_date": "",
        "type_id": random.choice(list(made.types.values())), "type_name": "Visit", "reason": "", "note": "",
        "group_id": "", "seats": 0, "booked": booked, "cancelled": gone,
    }  # fmt: skip
    past.booked.append(row)
    if random.random() < 0.1:
        past.booked.append(row | {"provider": next(one for one in made.providers if one != row["provider"])})
    _reminded(past, random, row)


def _reminded(past: Past, random: Random, row: dict[str, Any]) -> None:
    """Reminders of its time in any state, and of a time from which it was moved."""
    rows = []
    for stage in (10080, 2880, 120):
        for start, sent in ((row["start"], True), (row["start"] - timedelta(days=1), False)):
            state = random.choice(("delivered", "sent", "failed", "waiting", ""))
            if not state:
                continue
            key = reminder_key(row["id"], start, Stage(stage))
            rows.append({"id": f"{key}", "at": start - timedelta(minutes=stage), "key": key, "state": state})
            if sent and state in ("delivered", "sent"):
                past.stages[row["id"]] = str(stage)
    rest = {
        "patient_id": row["patient_id"], "patient_name": "", "appointment_id": row["id"], "incoming": False,
        "channel": "sms", "purpose": "reminder", "why": "", "address": "", "text": "", "folded": "", "sent": None,
        "received": None, "gateway_id": "", "version": 1,
    }  # fmt: skip
    if rows:
        past.store.conn.execute(sa.insert(message_row), [one | rest for one in rows])


def _arrived(past: Past, random: Random, number: int) -> None:
    booked = next(row for row in past.booked if row["id"] == f"a{number:04}")
    due = None if random.random() < 0.1 else booked["start"]
    late = random.randrange(-20, 30)
    row = {name: None if random.random() < 0.1 else random.randrange(90) for name in MINUTES}
    row |= {"late": None if due is None else late, "id": f"v{number:04}", "appointment_id": booked["id"], "due": due}
    copied = ("patient_id", "provider", "site", "type_id")
    past.visits.append(
        row | {name: booked[name] for name in copied} | {"arrived": booked["start"] + timedelta(minutes=late)}
    )


@pytest.fixture
def past(any_store: Store) -> Past:
    """On both databases in turn."""
    return write_past(any_store)
