"""The drawn day: appointments, absences and holds in one statement; the month's load in another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from clinic.appointments.queries.practice import add_absence
from clinic.appointments.rules.board import Board, BoardRow, HoldRow
from clinic.appointments.rules.closing import with_sites
from clinic.appointments.rules.hours import Absence
from clinic.appointments.rules.setup import Setup
from clinic.appointments.rules.spans import Span
from clinic.appointments.tables import absence_row, appointment_hold, appointment_row
from clinic.core.days import day_bounds
from clinic.db.types import UtcDateTime
from clinic.fhir.store import Store

__all__ = ["HIDDEN", "LONGEST", "Board", "BoardRow", "HoldRow", "board", "day_span", "month_minutes"]

_IN_ORDER = attrgetter("start", "lane", "id")
LONGEST = timedelta(hours=24)
"""Appointments that begin more than a day before the drawn time are not looked for."""
HIDDEN = ("cancelled", "entered-in-error", "proposed", "waitlist")
_a, _b, _h = appointment_row.c, absence_row.c, appointment_hold.c


_APPOINTMENT = (
    _a.id, _a.version, _a.provider, _a.start, _a.end, _a.status, _a.lane, _a.site, _a.room, _a.room_name,
    _a.patient_id, _a.patient_name, _a.birth_date, _a.type_id, _a.type_name, _a.reason, _a.note, _a.group_id, _a.seats,
)  # fmt: skip


_NUMBERS = ("version", "lane", "seats")


def board(store: Store, setup: Setup, span: Span, *, away_span: Span | None = None) -> Board:
    """Appointments and present holds that meet a stretch, and absences of it or a wider one; one statement.

    Cancelled visits, wishes and mistakes are not drawn; a group is one visit that tells how many seats are taken.
    """
    wide = away_span or span
    times = {"begun": span.start - LONGEST, "start": span.start, "end": span.end, "now": store.now}
    result = store.conn.execute(_board_statement(), times | {"wide_start": wide.start, "wide_end": wide.end})
    rows: list[BoardRow] = []
    holds: list[HoldRow] = []
    away: dict[str, list[Absence]] = {
        provider.id: [item for item in provider.absences if item.span.meets(wide)] for provider in setup.providers
    }
    for values in result.all():
        if values[0] == "a":
            rows.append(BoardRow(*values[1:]))
        elif values[0] == "h":
            holds.append(_hold(values[1:]))
        else:
            absence = Absence(Span(values[4], values[5]), values[16])
            add_absence(away, setup, schedule=values[3], absence=absence)
    absences = {id_: tuple(items) for id_, items in with_sites(setup, away, wide, store.practice.zone).items()}
    rows = _with_groups(rows)
    rows.sort(key=_IN_ORDER)
    if store.actor.barred:
        rows = [row.closed() if store.is_closed(row.patient_id) else row for row in rows]
    return Board(tuple(rows), tuple(holds), absences, span)


def _with_groups(rows: list[BoardRow]) -> list[BoardRow]:
    seats = [row for row in rows if row.is_seat]
    if not seats and not any(row.seats for row in rows):
        return rows
    taken = Counter(group for group, _id in {(row.group_id, row.id) for row in seats})
    alone = [row for row in rows if not row.is_seat]
    return [
        row._replace(type_name=f"{row.type_name} {taken[row.id]}/{row.seats}") if row.seats else row for row in alone
    ]


@cache
def _board_statement() -> sa.CompoundSelect[Any]:
    begun, start, end = map(_time, ("begun", "start", "end"))
    visits = sa.select(sa.literal_column("'a'").label("kind"), *_APPOINTMENT).where(
        _a.start > begun,
        _a.start < end,
        _a.end > start,
        _a.status.not_in(HIDDEN),
    )
    given = {"id": _b.id, "provider": _b.schedule, "start": _b.start, "end": _b.end, "reason": _b.reason}
    away = _padded("b", given).where(_b.end > _time("wide_start"), _b.start < _time("wide_end"))
    given = {
        "id": _h.holder, "provider": _h.provider, "start": _h.start, "end": _h.end, "reason": _h.owner,
        "status": _h.purpose, "expires": _h.expires,
    }  # fmt: skip
    held = _padded("h", given).where(_h.end > start, _h.start < end, _h.expires > _time("now"))
    return sa.union_all(visits, away, held)


def _time(name: str) -> sa.BindParameter[datetime]:
    return sa.bindparam(name, type_=UtcDateTime)


def _padded(kind: str, given: dict[str, Any]) -> sa.Select[Any]:
    columns: list[sa.ColumnElement[Any]] = [sa.literal_column(f"'{kind}'").label("kind")]
    for column in _APPOINTMENT:
        empty: sa.ColumnElement[Any] = sa.literal_column("0" if column.name in _NUMBERS else "''")
        columns.append(given.get(column.name, empty).label(column.name))
    if "expires" in given:
        columns[2] = sa.cast(given["expires"], sa.BigInteger).label("version")
    return sa.select(*columns)


def _hold(values: Sequence[Any]) -> HoldRow:
    holder, expires, provider, start, end, purpose = values[:6]
    moment = datetime.fromtimestamp(expires / 1000, start.tzinfo)
    return HoldRow(holder, provider, start, end, moment, values[15], purpose)


_MONTH_MINUTES = (
    sa.select(_a.local_day, _a.provider, sa.func.sum(_a.minutes).label("minutes"))
    .where(_a.local_day.between(sa.bindparam("first"), sa.bindparam("last")), _a.status.not_in((*HIDDEN, "noshow")))
    .group_by(_a.local_day, _a.provider)
    .having(sa.func.sum(_a.minutes) >= sa.bindparam("least"))
)


def month_minutes(store: Store, first: date, last: date, *, least: int) -> dict[date, dict[str, int]]:
    """Booked minutes for each day and provider, both days included; one statement over a covering index.

    Somebody with fewer than `least` minutes booked on a day is left out of it.
    """
    found: dict[date, dict[str, int]] = {}
    for row in store.conn.execute(_MONTH_MINUTES, {"first": first, "last": last, "least": least}):
        found.setdefault(row.local_day, {})[row.provider] = int(row.minutes)
    return found


def day_span(store: Store, day: date, days: int = 1) -> Span:
    """The instants between which some local days lie."""
    zone = store.practice.zone
    return Span(day_bounds(day, zone)[0], day_bounds(day + timedelta(days=days - 1), zone)[1])
