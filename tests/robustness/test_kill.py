"""Two hundred times `kill -9` in the middle of the work: what was acknowledged is there, and nothing is half there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa

from clinic import make_state
from clinic.audit import reader
from clinic.audit.tables import audit_event
from clinic.cli.state import system_store
from clinic.core.clock import FixedClock
from clinic.db.engine import Database
from clinic.fhir import upkeep
from clinic.fhir.tables import number_series, resource, resource_version, unique_claim
from config import Settings
from tests.conftest import NOW

KILLS = 100
"""On each of the two databases."""
ROOT = Path(__file__).resolve().parents[2]


class Writers:
    """The process that forks writers, and what they said."""

    def __init__(self, url: str, folder: Path) -> None:
        command = [sys.executable, "-m", "tests.robustness.writer", url, str(folder)]
        self.errors = (folder / "writer.errors").open("w+")
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True, bufsize=1
        )
        self.kept: set[tuple[str, str, int]] = set()
        self.noted: set[str] = set()
        self.hear("set-up")

    def hear(self, awaited: str) -> str:
        """Listen until this word is said; gives what followed it."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            word, _, rest = line.rstrip("\n").partition(" ")
            if word == "kept":
                type_, id_, version = rest.split(" ")
                self.kept.add((type_, id_, int(version)))
            elif word == "noted":
                self.noted.add(rest)
            if word == awaited:
                return rest
        self.errors.seek(0)
        raise AssertionError(f"the writers ended before {awaited!r}: {self.errors.read()[-3000:]}")

    def write_and_die(self, seed: int, after: float) -> None:
        """Let one writer write for so many seconds, then kill it."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{seed}\n")
        self.process.stdin.flush()
        first = self.hear_both()
        time.sleep(after)
        os.kill(first, signal.SIGKILL)
        assert self.hear("ended") == str(-signal.SIGKILL)

    def hear_both(self) -> int:
        """`child` and `ready` come from two processes, in either order."""
        assert self.process.stdout is not None
        pid, ready = 0, False
        while not (pid and ready):
            word, _, rest = self.process.stdout.readline().rstrip("\n").partition(" ")
            pid, ready = int(rest) if word == "child" else pid, ready or word == "ready"
            if not word or word == "ended":
                self.errors.seek(0)
                raise AssertionError(f"a writer ended by itself: {self.errors.read()[-3000:]}")
        return pid

    def close(self) -> None:
        """No more writers."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=20)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.errors.close()


@pytest.fixture
def writers(any_database: Database, tmp_path: Path) -> Iterator[Writers]:
    """Writers on each database in turn."""
    made = Writers(any_database.url.render_as_string(hide_password=False), tmp_path)
    yield made
    made.close()


def kept_versions(conn: sa.Connection) -> set[tuple[str, str, int]]:
    c = resource_version.c
    return {(row.type, row.id, row.version) for row in conn.execute(sa.select(c.type, c.id, c.version))}


def how_many(conn: sa.Connection, type_: str) -> int:
    wanted = sa.select(sa.func.count()).select_from(resource).where(resource.c.type == type_)
    return int(conn.execute(wanted).scalar_one())


@pytest.mark.slow
def test_every_acknowledged_write_survives_a_kill_at_any_moment(
    any_database: Database, writers: Writers, tmp_path: Path
) -> None:
    random = Random(20270309)
    for number in range(1, KILLS + 1):
        writers.write_and_die(number, 0.002 + 0.298 * random.random() ** 2)
    state = make_state(Settings(data_dir=tmp_path, worker=False), clock=FixedClock(NOW), database=any_database)
    assert len(writers.kept) > KILLS
    assert writers.noted
    with any_database.read() as conn:
        assert writers.kept - kept_versions(conn) == set()
        events = "\n".join(conn.execute(sa.select(audit_event.c.json)).scalars())
        assert [mark for mark in sorted(writers.noted) if f'"{mark}"' not in events] == []
        assert list(upkeep.verify(conn, state.setting.registry, lambda done, total: None)) == []
        assert reader.verify(conn) == []
        assert list(upkeep.verify_parts(system_store(state, conn))) == []
        series = {row.series: row.last for row in conn.execute(sa.select(number_series))}
        assert how_many(conn, "Patient") in series.values()
        assert how_many(conn, "PaymentNotice") in series.values()
        visits = sa.select(sa.func.count()).select_from(unique_claim).where(unique_claim.c.kind == "visit")
        assert conn.execute(visits).scalar_one() == how_many(conn, "Encounter")
