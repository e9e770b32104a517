"""Whether the photo ID on file still holds: the newest of the licence's last day and those of identity papers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from clinic.core.days import local
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.tables import resource
from clinic.regions import region_of
from clinic.registration.mapping.parts import parts, text
from clinic.registration.queries.finder import today_of
from clinic.registration.rules.card import LICENCE
from clinic.registration.tables import document_row

_c, _r = document_row.c, resource.c


@dataclass(frozen=True)
class EndedId:
    """A photo ID whose last day is over: the end of the licence's number if it is one, the year its picture was added.

    Both may be empty.
    """

    ends: str
    number: str = ""
    year: str = ""


def paper_column() -> sa.ColumnElement[str]:
    """The last day of identity papers, and when the newest was added: one text that `ended_id` reads."""
    line: sa.ColumnElement[str] = sa.func.max(_c.ends + sa.literal(" ") + sa.cast(_c.added, sa.String(20)))
    return line


def papers(patient_ids: Any) -> sa.Select[Any]:
    """For each of these patients with an identity paper in use that runs out, `patient_id` and `paper`."""
    wanted = sa.select(_c.patient_id, paper_column().label("paper")).where(_c.patient_id.in_(patient_ids), *_runs_out())
    return wanted.group_by(_c.patient_id)


def paper_of(patient_id: sa.ColumnElement[str]) -> sa.ScalarSelect[Any]:
    """The same as a column beside the patient of a row."""
    return sa.select(paper_column()).where(_c.patient_id == patient_id, *_runs_out()).scalar_subquery()


def licensed(region: str, patient_ids: Any) -> sa.Select[Any]:
    """The records, `id` and `json`, of those of these patients who have a licence of this region on file."""
    kind = region_of(region).kind(LICENCE)
    has = _r.json.contains(kind.system, autoescape=True) if kind else sa.false()
    return sa.select(_r.id, _r.json).where(_r.type == "Patient", _r.id.in_(patient_ids), has)


def ended_id(store: Store, patient: Json, paper: str | None) -> EndedId | None:
    """What is on file when all of it has ended; None when all is well or no last day is known."""
    number, term = licence_term(patient, store)
    last, _space, added = (paper or "").partition(" ")
    ends = max(term, last)
    if not ends or ends >= today_of(store).isoformat():
        return None
    scanned = datetime.fromtimestamp(int(added) / 1000, UTC) if last == ends else None
    year = str(local(scanned, store.practice.zone).year) if scanned else ""
    return EndedId(ends, number[-4:] if term in ("", ends) else "", year)


def licence_term(patient: Json, store: Store) -> tuple[str, str]:
    """The number of the licence on file and the last day it holds; empty when not known."""
    kind = region_of(store.practice.region).kind(LICENCE)
    for part in parts(patient, "identifier"):
        if kind and part.get("system") == kind.system and part.get("use") != "old":
            period = part.get("period")
            return text(part.get("value")), text(period.get("end"))[:10] if isinstance(period, dict) else ""
    return "", ""


def _runs_out() -> tuple[sa.ColumnElement[bool], ...]:
    return _c.state == "current", _c.kind == "identity", _c.ends != ""
