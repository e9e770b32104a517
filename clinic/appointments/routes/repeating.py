"""What has been entered into the forms of a series so far: its rule, its dates and what was decided for each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import MultiDict

from clinic.appointments.forms import SeriesForm, read_day, read_slot
from clinic.appointments.routes.entering import practice
from clinic.appointments.rules.series import EVERY, MOST, By, Every, Pattern
from clinic.appointments.service.series import Planned
from clinic.core.errors import N_, Invalid
from clinic.web.filters import day as day_words
from clinic.web.filters import today

NO_NUMBER = N_("Give a whole number.")
NO_DAY = N_("This is not a day. Try 9 Mar or 3/9/27.")
_DAYS = 7
_MONDAY = date(2024, 1, 1)


def weekday_choices() -> list[tuple[str, str]]:
    """The days of the week, Monday first."""
    return [(str(n), day_words(_MONDAY.replace(day=1 + n), "EEE")) for n in range(_DAYS)]


def pattern_choices() -> dict[str, list[tuple[str, str]]]:
    """The choices of the fields that say a rule."""
    return {
        "every": [("week", str(_("weeks"))), ("day", str(_("days"))), ("month", str(_("months")))],
        "weekdays": weekday_choices(),
        "by": [("date", str(_("the same date"))), ("weekday", str(_("the same weekday of the month")))],
        "ends": [
            ("count", str(_("after so many times"))),
            ("until", str(_("on a day"))),
            ("on", str(_("not yet: half a year is booked, then it is to be extended"))),
        ],
    }


def pattern_of(form: SeriesForm) -> Pattern:
    """The rule that a form says. Raises Invalid, tied to the field."""
    every: Every = next((code for code in EVERY if code == form.every.data), "week")
    by: By = "weekday" if form.by.data == "weekday" else "date"
    days = frozenset(int(day) for day in form.weekdays.data or () if day in "0123456" and len(day) == 1)
    ends = form.ends.data or "count"
    return Pattern(
        every=every,
        interval=_number(form, "interval", "1"),
        weekdays=frozenset() if every == "month" else days,
        by=by,
        count=_number(form, "count", "10") if ends == "count" else 0,
        until=_until(form) if ends == "until" else None,
        carries_on=ends == "on",
    )


def _number(form: SeriesForm, name: str, usual: str) -> int:
    text = str(form[name].data or usual).strip()
    if not text.isascii() or not text.isdigit() or len(text) > 3:
        raise Invalid(NO_NUMBER, field=name)
    return int(text)


def _until(form: SeriesForm) -> date:
    try:
        return read_day(str(form.until.data or ""), today=today(), order=practice().date_order)
    except ValueError:
        raise Invalid(NO_DAY, field="until") from None


def pattern_words(pattern: Pattern) -> str:
    """A rule as people say it."""
    names = dict(weekday_choices())
    days = ", ".join(names[str(day)] for day in sorted(pattern.weekdays))
    if pattern.every == "day":
        said = ngettext("Every day", "Every %(num)s days", pattern.interval)
    elif pattern.every == "month":
        said = ngettext("Every month", "Every %(num)s months", pattern.interval)
    else:
        said = ngettext("Every week", "Every %(num)s weeks", pattern.interval)
    return str(_("%(rule)s on %(days)s", rule=said, days=days)) if days else str(said)


def decisions(values: Mapping[str, str], *, reason: str) -> list[Planned]:
    """What was decided for each date: a time that was chosen; dates that are left out are missing.

    A choice that begins with `over:` is booked beside what is there, with the reason.
    """
    found = []
    for number in range(1, 10 * MOST):
        chosen = values.get(f"d{number}", "")
        over = chosen.startswith("over:")
        slot = read_slot(chosen.removeprefix("over:"))
        if slot is not None:
            found.append(Planned(number, slot[0], slot[1], reason if over else ""))
    return found[:MOST]


def named_values(values: MultiDict[str, str], form: type[SeriesForm]) -> dict[str, Any]:
    """The fields of a form that an address names."""
    known = {*form.__dict__, "patient", "q", "visit_type", "room", "note", "part"}
    found: dict[str, Any] = {name: values[name] for name in known if name in values}
    return found | ({"weekdays": values.getlist("weekdays")} if "weekdays" in values else {})
