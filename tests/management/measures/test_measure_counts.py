"""Overbookings, freed times and promises: counted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from clinic.appointments.tables import overbooking
from clinic.appointments.waitlist_tables import waitlist_offer, wish_row
from clinic.management.measures.queries.asked import Asked
from clinic.management.measures.queries.counts import filled_by, overbooked_by, promises_by
from clinic.visits.queries.promises import Kept
from clinic.visits.tables import wait_told
from tests.management.measures.conftest import MARCH, NOW, Past

DAY = timedelta(days=1)


def test_overbookings_are_counted_by_provider_author_weekday_and_hour(past: Past) -> None:
    one, other = past.made.providers[:2]
    monday = datetime.fromisoformat("2027-03-15T13:30:00+00:00")  # 9:30 on the wall, the day after the clock changed
    rest = {"lane": 1, "reason": "In pain", "at": NOW, "author": "u", "provider_name": "Dr"}
    rows = [
        rest | {"appointment": "1", "start": monday, "provider": one, "author_name": "Mara"},
        rest | {"appointment": "2", "start": monday, "provider": other, "author_name": "Mara"},
        rest | {"appointment": "3", "start": monday - 2 * DAY, "provider": one, "author_name": "Ada"},
        rest | {"appointment": "4", "start": monday - 20 * DAY, "provider": one, "author_name": "Ada"},
    ]
    past.store.conn.execute(sa.insert(overbooking), rows)
    counted = {by: overbooked_by(past.store, Asked(MARCH, by)) for by in ("provider", "author", "weekday", "hour")}
    assert counted["provider"] == {one: (2, 1), other: (1, 0)}
    assert counted["author"] == {"Mara": (2, 0), "Ada": (1, 1)}
    assert counted["weekday"] == {"0": (2, 0), "5": (1, 0), "1": (0, 1)}
    assert counted["hour"] == {"9": (2, 0), "8": (1, 1)}
    assert overbooked_by(past.store, Asked(MARCH, "provider", provider=other)) == {other: (1, 0)}


def _offer(number: int, start: datetime, made: datetime, **values: Any) -> dict[str, Any]:
    return {
        "id": f"o{number}", "round": f"r{number}", "wish": "w1", "state": "expired", "provider": "p", "provider_name": "",
        "room": "", "start": start, "end": start, "hold": "", "made": made, "tell_at": made, "told": made,
        "expires": made, "answered": None, "answered_by": "", "token": "",
    } | values  # fmt: skip


def test_a_freed_time_is_counted_once_and_taken_when_somebody_took_it(past: Past) -> None:
    start = NOW + DAY
    rest = {
        "status": "waitlist", "urgency": 1, "created": NOW, "since": NOW, "until": NOW, "patient_id": "p1",
        "patient_name": "", "birth_date": "", "type_name": "", "minutes": 0, "wants": {}, "note": "", "booked": "",
        "version": 1,
    }  # fmt: skip
    past.store.conn.execute(
        sa.insert(wish_row), [rest | {"id": "w1", "type_id": "t1"}, rest | {"id": "w2", "type_id": "t2"}]
    )
    made, hour = NOW - 3 * DAY, timedelta(hours=1)
    offers = [
        _offer(1, start, made),
        _offer(2, start, made + hour, state="accepted", answered=made + 2 * hour),
        _offer(3, start + hour, made, state="lost"),
        _offer(4, start + 2 * hour, made, wish="w2", state="accepted", answered=made + hour / 2),
        _offer(5, start, NOW - 40 * DAY, provider="q"),
    ]
    past.store.conn.execute(sa.insert(waitlist_offer), offers)
    found = filled_by(past.store, Asked(MARCH, "type"))
    assert {key: (one.offered, one.taken.counts) for key, (one, _b) in found.items()} == {
        "t1": (2, {120: 1}),
        "t2": (1, {30: 1}),
    }
    assert [
        before.offered for _now, before in filled_by(past.store, Asked(MARCH, "provider", provider="q")).values()
    ] == [1]
    assert filled_by(past.store, Asked(MARCH, "type", type_id="t2")).keys() == {"t2"}


@pytest.mark.parametrize("by", ["provider", "weekday"])
def test_promises_of_both_periods_stand_apart(past: Past, by: str) -> None:
    at = datetime.fromisoformat("2027-03-15T14:00:00+00:00")
    rest = {"provider": "p", "provider_name": "Dr", "type_id": "t", "part": 0, "ahead": 0, "least": 5, "most": 15}
    rows = [
        rest | {"id": "1", "at": at, "due": at, "seen": at + timedelta(minutes=10)},
        rest | {"id": "2", "at": at, "due": at, "seen": at + timedelta(minutes=40)},
        rest | {"id": "3", "at": at - 28 * DAY, "due": at, "seen": at - 28 * DAY + timedelta(minutes=10)},
    ]
    past.store.conn.execute(sa.insert(wait_told), rows)
    found = promises_by(past.store, Asked(MARCH, by))
    key = "p" if by == "provider" else "0"
    assert found == {key: (Kept(2, 1, 0, 1, 0, 50.0), Kept(1, 1, 0, 0, 0, 10.0))}
    assert promises_by(past.store, Asked(MARCH, by, provider="q")) == {}
