"""One patient for the patient page: the row and the record, in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from clinic.core.errors import Missing
from clinic.core.json import Json, loads
from clinic.fhir.store import Store
from clinic.fhir.tables import resource
from clinic.registration.queries.flags import banner_columns
from clinic.registration.queries.merges import require_in_use
from clinic.registration.queries.photo_id import paper_of
from clinic.registration.tables import patient_row


@dataclass(frozen=True)
class Whole:
    """The patient's row for the banner with `paper`, the last day of identity papers; and the record itself."""

    row: sa.RowMapping
    patient: Json


def whole_patient(store: Store, patient_id: str) -> Whole:
    """Everything registration knows for the patient page. Raises Missing, Gone, or Moved for a merged record."""
    r = resource.c
    wanted: sa.Select[Any] = (
        sa.select(*banner_columns(store), r.json, paper_of(patient_row.c.id).label("paper"))
        .join(resource, sa.and_(r.type == "Patient", r.id == patient_row.c.id))
        .where(patient_row.c.id == patient_id)
    )
    row = store.conn.execute(wanted).mappings().first()
    if row is None:
        store.read("Patient", patient_id)
        raise Missing("There is no patient with this number.")
    if not row["active"]:
        require_in_use(store, patient_id)
    return Whole(row, loads(row["json"]))
