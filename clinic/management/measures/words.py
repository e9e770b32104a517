"""The words of the measures: topics, lines, columns, units."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from clinic.appointments.rules.setup import Setup
from clinic.management.measures.queries.bookings import CAME, CANCELLED, LATE, NO_SHOW, OPEN
from clinic.management.measures.rules.leads import LEADS, lead_range
from clinic.management.measures.rules.report import Unit, Value
from clinic.visits.words import station_word

TOPICS = {
    "waiting": _l("Waiting"),
    "lateness": _l("Lateness"),
    "missed": _l("Missed visits"),
    "use": _l("Use of time"),
    "overbooked": _l("Overbooked"),
    "waitlist": _l("Waiting list"),
    "ahead": _l("Booked ahead"),
    "promises": _l("Waits told"),
}
MEANINGS = {
    "waiting": _l(
        "Minutes from arrival until the patient is taken in, and at each station, by the time of arrival. "
        "“9 in 10” is what nine visits of ten do not exceed."
    ),
    "lateness": _l(
        "Minutes after the booked time. Patients: until arrival, walk-ins not counted. Providers: until the patient "
        "is with them, of patients who were there in time."
    ),
    "missed": _l(
        "Of the visits whose time was kept: who did not come, and who cancelled too late for the time to be given "
        "away (by the rules of the visit type, else within 24 hours)."
    ),
    "use": _l(
        "Booked time of the time that was open. Visits beside each other count both, so it can be more than 100 %."
    ),
    "overbooked": _l("Visits that were booked on purpose beside another one or outside working hours."),
    "waitlist": _l("Freed times that were offered to people who wait, and how long it took until somebody took one."),
    "ahead": _l("Days of 24 hours between booking and visit, of visits in these days."),
    "promises": _l("A promise is kept when the wait lay within the range that was told on arrival."),
}
WHATS = {
    "wait": _l("Until taken in"),
    "arrived": _l("Arrived"),
    "check-in": _l("Check-in"),
    "waiting": _l("Waiting"),
    "room": _l("In room"),
    "provider": _l("Provider"),
    "check-out": _l("Check-out"),
    "whole": _l("Whole visit"),
    "patients": _l("Patients"),
    "providers": _l("Providers"),
    "device": _l("Devices"),
}
BYS = {
    "step": _l("Station"),
    "provider": _l("Provider"),
    "author": _l("Booked by"),
    "hour": _l("Hour"),
    "weekday": _l("Weekday"),
    "site": _l("Site"),
    "type": _l("Visit type"),
    "lead": _l("Booked ahead"),
    "stage": _l("Last reminder"),
    "room": _l("Room"),
    "device": _l("Device"),
}
_MONDAY = date(2024, 1, 1)


def what_word(topic: str, what: str) -> str:
    """The number that is meant."""
    if topic == "use":
        return {"provider": _("Providers"), "room": _("Rooms"), "device": _("Devices")}[what]
    return station_word("provider") if what == "provider" else str(WHATS[what])


def line_word(by: str, key: str, setup: Setup) -> str:
    """What a line is about."""
    if by in ("provider", "type", "site", "room", "device"):
        return _name(by, key, setup)
    made = {"step": _step_word, "author": _author_word, "stage": stage_word, "lead": lead_word, "weekday": _weekday}
    try:
        return made[by](key) if by in made else f"{int(key):02}:00"
    except (KeyError, ValueError, IndexError, OverflowError):  # an address that somebody made up
        return ""


def _step_word(key: str) -> str:
    return what_word("waiting", key)


def _author_word(key: str) -> str:
    return key or _("Nobody known")


def _weekday(key: str) -> str:
    return str(format_date(_MONDAY + timedelta(days=int(key)), "EEEE"))


def _name(by: str, key: str, setup: Setup) -> str:
    find: Any = {
        "provider": setup.provider, "type": setup.visit_type, "site": setup.site, "room": setup.room,
        "device": setup.device,
    }[by]  # fmt: skip
    found = find(key)
    if found is not None:
        return str(found.name)
    return _("No longer in use") if key else _("Not known")


def lead_word(key: str) -> str:
    """How long ahead a visit was booked."""
    if not key:
        return _("Not known")
    first, last = lead_range(int(key))
    if int(key) == 0:
        return _("Less than a day")
    if last is None:
        return _("%(count)s days and more", count=first)
    if first == last:
        return ngettext("%(num)s day", "%(num)s days", first)
    return _("%(first)s to %(last)s days", first=first, last=last)


def stage_word(key: str) -> str:
    """The last reminder that went out before the visit."""
    if not (key.isascii() and key.isdigit()):
        return _("No reminder")
    minutes = int(key)
    if minutes % 1440 == 0:
        return ngettext("%(num)s day before", "%(num)s days before", minutes // 1440)
    if minutes % 60 == 0:
        return ngettext("%(num)s hour before", "%(num)s hours before", minutes // 60)
    return ngettext("%(num)s minute before", "%(num)s minutes before", minutes)


def outcome_word(name: str) -> str:
    """What became of a visit."""
    return {
        CAME: _("Came"),
        NO_SHOW: _("Did not come"),
        LATE: _("Cancelled late"),
        CANCELLED: _("Cancelled"),
        OPEN: _("Not noted"),
    }.get(name, name)


def value_word(value: Value, unit: Unit) -> str:
    """A figure with its unit; a dash for none."""
    if value is None:
        return "–"
    if unit == "minutes":
        return _("%(count)s min", count=_plain(value))
    if unit == "percent":
        return f"{_plain(value)} %"
    if unit == "days":
        return ngettext("%(num)s day", "%(num)s days", int(value))
    return _("%(count)s h", count=_plain(value)) if unit == "hours" else _plain(value)


def change_word(value: Value, unit: Unit) -> str:
    """By how much it is more or less than before."""
    if value is None:
        return "–"
    if not value:
        return _("the same")
    sign, size = "+" if value > 0 else "−", abs(value)
    if unit == "percent":
        return _("%(count)s points", count=f"{sign}{_plain(size)}")
    return f"{sign}{value_word(size, unit)}"


def _plain(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else f"{value:.1f}"


LEAD_KEYS = tuple(str(number) for number in range(len(LEADS)))
