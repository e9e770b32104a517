"""The flow board, tickets and calls, on both databases."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from clinic.core.errors import Invalid, Missing, Stale
from clinic.visits import mapping, service
from clinic.visits.errors import NotNow
from clinic.visits.queries.flow_board import columns_of, flow_cards, flow_mark
from clinic.visits.queries.waiting_room import own_visit, screen_of, screens, waiting_room
from clinic.visits.rules import ARRIVED, CHECK_IN, CHECK_OUT, EXPECTED, LEFT, PROVIDER, ROOM, STATIONS, WAITING
from clinic.visits.rules.arriving import ARRIVING, Coming, Said, is_present, presence_code, whose_visit
from clinic.visits.rules.stations import limits_of, pace, station_before
from clinic.visits.screens import today_of
from clinic.visits.service import flow
from clinic.visits.service import screens as kept
from clinic.visits.service.arriving import check_in_alone
from clinic.visits.tables import station_time
from tests.visits.conftest import Desk


def test_every_arrival_of_a_day_has_the_next_number_and_the_record_keeps_it(desk: Desk) -> None:
    first = service.arrive(desk.store, desk.appointment_id)
    second = service.walk_in(
        desk.store, desk.patient_id, provider_id=desk.made.providers[1], visit_type=desk.made.types["Results"]
    )
    assert [mapping.ticket_of(one) for one in (first, second)] == [1, 2]
    assert first["identifier"][0]["value"].endswith("/1")
    desk.later(24 * 60)
    third = service.walk_in(
        desk.store, desk.patient_id, provider_id=desk.made.providers[1], visit_type=desk.made.types["Results"]
    )
    assert mapping.ticket_of(third) == 1
    assert mapping.ticket_of({"identifier": [{"system": mapping.TICKET, "value": "2027-03-09/x"}]}) == 0


def test_a_card_stands_at_its_station_with_minutes_and_words(desk: Desk) -> None:
    day = today_of(desk.store)
    assert [card.station for card in flow_cards(desk.store, day)] == [EXPECTED]
    encounter = flow.step(desk.store, service.arrive(desk.store, desk.appointment_id)["id"], WAITING)
    desk.later(16)
    (card,) = flow_cards(desk.store, day)
    assert (card.station, card.minutes, card.pace, card.ticket) == (WAITING, 16, "near", 1)
    desk.later(9)
    assert flow_cards(desk.store, day)[0].pace == "over"
    desk.later(20)
    assert flow_cards(desk.store, day)[0].pace == "far"
    assert columns_of(flow_cards(desk.store, day))[WAITING][0].visit_id == encounter["id"]
    assert flow_cards(desk.store, day, provider=desk.made.providers[1]) == []


def test_a_room_is_timed_and_the_number_is_called_to_it(desk: Desk) -> None:
    encounter = service.arrive(desk.store, desk.appointment_id)
    rooms = desk.store.search("Location")
    first, second = (next(one for one in rooms if one.get("name") == name)["id"] for name in ("Room 1", "Room 2"))
    flow.step(desk.later(5), encounter["id"], ROOM, room=first)
    flow.step(desk.later(5), encounter["id"], ROOM, room=second)
    flow.step(desk.later(5), encounter["id"], PROVIDER)
    left = flow.step(desk.later(5), encounter["id"], CHECK_OUT)
    stays = [one for one in left["location"] if one.get("status")]
    assert [one["status"] for one in stays] == ["completed", "completed"]
    assert stays[0]["period"]["end"] == stays[1]["period"]["start"]
    assert mapping.call_of(left)[1] == "Room 2"
    rows = desk.store.conn.execute(station_time.select().order_by(station_time.c.place)).all()
    assert [row.station for row in rows] == [ARRIVED, ROOM, ROOM, PROVIDER, CHECK_OUT]
    assert [row.end is None for row in rows] == [False, False, False, False, True]
    with pytest.raises(Missing):
        service.to_room(desk.store, encounter["id"], "nowhere")


def test_a_number_is_called_again_and_not_after_the_visit(desk: Desk) -> None:
    encounter = service.arrive(desk.store, desk.appointment_id)
    flow.call(desk.later(1), encounter["id"])
    room = waiting_room(desk.store)
    assert [(one.ticket, one.called_to) for one in room.called] == [(1, "")]
    assert room.waiting == ()
    flow.call(desk.later(1), encounter["id"], to="Counter 2")
    assert waiting_room(desk.store).called[0].called_to == "Counter 2"
    assert waiting_room(desk.later(6)).called == ()
    assert [one.ticket for one in waiting_room(desk.store).waiting] == [1]
    with pytest.raises(Stale):
        flow.call(desk.store, encounter["id"], version=1)
    flow.step(desk.store, encounter["id"], LEFT)
    with pytest.raises(NotNow):
        flow.call(desk.store, encounter["id"])
    with pytest.raises(NotNow):
        flow.step(desk.store, encounter["id"], WAITING)
    with pytest.raises(Invalid):
        flow.step(desk.store, encounter["id"], "kitchen")


def test_the_mark_changes_with_every_step_and_minute_and_with_nothing_else(desk: Desk) -> None:
    day = today_of(desk.store)

    def marks() -> tuple[str, str]:
        return flow_mark(desk.store, day, "flow"), flow_mark(desk.store, day, "today", beside=True)

    empty = marks()
    assert marks() == empty
    encounter = service.arrive(desk.store, desk.appointment_id)
    arrived = marks()
    assert arrived[0] != empty[0]
    assert arrived[1] != empty[1]
    flow.step(desk.store, encounter["id"], CHECK_IN)
    moved = marks()
    assert moved[0] != arrived[0]
    service.confirm(desk.later(0.1), desk.patient_id, "coverage")
    confirmed = marks()
    assert (confirmed[0] == moved[0], confirmed[1] == moved[1]) == (True, False)
    desk.later(1)
    assert marks()[0] != confirmed[0]


def test_a_screen_has_a_secret_address_until_it_is_taken_back(desk: Desk) -> None:
    screen_id, token = kept.add_screen(desk.store, " Waiting  room ", language="ar")
    found = screen_of(desk.store, token)
    assert found is not None
    assert (found.name, found.language) == ("Waiting room", "ar")
    again = kept.new_address(desk.store, screen_id)
    assert screen_of(desk.store, token) is None
    kept.revoke_screen(desk.store, screen_id)
    assert screen_of(desk.store, again) is None
    with pytest.raises(Missing):
        kept.new_address(desk.store, screen_id)
    kept.revoke_screen(desk.store, screen_id, back=True)
    assert screen_of(desk.store, again) is not None
    assert len(screens(desk.store)) == 1
    with pytest.raises(Missing):
        kept.revoke_screen(desk.store, "nothing")
    with pytest.raises(Invalid):
        kept.add_screen(desk.store, "  ", language="en")


def test_a_screen_of_one_site_shows_its_numbers_only(desk: Desk) -> None:
    service.arrive(desk.store, desk.appointment_id)
    assert len(waiting_room(desk.store).waiting) == 1
    assert waiting_room(desk.store, site="another site").waiting == ()


def test_who_knows_two_facts_arrives_with_the_own_telephone(desk: Desk) -> None:
    assert check_in_alone(desk.store, Said("1979-08-14", "XY")) == ""
    assert check_in_alone(desk.store, Said("1979-08-15", "MO")) == ""
    token = check_in_alone(desk.store, Said("1979-08-14", "m.g."))
    assert token
    encounter = service.visit_of(desk.store, desk.appointment_id)
    assert encounter is not None
    assert mapping.station_of(encounter) == ARRIVED
    assert flow_cards(desk.store, today_of(desk.store))[0].way == "phone"
    mine = own_visit(desk.store, encounter["id"])
    assert mine is not None
    assert (mine.ticket, mine.ahead, mine.station) == (1, 0, ARRIVED)
    assert check_in_alone(desk.store, Said("1979-08-14", "MG")) == "", "a second time opens nothing"
    flow.step(desk.later(3), encounter["id"], LEFT)
    assert own_visit(desk.store, encounter["id"]) is None


def test_self_check_in_keeps_to_its_window_and_can_be_off(desk: Desk) -> None:
    desk.later(-90)
    assert check_in_alone(desk.store, Said("1979-08-14", "MG")) == ""
    desk.later(90 + 31 + 31)
    assert check_in_alone(desk.store, Said("1979-08-14", "MG")) == ""
    desk.later(-31)
    from dataclasses import replace

    desk.store.setting.practice = replace(desk.store.practice, arriving={"phone": 0})
    assert check_in_alone(desk.store, Said("1979-08-14", "MG")) == ""


def test_two_people_who_fit_are_both_sent_to_the_desk(desk: Desk) -> None:
    now = desk.store.now

    def one(number: int, name: str, minutes: int = 10) -> Coming:
        start = now + timedelta(minutes=minutes)
        return Coming(f"a{number}", f"p{number}", start, time(10, 34), "1979-08-14", name)

    said = Said("1979-08-14", "MG")
    twins = [one(1, "Maria Garcia"), one(2, "Marco Gomez")]
    assert whose_visit(said, twins, now, rules=ARRIVING) == ""
    assert whose_visit(said, twins[:1], now, rules=ARRIVING) == "a1"
    assert whose_visit(Said("1979-08-14", "g m"), twins[:1], now, rules=ARRIVING) == "a1"
    assert whose_visit(Said("1979-08-14", "M"), twins[:1], now, rules=ARRIVING) == ""
    assert whose_visit(Said("1979-08-14", at=time(10, 34)), twins[:1], now, rules=ARRIVING) == "a1"
    assert whose_visit(Said("1979-08-14", at=time(10, 35)), twins[:1], now, rules=ARRIVING) == ""
    assert whose_visit(Said("1979-08-14", "Z"), [one(3, "Zoë")], now, rules=ARRIVING) == ""
    same = [one(1, "Maria Garcia", 25), Coming("a9", "p1", now, time(10, 24), "1979-08-14", "Maria Garcia")]
    assert whose_visit(said, same, now, rules=ARRIVING) == "a9"


def test_the_code_on_the_screen_changes_and_the_last_one_still_counts(desk: Desk) -> None:
    now, secret = desk.store.now, b"secret"
    code = presence_code(secret, now)
    assert len(code) == 4
    assert is_present(secret, now, f" {code} ")
    assert is_present(secret, now + timedelta(seconds=120), code)
    assert not is_present(secret, now + timedelta(seconds=360), code) or code in {
        presence_code(secret, now + timedelta(seconds=360), back=back) for back in (0, 1)
    }
    assert not is_present(secret, now, "")
    assert not is_present(secret, now, "٣٤٥٦")


def test_limits_are_the_managers_and_colours_follow_them() -> None:
    limits = limits_of({WAITING: 10, ARRIVED: 0})
    assert (limits[WAITING], limits[ARRIVED], limits[ROOM]) == (10, 0, 15)
    assert [pace(WAITING, minutes, limits) for minutes in (7, 8, 10, 11, 20)] == ["fine", "near", "near", "over", "far"]
    assert pace(ARRIVED, 500, limits) == "fine"
    assert pace(LEFT, 500, limits) == "fine"
    assert [station_before(one) for one in STATIONS[:2]] == [ARRIVED, ARRIVED]
