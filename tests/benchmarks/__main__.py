"""`make bench` (`BENCH=--small` for 20,000 patients): prints the table, keeps a JSON history, fails on a hard gate."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from clinic import LANGUAGES, create_app, make_state
from clinic.core.clock import FixedClock
from clinic.db.engine import Database
from clinic.fhir.practice import save_practice
from clinic.tables import load_tables, metadata
from clinic.web.warm import warm
from config import Settings
from tests.benchmarks import cases, finding, machine, measures
from tests.benchmarks.data import build
from tests.benchmarks.drawing import drawing
from tests.benchmarks.duplicates import duplicates
from tests.benchmarks.measure import Table
from tests.postgres import Cluster

NOW = datetime(2027, 3, 9, 15, 24, tzinfo=UTC)
HISTORY = Path(__file__).resolve().parents[2] / "data" / "bench-history.jsonl"


def run(database: Database, folder: Path, size: int, *, people: bool = False) -> Table:
    """All figures on one database; with `people` those of finding and of duplicates alone, without appointments."""
    visits = 0 if people else size
    print(f"\n== {database.engine.dialect.name}, {size} patients and {visits} appointments ==", flush=True)
    load_tables()
    metadata.create_all(database.engine)
    clock = FixedClock(NOW)
    settings = Settings(data_dir=folder, worker=False)
    begin = time.perf_counter()
    made = make_state(settings, clock=clock, database=database)
    bench = build(made, size, visits, lambda text: print(f"   {text}", flush=True))
    print(f"   made in {time.perf_counter() - begin:.0f} s\n", flush=True)
    with database.write() as conn:
        save_practice(conn, bench.state.practice)
    print(f"{'figure (milliseconds)':<44} {'p50':>8} {'p99':>8}  {'budget':>10}  ratio to baseline")
    table = Table()
    app = create_app(settings, clock=clock, database=database)
    warm(app, LANGUAGES)  # as the server does after it listens
    if people:
        finding.finding(table, app, bench)
        duplicates(table, bench)
        return table
    cases.pages(table, app, bench, cases.empty_route(table))
    finding.finding(table, app, bench)
    cases.desk(table, bench)
    duplicates(table, bench)
    cases.interface(table, app, bench)
    cases.gates(table, bench)
    machine.importing(table, bench.state)
    measures.measures(table, app, bench)
    return table


def main() -> int:
    """Run on SQLite and PostgreSQL."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--small", action="store_true", help="20,000 patients instead of 1,000,000")
    arguments.add_argument("--size", type=int, default=0)
    arguments.add_argument("--only", choices=("sqlite", "postgresql"), default="")
    arguments.add_argument("--people", action="store_true", help="finding and duplicates alone")
    asked = arguments.parse_args()
    size = asked.size or (20_000 if asked.small else 1_000_000)
    tables: dict[str, Table] = {}
    with tempfile.TemporaryDirectory(prefix="clinic-bench-") as place:
        folder = Path(place)
        if asked.only != "postgresql":
            tables["sqlite"] = run(
                Database(f"sqlite:///{folder / 'bench.sqlite3'}"), folder / "s", size, people=asked.people
            )
        if asked.only != "sqlite":
            cluster = Cluster()
            try:
                tables["postgresql"] = run(Database(cluster.fresh_url()), folder / "p", size, people=asked.people)
            finally:
                cluster.stop()
        if not asked.people:
            print("\n== processes ==")
            tables["machine"] = Table()
            machine.server(tables["machine"], folder / "m")
            machine.printing(tables["machine"])
            (folder / "d").mkdir()
            drawing(tables["machine"], folder / "d")
    _keep(tables, size)
    failed = [name for table in tables.values() for name, ok, _ in table.gates if not ok]
    over = [figure.name for table in tables.values() for figure in table.figures if not figure.ok]
    print(
        f"\n{len(failed)} gates failed{': ' + '; '.join(failed) if failed else ''}; over budget: {', '.join(over) or 'nothing'}"
    )
    return 1 if failed else 0


def _keep(tables: dict[str, Table], size: int) -> None:
    HISTORY.parent.mkdir(parents=True, exist_ok=True)
    line = {name: [asdict(figure) for figure in table.figures] for name, table in tables.items()}
    with HISTORY.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"at": datetime.now(UTC).isoformat(), "size": size, **line}) + "\n")


if __name__ == "__main__":
    sys.exit(main())
