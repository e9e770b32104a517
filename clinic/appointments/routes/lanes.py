"""The columns of the calendar as markup.

A full day has hundreds of visits, so each column is put together once and kept as long as it is the same column:
every value that a template prints by itself costs a microsecond or two.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from flask import url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape

from clinic.access.guard import can
from clinic.appointments.queries.day import CalendarPage
from clinic.appointments.rules.drawing import Column, Event, Kept, wall_text
from clinic.appointments.rules.hours import Shut

_KEPT_LANES = 600
_STATE_WORDS: Final = {
    "conf": _l("Confirmed"),
    "open": _l("Not confirmed"),
    "here": _l("In the building"),
    "over": _l("Overbooked"),
    "done": _l("Done"),
    "missed": _l("Did not come"),
}


@dataclass(frozen=True, slots=True)
class _Manner:
    """What all columns of a page share: where a visit opens, whether it can be moved, the language."""

    address: str
    movable: str
    language: str
    people: tuple[tuple[str, str], ...]
    """Whose visits they are, where a column does not say it."""


def printed(calendar: CalendarPage) -> list[Markup]:
    """The inside of each column. Whatever people wrote is escaped.

    A visit is one link: 2,000 of them are drawn in a second, so nothing in it can be left out. Its shape is in the
    style sheet, its handle for resizing too, and what is read aloud of it is one label.
    """
    manner = _Manner(
        address=url_for("appointments.appointment", appointment_id="-")[:-1],
        movable=" data-movable" if can("appointments.write") else "",
        language=str(get_locale()),
        people=tuple((one.id, one.name) for one in calendar.setup.providers) if calendar.asked.by != "provider" else (),
    )
    return [_lane(column, manner) for column in calendar.columns]


@lru_cache(maxsize=_KEPT_LANES)
def _lane(column: Column, manner: _Manner) -> Markup:
    """One column; a day that somebody looked at before is there already."""
    fixed = replace(manner, movable="")  # a part of a visit moves with the visit
    zone, people = column.frame.zone, dict(manner.people)
    parts = [
        f'<div class="shut {closed.classes}"><span>{escape(shut_words(closed.shut, zone))}</span></div>\n'
        for closed in column.closed
    ]
    parts += [_kept(kept) for kept in column.held]
    parts.append(f'<ol class="evs" aria-labelledby="h-{escape(column.key)}">\n')
    for event in column.events:
        whole = column.owner.by in ("provider", "site") or event.row.room == column.owner.id
        parts.append(_line(event, manner if whole else fixed, people.get(event.row.provider, "")))
    parts.append("</ol>\n")
    if column.now_row is not None:
        parts.append(f'<div class="now r{column.now_row}"></div>\n')
    return Markup("".join(parts))  # noqa: S704 put together from escaped parts


def _kept(kept: Kept) -> str:
    typing = " own" if kept.own and kept.hold.purpose == "typing" else ""
    words = _("kept for undo") if kept.hold.purpose == "undo" else _("held for you") if kept.own else _("held")
    expires = kept.hold.expires.isoformat()
    return f'<div class="kept {kept.classes}{typing}" data-expires="{expires}"><span>{escape(words)}</span></div>\n'


def _line(event: Event, manner: _Manner, person: str) -> str:
    row = event.row
    id_ = escape(row.id)
    movable = manner.movable if event.movable else ""
    provider = f' data-provider="{escape(row.provider)}"' if manner.people else ""  # else the column's
    return (
        f'<li class="ev {event.classes}" data-id="{id_}" data-version="{row.version}" data-start="{event.start_text}"'
        f' data-end="{event.end_text}"{provider}{movable}>'
        f'<a href="{manner.address}{id_}" data-visit{_words(event, person)}</a></li>'
    )


def _words(event: Event, person: str) -> str:
    """What stands in the box, and what is read aloud of it: all of it, in one label."""
    row, word = event.row, state_word(event)
    name = row.patient_name or row.type_name
    parts = [person, word if event.loud else row.type_name]
    said = ", ".join(filter(None, (name, *parts, event.times, row.type_name if event.loud else word)))
    second = " · ".join(filter(None, parts)) if event.two_lines else ""
    below = f'<br><span class="m">{escape(second)}</span>' if second else ""
    return f' aria-label="{escape(said)}"><b dir="auto">{escape(name)}</b>{below}'


def state_word(event: Event) -> str:
    """What the colour of an event says, in words."""
    if event.state == "wait":
        return str(_("Waiting %(count)s min", count=event.minutes))
    if event.state == "late":
        return str(_("Late %(count)s min", count=event.minutes))
    return str(_STATE_WORDS[event.state])


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
