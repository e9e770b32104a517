"""Finding the likely pairs of the whole index: by command, every day, and a minute after a record changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta

import click
import sqlalchemy as sa

from clinic.cli.state import open_state, show_progress, transact
from clinic.db.sql import upsert
from clinic.fhir.store import Store
from clinic.fhir.tables import resource
from clinic.jobs import outbox
from clinic.jobs.outbox import Job
from clinic.jobs.worker import Transact, Work
from clinic.registration.pair_tables import duplicate_pair, duplicate_scan
from clinic.registration.queries import scanning
from clinic.registration.queries.scanning import Pair, People
from clinic.registration.rules.blocking import KINDS
from clinic.registration.rules.matching import RULES
from clinic.registration.service import duplicates
from clinic.web.state import State

DAILY, CHANGED = "duplicates", "duplicates-changed"
_OVERLAP, _DAY = timedelta(minutes=15), timedelta(hours=25)
"""A transaction may end this long after the instant that its records carry; the daily work finds what took longer."""
_MANY = 5_000
"""So many changed records are sooner compared with the rest of the index in one scan."""
_AT_ONCE = 50
_TOGETHER = 4_000
_WRITTEN = 500


@dataclass
class Outcome:
    """What a scan did."""

    people: int = 0
    pairs: int = 0
    crowded: int = 0
    """Keys that too many people share to say anything."""


@dataclass
class Scan:
    """One scan of the whole index. `beat` is told how far it is, and may stop it by raising."""

    state: State
    beat: Callable[[int, int], None]
    rest: float = 0.0
    """Of each second of work, how long to rest: in a server, the pages come first."""
    outcome: Outcome = field(default_factory=Outcome)
    _seen: set[tuple[int, int]] = field(default_factory=set)
    _waiting: list[tuple[str, str]] = field(default_factory=list)

    def run(self) -> Outcome:
        """Compare everybody with everybody who shares a key, and make the list of open pairs anew."""
        begun = self.state.clock.now()
        people, total, done = self._people()
        for kind in KINDS:
            after, more = "", True
            while more:
                started = time.monotonic()
                with self.state.database.read() as conn:
                    found = scanning.read_slice(conn, people, kind, after)
                after, more, done = found.last, found.more, done + found.read
                self.outcome.crowded += found.crowded
                self._wait_for(people, found.pairs)
                self.beat(min(done, total), total)
                time.sleep(self.rest * (time.monotonic() - started))
        self._weigh()
        transact(self.state, lambda store: _end(store, begun))
        self.beat(total, total)
        return self.outcome

    def _people(self) -> tuple[People, int, int]:
        people = People()
        with self.state.database.read() as conn:
            if not self.state.database.is_sqlite:
                conn.execute(sa.text("SET LOCAL statement_timeout = 0"))
            total = scanning.count_keys(conn)
        more = True
        while more:
            with self.state.database.read() as conn:
                more = scanning.read_people(conn, people)
            self.beat(0, total)
        self.outcome.people = len(people.ids)
        return people, total, 0

    def _wait_for(self, people: People, pairs: Iterable[tuple[int, int]]) -> None:
        fresh = set(pairs) - self._seen
        self._seen |= fresh
        self._waiting += [(people.ids[one], people.ids[other]) for one, other in fresh]
        while len(self._waiting) >= _TOGETHER:
            self._weigh()

    def _weigh(self) -> None:
        part, self._waiting = self._waiting[:_TOGETHER], self._waiting[_TOGETHER:]
        with self.state.database.read() as conn:
            found = scanning.weigh(conn, part)
        self.outcome.pairs += len(found)
        for start in range(0, len(found), _WRITTEN):
            _keep(self.state, found[start : start + _WRITTEN])


def _keep(state: State, pairs: list[Pair]) -> None:
    transact(state, lambda store: duplicates.keep_pairs(store, pairs))


def _end(store: Store, begun: object) -> None:
    """Pairs that were open and not found again are gone; from here on only changes are compared."""
    c = duplicate_pair.c
    store.conn.execute(sa.delete(duplicate_pair).where(c.state == duplicates.OPEN, c.checked < begun))
    upsert(store.conn, duplicate_scan, [{"id": "scan", "rules": RULES, "until": begun}], ["id"])


def anything_changed(state: State) -> bool:
    """Whether a record was made or changed since everybody was compared last."""
    r = resource.c
    with state.database.read() as conn:
        last = conn.execute(sa.select(duplicate_scan)).first()
        newer = sa.select(r.id).where(r.type == "Patient", r.updated >= (last.until if last else state.clock.now()))
        return last is None or conn.execute(newer.limit(1)).first() is not None


def catch_up(
    state: State, beat: Callable[[int, int], None], *, rest: float = 0.0, overlap: timedelta = _OVERLAP
) -> Outcome:
    """Compare what changed since the last time; everybody when that never was, by older rules, or for many changes."""
    begun = state.clock.now()
    with state.database.read() as conn:
        last = conn.execute(sa.select(duplicate_scan)).first()
        r = resource.c
        since = sa.and_(r.type == "Patient", r.updated > (last.until - overlap if last else begun))
        ids = list(conn.execute(sa.select(r.id).where(since).order_by(r.updated).limit(_MANY)).scalars())
    if last is None or last.rules != RULES or len(ids) == _MANY:
        return Scan(state, beat, rest).run()
    outcome = Outcome(people=len(ids))
    for start in range(0, len(ids), _AT_ONCE):
        part = ids[start : start + _AT_ONCE]
        outcome.pairs += transact(state, lambda store, part=part: duplicates.compare_anew(store, part))  # type: ignore[misc]
        beat(start + len(part), len(ids))
    row = {"id": "scan", "rules": RULES, "until": begun}
    transact(state, lambda store: upsert(store.conn, duplicate_scan, [row], ["id"]))
    return outcome


def works(state: State) -> dict[str, Work]:
    """The work of the background worker: daily, and in the minute after a change."""

    def work(job: Job, _transact: Transact) -> None:
        def beat(_done: int, _total: int) -> None:
            now = state.clock.now()
            if not state.database.run_write(lambda conn: outbox.renew(conn, job, now)):
                raise RuntimeError("another worker has this work")

        catch_up(state, beat, rest=1.0, overlap=_DAY if job.kind == DAILY else _OVERLAP)

    return {DAILY: work, CHANGED: work}


@click.command("duplicates")
@click.option("--changed", is_flag=True, help="Only what changed since the last time.")
def find_duplicates(changed: bool) -> None:
    """Compare the whole index with itself and list likely pairs; what people said about them stays."""
    state = open_state()
    progress = show_progress("duplicates")
    outcome = catch_up(state, progress) if changed else Scan(state, progress).run()
    crowded = f"; {outcome.crowded} keys shared by more than {scanning.CROWD} were left out" if outcome.crowded else ""
    click.echo(f"{outcome.people} patients compared, {outcome.pairs} likely pairs{crowded}")


COMMANDS = (find_duplicates,)
