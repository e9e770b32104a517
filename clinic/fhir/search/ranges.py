"""Tests of dates, quantities and numbers: prefixes, and how exact the asked value is."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeAlias

import sqlalchemy as sa

from clinic.core.errors import Invalid
from clinic.fhir.dates import Span, span_of
from clinic.fhir.index_values import short
from clinic.fhir.search.query import Scope
from clinic.fhir.search.terms import Term, plain, split

Columns: TypeAlias = Any
"""The columns of an index table under the name it has in the statement."""
Condition = sa.ColumnElement[bool]
Bound = sa.ColumnElement[int] | sa.ColumnElement[float]

BAD_DATE = "%(value)s is no date for %(name)s; write 2026, 2026-03, 2026-03-09 or 2026-03-09T15:24:00Z."
BAD_NUMBER = "%(value)s is no number for %(name)s."

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d{1,3})?", re.ASCII)
_PREFIXED = re.compile(r"(eq|ne|gt|lt|ge|le|sa|eb|ap)?(.*)", re.DOTALL)
_HUGE = Decimal("1.7e308")


def compare(prefix: str, low: Bound, high: Bound, asked: tuple[float, float]) -> Condition:
    """The test of a half-open range [low, high) against the asked one, by prefix."""
    start, end = asked
    tests: dict[str, Callable[[], Condition]] = {
        "eq": lambda: sa.and_(low >= start, low < end, high <= end),
        "ne": lambda: sa.or_(low < start, high > end),
        "gt": lambda: high > end,
        "lt": lambda: low < start,
        "ge": lambda: high > start,
        "le": lambda: low < end,
        "sa": lambda: low >= end,
        "eb": lambda: high <= start,
        "ap": lambda: sa.and_(low < end, high > start),
    }
    return tests[prefix]()


def dates(scope: Scope, term: Term, c: Columns) -> Condition:
    """Dates and periods; a day without a zone is a day of the practice's calendar."""
    tests = []
    for value in term.values:
        prefix, span = _asked_date(term, value)
        walls, moments_ = span.on_the_wall(scope.zone), span.in_zone(scope.zone)
        if prefix == "ap":
            walls, moments_ = _wider(scope, walls), _wider(scope, moments_)
        for floating, asked in ((True, walls), (False, moments_)):
            same = compare(prefix, c.low, c.high, (asked.low, asked.high))
            tests.append(sa.and_(c.floating == sa.literal(floating), same))
    return sa.or_(*tests)


def moments(scope: Scope, term: Term, column: sa.ColumnElement[int]) -> Condition:
    """An instant in a column of its own, in milliseconds."""
    tests = []
    for value in term.values:
        prefix, span = _asked_date(term, value)
        asked = span.in_zone(scope.zone)
        if prefix == "ap":
            asked = _wider(scope, asked)
        tests.append(compare(prefix, column, column + 1, (asked.low, asked.high)))
    return sa.or_(*tests)


def _asked_date(term: Term, value: str) -> tuple[str, Span]:
    prefix, text = _prefix(value)
    try:
        return prefix, span_of(text.strip().replace(" ", "+"))
    except ValueError:
        name = term.param.name
        raise Invalid(BAD_DATE, field=name, name=name, value=value[:40]) from None


def _wider(scope: Scope, span: Span) -> Span:
    """A tenth of the distance from now on both sides."""
    now = round(scope.now.timestamp() * 1000) if scope.now else span.low
    around = abs(now - span.low) // 10
    return Span(span.low - around, span.high + around, span.floating)


def quantities(_scope: Scope, term: Term, c: Columns) -> Condition:
    """`5.4`, `5.4|system|unit` or `5.4||unit`; the asked number stands for what rounds to it."""
    tests = []
    for value in term.values:
        number, *unit = [plain(part) for part in split(value, "|")]
        prefix, text = _prefix(number)
        test = _compare_points(prefix, c.low, c.high, _asked_number(term, text, prefix == "ap"))
        if len(unit) == 2 and unit[0]:
            test = sa.and_(test, c.system == short(unit[0]))
        if unit and unit[-1]:
            test = sa.and_(test, c.code == short(unit[-1]))
        tests.append(test)
    return sa.or_(*tests)


def _compare_points(prefix: str, low: Bound, high: Bound, asked: tuple[float, float, float]) -> Condition:
    start, exact, end = asked
    tests: dict[str, Callable[[], Condition]] = {
        "eq": lambda: sa.and_(low >= start, low < end, high < end),
        "ne": lambda: sa.or_(low < start, high >= end),
        "gt": lambda: high > exact,
        "sa": lambda: low > exact,
        "lt": lambda: low < exact,
        "eb": lambda: high < exact,
        "ge": lambda: high >= exact,
        "le": lambda: low <= exact,
        "ap": lambda: sa.and_(low <= end, high >= start),
    }
    return tests[prefix]()


def _asked_number(term: Term, text: str, nearly: bool) -> tuple[float, float, float]:
    if len(text) > 60 or not _NUMBER.fullmatch(text.strip()):
        name = term.param.name
        raise Invalid(BAD_NUMBER, field=name, name=name, value=text[:40])
    number = Decimal(text.strip())
    number = max(-_HUGE, min(_HUGE, number))
    exponent = max(-300, min(300, int(number.as_tuple().exponent)))
    half = abs(number) / 10 if nearly else Decimal(5) * Decimal(10) ** (exponent - 1)
    return float(number - half), float(number), float(number + half)


def _prefix(value: str) -> tuple[str, str]:
    match = _PREFIXED.fullmatch(value)
    return ((match[1] or "eq"), match[2]) if match else ("eq", value)
