"""The duplicate figures: how many are found again, how often a stranger is warned about, how long it takes.

The people on file are those of `people.py`; how an entry differs from the record is described in `errors.py`. Two
thousand people who live among them were kept out of the file (`data.py`): they are the new people.
"""

from __future__ import annotations

import itertools
import resource as os_resource
import time
from collections import Counter
from random import Random
from typing import Any

from clinic.cli.duplicates import Scan
from clinic.core.actor import SYSTEM
from clinic.fhir.store import Store
from clinic.registration.queries.duplicates import likely_duplicates
from clinic.registration.rules.details import Address, PatientDetails
from clinic.web.state import State
from tests.benchmarks.data import Bench
from tests.benchmarks.errors import again
from tests.benchmarks.measure import Figure, Table, high, middle
from tests.benchmarks.people import Someone

ASKED = 2000
RECALL, ALARMS = 0.98, 1.0
BUDGET = (8, 20)
SCAN_SECONDS, SCAN_MIB = 600, 2048
"""For a million patients."""


def duplicates(table: Table, bench: Bench) -> None:
    """All of them."""
    random = Random(29)
    took: list[float] = []
    _recall(table, bench, random, took)
    _alarms(table, bench, took)
    made = Figure("duplicate check", middle(took), high(took), budget=BUDGET)
    made.ok = made.p50 <= BUDGET[0] and made.p99 <= BUDGET[1]
    table.add(made)
    _scan(table, bench)


def details_of(one: Someone) -> PatientDetails:
    """What the desk types about somebody."""
    address = Address(line=one.street, postal_code=one.postal_code, city=one.city if one.street else "")
    return PatientDetails(
        one.given, one.family, one.born.isoformat(), one.sex, maiden=one.maiden, mobile=one.phone, email=one.email,
        address=address,
    )  # fmt: skip


def _check(state: State, one: Someone, took: list[float]) -> list[Any]:
    details = details_of(one)
    begin = time.perf_counter()
    with state.database.read() as conn:
        store = Store(conn, state.setting, actor=SYSTEM, now=state.clock.now())
        found = likely_duplicates(store, details)
    took.append((time.perf_counter() - begin) * 1000)
    return found


def _recall(table: Table, bench: Bench, random: Random, took: list[float]) -> None:
    missed: Counter[str] = Counter()
    for number in random.sample(range(len(bench.people)), min(ASKED, len(bench.people))):
        said, errors = again(random, bench.people[number])
        if bench.patients[number] not in [one.id for one in _check(bench.state, said, took)]:
            missed[" and ".join(sorted(errors))] += 1
    asked = min(ASKED, len(bench.people))
    recall = 1 - sum(missed.values()) / asked
    worst = ", ".join(f"{count} {name}" for name, count in missed.most_common(3))
    table.gate(f"recall in the first five >= {RECALL}", recall >= RECALL, f"{recall:.4f} of {asked}; missed: {worst}")


def _alarms(table: Table, bench: Bench, took: list[float]) -> None:
    alarms = [found for one in bench.strangers if (found := _check(bench.state, one, took))]
    per_fifty = 50 * len(alarms) / len(bench.strangers)
    why = Counter(
        "a namesake or twin of one house"
        if any("Same street" in reason.message or "Same telephone" in reason.message for reason in found[0].reasons)
        else "a stranger"
        for found in alarms
    )
    told = ", ".join(f"{count} by {name}" for name, count in why.items())
    table.gate(
        f"false alarms in 50 new people < {ALARMS:g}",
        per_fifty < ALARMS,
        f"{per_fifty:.2f}, of {len(bench.strangers)} new people: {told or 'none'}",
    )


def _scan(table: Table, bench: Bench) -> None:
    marks = itertools.count(1)
    mark = next(marks)

    def beat(done: int, total: int) -> None:
        nonlocal mark
        if total and done * 4 >= mark * total and mark < 4:
            print(f"   scan: {done} of {total} keys", flush=True)
            mark = next(marks)

    before = _peak()
    begin, worked = time.perf_counter(), time.process_time()
    outcome = Scan(bench.state, beat).run()
    seconds, memory, worked = time.perf_counter() - begin, _peak(), time.process_time() - worked
    million = seconds * 1_000_000 / max(1, outcome.people)
    table.add(
        Figure(
            "scan of the whole index (seconds, MiB at peak)", seconds, memory, budget=(SCAN_SECONDS, SCAN_MIB),
            ok=seconds <= SCAN_SECONDS and memory <= SCAN_MIB,
            note=f" {outcome.people} patients, {outcome.pairs} pairs, {million:.0f} s for a million, "
            f"{worked:.0f} s of processor, {before:.0f} MiB before",
        )
    )  # fmt: skip


def _peak() -> float:
    return os_resource.getrusage(os_resource.RUSAGE_SELF).ru_maxrss / 1024
