"""How long ahead a visit was booked, in steps that people speak of."""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

LEADS: Final = (0, 1, 2, 4, 8, 15, 31, 61)
"""The whole days (of 24 hours) with which each bucket begins."""


def lead_bucket(days: int) -> int:
    """The number of the bucket; booked after the fact counts as the same day."""
    return max(0, bisect_right(LEADS, days) - 1)


def lead_range(bucket: int) -> tuple[int, int | None]:
    """The first and the last whole day of a bucket; the last bucket has no last one."""
    return LEADS[bucket], LEADS[bucket + 1] - 1 if bucket + 1 < len(LEADS) else None
