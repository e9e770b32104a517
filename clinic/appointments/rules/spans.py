"""Half-open stretches of time and their arithmetic."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import NamedTuple


class Span(NamedTuple):
    """A stretch of time from `start` up to, not including, `end`; both are UTC instants."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        """The time that really passes, daylight saving or not."""
        return self.end - self.start

    def meets(self, other: Span) -> bool:
        """Whether the two share any moment; touching ends do not count."""
        return self.start < other.end and other.start < self.end

    def holds(self, other: Span) -> bool:
        """Whether the other lies wholly inside."""
        return self.start <= other.start and other.end <= self.end


def merge(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same time as sorted spans that neither touch nor overlap; empty ones fall away."""
    result: list[Span] = []
    for span in sorted([span for span in spans if span[0] < span[1]]):
        if result and span.start <= result[-1].end:
            result[-1] = Span(result[-1].start, max(result[-1].end, span.end))
        else:
            result.append(span)
    return tuple(result)


def subtract(spans: Iterable[Span], holes: Iterable[Span]) -> tuple[Span, ...]:
    """What is left of the spans when every hole is taken out."""
    return left_of(merge(spans), merge(holes))


def left_of(spans: Iterable[Span], cuts: Sequence[Span]) -> tuple[Span, ...]:
    """The same for spans and holes that are merged already: each is walked once."""
    left: list[Span] = []
    first = 0
    for span in spans:
        at, end = span
        while first < len(cuts) and cuts[first].end <= at:
            first += 1
        for number in range(first, len(cuts)):
            hole = cuts[number]
            if hole.start >= end:
                break
            if hole.start > at:
                left.append(Span(at, hole.start))
            at = hole.end
        if at < end:
            left.append(Span(at, end))
    return tuple(left)


def meeting(merged: Sequence[Span], frame: Span) -> tuple[Span, ...]:
    """Those of merged spans that share a moment with the frame."""
    first = bisect_right(merged, frame.start, key=_end)
    last = bisect_left(merged, frame.end, key=_start)
    return tuple(merged[first:last])


_start, _end = itemgetter(0), itemgetter(1)


def clip(spans: Iterable[Span], frame: Span) -> tuple[Span, ...]:
    """The parts of the spans that lie within the frame, sorted and merged."""
    return merge(Span(max(span.start, frame.start), min(span.end, frame.end)) for span in spans if span.meets(frame))
