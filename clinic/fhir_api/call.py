"""One FHIR interaction as a value, so that an HTTP request and an entry of a bundle are carried out alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from clinic.fhir.search import Found, Scope
from clinic.fhir.store import Store
from clinic.fhir_api.oauth import Caller

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Call:
    """What is asked: a type, perhaps a record, conditions, content, and who asks."""

    base: str
    """The address of the interface, without a slash at its end."""
    caller: Caller
    type: str = ""
    id: str = ""
    version: str = ""
    query: Pairs = ()
    body: Any = None
    if_match: str = ""
    if_none_match: str = ""
    if_modified_since: datetime | None = None
    if_none_exist: str = ""
    fresh_id: str = ""
    """The id that a new record gets, when a transaction has given it away already."""
    strict: bool = False
    minimal: bool = False
    """Only the headers are wanted back from a write."""

    @property
    def reference(self) -> str:
        """Type/id."""
        return f"{self.type}/{self.id}"

    def scope(self, store: Store) -> Scope:
        """The background of a search in this call."""
        return Scope(store.registry, zone=store.practice.zone, now=store.now, base=self.base, barred=store.actor.barred)


@dataclass(frozen=True)
class Reply:
    """What is answered: a status, JSON text (or none), and headers."""

    status: int
    text: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    modified: datetime | None = None


def etag(version: int | str) -> str:
    """The ETag of a version."""
    return f'W/"{version}"'


def record_headers(record: Found) -> dict[str, str]:
    """ETag and Last-Modified of a record."""
    return {"ETag": etag(record.version), "Last-Modified": http_date(record.updated)}


def http_date(moment: datetime) -> str:
    """An instant as HTTP writes it."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)
