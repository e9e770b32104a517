"""The calendar's codes as words and shapes of the screen."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any, Final

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape

from clinic.access.guard import can
from clinic.appointments.forms import LENGTHS, slot_text
from clinic.appointments.queries.day import CalendarPage
from clinic.appointments.rules.drawing import Event, wall_text
from clinic.appointments.rules.hours import Shut
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


def printed(calendar: CalendarPage, marks: dict[str, Markup]) -> list[Markup]:
    """The drawn events of each column; `marks` are the shapes of the states.

    A full day has hundreds: they are put together here, since every value that a template prints by itself
    costs a microsecond or two. Whatever people wrote is escaped.
    """
    movable = " data-movable" if can("appointments.write") else ""
    address = url_for("appointments.appointment", appointment_id="-")[:-1]
    said = {state: (marks[state], str(escape(words))) for state, words in _STATE_WORDS.items()}
    drawn = []
    for column in calendar.columns:
        lines = []
        for event in column.events:
            mark, word = said.get(event.state) or (marks[event.state], str(escape(state_word(event))))
            lines.append(_line(event, address, movable if event.movable else "", (str(mark), word)))
        drawn.append(Markup("".join(lines)))  # noqa: S704 put together from escaped parts
    return drawn


@lru_cache(maxsize=4096)
def _line(event: Event, address: str, movable: str, state: tuple[str, str]) -> str:
    """One drawn visit; most of a day stands as it stood when somebody looked last."""
    return f"{_opening(event, address, movable)}{_words(event, *state)}</a></li>\n"


def _opening(event: Event, address: str, movable: str) -> str:
    id_ = escape(event.row.id)
    return (
        f'<li class="ev {event.classes}" data-id="{id_}" data-version="{event.row.version}"'
        f' data-start="{event.start_text}" data-end="{event.end_text}"{movable}>'
        f'<a href="{address}{id_}" data-visit>'
    )


def _words(event: Event, mark: str, word: str) -> str:
    row = event.row
    type_name = escape(row.type_name)
    name = escape(row.patient_name) if row.patient_name else type_name
    first = f'<span class="e1">{mark}<b><bdi>{name}</bdi></b><span class="sr">, {event.times}, {word}'
    if event.two_lines:
        return f'{first}</span></span><span class="e2 m">{word if event.loud else type_name}</span>'
    return f"{first}, {type_name}</span></span>"


def shut_words(shut: Shut, zone: str) -> str:
    """Why a time is closed."""
    start, end = (wall_text(at, zone) for at in shut.span)
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
