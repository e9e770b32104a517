"""Flags of patients: as a column beside any list of patients, and one patient's own with who set them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from clinic.access.tables import restricted_record
from clinic.core.days import local
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.registration.mapping.flags import flag_of, project_flag
from clinic.registration.rules.flags import CLINICAL, Flag, Kind, Shown, kinds_of, read_shown
from clinic.registration.tables import flag_kind, flag_row, patient_row

_f, _k, _r = flag_row.c, flag_kind.c, restricted_record.c
MOST = 200


def today_text(store: Store) -> str:
    """The practice's day as flags write it."""
    return local(store.now, store.practice.zone).date().isoformat()


def flags_column(patient_id: sa.ColumnElement[str], today: sa.ColumnElement[str]) -> sa.ScalarSelect[str]:
    """The flags of a patient that hold today, as one text for `read_shown`: no statement of its own."""
    return (
        sa.select(sa.func.aggregate_strings(_line(), "\n"))
        .where(_f.patient_id == patient_id, _holds(today))
        .scalar_subquery()
    )


def restricted_column(patient_id: sa.ColumnElement[str]) -> sa.ScalarSelect[str]:
    """The label of a restricted record; nothing for others."""
    return sa.select(_r.label).where(_r.id == patient_id).scalar_subquery()


def banner_columns() -> list[sa.ColumnElement[Any]]:
    """What a statement reads of a patient for the banner: the row, the flags of today, whether it is restricted.

    The statement is given `today` as flags write it (`today_text`).
    """
    c = patient_row.c
    flags = flags_column(c.id, sa.bindparam("today", type_=sa.String))
    return [*c, flags.label("flag_text"), restricted_column(c.id).label("restricted")]


def shown(store: Store, text: str | None) -> tuple[Shown, ...]:
    """The flags in a column, as far as this person may see them."""
    return read_shown(text, clinical=store.actor.may(CLINICAL)) if text else ()


def flags_of_many(store: Store, ids: Iterable[str]) -> dict[str, tuple[Shown, ...]]:
    """The flags of several patients that hold today; one statement. Of closed records none."""
    wanted = [one for one in ids if not store.is_closed(one)]
    if not wanted:
        return {}
    today = today_text(store)
    rows = store.conn.execute(flags_select(wanted, today))
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row.patient_id, []).append(row.line)
    return {patient_id: shown(store, "\n".join(lines)) for patient_id, lines in found.items()}


def flags_select(ids: Any, today: Any) -> sa.Select[Any]:
    """(patient_id, line) of the flags that hold today, to be read together with other facts."""
    return sa.select(_f.patient_id, _line().label("line")).where(_f.patient_id.in_(ids), _holds(today))


def _line() -> sa.ColumnElement[str]:
    health = sa.case((_f.clinical, "1"), else_="0")
    return _f.kind + "\t" + _f.shape + "\t" + _f.colour + "\t" + health + "\t" + _f.ends + "\t" + _f.label


def _holds(today: Any) -> sa.ColumnElement[bool]:
    return sa.and_(_f.starts <= today, sa.or_(_f.ends == "", _f.ends >= today))


def all_kinds(store: Store) -> tuple[Kind, ...]:
    """Every kind of flag of this practice."""
    return kinds_of(
        Kind(row.code, row.label, row.shape, row.colour, row.clinical, row.active, own=True, version=row.version)
        for row in store.conn.execute(sa.select(flag_kind).order_by(_k.label))
    )


@dataclass(frozen=True)
class FlagLine:
    """One flag on the page of all of a patient's flags."""

    id: str
    version: int
    flag: Flag
    shown: Shown
    state: str
    """`now`, `later` or `over`."""
    by: str
    set_on: str


def flag_lines(store: Store, patient_id: str) -> list[FlagLine]:
    """Every flag a patient has or had, present ones first; one statement."""
    found = store.search("Flag", [("subject", f"Patient/{patient_id}"), ("_sort", "-_lastUpdated")], limit=MOST)
    today = today_text(store)
    lines = [_on_page(one, today) for one in found if one.get("status") != "entered-in-error"]
    seen = [line for line in lines if not line.shown.clinical or store.actor.may(CLINICAL)]
    order = {"now": 0, "later": 1, "over": 2}
    return sorted(seen, key=lambda line: order[line.state])


def _on_page(resource: Json, today: str) -> FlagLine:
    flag = flag_of(resource)
    row = project_flag({**resource, "status": "active"})[0]
    over = resource.get("status") != "active" or (flag.ends and flag.ends < today)
    state = "over" if over else "later" if flag.starts > today else "now"
    look = Shown(flag.kind, row["label"], row["shape"], row["colour"], row["clinical"], flag.ends)
    by = str((resource.get("author") or {}).get("display", ""))
    return FlagLine(resource["id"], int(resource["meta"]["versionId"]), flag, look, state, by, flag.starts)
