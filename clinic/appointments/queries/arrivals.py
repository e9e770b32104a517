"""Who is expected on a day: the list behind Today; one statement."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from clinic.appointments.queries.board import BoardRow
from clinic.appointments.tables import appointment_row
from clinic.core.days import day_bounds
from clinic.fhir.store import Store

_a = appointment_row.c
_NOT_EXPECTED = ("cancelled", "entered-in-error", "proposed", "waitlist")


def expected(store: Store, day: date, *, site: str = "", provider: str = "") -> list[BoardRow]:
    """Every visit of a day that was not cancelled, by time; those of no provider's column come once.

    Of a group those come who have a seat in it, each as a visit of their own.
    """
    start, end = day_bounds(day, store.practice.zone)
    columns = [appointment_row.c[name] for name in BoardRow._fields]
    wanted = sa.select(*columns).where(_a.start >= start, _a.start < end, _a.status.notin_(_NOT_EXPECTED))
    wanted = wanted.where(_a.seats == 0)
    if site:
        wanted = wanted.where(_a.site == site)
    if provider:
        wanted = wanted.where(_a.provider == provider)
    rows = store.conn.execute(wanted.order_by(_a.start, _a.id, _a.provider)).mappings()
    first: dict[str, BoardRow] = {}
    for row in rows:
        one = BoardRow(**row)
        first.setdefault(one.id, one.closed() if store.is_closed(one.patient_id) else one)
    return list(first.values())
