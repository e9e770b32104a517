"""Closed time: nothing of it is offered or booked, whoever or whatever it is, and taking it back frees it."""

from __future__ import annotations

from datetime import date

import pytest

from clinic.appointments.errors import NothingFree, OutsideHours
from clinic.appointments.queries.board import board, day_span
from clinic.appointments.queries.closing import Wanted, closed_time, closed_times, visits_hit, years_after
from clinic.appointments.queries.free import Search, find_times
from clinic.appointments.queries.outside import outside_visits
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.booking import Change
from clinic.appointments.rules.closing import Closing, whole_practice
from clinic.appointments.rules.spans import Span
from clinic.appointments.service import book, cancel, close_time, move, take_back
from clinic.appointments.service.absences import close_again
from clinic.appointments.service.freed import FREED
from clinic.appointments.service.waitlist import add_wish
from clinic.core.errors import Invalid, Missing
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.tables import outbox
from tests.appointments import factories as f
from tests.appointments.test_needs import a_laser_practice
from tests.appointments.test_waitlist import a_wish

DAY = Span(f.at("2027-03-10 00:00"), f.at("2027-03-11 00:00"))


def a_closing(*who: str, **changes: object) -> Closing:
    given = {"who": who, "span": DAY, "kind": "closure", "reason": "Painting"} | changes
    return Closing(**given)  # type: ignore[arg-type]


def key_of(slot: Json) -> str:
    return str(slot["identifier"][0]["value"])


def offered(store: Store, type_id: str = "check", *people: str) -> list[str]:
    """The local times that the search offers on the closed day."""
    search = Search(
        0, f.at("2027-03-10 00:00"), people or ("adams",), limit=50, spread=50, type_id=type_id,
        latest=f.at("2027-03-11 00:00"),
    )  # fmt: skip
    return [f"{one.start:%H:%M}" for one in find_times(store, calendar_setup(store), search).offers]


def told(store: Store) -> set[str]:
    rows = store.conn.execute(outbox.select().where(outbox.c.kind == FREED))
    return {row.payload["provider"] for row in rows}


@pytest.mark.parametrize("what", ["Practitioner/adams", "Location/room1", "Location/site"])
def test_a_closed_provider_room_or_site_is_not_offered_not_booked_and_free_again(desk: Store, what: str) -> None:
    assert offered(desk)
    add_wish(desk, a_wish(until=f.at("2027-03-12 00:00")))
    slot = close_time(desk, a_closing(what))
    assert offered(desk) == []
    for start in ("2027-03-10 09:00", "2027-03-10 16:30"):
        with pytest.raises((OutsideHours, NothingFree)):
            book(desk, f.a_booking(start))
    visit = book(desk, f.a_booking("2027-03-11 09:00"))
    with pytest.raises((OutsideHours, NothingFree)):
        move(desk, visit["id"], Change(start=f.at("2027-03-10 09:00")))
    assert take_back(desk, key_of(slot)) == 1
    assert offered(desk)
    assert "adams" in told(desk)
    book(desk, f.a_booking("2027-03-10 09:00", anyway=True))


def test_a_closed_device_or_helper_is_not_offered_not_booked_and_free_again(desk: Store) -> None:
    a_laser_practice(desk)
    add_wish(desk, a_wish(until=f.at("2027-03-12 00:00"), type_id="laser"))
    booking = f.a_booking("2027-03-10 09:00", visit_type="laser")
    for who in (("Device/laser1",), ("Location/laser-room",), ("Practitioner/eve", "Practitioner/finn")):
        assert offered(desk, "laser")
        desk.conn.execute(outbox.delete())
        slot = close_time(desk, a_closing(*who, kind="maintenance"))
        assert offered(desk, "laser") == []
        assert offered(desk)
        with pytest.raises(NothingFree):
            book(desk, booking)
        take_back(desk, key_of(slot))
        assert {"adams", "baker"} <= told(desk)
    book(desk, booking)


def test_a_part_of_a_day_leaves_the_rest_of_it(desk: Store) -> None:
    close_time(desk, a_closing("Location/room1", span=Span(f.at("2027-03-10 09:00"), f.at("2027-03-10 16:00"))))
    assert offered(desk) == [f"{f.at('2027-03-10 16:00'):%H:%M}", f"{f.at('2027-03-10 16:30'):%H:%M}"]
    assert offered(desk, "check", "baker")


def a_second_site(store: Store) -> None:
    """Dr Cole works at the second site on Wednesday mornings, and at the first in the afternoon."""
    owner = {"managingOrganization": {"reference": "Organization/org-harbour"}}
    store.create(f.a_location("north", "North", "si") | owner, id="north")

    def at_site(site: str, opens: str, closes: str) -> Json:
        inner = [{"url": "site", "valueReference": {"reference": f"Location/{site}"}}]
        limits = {"url": "urn:clinic:validity", "extension": inner}
        times = {"availableStartTime": opens, "availableEndTime": closes}
        return {"modifierExtension": [limits], "daysOfWeek": ["wed"], **times}

    hours = [at_site("north", "09:00:00", "12:00:00"), at_site("site", "13:00:00", "15:00:00")]
    f.a_provider(store, "cole", "Dr Cay Cole", availableTime=hours)


