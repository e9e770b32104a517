"""What stands behind the values of patients: one statement, however many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from clinic.core.days import read_instant
from clinic.core.json import Json
from clinic.core.source import UNKNOWN
from clinic.db.together import Short
from clinic.fhir.store import Store
from clinic.regions import Region, region_of
from clinic.registration.mapping.evidence import values_of
from clinic.registration.rules.evidence import CONTACT, SET, Evidence, Told, ages_of, standing, weigh, whole
from clinic.registration.tables import field_evidence, field_past, patient_row

_e, _p = field_evidence.c, field_past.c
_NOW = (
    _e.patient_id, _e.version, _e.at, _e.act, _e.source, _e.fields, _e.emptied, _e.by_name, _e.document, _e.detail,
    _e.id,
)  # fmt: skip
_NONE = sa.literal("")
_BEFORE = (
    _p.patient_id, _p.version, _p.at, sa.literal(SET).label("act"), _p.source, _p.fields, _p.emptied, _p.by_name,
    _NONE.label("document"), _NONE.label("detail"), _NONE.label("id"),
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


def told_rows(rows: Iterable[Sequence[Any]]) -> list[Told]:
    """Acts from rows of `TOLD`."""
    return [Told(*row) for row in rows]


def packed(patient_ids: Any) -> sa.Subquery:
    """The acts on values of these patients in four columns, to be read together with other facts of a page.

    They are `patient_id`, `packed`, `at` and `id`; `unpacked` reads them.
    """
    parts = [
        sa.select(
            c.patient_id,
            _line(c.version, act, c.source, c.fields, c.emptied, c.by_name).label("packed"),
            c.at,
            id_.label("id"),
        ).where(c.patient_id.in_(patient_ids))
        for c, act, id_ in ((_e, _e.act, _e.id), (_p, sa.literal(SET), sa.literal("")))
    ]
    return sa.union_all(*parts).subquery()


def reach_select(patient_ids: Any) -> sa.Select[Any]:
    """(id, reach) of these patients, to be read with other facts: "1" and the numbers, "0" without number and mail."""
    c = patient_row.c
    none = sa.and_(c.phones == "", c.email == "")
    return sa.select(c.id, sa.case((none, "0"), else_="1" + c.phones).label("reach")).where(c.id.in_(patient_ids))


def unpacked(patient_id: str, line: str, at: datetime, id_: str) -> Told:
    """An act as `packed` gives it; without its document."""
    version, act, source, fields, emptied, by_name = line.split("|", 5)
    return Told(patient_id, int(version), at, act, source, fields, emptied, by_name, "", "", id_)


def _line(*columns: Any) -> sa.ColumnElement[str]:
    first, *rest = [sa.cast(column, sa.Text) for column in columns]
    line: sa.ColumnElement[str] = first
    for text in rest:
        line = line + "|" + text
    return line


def evidence_of_record(
    patient: Json, acts: Iterable[Told], region: Region, values: dict[str, Any] | None = None
) -> dict[str, Evidence]:
    """The evidence of every value of a record; what has none is on file since the record was last written.

    `values` are those of `values_of`, where they are at hand already.
    """
    at = read_instant(patient["meta"]["lastUpdated"])
    on_file = Told(patient["id"], int(patient["meta"]["versionId"]), at, SET, UNKNOWN, "", "", "", "", "")
    return whole(weigh(acts), values_of(patient, region) if values is None else values, on_file)


def stale_contact(store: Store, patient_id: str) -> tuple[str, ...]:
    """The contact values of a patient that want to be confirmed."""
    record = store.read("Patient", patient_id)
    known = evidence_of_record(record, acts_on(store, [patient_id]), region_of(store.practice.region))
    contact = {name: known[name] for name in CONTACT if name in known}
    return standing(contact, ages_of(store.practice.ages), store.now).fields


def acts_on(store: Store, patient_ids: Iterable[str]) -> list[Told]:
    """Every act on values of these patients; one statement."""
    ids = sorted(set(patient_ids))
    now = sa.select(*_NOW).where(_e.patient_id.in_(ids))
    before = sa.select(*_BEFORE).where(_p.patient_id.in_(ids))
    return told_rows(store.conn.execute(now.union_all(before)).all())


def _of_one_patient() -> sa.Select[Any]:
    one: sa.BindParameter[str] = sa.bindparam("patient_id")
    both = sa.union_all(sa.select(*_NOW).where(_e.patient_id == one), sa.select(*_BEFORE).where(_p.patient_id == one))
    return sa.select(*both.subquery().c)


_ONE = _of_one_patient()
TOLD = Short(_ONE, (_ONE.selected_columns["at"].desc(),), limit=400)
"""The acts on the values of the patient of a page, read together with its other lists."""
