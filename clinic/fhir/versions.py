"""What a transaction did to a record, and a record as it was at some time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from clinic.core.json import Json, loads


@dataclass(frozen=True)
class Touch:
    """One thing the transaction did to a record: C, R, U or D, or a word of its own for other acts."""

    action: str
    type: str
    id: str
    version: int
    patient_id: str
    what: str = ""


@dataclass(frozen=True)
class Version:
    """One version of a resource; `json` is None where it was deleted."""

    version: int
    at: datetime
    author: str
    reason: str
    deleted: bool
    text: str

    @property
    def json(self) -> Json:
        """The resource as it was."""
        return loads(self.text)  # type: ignore[no-any-return]


def bare(resource: Json) -> Json:
    """What counts as the content of a resource: all but its version and the time of it."""
    meta = resource.get("meta")
    rest = {k: v for k, v in (meta or {}).items() if k not in ("versionId", "lastUpdated")}
    plain = {k: v for k, v in resource.items() if k not in ("resourceType", "id", "meta")}
    return {"type": resource.get("resourceType"), "id": resource.get("id"), "meta": rest, **plain}
