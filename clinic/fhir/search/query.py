"""What is asked of the store, and against which background."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from clinic.fhir.registry import Registry


@dataclass(frozen=True)
class SearchQuery:
    """A search of one type: (name, value) pairs as in a URL, `_sort` among them."""

    type: str
    pairs: tuple[tuple[str, str], ...] = ()
    limit: int = 100
    offset: int = 0
    after: str = ""
    """Only records whose id comes after this one; only without `_sort`."""
    zone: str = "UTC"
    """The practice's zone: days without a zone are days there."""


@dataclass(frozen=True)
class Scope:
    """The background of a search: the known parameters, the practice's zone, the clock, our own address."""

    registry: Registry = field(repr=False)
    zone: str = "UTC"
    now: datetime | None = None
    """Only "approximately" asks for it; without it nothing is near."""
    base: str = ""
    """The address of this server, with which an absolute reference to a record here begins."""
    barred: frozenset[str] = frozenset()
    """Restricted patients: neither they nor what belongs to them is found."""
