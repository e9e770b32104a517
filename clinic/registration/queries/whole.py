"""One patient for the patient page: the row and the record, in one statement."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import sqlalchemy as sa

from clinic.core.errors import Missing
from clinic.core.json import Json, loads
from clinic.fhir.store import Store
from clinic.fhir.tables import resource
from clinic.regions import Region
from clinic.registration.mapping import details_of
from clinic.registration.queries.flags import banner_columns, today_text
from clinic.registration.queries.merges import require_in_use
from clinic.registration.queries.photo_id import paper_of
from clinic.registration.rules.details import PatientDetails
from clinic.registration.tables import patient_row


@dataclass(frozen=True)
class Whole:
    """The patient's row for the banner with `paper`, the last day of identity papers; and the record itself."""

    row: sa.RowMapping
    patient: Json
    _details: dict[str, PatientDetails] = field(default_factory=dict, compare=False, repr=False)

    def details(self, region: Region) -> PatientDetails:
        """What the desk sees of the record, made once for all parts of a page."""
        if region.code not in self._details:
            self._details[region.code] = details_of(self.patient, region)
        return self._details[region.code]


def whole_patient(store: Store, patient_id: str) -> Whole:
    """Everything registration knows for the patient page. Raises Missing, Gone, or Moved for a merged record."""
    row = store.conn.execute(_wanted(), {"patient_id": patient_id, "today": today_text(store)}).mappings().first()
    if row is None:
        store.read("Patient", patient_id)
        raise Missing("There is no patient with this number.")
    if not row["active"]:
        require_in_use(store, patient_id)
    return Whole(row, loads(row["json"]))


@cache
def _wanted() -> sa.Select[Any]:
    r = resource.c
    return (
        sa.select(*banner_columns(), r.json, paper_of(patient_row.c.id).label("paper"))
        .join(resource, sa.and_(r.type == "Patient", r.id == patient_row.c.id))
        .where(patient_row.c.id == sa.bindparam("patient_id"))
    )
