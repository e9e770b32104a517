"""The words of stations and needs on the screen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from clinic.visits.queries import Line, Today
from clinic.visits.queries.flow_board import Card
from clinic.visits.queries.ready import Tried
from clinic.visits.queries.waits import Told
from clinic.visits.rules import EXPECTED, LEFT, LIMITS
from clinic.visits.rules.needs import Need
from clinic.visits.rules.waits import Range


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
    """One or two words: `confirm`, `ended`, `2 to sign`."""
    count = int(need.detail) if need.detail.isdigit() else 0
    if need.word == "to sign":
        return ngettext("%(num)s to sign", "%(num)s to sign", count)
    if need.name == "forms" and need.word == "open":
        return ngettext("%(num)s open", "%(num)s open", count)
    return _NEED_WORDS.get(need.word, lambda: need.word)()


_NEED_WORDS = {
    "": lambda: _("ok"),
    "confirm": lambda: _("confirm"),
    "not yet": lambda: _("not yet"),
    "on arrival": lambda: _("on arrival"),
    "none": lambda: _("none"),
    "ended": lambda: _("ended"),
    "future": lambda: _("not yet in force"),
    "card": lambda: _("card"),
    "restricted": lambda: _("restricted"),
    "not asked": lambda: _("not asked"),
    "not covered": lambda: _("not covered"),
    "old answer": lambda: _("old answer"),
    "seen long ago": lambda: _("seen long ago"),
    "used": lambda: _("used up"),
    "ends": lambda: _("ends soon"),
    "old answers": lambda: _("to fill in again"),
    "not filled in": lambda: _("not filled in"),
    "owes": lambda: _("owes"),
}


def need_name(name: str) -> str:
    """The thing itself."""
    return {
        "identity": _("Identity"),
        "contact": _("Contact"),
        "coverage": _("Coverage"),
        "eligibility": _("Eligibility"),
        "referral": _("Referral"),
        "consents": _("Consents"),
        "forms": _("Forms"),
        "due": _("Amount due"),
    }.get(name, name)


def need_line(need: Need) -> str:
    """What is missing in a few words: `Coverage ended`, `Photo ID ended 28 Feb 2027`, `Owes $30.00`."""
    from clinic.web.filters import day, money

    if need.name == "identity" and need.word == "ended":
        return _("Photo ID ended %(date)s", date=day(need.detail))
    if need.name == "due" and need.word == "owes":
        return _("Amount due %(amount)s", amount=money(int(need.detail)))
    if need.word == "ends":
        return _("A consent ends %(date)s", date=day(need.detail))
    return _("%(what)s: %(state)s", what=need_name(need.name), state=need_word(need))


def tried_word(tried: Tried) -> str:
    """`Called today 10:24, no answer`."""
    from clinic.web.filters import when

    what = {"no-answer": _("no answer"), "message": _("message left"), "wrong-number": _("wrong number")}
    came = what.get(tried.outcome, _("spoken to"))
    return _("Called %(when)s, %(what)s", when=when(tried.at), what=came)


def minutes_word(line: Line) -> str:
    """`34 min` at a station, `in 16` before."""
    if line.station == EXPECTED:
        return _("in %(minutes)s", minutes=line.minutes) if line.minutes < 180 else ""
    return "" if line.gone else _("%(count)s min", count=line.minutes)


def flow_strip(today: Today, limits: Mapping[str, int] = LIMITS) -> list[dict[str, Any]]:
    """The eight stations with one fact below each; `limits` are the minutes of the practice."""
    cells = []
    for station in (EXPECTED, *limits, LEFT):
        lines = today.to_come if station == EXPECTED else today.at(station)
        longest = max((line.minutes for line in lines), default=0)
        cells.append(
            {
                "count": len(lines),
                "word": station_word(station),
                "fact": _fact(today, station, lines, longest),
                "hot": longest > limits.get(station, 24 * 60),
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


def pace_word(card: Card, limits: Mapping[str, int]) -> str:
    """What the minutes of a card mean: `4 over 20`, `near 20`; empty while all is well."""
    limit = limits.get(card.station, 0)
    if card.pace == "near":
        return _("near %(limit)s", limit=limit)
    if card.pace in ("over", "far") and limit:
        return _("%(count)s over %(limit)s", count=card.minutes - limit, limit=limit)
    return _("late") if card.late else ""


def told_word(told: Told | None, now: datetime) -> str:
    """What is left of the wait that was told: `about 10 to 20 min`, `up to 5 min`, `longer than told`."""
    if told is None or told.most is None or told.seen is not None:
        return ""
    left = told.left(now)
    if left is None:
        return _("longer than told")
    return range_word(left)


def range_word(left: Range) -> str:
    """`10 to 20 min`, `up to 5 min`."""
    if left.least == 0:
        return _("up to %(most)s min", most=left.most)
    return _("%(least)s to %(most)s min", least=left.least, most=left.most)
