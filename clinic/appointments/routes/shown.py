"""The calendar's codes as words and shapes of the screen."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape

from clinic.access.guard import can
from clinic.appointments.forms import LENGTHS, slot_text
from clinic.appointments.rules.drawing import Column, Event
from clinic.appointments.rules.hours import Shut
from clinic.appointments.rules.setup import Setup
from clinic.core.days import local
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

STATE_ICONS = {
    "conf": "check",
    "open": "dashed",
    "here": "arrive",
    "wait": "clock",
    "late": "warn",
    "over": "warn",
    "done": "check",
    "missed": "cross",
}

CANCEL_REASONS = (
    _l("Patient asked"),
    _l("Patient is ill"),
    _l("Transport or weather"),
    _l("Insurance or cost"),
    _l("Provider is away"),
    _l("Booked by mistake"),
)
NO_SHOW_REASONS = (_l("No reason known"), _l("Forgot"), _l("Could not get here"), _l("Phoned afterwards"))
PARTS = {
    "any": _l("Any part of the day"),
    "morning": _l("Morning"),
    "afternoon": _l("Afternoon"),
    "evening": _l("Evening"),
}


def state_word(event: Event) -> str:
    """What the colour of an event says, in words."""
    if event.state == "wait":
        return str(_("Waiting %(count)s min", count=event.minutes))
    if event.state == "late":
        return str(_("Late %(count)s min", count=event.minutes))
    return str(_STATE_WORDS[event.state])


_STATE_WORDS: Final = {
    "conf": _l("Confirmed"),
    "open": _l("Not confirmed"),
    "here": _l("In the building"),
    "over": _l("Overbooked"),
    "done": _l("Done"),
    "missed": _l("Did not come"),
}


def printed(column: Column) -> list[tuple[Event, Markup, str]]:
    """The events of a column with the opening tags of each and the words of its state.

    A full day has hundreds: what is surely ours (places, times, an escaped id) is put together once here, since
    every value that a template prints by itself costs a microsecond or two.
    """
    movable = " data-movable" if can("appointments.write") else ""
    said = {state: str(words) for state, words in _STATE_WORDS.items()}
    return [
        (event, _opening(event, movable if event.movable else ""), said.get(event.state) or state_word(event))
        for event in column.events
    ]


def _opening(event: Event, movable: str) -> Markup:
    id_ = escape(event.row.id)
    return Markup(  # noqa: S704 the id is escaped, all else is made of numbers here
        f'<li class="ev {event.classes}" data-id="{id_}" data-version="{event.row.version}"'
        f' data-start="{event.start_text}" data-end="{event.end_text}"{movable}>'
        f'<a href="/appointments/{id_}" data-visit>'
    )


def shut_words(shut: Shut, zone: str) -> str:
    """Why a time is closed."""
    start, end = (local(at, zone).strftime("%H:%M") for at in (shut.span.start, shut.span.end))
    if shut.kind == "absence":
        return shut.reason or str(_("Away"))
    if shut.kind == "break":
        return str(_("Lunch") if start <= "13:00" and end >= "12:00" else _("Break"))
    if shut.kind == "before":
        return str(_("From %(time)s", time=end))
    return str(_("Off from %(time)s", time=start) if shut.kind == "after" else _("Not working"))


def status_words(status: str) -> tuple[str, str, str]:
    """Word, badge kind and shape of a state."""
    word, kind, shape = STATUS_WORDS.get(status, (status, "mute", ""))
    return str(word), kind, shape


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
        "shut_words": shut_words,
        "status_words": status_words,
        "state_icons": STATE_ICONS,
        "slot_text": slot_text,
        "may_book": can("appointments.write"),
        "may_overbook": can("appointments.overbook"),
    }
