"""The private calendar feed: who makes it, what it tells, and that it tells nothing of any patient."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask
from icalendar import Calendar

from clinic.appointments.rules.spans import Span
from clinic.appointments.service import add_absence, book, cancel
from clinic.appointments.service.feeds import feed_of, feeds, make_feed, note_reading, reading_is_new, revoke_feed
from clinic.appointments.tables import calendar_feed
from clinic.core.errors import Forbidden, Invalid
from clinic.fhir.store import Store
from tests.appointments import factories as f
from tests.appointments.test_renewing import calendar
from tests.appointments.test_routes import Clients, within

__all__ = ["calendar"]


def as_manager(store: Store) -> Store:
    leader = replace(f.MANAGER, permissions=f.MANAGER.permissions | {"management.setup"})
    return Store(store.conn, store.setting, actor=leader, now=store.now)


def address_made(client_of: Clients, detail: str) -> str:
    client = client_of("manager")
    page = client.get("/appointments/feeds").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    data = {"csrf_token": token[1], "provider": "adams", "detail": detail}
    made = client.post("/appointments/feeds", data=data).get_data(as_text=True)
    found = re.search(r"/appointments/feed/[\w-]+\.ics", made)
    assert found
    return found[0]


def test_a_feed_is_kept_as_a_hash_and_ends_when_revoked(desk: Store) -> None:
    store = as_manager(desk)
    token = make_feed(store, "adams", detail="types")
    kept = feed_of(store, token)
    assert kept is not None
    assert (kept.provider, kept.detail) == ("adams", "types")
    assert token not in str(store.conn.execute(calendar_feed.select()).all())
    assert reading_is_new(kept, store.now)
    note_reading(store, kept)
    again = feed_of(store, token)
    assert again is not None
    assert not reading_is_new(again, store.now)
    assert [one.id for one in feeds(store)] == [kept.id]
    revoke_feed(store, kept.id)
    assert feed_of(store, token) is None
    assert feeds(store) == []
    assert feed_of(store, "") is None


def test_only_a_leader_or_the_provider_makes_one(lite: Store) -> None:
    with pytest.raises(Forbidden):
        make_feed(lite, "adams", detail="types")
    with pytest.raises(Invalid):
        make_feed(as_manager(lite), "nobody", detail="types")
    token = make_feed(as_manager(lite), "adams", detail="types")
    kept = feed_of(lite, token)
    assert kept is not None
    with pytest.raises(Forbidden):
        revoke_feed(lite, kept.id)
    assert feeds(lite) == []


@pytest.mark.parametrize("detail", ["types", "times"])
def test_a_phone_reads_times_over_a_clock_change_and_no_patient(
    calendar: Flask, client_of: Clients, detail: str
) -> None:
    before = within(calendar, lambda store: book(store, f.a_booking("2027-03-12 14:00", note="Brings a ladder")))
    after = within(calendar, lambda store: book(store, f.a_booking("2027-03-16 14:00", patient_id="p2")))
    gone = within(calendar, lambda store: book(store, f.a_booking("2027-03-17 14:00")))
    within(calendar, lambda store: cancel(store, gone["id"], reason="Patient asked"))
    span = Span(f.at("2027-03-18 09:00"), f.at("2027-03-18 17:00"))
    within(calendar, lambda store: {"n": len(add_absence(store, ["adams"], span, reason="Surgery"))})
    path = address_made(client_of, detail)
    phone = calendar.test_client()
    answer = phone.get(path)
    text = answer.get_data(as_text=True)
    assert answer.mimetype == "text/calendar"
    for private in ("Lovelace", "Ada ", "Bea", "ladder", "Surgery", "p1", "1990"):
        assert private not in text
    events = Calendar.from_ical(text).walk("VEVENT")
    assert [event["dtstart"].dt for event in events] == [
        datetime(2027, 3, 12, 19, tzinfo=UTC),
        datetime(2027, 3, 16, 18, tzinfo=UTC),
        datetime(2027, 3, 18, 13, tzinfo=UTC),
    ]
    assert [str(event["uid"]) for event in events][:2] == [f"{one['id']}@clinic" for one in (before, after)]
    assert [str(event["summary"]) for event in events] == (
        ["Check", "Check", "Away"] if detail == "types" else ["Visit", "Visit", "Away"]
    )
    assert ("Room 1" in text) == (detail == "types")


def test_an_unchanged_feed_is_not_sent_again_and_a_revoked_one_not_at_all(calendar: Flask, client_of: Clients) -> None:
    path = address_made(client_of, "types")
    phone = calendar.test_client()
    mark = phone.get(path).headers["ETag"]
    assert phone.get(path, headers={"If-None-Match": mark}).status_code == 304
    within(calendar, lambda store: book(store, f.a_booking()))
    fresh = phone.get(path, headers={"If-None-Match": mark})
    assert fresh.status_code == 200
    assert fresh.headers["ETag"] != mark
    client = client_of("manager")
    page = client.get("/appointments/feeds").get_data(as_text=True)
    revoke = re.search(r'action="(/appointments/feeds/[^"]+/revoke)".*?value="([^"]+)"', page)
    assert revoke
    assert client.post(revoke[1], data={"csrf_token": revoke[2]}).status_code == 303
    assert phone.get(path).status_code == 404
    assert phone.get("/appointments/feed/guess.ics").status_code == 404


def test_a_receptionist_sees_the_page_and_can_make_nothing(calendar: Flask, client_of: Clients) -> None:
    page = client_of("receptionist").get("/appointments/feeds").get_data(as_text=True)
    assert "You have no calendar of your own." in page
    assert 'name="provider"' not in page
