"""What appointments say when two patient records become one."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from clinic.appointments.errors import BOTH_AT_ONCE
from clinic.appointments.mapping.appointment import renamed
from clinic.appointments.mapping.patient import shown_name
from clinic.appointments.mapping.recall import named, recall_of
from clinic.appointments.queries.board import HIDDEN
from clinic.appointments.tables import appointment_row
from clinic.core.days import local
from clinic.core.errors import Conflict
from clinic.core.json import Json
from clinic.core.merging import Hindrance, MergePart
from clinic.fhir.store import Store


def examine(store: Store, survivor_id: str, other_id: str) -> Iterator[Hindrance]:
    """One patient is in one place at a time: coming visits of the two that overlap must be moved or cancelled."""
    one, two = appointment_row.alias("one"), appointment_row.alias("two")
    counts = [table.c.status.not_in((*HIDDEN, "noshow")) for table in (one, two)]
    meet = sa.and_(one.c.start < two.c.end, one.c.end > two.c.start, one.c.end > store.now, two.c.end > store.now)
    wanted = (
        sa.select(two.c.id, two.c.start, two.c.provider_name)
        .select_from(one.join(two, meet))
        .where(one.c.patient_id == survivor_id, two.c.patient_id == other_id, *counts)
        .distinct()
    )
    for row in store.conn.execute(wanted.order_by(two.c.start)) if other_id else ():
        at = local(row.start, store.practice.zone).strftime("%Y-%m-%d %H:%M")
        error = Conflict(BOTH_AT_ONCE, one=at, provider=row.provider_name)
        yield Hindrance(error, "appointments.appointment", {"appointment_id": row.id})


def follow(appointment: Json, patient: Json) -> Json:
    """The name and the birth date that an appointment copies."""
    name, birth_date = shown_name(patient)
    return renamed(appointment, patient["id"], name=name, birth_date=birth_date)


def follow_request(request: Json, patient: Json) -> Json:
    """The name and the birth date that an order or a recall copies."""
    if recall_of(request) is None:
        return request
    name, birth_date = shown_name(patient)
    return named(request, name=name, birth_date=birth_date)


MERGING = MergePart(examine=examine, follow={"Appointment": follow, "ServiceRequest": follow_request})
