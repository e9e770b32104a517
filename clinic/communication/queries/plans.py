"""The reminder plans of the practice, and which visits are due for one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from clinic.appointments.queries.coming import booked_between
from clinic.communication.rules.reminders import CATCH_UP, Plan, Stage, leads, plan_for, reminder_key
from clinic.communication.tables import message_row, reminder_plan
from clinic.core.json import Json
from clinic.fhir.store import Store

_m = message_row.c
_MOST_KEYS = 400


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder whose moment has come."""

    appointment_id: str
    patient_id: str
    start: datetime
    stage: Stage
    key: str


def plans_of(store: Store) -> dict[str, Plan]:
    """Every plan by its visit type; one statement."""
    rows = store.conn.execute(sa.select(reminder_plan))
    return {
        row.visit_type: plan_from(row.visit_type, {"stages": row.stages, "hours": row.hours}, row.version)
        for row in rows
    }


def plan_from(visit_type: str, kept: Json, version: int = 0) -> Plan:
    """A plan as it was kept."""
    stages = tuple(Stage(int(one["minutes"]), tuple(one["channels"])) for one in kept["stages"])
    return Plan(visit_type, stages, str(kept["hours"]), version)


def as_json(plan: Plan) -> Json:
    """A plan as it is kept."""
    stages = [{"minutes": stage.minutes, "channels": list(stage.channels)} for stage in plan.stages]
    return {"stages": stages, "hours": plan.hours}


def due_reminders(store: Store, *, limit: int = 200) -> list[Due]:
    """Reminders that are due and not made yet: one statement for each lead time, one for what is made."""
    plans = plans_of(store)
    found: dict[str, Due] = {}
    for lead in leads(plans):
        for due in _around(store, plans, lead):
            found[due.key] = due
    made = _made(store, list(found))
    return [due for key, due in found.items() if key not in made][:limit]


def _around(store: Store, plans: dict[str, Plan], lead: timedelta) -> list[Due]:
    due = []
    for visit in booked_between(store, max(store.now, store.now + lead - CATCH_UP), store.now + lead):
        stage = next((one for one in plan_for(plans, visit.type_id).stages if one.lead == lead), None)
        if stage is not None and visit.patient_id:
            key = reminder_key(visit.id, visit.start, stage)
            due.append(Due(visit.id, visit.patient_id, visit.start, stage, key))
    return due


def _made(store: Store, keys: list[str]) -> set[str]:
    made: set[str] = set()
    for at in range(0, len(keys), _MOST_KEYS):
        wanted = sa.select(_m.key).where(_m.key.in_(keys[at : at + _MOST_KEYS]))
        made.update(store.conn.execute(wanted).scalars())
    return made
