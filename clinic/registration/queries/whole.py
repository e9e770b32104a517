"""One patient for the patient page: the row, the record and the people beside it, in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from clinic.core.errors import Missing
from clinic.core.json import Json, loads
from clinic.fhir.store import Store
from clinic.fhir.tables import resource
from clinic.registration.queries.flags import banner_columns
from clinic.registration.tables import beside_row, patient_row


@dataclass(frozen=True)
class Related:
    """A related person of the patient."""

    id: str
    name: str
    relation: str
    phone: str
    pays: bool


@dataclass(frozen=True)
class Whole:
    """The patient's row for the banner, the record itself, and the people beside the patient."""

    row: sa.RowMapping
    patient: Json
    related: tuple[Related, ...]


def whole_patient(store: Store, patient_id: str) -> Whole:
    """Everything registration knows for the patient page. Raises Missing, or Gone for a deleted record."""
    b, r = beside_row.c, resource.c
    wanted: sa.Select[Any] = (
        sa.select(
            *banner_columns(store),
            r.json,
            b.id.label("beside_id"),
            b.name,
            b.relation,
            b.phone.label("beside_phone"),
            b.pays,
        )
        .join(resource, sa.and_(r.type == "Patient", r.id == patient_row.c.id))
        .outerjoin(beside_row, b.patient_id == patient_row.c.id)
        .where(patient_row.c.id == patient_id)
    )
    rows = store.conn.execute(wanted).mappings().all()
    if not rows:
        store.read("Patient", patient_id)
        raise Missing("There is no patient with this number.")
    payers = {row["pays"] for row in rows if row["pays"]}
    related = tuple(
        Related(row["beside_id"], row["name"], row["relation"], row["beside_phone"], row["beside_id"] in payers)
        for row in rows
        if row["beside_id"] and not row["pays"]
    )
    return Whole(rows[0], loads(rows[0]["json"]), related)
