"""A provider who is out, and the worker that looks for new times."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from clinic.appointments.queries.replanning import ReplanVisit, plan_of_slot, visits_of
from clinic.appointments.rules.spans import Span
from clinic.appointments.service import book
from clinic.appointments.service.replan_work import WORKS
from clinic.appointments.service.replanning import begin
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.tables import outbox
from clinic.jobs.outbox import Job
from tests.appointments import factories as f

TODAY = Span(f.at("2027-03-09 00:00"), f.at("2027-03-10 00:00"))


def work(store: Store, seconds: int = 0) -> None:
    """Let the worker do what is due of plans after some seconds."""
    store.now = f.later(store, seconds).now
    while True:
        due = sa.select(outbox).where(outbox.c.state == "waiting", outbox.c.not_before <= store.now)
        row = store.conn.execute(due.where(outbox.c.kind.in_(WORKS)).order_by(outbox.c.id).limit(1)).first()
        if row is None:
            return
        store.conn.execute(sa.update(outbox).where(outbox.c.id == row.id).values(state="done"))
        WORKS[row.kind](Job(row.id, row.kind, row.key, row.payload, 1, row.created), lambda fn: fn(store))


def three_visits(store: Store) -> list[Json]:
    """Ada, Bea and Cleo are with Dr Adams in the afternoon."""
    return [
        book(store, f.a_booking(f"2027-03-09 {hour}:00", patient_id=f"p{number}"))
        for number, hour in ((1, 14), (2, 15), (3, 16))
    ]


def a_plan(store: Store, **changes: Any) -> str:
    """Dr Adams is out today; gives the plan before anybody has looked for times."""
    slot = begin(store, "adams", changes.pop("span", TODAY), reason="Ill")
    return plan_of_slot(store, slot["id"])


def planned(store: Store) -> tuple[str, list[Json]]:
    """Three visits, and a plan with a time for each."""
    visits = three_visits(store)
    plan_id = a_plan(store)
    work(store)
    return plan_id, visits


def line(store: Store, plan_id: str, visit: Json) -> ReplanVisit:
    (found,) = visits_of(store, plan_id, only=visit["id"])
    return found
