"""Spreads short lists over the columns of a page.

CSS has columns of its own, but balancing them lays every line out a dozen times: a tick sheet of one page took
two seconds. A list line's height is known, so the columns are made here and printed as the cells of a row.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Protocol, Self

HEAD_MM = 5.5
LINE_MM = 5.3
WORDS_MM = 3.1
ROW_MM = 95.0
"""A row is never taller, so that a long list can go on with its next row on the next page."""


class Line(Protocol):
    """One line of a list."""

    @property
    def words(self) -> str:
        """What it says."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """Lines under a heading: a section, or a piece of one that is too long for a column."""

    title: str
    lines: Sequence[Line]
    height: Callable[[Line], float]

    @property
    def tall(self) -> float:
        """Its height in millimetres, as the style sheet draws it."""
        return HEAD_MM + sum(map(self.height, self.lines))

    def pieces(self, most: float) -> list[Self]:
        """The section itself, or pieces of equal length of at most that height, each under the same heading."""
        count = math.ceil((self.tall - HEAD_MM) / max(most - HEAD_MM, LINE_MM))
        if count <= 1:
            return [self]
        long = math.ceil(len(self.lines) / count)
        return [replace(self, lines=self.lines[at : at + long]) for at in range(0, len(self.lines), long)]


class Section(Protocol):
    """A heading with its lines."""

    @property
    def title(self) -> str:
        """The heading."""
        ...

    @property
    def lines(self) -> Sequence[Line]:
        """What stands under it."""
        ...


def columns(sections: Sequence[Section], count: int, letters: int) -> list[list[list[Part]]]:
    """Rows of `count` columns of whole sections, in the order given and as even as they come.

    `letters` is how many letters of a line's words stand beside each other. A section that is much taller than
    an even share, or than a row may be, goes on in the next column under the same heading.
    """

    def height(line: Line) -> float:
        return max(LINE_MM, WORDS_MM * math.ceil(len(line.words) / letters))

    whole = [Part(section.title, section.lines, height) for section in sections]
    share = sum(part.tall for part in whole) / count
    most = min(ROW_MM, max(share * 1.25, HEAD_MM + 6 * LINE_MM))
    parts = [piece for part in whole for piece in part.pieces(most)]
    rows: list[list[list[Part]]] = []
    while parts:
        taken = _fitting(parts, count)
        rows.append(_even(parts[:taken], count))
        parts = parts[taken:]
    return rows


def _fitting(parts: Sequence[Part], count: int) -> int:
    """How many of the parts stand in one row that is not too tall."""
    full = _filled(parts, ROW_MM)
    return sum(len(column) for column in full[:count])


def _even(parts: Sequence[Part], count: int) -> list[list[Part]]:
    """The columns of one row, the tallest as short as can be; always `count` of them, the last perhaps empty."""
    ends = list(accumulate((part.tall for part in parts), initial=0.0))
    heights = sorted({later - sooner for place, sooner in enumerate(ends) for later in ends[place + 1 :]})
    filled = next(found for height in heights if len(found := _filled(parts, height)) <= count)
    return [*filled, *([] for _ in range(count - len(filled)))]


def _filled(parts: Sequence[Part], height: float) -> list[list[Part]]:
    """Columns filled one after the other up to a height; a part that is taller by itself has its own."""
    found: list[list[Part]] = []
    room = 0.0
    for part in parts:
        if not found or part.tall > room + 0.001:
            found.append([])
            room = height
        found[-1].append(part)
        room -= part.tall
    return found
