"""A measure as bars: where each stands in the picture, so that the template only writes it down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from clinic.management.measures.rules.report import Line, Report

MOST: Final = 20
"""Bars in one picture; the table has every line."""
WIDTH, LEFT, END, ROW, TOP = 760, 190, 690, 26, 22
_STEPS: Final = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2500, 5000, 10_000, 100_000)
_LONGEST_WORD: Final = 28


@dataclass(frozen=True)
class Bar:
    """One line: its middle, the bar and what stands at its end."""

    line: Line
    label: str
    y: int
    width: float
    mark: float | None
    """Where the mark stands, or (stacked) how wide the second part is."""
    value: float | int | None
    end: float
    """Where the value is written."""


@dataclass(frozen=True)
class Tick:
    """A line of the scale."""

    x: float
    value: int


@dataclass(frozen=True)
class Picture:
    """All bars with the scale."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    height: int
    left: int = LEFT
    width: int = WIDTH


def drawn(report: Report) -> Picture:
    """The lines that have a figure, at most twenty; nothing below zero is drawn longer than nothing."""
    lines = [line for line in report.lines if line.now.get(report.main) is not None][:MOST]
    most = max((_reach(report, line) for line in lines), default=0.0)
    step = next((one for one in _STEPS if one * 5 >= most), _STEPS[-1])
    top = max(step * 5, 1)
    scale = (END - LEFT) / top
    bars = tuple(_bar(report, line, number, scale) for number, line in enumerate(lines))
    ticks = tuple(Tick(LEFT + value * scale, value) for value in range(0, top + 1, step))
    return Picture(bars, ticks, TOP + ROW * len(bars) + 6)


def _reach(report: Report, line: Line) -> float:
    main = max(0.0, float(line.now.get(report.main) or 0))
    mark = max(0.0, float(line.now.get(report.mark) or 0)) if report.mark else 0.0
    return main + mark if report.stacked else max(main, mark)


def _bar(report: Report, line: Line, number: int, scale: float) -> Bar:
    value = line.now[report.main]
    mark = line.now.get(report.mark) if report.mark else None
    width = max(0.0, float(value or 0)) * scale
    if mark is not None:
        mark = max(0.0, float(mark)) * scale if report.stacked else LEFT + max(0.0, float(mark)) * scale
    reach = LEFT + _reach(report, line) * scale
    label = line.label if len(line.label) <= _LONGEST_WORD else line.label[: _LONGEST_WORD - 1] + "…"
    return Bar(line, label, TOP + ROW * number + ROW // 2, width, mark, value, reach + 6)
