"""Series: one transaction for all dates, changed one by one or together, taken back together."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
import sqlalchemy as sa

from clinic.appointments.errors import DateTaken
from clinic.appointments.mapping.bonds import CHANGED, NUMBER, SERIES, number_of, tie_of
from clinic.appointments.rules.booking import Change
from clinic.appointments.rules.series import Pattern, Scope, occurrences, shifted
from clinic.appointments.service.booking import book
from clinic.appointments.service.changes import move
from clinic.appointments.service.many import stamp_of, undo_many
from clinic.appointments.service.series import (
    Moved,
    Planned,
    Whole,
    book_series,
    cancel_series,
    change_series,
    extend_series,
    in_scope,
    visits_of,
)
from clinic.appointments.service.upkeep import faults_of_claims
from clinic.appointments.tables import appointment_series
from clinic.core.days import local, read_instant
from clinic.core.errors import Conflict, Stale
from clinic.core.json import Json
from clinic.fhir.store import Store
from tests.appointments import factories as f

FIRST = "2027-03-10 14:00"


def plan(count: int = 4, provider: str = "adams") -> list[Planned]:
    first = local(f.at(FIRST), f.ZONE)
    found = occurrences(Pattern(count=count), first.date(), first.time(), f.ZONE)
    return [Planned(one.number, one.start, provider) for one in found]


def a_series(store: Store, count: int = 4) -> list[Json]:
    return book_series(store, f.a_booking(FIRST), Pattern(count=count), plan(count))


def key(visits: list[Json]) -> str:
    return tie_of(visits[0], SERIES)


def walls(visits: list[Json]) -> list[str]:
    return [local(read_instant(one["start"]), f.ZONE).strftime("%d %H:%M") for one in visits]


def moved(visits: list[Json], *, days: int = 0, wall: time | None = None, provider: str = "adams") -> list[Moved]:
    return [
        Moved(
            one["id"],
            Planned(number_of(one), shifted(read_instant(one["start"]), days=days, wall=wall, zone=f.ZONE), provider),
            int(one["meta"]["versionId"]),
        )
        for one in visits
    ]


def test_every_date_is_an_appointment_that_names_its_series_and_number(desk: Store) -> None:
    made = a_series(desk)
    assert walls(made) == ["10 14:00", "17 14:00", "24 14:00", "31 14:00"]
    assert {one["start"][11:16] for one in made} == {"19:00", "18:00"}
    assert [next(e for e in one["extension"] if e["url"] == NUMBER)["valuePositiveInt"] for one in made] == [1, 2, 3, 4]
    assert [one["id"] for one in visits_of(desk, key(made))] == [one["id"] for one in made]
    row = desk.conn.execute(sa.select(appointment_series)).one()
    assert (row.rule, row.wall_time, row.zone) == ("FREQ=WEEKLY;INTERVAL=1;BYDAY=WE;COUNT=4", "14:00", f.ZONE)


def test_one_taken_date_keeps_all_from_being_booked_and_is_named_with_free_times(desk: Store) -> None:
    book(desk, f.a_booking("2027-03-24 14:15", patient_id="p2"))
    with pytest.raises(DateTaken) as caught:
        a_series(desk)
    assert caught.value.number == 3
    assert caught.value.offers


def test_another_time_for_one_date_and_another_provider_for_the_next(desk: Store) -> None:
    dates = plan()
    dates[1] = Planned(2, f.at("2027-03-17 15:00"), "adams")
    dates[2] = Planned(3, dates[2].start, "baker")
    made = book_series(desk, f.a_booking(FIRST), Pattern(count=4), dates)
    assert walls(made) == ["10 14:00", "17 15:00", "24 14:00", "31 14:00"]
    rooms = [part["actor"]["reference"] for part in made[2]["participant"]]
    assert "Location/room2" in rooms


def test_this_and_following_move_together_and_the_rule_with_them(desk: Store) -> None:
    made = a_series(desk)
    part = in_scope(made, 2, "following", desk.now)
    after = change_series(desk, key(made), moved(part, days=1, wall=time(10)), Whole(days=1, wall=time(10)))
    assert walls(visits_of(desk, key(made))) == ["10 14:00", "18 10:00", "25 10:00", "01 10:00"]
    assert len(after) == 3
    row = desk.conn.execute(sa.select(appointment_series)).one()
    assert ("BYDAY=TH" in row.rule, row.wall_time) == (True, "10:00")
    assert list(faults_of_claims(desk)) == []


def test_dates_may_take_each_others_time(desk: Store) -> None:
    made = a_series(desk)
    change_series(desk, key(made), moved(made, days=7), Whole(days=7))
    assert walls(visits_of(desk, key(made))) == ["17 14:00", "24 14:00", "31 14:00", "07 14:00"]
    assert list(faults_of_claims(desk)) == []


def test_a_provider_type_and_length_change_for_all_and_undo_brings_everything_back(desk: Store) -> None:
    made = a_series(desk)
    whole = Whole(minutes=15, visit_type="chat")
    after = change_series(desk, key(made), moved(made, provider="baker"), whole)
    first = desk.read("Appointment", made[0]["id"])
    assert (first["minutesDuration"], first["serviceType"][0]["text"]) == (15, "Chat")
    assert list(faults_of_claims(desk)) == []
    undo_many(desk, SERIES, key(made), read_instant(stamp_of(after[0])))
    assert {one["status"] for one in visits_of(desk, key(made))} == {"entered-in-error"}


def test_a_change_is_taken_back_to_what_stood_before_it(desk: Store) -> None:
    made = a_series(desk)
    f.later(desk, 20)
    after = change_series(desk, key(made), moved(made, wall=time(10)), Whole(visit_type="chat", wall=time(10)))
    f.later(desk, 30)
    undo_many(desk, SERIES, key(made), read_instant(stamp_of(after[0])))
    back = visits_of(desk, key(made))
    assert walls(back) == walls(made)
    assert {one["serviceType"][0]["text"] for one in back} == {"Check"}
    assert list(faults_of_claims(desk)) == []
    f.later(desk, 90)
    with pytest.raises(Conflict, match="minute"):
        undo_many(desk, SERIES, key(made), read_instant(stamp_of(back[0])))


def test_a_single_date_that_moves_is_marked_as_changed_by_itself(desk: Store) -> None:
    made = a_series(desk)
    (one,) = in_scope(made, 3, "one", desk.now)
    change_series(desk, key(made), moved([one], wall=time(9)), Whole())
    marks = [[e for e in visit["extension"] if e["url"] == CHANGED] for visit in visits_of(desk, key(made))]
    assert [len(found) for found in marks] == [0, 0, 1, 0]


@pytest.mark.parametrize(("scope", "left"), [("one", 3), ("following", 1), ("all", 0)])
def test_cancelling_one_this_and_following_or_all(desk: Store, scope: Scope, left: int) -> None:
    made = a_series(desk)
    dates = [(one["id"], int(one["meta"]["versionId"])) for one in in_scope(made, 2, scope, desk.now)]
    cancel_series(desk, key(made), dates, reason="Moved away")
    assert sum(one["status"] == "booked" for one in visits_of(desk, key(made))) == left


def test_what_is_over_or_begun_is_never_touched(desk: Store) -> None:
    made = a_series(desk)
    desk.now += timedelta(days=10)
    assert [number_of(one) for one in in_scope(visits_of(desk, key(made)), 1, "all", desk.now)] == [3, 4]


def test_somebody_elses_change_meanwhile_stops_the_whole(desk: Store) -> None:
    made = a_series(desk)
    wanted = moved(made, wall=time(10))
    move(desk, made[3]["id"], Change(start=f.at("2027-03-31 11:00")))
    with pytest.raises(Stale):
        change_series(desk, key(made), wanted, Whole())


def test_extending_continues_the_numbers_and_nothing_twice(desk: Store) -> None:
    made = a_series(desk, 2)
    further = [Planned(3, f.at("2027-03-24 14:00"), "adams"), Planned(4, f.at("2027-03-31 14:00"), "adams")]
    extend_series(desk, key(made), further)
    assert [number_of(one) for one in visits_of(desk, key(made))] == [1, 2, 3, 4]
    with pytest.raises(Conflict):
        extend_series(desk, key(made), further)


def test_an_empty_choice_books_nothing(desk: Store) -> None:
    with pytest.raises(Conflict):
        cancel_series(desk, "none", [], reason="x")
