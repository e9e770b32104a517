"""Pure decisions of the management screens: weekly hours, who may change whom, safe cells of an export."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Final

from clinic.core.days import read_time
from clinic.core.errors import N_, Detail, Forbidden, Invalid

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
STRETCHES: Final = 2
"""How many stretches a day may have: morning and afternoon."""

BAD_TIME: Final = N_("Write a time such as 9, 9:30 or 2pm.")
HALF: Final = N_("Give both times, or neither.")
BACKWARDS: Final = N_("The end must be after the start.")
OVERLAP: Final = N_("The second stretch must begin after the first has ended.")
BAD_HOURS: Final = N_("Some times need another look.")
NOT_YOURS: Final = N_("Only an administrator may change an administrator.")

COLOURS: Final = ("teal", "blue", "violet", "rose", "amber", "green", "grey")
MINUTES: Final = range(5, 725, 5)

ADMINISTRATOR: Final = "administrator"


@dataclass(frozen=True, order=True)
class Stretch:
    """One stretch of working time of a weekday; wall time in the practice's zone, `closes` after `opens`."""

    day: str
    opens: time
    closes: time


def read_week(typed: Mapping[str, str]) -> tuple[Stretch, ...]:
    """The week from what was typed, by names such as `mon_1_from` and `mon_1_to`.

    Raises Invalid with one detail for each wrong field.
    """
    found: list[Stretch] = []
    wrong: list[Detail] = []
    for day in DAYS:
        earlier: Stretch | None = None
        for number in range(1, STRETCHES + 1):
            name = f"{day}_{number}"
            stretch = _read_stretch(day, name, typed, wrong)
            if stretch and earlier and stretch.opens < earlier.closes:
                wrong.append(Detail(f"{name}_from", OVERLAP))
            if stretch:
                found.append(stretch)
                earlier = stretch
    if wrong:
        raise Invalid(BAD_HOURS, details=tuple(wrong))
    return tuple(found)


def _read_stretch(day: str, name: str, typed: Mapping[str, str], wrong: list[Detail]) -> Stretch | None:
    start, end = typed.get(f"{name}_from", "").strip(), typed.get(f"{name}_to", "").strip()
    if not start and not end:
        return None
    if not start or not end:
        wrong.append(Detail(f"{name}_{'to' if start else 'from'}", HALF))
        return None
    times = []
    for part, text in (("from", start), ("to", end)):
        try:
            times.append(read_time(text))
        except ValueError:
            wrong.append(Detail(f"{name}_{part}", BAD_TIME))
    if len(times) < 2:
        return None
    if times[1] <= times[0]:
        wrong.append(Detail(f"{name}_to", BACKWARDS))
        return None
    return Stretch(day, times[0], times[1])


def typed_week(week: Iterable[Stretch]) -> dict[str, str]:
    """The week as the form shows it."""
    typed: dict[str, str] = {}
    count = dict.fromkeys(DAYS, 0)
    for stretch in sorted(week, key=lambda one: (DAYS.index(one.day), one.opens)):
        count[stretch.day] += 1
        name = f"{stretch.day}_{count[stretch.day]}"
        typed[f"{name}_from"] = stretch.opens.isoformat("minutes")
        typed[f"{name}_to"] = stretch.closes.isoformat("minutes")
    return typed


def weekly_minutes(week: Iterable[Stretch]) -> int:
    """The working time of a week in minutes."""
    return sum(_minutes(one.closes) - _minutes(one.opens) for one in week)


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def require_may_change(own_role: str, *roles: str) -> None:
    """Only an administrator touches administrators, or makes one. Raises Forbidden."""
    if own_role != ADMINISTRATOR and ADMINISTRATOR in roles:
        raise Forbidden(NOT_YOURS, field="role")
