"""The list of imports, and the rows of one by what they are or what became of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from clinic.fhir.store import Store
from clinic.registration.queries.finder import people
from clinic.transfer.rules.person import Said
from clinic.transfer.service.runs import Run
from clinic.transfer.tables import import_row, import_run

SIZE: Final = 25
_CHUNK: Final = 500
_r, _c = import_run.c, import_row.c
BY_VERDICT: Final[dict[str, tuple[str, ...]]] = {
    "new": ("new",),
    "same": ("same",),
    "certain": ("known",),
    "likely": ("likely", "twin"),
    "fault": ("fault",),
}
BY_OUTCOME: Final[dict[str, tuple[str, ...]]] = {
    "created": ("created",),
    "filled": ("filled",),
    "same": ("same",),
    "skipped": ("skipped", "held"),
    "fault": ("fault",),
    "undone": ("undone",),
    "kept": ("kept",),
}
_NOT_TAKEN: Final = ("fault", "held", "skipped", "kept")


@dataclass(frozen=True)
class Listed:
    """One import in the list."""

    id: str
    name: str
    source: str
    state: str
    phase: str
    actor_name: str
    created: datetime
    total: int


@dataclass(frozen=True)
class RowShown:
    """One row of a file: what it said, who it may be, why, and what became of it."""

    number: int
    cells: list[Any]
    verdict: str
    match_id: str
    match_name: str
    match_number: str
    score: int
    said: tuple[Said, ...]
    decision: str
    outcome: str
    patient_id: str


def list_imports(store: Store, text: str, page: int) -> tuple[list[Listed], int]:
    """One page of the imports, newest first, and how many there are."""
    where = [
        sa.or_(*(column.icontains(word, autoescape=True) for column in (_r.name, _r.source, _r.actor_name)))
        for word in text.split()[:5]
    ]
    columns = [_r[name] for name in Listed.__dataclass_fields__]
    many = sa.select(sa.func.count()).select_from(import_run).where(*where).scalar_subquery()
    wanted = sa.select(*columns, many.label("many")).where(*where).order_by(_r.created.desc(), _r.id.desc())
    rows = store.conn.execute(wanted.limit(SIZE).offset((page - 1) * SIZE)).all()
    return [Listed(*row[:-1]) for row in rows], int(rows[0].many) if rows else 0


def sources(store: Store) -> list[str]:
    """The systems that lists came from, for the next one."""
    wanted = sa.select(_r.source).where(_r.source != "").group_by(_r.source).order_by(sa.func.max(_r.created).desc())
    return list(store.conn.execute(wanted.limit(20)).scalars())


def same_file_before(store: Store, run_id: str) -> datetime | None:
    """When the same file was brought in before; None when it never was."""
    mark = sa.select(_r.mark).where(_r.id == run_id).scalar_subquery()
    wanted = sa.select(sa.func.max(_r.ended)).where(_r.mark == mark, _r.id != run_id, _r.state == "done")
    found = store.conn.execute(wanted).scalar()
    return found if isinstance(found, datetime) or found is None else None


def counts(store: Store, run_id: str, by: str) -> dict[str, int]:
    """How many rows there are of each kind; `by` is "verdict" or "outcome"."""
    wanted = sa.select(_c[by], sa.func.count()).where(_c.run_id == run_id).group_by(_c[by])
    found = {str(value): int(count) for value, count in store.conn.execute(wanted)}
    kinds = BY_VERDICT if by == "verdict" else BY_OUTCOME
    return {kind: sum(found.get(value, 0) for value in values) for kind, values in kinds.items()}


def undecided(store: Store, run_id: str) -> int:
    """How many rows about somebody who may be on file nobody has decided about."""
    wanted = sa.select(sa.func.count()).where(
        _c.run_id == run_id, _c.verdict.in_(("likely", "twin")), _c.decision == ""
    )
    return int(store.conn.execute(wanted).scalar() or 0)


def remarked(store: Store, run_id: str) -> int:
    """How many people come without a value that could not be read."""
    wanted = sa.select(sa.func.count()).where(
        _c.run_id == run_id, _c.verdict == "new", sa.cast(_c.said, sa.Text) != "[]"
    )
    return int(store.conn.execute(wanted).scalar() or 0)


def rows_shown(store: Store, run: Run, kind: str, page: int) -> list[RowShown]:
    """One page of the rows of a kind, with the names of the people they may be."""
    by, kinds = ("verdict", BY_VERDICT) if run.state == "checked" else ("outcome", BY_OUTCOME)
    wanted = sa.select(import_row).where(_c.run_id == run.id, _c[by].in_(kinds.get(kind, ("",))))
    rows = store.conn.execute(wanted.order_by(_c.number).limit(SIZE).offset((page - 1) * SIZE)).all()
    return shown(store, rows)


def shown(store: Store, rows: Sequence[Any]) -> list[RowShown]:
    """Rows with the names of the patients on file; who was shown is noted for the trail."""
    ids = {row.match_id for row in rows if row.match_id and not row.match_id.startswith("#")}
    found = people(store, sorted(ids))
    for patient_id in sorted(found):
        if not store.is_closed(patient_id):
            store.saw(patient_id, "import: may be on file")
    return [
        RowShown(
            row.number, row.cells or [], row.verdict, row.match_id,
            found[row.match_id].display if row.match_id in found else "",
            found[row.match_id].record_number if row.match_id in found else "",
            row.score, said_of(row.said), row.decision, row.outcome, row.patient_id,
        )
        for row in rows
    ]  # fmt: skip


def not_taken(store: Store, run_id: str) -> Iterator[RowShown]:
    """Every row that was not taken, or not as a whole, from the first on."""
    last = -1
    told = sa.and_(_c.outcome.in_(("created", "filled")), sa.cast(_c.said, sa.Text) != "[]")
    while True:
        wanted = sa.select(import_row).where(_c.run_id == run_id, _c.number > last)
        checked = sa.and_(_c.outcome == "", _c.verdict == "fault")
        wanted = wanted.where(sa.or_(_c.outcome.in_(_NOT_TAKEN), told, checked)).order_by(_c.number).limit(_CHUNK)
        rows = store.conn.execute(wanted).all()
        if not rows:
            return
        last = rows[-1].number
        yield from shown(store, rows)


def said_of(kept: Sequence[Sequence[Any]]) -> tuple[Said, ...]:
    """Messages as they were kept."""
    return tuple(Said(str(message), dict(params)) for message, params in kept)
