"""The lists of billing: visits to code, codes and fees, what patients were charged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from clinic.billing.mapping import Fee
from clinic.billing.mapping.claims import READY
from clinic.billing.tables import billing_claim, billing_coverage, billing_fee, billing_visit
from clinic.codes.search import COLUMNS, among
from clinic.codes.systems import Code, key_of
from clinic.core.json import Json, loads
from clinic.core.names import fold, words
from clinic.db.together import Short
from clinic.fhir.tables import resource

State = Literal["code", "fix", "ready", "all"]
PAGE = 40
_v, _c, _f, _r = billing_visit.c, billing_claim.c, billing_fee.c, resource.c


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One visit of the worklist. `claim_status` is empty before anything was charged."""

    encounter_id: str
    start: datetime
    patient_id: str
    patient_name: str
    provider_name: str
    reason: str
    station: str
    claim_status: str
    to_fix: int
    lines: int
    total: int

    @property
    def state(self) -> State:
        """Where the visit stands on its way to a claim."""
        if self.claim_status == READY:
            return "ready"
        return "fix" if self.lines else "code"


@dataclass(frozen=True, slots=True)
class Worklist:
    """One page of visits, and how many there are in each state."""

    rows: tuple[WorkRow, ...]
    counts: dict[str, int]
    total: int


@dataclass(frozen=True, slots=True)
class WorkFilter:
    """What the worklist shows: a state, words of a patient's name, a page from 1."""

    state: State = "code"
    text: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class CodesAndFees:
    """What the code lists (by system and code) and the fee list (by code) say; codes in capitals, undotted."""

    codes: dict[tuple[str, str], Code]
    fees: dict[str, Fee]


def worklist(conn: Connection, wanted: WorkFilter, *, before: datetime, now: datetime) -> Worklist:
    """Visits whose charges are due: checked out, or of a day before `before`; the oldest first.

    Two statements whatever the length.
    """
    due = sa.and_(_due(before), _v.start <= now, *_named(wanted.text))
    counts = _counts(conn, due)
    query = (
        sa.select(
            _v.id, _v.start, _v.patient_id, _v.patient_name, _v.provider_name, _v.reason, _v.station,
            sa.func.coalesce(_c.status, ""), sa.func.coalesce(_c.to_fix, 0), sa.func.coalesce(_c.lines, 0),
            sa.func.coalesce(_c.total_cents, 0),
        )
        .select_from(billing_visit.outerjoin(billing_claim, _c.encounter_id == _v.id))
        .where(due, *([] if wanted.state == "all" else [_state == wanted.state]))
        .order_by(_v.start.desc() if wanted.state in ("ready", "all") else _v.start, _v.id)
        .limit(PAGE)
        .offset((wanted.page - 1) * PAGE)
    )  # fmt: skip
    rows = tuple(WorkRow(*row) for row in conn.execute(query))
    total = sum(counts.values()) if wanted.state == "all" else counts[wanted.state]
    return Worklist(rows, counts, total)


def waiting(conn: Connection, before: datetime) -> int:
    """How many visits wait for codes or for a repair."""
    counts = _counts(conn, _due(before))
    return counts["code"] + counts["fix"]


def records_of(conn: Connection, encounter_id: str) -> list[Json]:
    """A visit with its claim, patient, provider, the patient's coverages and latest earlier claim; one statement.

    Only the visit itself comes when it is not one that can be charged.
    """
    rows = conn.execute(_RECORDS, {"visit": encounter_id})
    return [loads(row.json) for row in rows]


def codes_and_fees(conn: Connection, wanted: Sequence[tuple[str, str]], charged: Iterable[str]) -> CodesAndFees:
    """What the lists say about these (system, code), and the fees of the charged codes; one statement."""
    keys = sorted({key_of(name) for name in charged})
    listed = sa.select(
        *COLUMNS, sa.literal("").label("id"), sa.literal(0).label("cents"), sa.literal("").label("section")
    )
    priced = sa.select(
        _f.system, _f.code, _f.display, _f.active, sa.false().label("offered"), sa.cast(sa.null(), sa.Date),
        sa.cast(sa.null(), sa.Date), _f.id, _f.cents, _f.section,
    )  # fmt: skip
    both = sa.union_all(listed.where(among(wanted)), priced.where(_f.code_key.in_(keys), _f.active))
    codes: dict[tuple[str, str], Code] = {}
    fees: dict[str, Fee] = {}
    for row in conn.execute(both):
        if row.id:
            fees[key_of(row.code)] = Fee(row.code, row.display, row.cents, row.system, row.section, True, row.id)
        else:
            codes[row.system, key_of(row.code)] = Code(*tuple(row)[:7])
    return CodesAndFees(codes, fees)


def fees(conn: Connection, *, all_of_them: bool = False) -> list[Fee]:
    """The practice's own codes and fees by section and code; retired ones only when asked."""
    query = sa.select(billing_fee).order_by(_f.section, _f.code_key)
    return [_fee(row) for row in conn.execute(query if all_of_them else query.where(_f.active))]


