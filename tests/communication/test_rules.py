"""When to call back, as people say it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from clinic.communication.rules import Call, check, read_due
from clinic.core.days import local
from clinic.core.errors import Invalid

NOW = datetime(2027, 3, 9, 15, 24, tzinfo=UTC)
ZONE = "America/New_York"


@pytest.mark.parametrize(
    ("typed", "wall"),
    [
        ("in 30 min", "2027-03-09 10:54"),
        ("2h", "2027-03-09 12:24"),
        ("1 day", "2027-03-10 10:24"),
        ("14:30", "2027-03-09 14:30"),
        ("9", "2027-03-10 09:00"),
        ("tomorrow 9", "2027-03-10 09:00"),
        ("3/12 10am", "2027-03-12 10:00"),
        ("12 mar 2027 8:15", "2027-03-12 08:15"),
    ],
)
def test_a_time_to_call_back_is_read_as_people_say_it(typed: str, wall: str) -> None:
    assert f"{local(read_due(typed, NOW, ZONE), ZONE):%Y-%m-%d %H:%M}" == wall


@pytest.mark.parametrize("typed", ["", "soon", "25:00", "32/1 9", "in a while"])
def test_what_is_no_time_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):
        read_due(typed, NOW, ZONE)


def test_a_call_that_nobody_could_return_is_refused_with_every_reason() -> None:
    with pytest.raises(Invalid) as refused:
        check(Call(reason="x", outcome="call-back"), NOW)
    assert {detail.field for detail in refused.value.details} == {"reason", "caller", "due"}
    with pytest.raises(Invalid):
        check(Call(caller="Ana", outcome="call-back", due=NOW - timedelta(hours=1)), NOW)
    check(Call(caller="Ana", outcome="call-back", due=NOW + timedelta(hours=1)), NOW)
