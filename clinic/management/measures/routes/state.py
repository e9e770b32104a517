"""What the address of a measure says, and how it is said again in every link of its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request

from clinic.appointments.forms import known_day
from clinic.management.measures.queries.asked import Asked
from clinic.management.measures.reports import TOPICS
from clinic.management.measures.rules.periods import KINDS, USUAL, Period, own_period, period_around
from clinic.web.filters import today

_LONGEST_ID = 64


@dataclass(frozen=True)
class Chosen:
    """The topic with what was asked of it."""

    topic: str
    asked: Asked
    key: str | None = None
    """The line whose visits are listed."""
    only: str = ""
    """Which of them."""

    def link(self, **changes: Any) -> dict[str, Any]:
        """The values of a link to the same with something else; what is empty is left out."""
        asked = self.asked
        values = {
            **period_values(asked.period), "by": asked.by, "what": asked.what, "provider": asked.provider,
            "type": asked.type_id, "site": asked.site, "topic": self.topic, "key": self.key, "only": self.only,
            **changes,
        }  # fmt: skip
        return {name: value for name, value in values.items() if value is not None and (value or name == "key")}

    def over(self, period: dict[str, str]) -> dict[str, Any]:
        """The values of a link to the same in other days."""
        return self.link(**{"day": None, "first": None, "last": None, **period})

    def rest(self) -> dict[str, Any]:
        """What a form keeps that chooses other days."""
        return self.link(period=None, day=None, first=None, last=None, topic=None)


def chosen(topic: str) -> Chosen:
    """What this request asks; anything that does not exist is the usual."""
    known = TOPICS[topic]

    def text(name: str) -> str:
        return request.args.get(name, "")[:_LONGEST_ID]

    by, what = text("by"), text("what")
    filters = {name: text(name) for name in known.filters}
    asked = Asked(
        chosen_period(), by if by in known.by else known.by[0], what if what in known.whats else first_of(known.whats),
        filters.get("provider", ""), filters.get("type", ""), filters.get("site", ""),
    )  # fmt: skip
    return Chosen(topic, asked)


def first_of(some: tuple[str, ...]) -> str:
    """The first of them; empty for none."""
    return some[0] if some else ""


def chosen_period() -> Period:
    """The period of this request: a day, week or month around a day, or an own range."""
    now, args = today(), request.args
    kind = args.get("period", USUAL)
    kind = kind if kind in KINDS else USUAL
    day = known_day(args.get("day", ""), now)
    if kind != "own":
        return period_around(kind, day)
    month = period_around(USUAL, day)
    return own_period(
        known_day(args.get("first", ""), month.first), known_day(args.get("last", ""), min(now, month.last))
    )


def period_values(period: Period) -> dict[str, str]:
    """The period as the values of a link."""
    if period.kind == "own":
        return {"period": "own", "first": period.first.isoformat(), "last": period.last.isoformat()}
    return {"period": period.kind, "day": period.first.isoformat()}


def day_in(period: Period, now: date) -> date:
    """A day to go on with when another kind of period is chosen: today when it is in it."""
    return now if period.first <= now <= period.last else period.first
