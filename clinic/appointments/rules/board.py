"""The rows of the drawn day, as they are read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from clinic.appointments.rules.hours import Absence
from clinic.appointments.rules.spans import Span


class BoardRow(NamedTuple):
    """One appointment in one provider's column."""

    id: str
    version: int
    provider: str
    start: datetime
    end: datetime
    status: str
    lane: int
    site: str
    room: str
    room_name: str
    patient_id: str
    patient_name: str
    birth_date: str
    type_id: str
    type_name: str
    reason: str
    note: str
    group_id: str = ""
    seats: int = 0

    @property
    def is_seat(self) -> bool:
        """Whether this is one patient's place in a group, which the calendar shows as one visit."""
        return bool(self.group_id) and not self.seats

    def closed(self) -> BoardRow:
        """The same time of a restricted patient: that it is taken and by whom, not why."""
        return self._replace(birth_date=self.birth_date[:4], reason="", note="")


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A time that is kept for somebody for a short while."""

    holder: str
    provider: str
    start: datetime
    end: datetime
    expires: datetime
    owner: str
    purpose: str


@dataclass(frozen=True)
class Board:
    """All that is drawn of a stretch of time."""

    rows: tuple[BoardRow, ...]
    holds: tuple[HoldRow, ...]
    absences: dict[str, tuple[Absence, ...]]
    """Of a wider stretch, where one was asked for."""
    span: Span | None = None
    """The drawn stretch."""
    uses: dict[str, tuple[BoardRow, ...]] = field(default_factory=dict)
    """Visits that use a room or device beside their own room, by its id; asked for by columns of these only."""
