"""The words of stations and needs on the screen."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from clinic.visits.queries import Line, Today
from clinic.visits.rules import EXPECTED, LEFT, LIMITS, Need


def station_word(station: str, room: str = "") -> str:
    """`Waiting`, `In room 4`."""
    if station == "room" and room:
        return _("In %(room)s", room=room[:1].lower() + room[1:])
    return {
        "expected": _("Expected"),
        "late": _("Late"),
        "arrived": _("Arrived"),
        "check-in": _("Check-in"),
        "waiting": _("Waiting"),
        "room": _("In room"),
        "provider": _("With doctor"),
        "check-out": _("Check-out"),
        "left": _("Left"),
        "noshow": _("Did not come"),
    }.get(station, station)


def need_word(need: Need) -> str:
    """One or two words: `confirm`, `ended`, `2 open`."""
    if need.name == "forms" and need.open:
        return ngettext("%(num)s open", "%(num)s open", int(need.detail or 0))
    return {
        "": _("ok"),
        "confirm": _("confirm"),
        "not yet": _("not yet"),
        "on arrival": _("on arrival"),
        "none": _("none"),
        "ended": _("ended"),
        "future": _("not yet in force"),
        "card": _("card"),
        "restricted": _("restricted"),
    }.get(need.word, need.word)


def need_name(name: str) -> str:
    """The thing itself."""
    return {
        "identity": _("Identity"),
        "contact": _("Contact"),
        "coverage": _("Coverage"),
        "forms": _("Forms"),
    }.get(name, name)


def minutes_word(line: Line) -> str:
    """`34 min` at a station, `in 16` before."""
    if line.station == EXPECTED:
        return _("in %(minutes)s", minutes=line.minutes) if line.minutes < 180 else ""
    return "" if line.gone else _("%(count)s min", count=line.minutes)


def flow_strip(today: Today) -> list[dict[str, Any]]:
    """The eight stations with one fact below each."""
    cells = []
    for station in (EXPECTED, *LIMITS, LEFT):
        lines = today.to_come if station == EXPECTED else today.at(station)
        longest = max((line.minutes for line in lines), default=0)
        cells.append(
            {
                "count": len(lines),
                "word": station_word(station),
                "fact": _fact(today, station, lines, longest),
                "hot": longest > LIMITS.get(station, 24 * 60) and station in LIMITS,
            }
        )
    return cells


def _fact(today: Today, station: str, lines: list[Line], longest: int) -> str:
    if station == LEFT:
        absent = len(today.at("noshow"))
        return ngettext("%(num)s did not come", "%(num)s did not come", absent) if absent else ""
    if not lines:
        return ""
    if station == EXPECTED:
        from clinic.web.filters import clock

        return _("next %(time)s", time=clock(lines[0].appointment.start))
    if station == "waiting":
        return _("longest %(count)s min", count=longest)
    return _("%(count)s min", count=longest)
