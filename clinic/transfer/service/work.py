"""What the worker does with an import: small batches, each one transaction that also notes how far it came.

A worker that is killed leaves whole batches behind; the next one goes on where it stopped, and nothing is done
twice: a row and what became of it are written together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import islice
from typing import IO, Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import DataError, IntegrityError

from clinic.access.permissions import permissions_of
from clinic.access.restricted import barred_for
from clinic.core.actor import Actor
from clinic.core.errors import N_, ClinicError
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.jobs.outbox import Job
from clinic.jobs.worker import Transact
from clinic.transfer.rules.analysis import people_of
from clinic.transfer.rules.person import Said
from clinic.transfer.service import runs
from clinic.transfer.service.people import (
    CLAIM,
    Person,
    Verdict,
    claim_key,
    current_id,
    faults_of,
    judge,
    read_person,
    write,
)
from clinic.transfer.service.records import judge_record, records_of, write_record
from clinic.transfer.service.runs import Run
from clinic.transfer.service.undoing import Touched, take_back, touched_of
from clinic.transfer.tables import import_row

STAGED: Final = 500
BATCH: Final = 50
BATCHES: Final = 20
"""Batches of one job: it ends long before its lease does, and leaves the rest to a next one."""
NOT_KEPT: Final = N_("The database cannot keep a value of this row")
_c = import_row.c


def do_import(job: Job, transact: Transact) -> None:
    """Go on with an import: read its file, check, write or take back some batches, and leave the rest for later."""
    run_id, round_ = str(job.payload["run"]), int(job.payload["round"])
    try:
        if not _staged(transact, run_id, round_):
            return
        for _ in range(BATCHES):
            if not transact(partial(_step, run_id=run_id, round_=round_)):
                return
    except ClinicError as error:
        transact(partial(_give_up, run_id=run_id, round_=round_, error=error))
        return
    transact(partial(_go_on, run_id=run_id, round_=round_))


def _go_on(store: Store, *, run_id: str, round_: int) -> None:
    run = _mine(store, run_id, round_)
    if run is not None:
        key = f"{runs.JOB}:{run_id}:{round_}:{run.done}"
        store.enqueue(runs.JOB, {"run": run_id, "round": round_}, key)


def _give_up(store: Store, *, run_id: str, round_: int, error: ClinicError) -> None:
    run = _mine(store, run_id, round_)
    if run is not None:
        params = {name: str(value) for name, value in error.params.items()}
        state = runs.COLUMNS if run.phase == runs.CHECK else runs.STOPPED
        runs.change_run(store, run_id, state=state, error={"message": error.message, "params": params})


def _mine(store: Store, run_id: str, round_: int) -> Run | None:
    """The import, locked, while it is still this round's turn."""
    try:
        run = runs.run_of(store, run_id, lock=True)
    except ClinicError:
        return None
    return run if run.state == runs.BUSY and run.round == round_ else None


# -- reading the file into rows


def _staged(transact: Transact, run_id: str, round_: int) -> bool:
    """Bring the rows of the file into the table when they are not all there; False when it is another's turn."""
    run: Run | None = transact(lambda store: _mine(store, run_id, round_))
    if run is None:
        return False
    if run.phase != runs.CHECK or run.done:
        return True
    with runs.copy_of(lambda part: transact(lambda store: runs.part_of(store, run_id, part))) as file:
        rows = _read_rows(run, file)
        count = 0
        while batch := list(islice(rows, STAGED)):
            count += len(batch)
            if not transact(partial(_stage, run_id=run_id, round_=round_, rows=batch)):
                return False
    transact(partial(_counted, run_id=run_id, round_=round_, count=count))
    return True


def _read_rows(run: Run, file: IO[bytes]) -> Iterator[Json]:
    if run.kind == "fhir":
        for number, value, fault in records_of(file, run.name):
            yield _row(run.id, number, value, Said(fault) if fault else None)
        return
    for line in people_of(file, run.reading):
        yield _row(run.id, line.number, line.cells, Said(line.fault, dict(line.params)) if line.fault else None)


def _row(run_id: str, number: int, cells: list[Any], fault: Said | None) -> Json:
    return {
        "run_id": run_id, "number": number, "cells": cells, "key": "", "same": "", "match_id": "", "score": 0,
        "verdict": "fault" if fault else "", "said": said_json([fault] if fault else []), "decision": "", "outcome": "",
        "patient_id": "", "touched": [],
    }  # fmt: skip