def fees_of(conn: Connection, codes: Iterable[str]) -> dict[str, Fee]:
    """The fees of some codes, keyed by the code in capitals without punctuation."""
    keys = sorted({key_of(code) for code in codes})
    rows = conn.execute(sa.select(billing_fee).where(_f.code_key.in_(keys), _f.active)) if keys else ()
    return {row.code_key: _fee(row) for row in rows}


def fees_like(conn: Connection, text: str, limit: int) -> list[Fee]:
    """Own codes whose code begins so or whose words hold all that was typed."""
    typed = words(text)
    key = key_of(text)
    if not typed:
        return []
    by_words = sa.and_(*(sa.func.lower(_f.display).like(f"%{_plain(word)}%", escape="\\") for word in typed))
    by_code = sa.and_(_f.code_key >= key, _f.code_key <= key + "ZZZZZZZZ") if key else sa.false()
    query = sa.select(billing_fee).where(_f.active, sa.or_(by_code, by_words))
    return [_fee(row) for row in conn.execute(query.order_by(_f.code_key).limit(limit))]


def charges(patient_ids: sa.BindParameter[Any]) -> sa.Select[Any]:
    """The visits of some patients with what was charged; a statement for the slices above.

    Columns: kind, patient_id, id, at, cents, flag (1 for self-pay), many (lines).
    """
    return (
        sa.select(
            sa.literal("visit").label("kind"),
            _v.patient_id,
            _v.id,
            _v.start.label("at"),
            sa.func.coalesce(_c.total_cents, 0).label("cents"),
            sa.case((_c.self_pay, 1), else_=0).label("flag"),
            sa.func.coalesce(_c.lines, 0).label("many"),
        )
        .select_from(billing_visit.outerjoin(billing_claim, _c.encounter_id == _v.id))
        .where(_v.patient_id.in_(patient_ids))
    )


CHARGED = Short(
    sa.select(_c.lines, _c.total_cents, _c.status).where(_c.encounter_id == sa.bindparam("visit"), _c.lines > 0),
    (_c.id,),
    limit=1,
)
"""What was charged for one visit: lines, their sum in cents, the state of the sheet; no row for nothing."""

_state = sa.case((_c.status == READY, "ready"), (_c.lines > 0, "fix"), else_="code")


def _plain(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _records() -> sa.Select[Any]:
    """The statement of `records_of`, built once."""
    visit: sa.BindParameter[str] = sa.bindparam("visit", type_=sa.String)
    before, claim = billing_visit.alias("before"), billing_claim.alias("claim_before")
    here = sa.select(_v.patient_id).where(_v.id == visit)
    start = sa.select(_v.start).where(_v.id == visit).scalar_subquery()
    previous = (
        sa.select(claim.c.id)
        .select_from(before.join(claim, before.c.id == claim.c.encounter_id))
        .where(before.c.patient_id.in_(here), before.c.start < start, claim.c.lines > 0)
        .order_by(before.c.start.desc())
        .limit(1)
    )
    wanted = {
        "Patient": here,
        "Practitioner": sa.select(_v.provider_id).where(_v.id == visit),
        "Coverage": sa.select(billing_coverage.c.id).where(billing_coverage.c.patient_id.in_(here)),
        "Claim": sa.select(_c.id).where(_c.encounter_id == visit).union_all(sa.select(previous.subquery().c.id)),
    }
    keys = sa.union_all(
        sa.select(sa.literal("Encounter").label("type"), visit.label("id")),
        *(sa.select(sa.literal(type_), *ids.subquery().c) for type_, ids in wanted.items()),
    ).subquery()
    # joined by the key, not asked with OR: PostgreSQL reads every record of the practice for the latter
    records = keys.join(resource, sa.and_(_r.type == keys.c.type, _r.id == keys.c.id))
    return sa.select(_r.json).select_from(records).where(sa.not_(_r.deleted))


def _due(before: datetime) -> sa.ColumnElement[bool]:
    gone = sa.or_(_v.status == "finished", _v.station.in_(("check-out", "left")))
    return sa.or_(gone, _v.start < before)


def _named(text: str) -> list[sa.ColumnElement[bool]]:
    typed = words(fold(text))[:6]
    return [_v.search_name.like(f"%{_plain(word)}%", escape="\\") for word in typed]


def _counts(conn: Connection, due: sa.ColumnElement[bool]) -> dict[str, int]:
    query = (
        sa.select(_state.label("state"), sa.func.count().label("many"))
        .select_from(billing_visit.outerjoin(billing_claim, _c.encounter_id == _v.id))
        .where(due)
        .group_by(sa.text("1"))
    )
    found = {row.state: row.many for row in conn.execute(query)}
    return {state: found.get(state, 0) for state in ("code", "fix", "ready")}


def _fee(row: Any) -> Fee:
    return Fee(row.code, row.display, row.cents, row.system, row.section, row.active, row.id)


_RECORDS = _records()
