"""Families: one after another or at the same time, all or none."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.appointments.errors import DateTaken
from clinic.appointments.mapping.bonds import TOGETHER, tie_of
from clinic.appointments.service.booking import book
from clinic.appointments.service.family import book_family
from clinic.appointments.service.many import stamp_of, undo_many
from clinic.appointments.service.series import visits_of
from clinic.core.days import read_instant
from clinic.core.errors import Invalid
from clinic.fhir.store import Store
from tests.appointments import factories as f
from tests.appointments.test_routes import calendar, rows, text  # noqa: F401 a fixture
from tests.factories import token_in

THREE = (("p1", "14:00"), ("p2", "14:30"), ("p3", "15:00"))


def three() -> list[object]:
    return [f.a_booking(f"2027-03-09 {time}", patient_id=who) for who, time in THREE]


def test_three_children_back_to_back_in_one_action_and_back(desk: Store) -> None:
    made = book_family(desk, three())
    key = tie_of(made[0], TOGETHER)
    assert {tie_of(one, TOGETHER) for one in made} == {key}
    undo_many(desk, TOGETHER, key, read_instant(stamp_of(made[0])))
    assert {one["status"] for one in visits_of(desk, key, TOGETHER)} == {"entered-in-error"}


def test_one_taken_time_refuses_the_whole_family(desk: Store) -> None:
    book(desk, f.a_booking("2027-03-09 15:00", patient_id="p1"))
    with pytest.raises(DateTaken) as caught:
        book_family(desk, three())
    assert caught.value.number == 3


def test_nobody_is_refused(lite: Store) -> None:
    with pytest.raises(Invalid):
        book_family(lite, [])


@pytest.mark.parametrize(("arranged", "starts"), [("turn", 2), ("once", 1)])
def test_the_page_finds_times_for_all_and_books_them(
    calendar: Flask,  # noqa: F811
    client_of: Callable[[str], FlaskClient],
    arranged: str,
    starts: int,
) -> None:
    desk = client_of("receptionist")
    page = text(desk, f"/appointments/family/p1?arranged={arranged}&visit_type=check&minutes=30&day=2027-03-10")
    assert "Nobody else of this family" in page
    slot = "2027-03-10T15:00:00Z/adams," + ("adams" if arranged == "turn" else "baker")
    form = {"csrf_token": token_in(page), "members": ["p1", "p2"], "visit_type": "check", "minutes": "30",
            "arranged": arranged, "slot": slot}  # fmt: skip
    assert desk.post("/appointments/family/p1", data=form).status_code == 303
    assert len({row.start for row in rows(calendar)}) == starts
    assert len(rows(calendar)) == 2
    assert desk.post("/appointments/family/p1", data={**form, "slot": "nonsense"}).status_code == 422
