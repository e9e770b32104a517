"""The small month: full days, days off, and what need not be read to know them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from hypothesis import given
from hypothesis import strategies as st

from clinic.appointments.rules.hours import Absence, Hours
from clinic.appointments.rules.month import least_booked, month_days, open_minutes
from clinic.appointments.rules.setup import Provider, Setup
from clinic.appointments.rules.spans import Span

ZONE = "America/New_York"
TUESDAY, SATURDAY = date(2027, 3, 9), date(2027, 3, 13)
WEEK = frozenset(range(5))
MINUTES = st.integers(0, 120)
DAYS = st.dictionaries(st.dates(date(2027, 3, 1), date(2027, 3, 5)), st.dictionaries(st.sampled_from("abc"), MINUTES))


def test_absences_and_rules_that_begin_later_count_on_their_own_days() -> None:
    nine_to_one = Hours(WEEK, time(9), time(13))
    later = Hours(WEEK, time(9), time(13), since=date(2027, 3, 10))
    setup = Setup(
        providers=(Provider("a", "A", (nine_to_one,)), Provider("b", "B", (nine_to_one,)), Provider("c", "C", (later,)))
    )
    away = Absence(Span(datetime(2027, 3, 9, 14, tzinfo=UTC), datetime(2027, 3, 9, 15, tzinfo=UTC)))
    found = open_minutes(setup, {"b": (away,)}, [TUESDAY, date(2027, 3, 16), SATURDAY], ZONE)
    assert found[TUESDAY] == {"a": 240, "b": 180, "c": 0}
    assert found[date(2027, 3, 16)] == {"a": 240, "b": 240, "c": 240}
    assert month_days(found, {})[SATURDAY] == (False, True)


@given(hours=DAYS, booked=DAYS)
def test_days_are_full_or_not_without_the_few_minutes_that_are_not_read(hours: dict, booked: dict) -> None:
    least = least_booked(hours)
    read = {day: {id_: minutes for id_, minutes in each.items() if minutes >= least} for day, each in booked.items()}
    assert month_days(hours, read) == month_days(hours, booked)
