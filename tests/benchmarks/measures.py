"""The measures: a month of every provider among all visits, each page through the whole application."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask

from clinic.appointments.tables import appointment_row
from clinic.communication.tables import message_row
from clinic.core.days import day_bounds
from clinic.db.engine import Database
from clinic.db.times import MinuteText
from clinic.management.measures.rules.periods import period_around
from clinic.visits.mapping import STAY_COLUMNS
from clinic.visits.tables import visit_row, visit_time
from tests.benchmarks.cases import MOST_STATEMENTS, figure
from tests.benchmarks.data import Bench
from tests.benchmarks.measure import Table, statements, timed
from tests.factories import sign_in

BUDGET = (300, 600)
PAGES = (
    "waiting?by=step", "waiting?by=hour", "lateness?by=provider", "missed?by=type", "missed?by=lead",
    "missed?by=stage", "use", "use?what=room", "ahead?by=type", "waiting/visits?by=hour&what=wait&key=9",
)  # fmt: skip
_a, _m = appointment_row.c, message_row.c


def measures(table: Table, app: Flask, bench: Bench) -> None:
    """The pages of a manager; the month is that of the full day."""
    period = period_around("month", bench.full_day - timedelta(days=40))
    came(bench.state.database, bench)
    client = app.test_client()
    sign_in(app, client, "manager", name="benchmanager")
    for name in PAGES:
        address = f"/management/measures/{name}{'&' if '?' in name else '?'}day={period.first}"

        def ask(address: str = address) -> None:
            if client.get(address).status_code != 200:
                raise RuntimeError(address)

        figure(table, f"measure of a month: {name[:28]}", timed(ask, 12), budget=BUDGET)
        with statements(bench.state.database.engine) as sent:
            ask()
        reads = [text for text in sent if "audit_" not in text]
        table.gate(
            f"at most {MOST_STATEMENTS} statements: measure {name}", len(reads) <= MOST_STATEMENTS, str(len(reads))
        )


def came(database: Database, bench: Bench) -> None:
    """Let the visits of the past happen: most came, each with its minutes; some were reminded two days before."""
    now = bench.state.clock.now()
    number = sa.cast(sa.func.substr(_a.id, 8), sa.Integer)
    past = sa.and_(_a.start < now, _a.status == "booked")
    status = sa.case((number % 17 == 0, "noshow"), (number % 23 == 0, "cancelled"), else_="fulfilled")
    booked = sa.type_coerce(_a.start, sa.BigInteger) - (number % 60) * 86_400_000
    change = sa.update(appointment_row).where(past).values(status=status, booked=booked, cancelled=booked)
    start, end = (
        day_bounds(period_around("month", now.date()).before().before().first, bench.state.practice.zone)[0],
        now,
    )
    with database.engine.connect() as conn:
        if not database.is_sqlite:
            conn.exec_driver_sql("SET statement_timeout = 0")
        conn.execute(change)
        conn.execute(sa.insert(visit_time).from_select(*_times(number)))
        conn.execute(sa.insert(visit_row).from_select(*_stood(number)))
        conn.execute(sa.insert(message_row).from_select(*_reminders(number, start, end)))
        conn.commit()
        conn.execution_options(isolation_level="AUTOCOMMIT")
        conn.exec_driver_sql("ANALYZE" if database.is_sqlite else "VACUUM ANALYZE")
        if not database.is_sqlite:
            conn.exec_driver_sql("RESET statement_timeout")


def _times(number: Any) -> tuple[list[str], sa.Select[Any]]:
    minutes = {name: number % (at + 7) for at, name in enumerate((*STAY_COLUMNS.values(), "wait", "whole", "late"))}
    made = {
        "arrived": _a.start, "id": sa.literal("v") + _a.id, "appointment_id": _a.id, "patient_id": _a.patient_id,
        "provider": _a.provider, "site": _a.site, "type_id": _a.type_id, "due": _a.start,
        "late_provider": number % 31, **minutes,
    }  # fmt: skip
    return list(made), sa.select(*made.values()).where(_a.status == "fulfilled")


def _stood(number: Any) -> tuple[list[str], sa.Select[Any]]:
    made = {
        "id": sa.literal("v") + _a.id, "appointment_id": _a.id, "patient_id": _a.patient_id, "arrived": _a.start,
        "patient_name": _a.patient_name, "provider": _a.provider, "provider_name": _a.provider_name,
        "type_name": _a.type_name, "station": sa.literal("left"), "since": _a.start, "room_name": sa.literal(""),
        "version": number % 1 + 1, "ticket": number % 1, "way": sa.literal(""), "called_to": sa.literal(""),
    }  # fmt: skip
    return list(made), sa.select(*made.values()).where(_a.status == "fulfilled")


def _reminders(number: Any, start: Any, end: Any) -> tuple[list[str], sa.Select[Any]]:
    raw = sa.type_coerce(_a.start, sa.BigInteger)
    key = sa.literal("reminder:") + _a.id + ":" + MinuteText(raw) + ":2880"
    empty = ("channel", "why", "address", "text", "folded", "gateway_id")
    made = {
        "id": sa.literal("m") + _a.id, "at": raw - 2880 * 60_000, "patient_id": _a.patient_id,
        "patient_name": _a.patient_name, "appointment_id": _a.id, "incoming": sa.false(),
        "purpose": sa.literal("reminder"), "key": key, "state": sa.literal("delivered"), "version": number % 1 + 1,
        **{name: sa.literal("") for name in empty},
    }  # fmt: skip
    return list(made), sa.select(*made.values()).where(_a.start >= start, _a.start < end, number % 3 > 0)
