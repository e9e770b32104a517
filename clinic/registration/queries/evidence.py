"""What stands behind the values of patients: one statement, however many."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from clinic.fhir.store import Store
from clinic.registration.rules.evidence import SET, Evidence, Told, weigh
from clinic.registration.tables import field_evidence, field_past

_e, _p = field_evidence.c, field_past.c
_NOW = (
    _e.patient_id, _e.version, _e.at, _e.act, _e.source, _e.fields, _e.emptied, _e.by_name, _e.document, _e.detail,
    _e.id,
)  # fmt: skip
_NONE = sa.literal("")
_BEFORE = (
    _p.patient_id, _p.version, _p.at, sa.literal(SET), _p.source, _p.fields, _p.emptied, _p.by_name,
    _NONE, _NONE, _NONE,
)  # fmt: skip


def evidence_of(store: Store, patient_id: str) -> dict[str, Evidence]:
    """The evidence of each field of one patient that has a value."""
    return evidence_of_many(store, [patient_id]).get(patient_id, {})


def evidence_of_many(store: Store, patient_ids: Iterable[str]) -> dict[str, dict[str, Evidence]]:
    """The same for several patients, by id."""
    found: dict[str, list[Told]] = {}
    for told in acts_on(store, patient_ids):
        found.setdefault(told.patient_id, []).append(told)
    return {patient_id: weigh(acts) for patient_id, acts in found.items()}


def acts_on(store: Store, patient_ids: Iterable[str]) -> list[Told]:
    """Every act on values of these patients; one statement."""
    ids = sorted(set(patient_ids))
    now = sa.select(*_NOW).where(_e.patient_id.in_(ids))
    before = sa.select(*_BEFORE).where(_p.patient_id.in_(ids))
    return [Told(*row) for row in store.conn.execute(now.union_all(before))]
