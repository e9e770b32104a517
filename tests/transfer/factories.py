"""Imports for tests: a list of people as an old system writes it, and an import driven through its steps."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa

from clinic.cli.state import transact
from clinic.core.actor import Actor
from clinic.fhir.store import Store
from clinic.jobs.worker import Worker
from clinic.regions import region_of
from clinic.transfer.rules.analysis import Found, look_at, read_as
from clinic.transfer.service import runs
from clinic.transfer.service.records import look_at_records
from clinic.transfer.service.work import do_import
from clinic.transfer.tables import import_row
from clinic.web.state import State

T = TypeVar("T")
HEADS = ("ID", "First Name", "Last Name", "DOB", "Gender", "Cell Phone", "Email", "Street", "City", "State", "Zip")
MANAGER = Actor("m1", "Manager", role="manager")


def a_row(key: str, given: str, family: str, born: str = "2/3/1980", **rest: str) -> tuple[str, ...]:
    """A person of the old system; `rest` by the head of the column."""
    known = {"ID": key, "First Name": given, "Last Name": family, "DOB": born, "Gender": "F"} | rest
    return tuple(known.get(head, "") for head in HEADS)


def a_csv(*rows: Sequence[str], heads: Sequence[str] = HEADS, delimiter: str = ",") -> bytes:
    """A file of these rows."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([heads, *rows])
    return out.getvalue().encode()


@dataclass
class Import:
    """One import, driven through its steps as the screens and the worker do."""

    state: State
    id: str

    def do(self, fn: Callable[[Store], T]) -> T:
        def as_manager(store: Store) -> T:
            store.actor = MANAGER
            return fn(store)

        return transact(self.state, as_manager)

    def work(self) -> None:
        while worker(self.state).run_once():
            pass

    def check(self) -> dict[str, int]:
        """Check it, and count the verdicts."""
        self.do(lambda store: runs.begin_phase(store, self.id, runs.CHECK))
        self.work()
        return self.counts("verdict")

    def run(self, certain: str = "fill", likely: str = "skip") -> dict[str, int]:
        """Run it by a rule, and count what became of the rows."""
        self.do(lambda store: runs.choose_rules(store, self.id, runs.Rules(certain, likely)))
        self.do(lambda store: runs.begin_phase(store, self.id, runs.RUN))
        self.work()
        return self.counts("outcome")

    def undo(self) -> dict[str, int]:
        """Take it back, and count what became of the rows."""
        self.do(lambda store: runs.begin_phase(store, self.id, runs.UNDO))
        self.work()
        return self.counts("outcome")

    @property
    def now(self) -> runs.Run:
        return self.do(lambda store: runs.run_of(store, self.id))

    def rows(self) -> list[Any]:
        c = import_row.c
        with self.state.database.read() as conn:
            return list(conn.execute(sa.select(import_row).where(c.run_id == self.id).order_by(c.number)))

    def counts(self, column: str) -> dict[str, int]:
        found: dict[str, int] = {}
        for row in self.rows():
            value = getattr(row, column)
            found[value] = found.get(value, 0) + 1
        return found


def worker(state: State) -> Worker:
    """A worker that knows imports only."""
    return Worker(state.database, state.clock, lambda fn: transact(state, fn), {runs.JOB: do_import})


def found_in(state: State, data: bytes, name: str = "people.csv") -> Found:
    """What the upload screen finds in a file."""
    file = io.BytesIO(data)
    reading = read_as(file, name)
    if reading.kind == "fhir":
        return look_at_records(file, name)
    return look_at(file, reading, region_of(state.practice.region))


def an_import(state: State, data: bytes, *, name: str = "people.csv", source: str = "Old Chart") -> Import:
    """An uploaded file, its columns mapped by guess."""
    found = found_in(state, data, name)

    def begin(store: Store) -> str:
        store.actor = MANAGER
        return runs.begin_run(store, io.BytesIO(data), runs.Upload(name, source), found)

    return Import(state, transact(state, begin))