def _stage(store: Store, *, run_id: str, round_: int, rows: list[Json]) -> bool:
    if _mine(store, run_id, round_) is None:
        return False
    last = store.conn.execute(sa.select(sa.func.max(_c.number)).where(_c.run_id == run_id)).scalar() or 0
    fresh = [row for row in rows if row["number"] > last]
    if fresh:
        store.conn.execute(sa.insert(import_row), fresh)
    return True


def _counted(store: Store, *, run_id: str, round_: int, count: int) -> None:
    if _mine(store, run_id, round_) is not None:
        runs.change_run(store, run_id, total=count)


# -- one batch


def _step(store: Store, *, run_id: str, round_: int) -> bool:
    """Do one batch; False when there is nothing left to do, or it is another's turn."""
    run = _mine(store, run_id, round_)
    if run is None:
        return False
    actor = run.undoer if run.phase == runs.UNDO and run.undoer else run.actor
    barred = barred_for(store.conn, actor.id, store.now)
    permissions = permissions_of(actor.role)
    store.actor = Actor(actor.id, actor.name, role=actor.role, permissions=permissions, barred=barred)
    batch, end = _PHASES[run.phase]
    done = batch(store, run)
    if not done:
        end(store, run)
        return False
    runs.change_run(store, run_id, done=run.done + done)
    return True


def _check_batch(store: Store, run: Run) -> int:
    rows = _rows(store, run, _c.verdict == "")
    table = run.kind != "fhir"
    people = [read_person(store, run, row.cells) for row in rows] if table else []
    earlier = _Earlier(store, run, people)
    changes = []
    for place, row in enumerate(rows):
        if table:
            found = judge(store, run, people[place], earlier.line_of)
            earlier.note(row.number, found)
        else:
            found = judge_record(store, run, row.number, row.cells)
        values = {
            "number": row.number, "verdict": found.verdict, "key": found.key, "same": found.same,
            "match_id": found.match_id, "score": found.score, "said": said_json(found.said),
        }  # fmt: skip
        changes.append(values)
    _put(store, run, changes)
    return len(rows)


_FIRST: Final = {
    name: sa.select(_c[name], sa.func.min(_c.number))
    .where(_c.run_id == sa.bindparam("of_run"), _c[name].in_(sa.bindparam("wanted", expanding=True)))
    .group_by(_c[name])
    for name in ("key", "same")
}
"""Grouped, so that the index of the key is used: a bare minimum walks all the rows of the file from the first on."""


class _Earlier:
    """The rows of the file before this one: those of this batch, and those that are judged already."""

    def __init__(self, store: Store, run: Run, people: list[Person]) -> None:
        self._lines: dict[tuple[str, str], int] = {}
        for column, first in _FIRST.items():
            wanted = sorted({value for one in people if (value := getattr(one, column))})
            given = {"of_run": run.id, "wanted": wanted}
            for value, line in store.conn.execute(first, given) if wanted else ():
                self._lines[column, value] = line

    def line_of(self, column: str, value: str) -> int:
        """The line that had this key ("key") or this mark ("same") first; 0 when none had."""
        return self._lines.get((column, value), 0)

    def note(self, number: int, found: Verdict) -> None:
        """Remember a row that was judged."""
        for column, value in (("key", found.key), ("same", found.same)):
            if value:
                self._lines.setdefault((column, value), number)


def _write_batch(store: Store, run: Run) -> int:
    rows = _rows(store, run, _c.outcome == "")
    changes = []
    made: dict[int, str] = {}
    for row in rows:
        touched = len(store.touched)
        step = store.conn.begin_nested()
        try:
            outcome, patient_id, said = _write_row(store, run, row, made)
            step.commit()
        except (ClinicError, IntegrityError, DataError) as error:
            step.rollback()
            del store.touched[touched:]
            outcome, patient_id = "fault", ""
            said = list(faults_of(error)) if isinstance(error, ClinicError) else [Said(NOT_KEPT)]
        written = [[one.type, one.id, one.before, one.after] for one in touched_of(store.touched[touched:])]
        made[row.number] = patient_id
        now_said = said_json(said) if outcome == "fault" and said else row.said
        changes.append(
            {"number": row.number, "outcome": outcome, "patient_id": patient_id, "touched": written, "said": now_said}
        )
    _put(store, run, changes)
    return len(rows)


