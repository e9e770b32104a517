"""Who they are, confirmed by the act that checks them in; and who may let people through a gate."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from clinic.core.errors import Conflict, Forbidden
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.subject import patient_of
from clinic.visits.errors import MAY_NOT_OVERRIDE, OVERRIDE_REASON
from clinic.visits.tables import confirmation_row

OVERRIDE = "visits.override"
_c = confirmation_row.c


def require_override(store: Store, reason: str) -> None:
    """Let somebody through a gate only for a person who may, with a reason. Raises Forbidden, Conflict."""
    if not store.actor.may(OVERRIDE):
        raise Forbidden(MAY_NOT_OVERRIDE)
    if not reason:
        raise Conflict(OVERRIDE_REASON, field="reason")


def unconfirm(store: Store, encounter: Json, at: datetime) -> None:
    """Take back that the patient was identified, when that was part of the step that is taken back."""
    mine = sa.and_(_c.patient_id == patient_of(encounter), _c.kind == "identity", _c.at == at)
    for id_ in list(store.conn.execute(sa.select(_c.id).where(mine)).scalars()):
        store.delete("Provenance", id_)
