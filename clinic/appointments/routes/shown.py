"""The calendar's codes as words and shapes of the screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from clinic.access.guard import can
from clinic.appointments.forms import LENGTHS, slot_text
from clinic.appointments.routes.lanes import printed
from clinic.appointments.rules.setup import Setup
from clinic.web.filters import day as day_words

STATUS_WORDS = {
    "proposed": (_l("Asked for"), "todo", ""),
    "pending": (_l("Not confirmed"), "todo", ""),
    "booked": (_l("Confirmed"), "info", "check"),
    "arrived": (_l("Arrived"), "acc", "arrive"),
    "checked-in": (_l("Checked in"), "acc", "form"),
    "fulfilled": (_l("Done"), "mute", "check"),
    "noshow": (_l("Did not come"), "warn", "cross"),
    "cancelled": (_l("Cancelled"), "mute", "cross"),
    "waitlist": (_l("Waiting list"), "todo", ""),
    "entered-in-error": (_l("Booked by mistake"), "mute", "cross"),
}
"""Word, badge and shape of every state of an appointment."""

PARTS = {
    "any": _l("Any part of the day"),
    "morning": _l("Morning"),
    "afternoon": _l("Afternoon"),
    "evening": _l("Evening"),
}
WEEKDAYS = (
    _l("Monday"), _l("Tuesday"), _l("Wednesday"), _l("Thursday"), _l("Friday"), _l("Saturday"), _l("Sunday"),
)  # fmt: skip


WAY_WORDS = {
    "provider": (_l("Providers"), _l("Provider")),
    "room": (_l("Rooms"), _l("Room")),
    "device": (_l("Devices"), _l("Device")),
    "site": (_l("Sites"), _l("Site")),
}
"""By what a calendar is drawn: the word for all of them and for one."""


def status_words(status: str) -> tuple[str, str, str]:
    """Word, badge kind and shape of a state."""
    word, kind, shape = STATUS_WORDS.get(status, (status, "mute", ""))
    return str(word), kind, shape


def reason_words(found: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The reasons that can be chosen: those of a cancellation, and those of a missed visit."""
    cancelled = [*found["patient"], *found["practice"]]
    return {"cancel": [_(words) for words in cancelled], "noshow": [_(words) for words in found["noshow"]]}


def day_title(day: date, today: date) -> str:
    """`Tuesday 9 March`, with the year when it is another."""
    return day_words(day, "EEEE d MMMM" if day.year == today.year else "EEEE d MMMM y")


def choices(setup: Setup, type_id: str = "") -> dict[str, list[tuple[Any, ...]]]:
    """The choices of the booking form: people who do the visit type, types, rooms, lengths, parts of the day."""
    people = [person for person in setup.columns() if not type_id or person.does(type_id)]
    return {
        "provider": [(person.id, person.name) for person in people],
        "visit_type": [(kind.id, kind.name, {"data-minutes": kind.minutes}) for kind in setup.types if kind.active],
        "room": [("", str(_("The provider's own")))] + [(room.id, room.name) for room in setup.rooms],
        "minutes": [(str(length), str(_("%(count)s min", count=length))) for length in LENGTHS],
        "part": [(code, str(words)) for code, words in PARTS.items()],
    }


def tools() -> dict[str, Any]:
    """What the templates of the calendar need besides their values."""
    return {
        "printed": printed,
        "status_words": status_words,
        "slot_text": slot_text,
        "may_book": can("appointments.write"),
        "may_overbook": can("appointments.overbook"),
        "may_close": can("appointments.close"),
    }