def _write_row(store: Store, run: Run, row: Any, made: dict[int, str]) -> tuple[str, str, list[Said]]:
    """(outcome, patient, faults) of one row; `made` are the patients of this batch by their line."""
    act = action_of(run, row)
    if act in ("fault", "same", "skipped", "held"):
        return act, row.match_id if act == "same" else "", []
    if run.kind == "fhir":
        report = write_record(store, run, row.number, row.cells)
        said = [Said(line[:300]) for line in report.lines[:8]]
        kept = report.created or report.updated
        return ("created" if kept else "fault" if report.refused else "same"), "", said
    match_id = row.match_id if act == "filled" else ""
    if match_id.startswith("#"):
        match_id = made.get(int(match_id[1:])) or _patient_of_line(store, run, int(match_id[1:]))
    match_id = current_id(store, match_id) if match_id else ""
    if act == "filled" and not match_id:
        return "held", "", []
    patient_id = write(store, run, row.cells, match_id)
    return ("filled" if match_id else "created"), patient_id, []


def action_of(run: Run, row: Any) -> str:
    """What is to become of a row: created, filled, same, skipped, held or fault."""
    if row.verdict in ("fault", "same"):
        return str(row.verdict)
    if row.verdict == "new":
        return "created"
    if row.verdict == "known":
        return {"fill": "filled"}.get(run.rules.certain, "skipped")
    choice = row.decision or run.rules.likely
    return {"fill": "filled", "new": "created", "skip": "skipped"}.get(choice, "held")


def _undo_batch(store: Store, run: Run) -> int:
    rows = _rows(store, run, _c.outcome.in_(("created", "filled")), last_first=True)
    changes = []
    for row in rows:
        touched = len(store.touched)
        step = store.conn.begin_nested()
        try:
            stays = take_back(store, [Touched(*one) for one in row.touched])
            step.commit()
        except (ClinicError, IntegrityError) as error:
            step.rollback()
            del store.touched[touched:]
            stays = list(faults_of(error)) if isinstance(error, ClinicError) else [Said(NOT_KEPT)]
        if not stays and row.patient_id and row.key:
            store.release(CLAIM, claim_key(run.source, row.key), f"Patient/{row.patient_id}")
        changes.append({"number": row.number, "outcome": "kept" if stays else "undone", "said": said_json(stays)})
    _put(store, run, changes)
    return len(rows)


# -- the ends


def _checked(store: Store, run: Run) -> None:
    runs.change_run(store, run.id, state=runs.CHECKED, done=run.total)


def _written(store: Store, run: Run) -> None:
    runs.change_run(store, run.id, state=runs.DONE, ended=store.now, done=run.total)
    runs.drop_file(store, run.id)
    store.did("import", f"import {run.title}"[:120])


def _undone(store: Store, run: Run) -> None:
    runs.change_run(store, run.id, state=runs.UNDONE, ended=store.now)
    store.did("import-undone", f"import {run.title}"[:120])


_PHASES: Final[dict[str, tuple[Callable[[Store, Run], int], Callable[[Store, Run], None]]]] = {
    runs.CHECK: (_check_batch, _checked),
    runs.RUN: (_write_batch, _written),
    runs.UNDO: (_undo_batch, _undone),
}


# -- rows


def _rows(store: Store, run: Run, wanted: sa.ColumnElement[bool], *, last_first: bool = False) -> list[Any]:
    order = _c.number.desc() if last_first else _c.number
    return list(
        store.conn.execute(sa.select(import_row).where(_c.run_id == run.id, wanted).order_by(order).limit(BATCH))
    )


def _put(store: Store, run: Run, changes: list[Json]) -> None:
    """Write what became of the rows of a batch; each names its number and the same columns."""
    columns = [name for name in changes[0] if name != "number"] if changes else []
    if columns:
        given = [{"of_run": run.id, **{f"to_{name}": value for name, value in one.items()}} for one in changes]
        store.conn.execute(_putting(tuple(columns)), given)


@cache
def _putting(columns: tuple[str, ...]) -> sa.Update:
    its = (_c.run_id == sa.bindparam("of_run")) & (_c.number == sa.bindparam("to_number"))
    return sa.update(import_row).where(its).values({name: sa.bindparam(f"to_{name}") for name in columns})


def _patient_of_line(store: Store, run: Run, number: int) -> str:
    """The patient that an earlier line of the same file became, or was found to be."""
    wanted = sa.select(_c.patient_id, _c.match_id).where(_c.run_id == run.id, _c.number == number)
    row = store.conn.execute(wanted).first()
    return (row.patient_id or row.match_id) if row else ""


def said_json(said: Any) -> list[list[Any]]:
    """Messages as they are kept."""
    return [[one.message, one.params] for one in said]
