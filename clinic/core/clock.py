"""The one place that asks what time it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Anything that tells the present instant."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC, to the millisecond."""
        instant = datetime.now(UTC)
        return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


@dataclass
class FixedClock:
    """A clock that stands still until it is moved; for tests and the demo practice."""

    instant: datetime

    def now(self) -> datetime:
        """The instant it was set to."""
        return self.instant
