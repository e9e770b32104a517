"""A small practice for merges, a clock that goes on, and records without what every version changes."""

from __future__ import annotations

from datetime import timedelta

from clinic.core.json import Json
from clinic.fhir.store import Store


def tick(store: Store) -> None:
    """A second goes by."""
    store.now += timedelta(seconds=1)


def bare(record: Json) -> Json:
    """A record by value: without its version and when that was made."""
    meta = {key: value for key, value in record["meta"].items() if key not in ("versionId", "lastUpdated")}
    return {**record, "meta": meta}
