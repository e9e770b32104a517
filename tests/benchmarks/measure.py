"""Timing: medians and 99th percentiles, and counting of statements and validations."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event


@dataclass
class Figure:
    """One line of the table: milliseconds, and a ratio to the baseline of the same run with its limit."""

    name: str
    p50: float
    p99: float
    budget: tuple[float, float] | None = None
    ratio: float | None = None
    limit: str = ""
    ok: bool = True
    note: str = ""


@dataclass
class Table:
    """All figures and gates of a run."""

    figures: list[Figure] = field(default_factory=list)
    gates: list[tuple[str, bool, str]] = field(default_factory=list)

    def add(self, figure: Figure) -> None:
        """Keep a figure and show it at once."""
        self.figures.append(figure)
        budget = f"{figure.budget[0]:g} / {figure.budget[1]:g}" if figure.budget else ""
        ratio = f"{figure.ratio:.2f} {figure.limit}" if figure.ratio is not None else ""
        mark = "" if figure.ok else "  << over"
        print(
            f"{figure.name:<44} {figure.p50:8.2f} {figure.p99:8.2f}  {budget:>10}  {ratio:<22}{figure.note}{mark}",
            flush=True,
        )

    def gate(self, name: str, ok: bool, note: str = "") -> None:
        """Keep a hard gate and show it."""
        self.gates.append((name, ok, note))
        print(f"gate: {name:<60} {'ok' if ok else 'FAILED'}  {note}", flush=True)


def timed(work: Callable[[], Any], times: int, *, warm: int = 3) -> list[float]:
    """Milliseconds of each of `times` runs, after a few that warm up."""
    for _ in range(warm):
        work()
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append((time.perf_counter() - start) * 1000)
    return found


def middle(found: list[float]) -> float:
    """The median."""
    return sorted(found)[len(found) // 2]


def high(found: list[float]) -> float:
    """The 99th percentile (the highest of a short run)."""
    return quantiles(found, n=100)[-1] if len(found) >= 100 else max(found)


@contextmanager
def statements(engine: sa.Engine) -> Iterator[list[str]]:
    """The SQL statements that are sent while the body runs, without transaction control."""
    sent: list[str] = []

    def note(_conn: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        if text.split(None, 1)[0].upper() not in ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "PRAGMA"):
            sent.append(text)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)