def test_who_works_at_two_sites_stays_bookable_at_the_other_one(desk: Store) -> None:
    a_second_site(desk)
    close_time(desk, a_closing("Location/north"))
    assert offered(desk, "check", "cole") == [
        f"{f.at(f'2027-03-10 {time}'):%H:%M}" for time in ("13:00", "13:30", "14:00", "14:30")
    ]
    with pytest.raises(OutsideHours):
        book(desk, f.a_booking("2027-03-10 09:00", provider_id="cole"))
    book(desk, f.a_booking("2027-03-10 13:00", provider_id="cole"))
    away = board(desk, calendar_setup(desk), day_span(desk, date(2027, 3, 10))).absences
    assert [one.span for one in away["cole"]] == [Span(f.at("2027-03-10 09:00"), f.at("2027-03-10 12:00"))]
    assert [one.span for one in away["north"]] == [DAY]


def test_the_whole_practice_is_closed_with_one_line_and_those_of_no_site_by_themselves(desk: Store) -> None:
    a_laser_practice(desk)
    who = whole_practice(calendar_setup(desk))
    assert set(who) == {"Location/site", "Device/laser1"}
    slot = close_time(desk, a_closing(*who, kind="holiday", reason="Founders' day", years=2))
    rows, total = closed_times(desk, calendar_setup(desk), Wanted())
    assert total == 3
    assert [f"{row.span.start:%Y}" for row in rows] == ["2027", "2028", "2029"]
    assert rows[0].whole == ("Main Street", "Laser 1")
    assert offered(desk, "check", "adams", "baker") == []
    assert years_after(desk, key_of(slot)) == 2
    assert take_back(desk, rows[1].key, following=True) == 4
    assert [row.key for row in closed_times(desk, calendar_setup(desk), Wanted())[0]] == [key_of(slot)]


def test_the_visits_that_are_hit_are_named_once_with_what_hits_them_and_listed_until_they_move(desk: Store) -> None:
    a_laser_practice(desk)
    check = book(desk, f.a_booking("2027-03-10 09:00"))
    laser = book(desk, f.a_booking("2027-03-10 10:00", patient_id="p2", visit_type="laser", provider_id="baker"))
    other = book(desk, f.a_booking("2027-03-11 10:00", patient_id="p3"))
    who = ("Practitioner/adams", "Location/room1", "Device/laser1")
    hits = visits_hit(desk, who, [DAY])
    assert [(one.id, one.by) for one in hits] == [
        (check["id"], "Practitioner/adams"),
        (laser["id"], "Device/laser1"),
    ]
    slot = close_time(desk, a_closing(*who))
    assert [one.id for one in outside_visits(desk)] == [check["id"], laser["id"]]
    move(desk, check["id"], Change(start=f.at("2027-03-11 09:00")))
    assert [one.id for one in outside_visits(desk)] == [laser["id"]]
    assert take_back(desk, key_of(slot)) == 3
    assert outside_visits(desk) == []
    assert close_again(desk, key_of(slot)) == 3
    assert [one.id for one in outside_visits(desk)] == [laser["id"]]
    cancel(desk, laser["id"], reason="Closed")
    assert outside_visits(desk) == []
    assert other["id"] not in {one.id for one in visits_hit(desk, who, [DAY])}


def test_closing_again_is_over_after_a_minute(desk: Store) -> None:
    key = key_of(close_time(desk, a_closing("Practitioner/adams")))
    take_back(desk, key)
    with pytest.raises(Missing):
        close_again(f.later(desk, 120), key)
    with pytest.raises(Missing):
        take_back(desk, key)
    assert closed_time(desk, calendar_setup(desk), key) is None


def test_the_list_is_searched_by_name_and_reason_and_tells_past_from_coming(desk: Store) -> None:
    close_time(desk, a_closing("Practitioner/adams", kind="leave", reason="Summer"))
    close_time(desk, a_closing("Location/room2", reason="100% new floor"))
    setup = calendar_setup(desk)

    def found(words: str, *, past: bool = False) -> list[str]:
        return [row.reason for row in closed_times(desk, setup, Wanted(words, past=past))[0]]

    assert found("") == found("  ") == ["Summer", "100% new floor"] or sorted(found("")) == ["100% new floor", "Summer"]
    assert found("ann") == ["Summer"]
    assert found("room 2") == ["100% new floor"]
    assert found("%") == ["100% new floor"]
    assert found("nobody") == []
    assert found("", past=True) == []
    later = f.later(desk, 3 * 86_400)
    assert len(closed_times(later, setup, Wanted(past=True))[0]) == 2


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("who", {"who": ()}),
        ("who", {"who": ("Practitioner/nobody",)}),
        ("reason", {"reason": "  "}),
        ("kind", {"kind": "party"}),
        ("years", {"years": 11}),
        ("last", {"span": Span(DAY.end, DAY.start)}),
        ("last", {"span": Span(f.at("2027-03-01 00:00"), f.at("2027-03-02 00:00"))}),
        ("last", {"span": Span(f.at("2027-03-10 00:00"), f.at("2029-03-10 00:00"))}),
    ],
)
def test_what_cannot_be_closed_is_said_beside_its_field(lite: Store, field: str, change: dict[str, object]) -> None:
    with pytest.raises(Invalid) as refused:
        close_time(
            lite,
            a_closing(*("Practitioner/adams",), **change)
            if "who" not in change
            else Closing(change["who"], DAY, "closure", "Painting"),
        )  # type: ignore[arg-type]
    assert refused.value.field == field
