"""Column types that mean the same on every database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from clinic.core import json

Cents = sa.BigInteger
"""Money in minor units."""


def key_text(length: int) -> sa.types.TypeEngine[str]:
    """Text that sorts by code point on every database, so that "begins with" is a range of the index."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


@lru_cache(maxsize=16_384)
def _instant(milliseconds: int) -> datetime:
    """The times of a practice's days come again and again; a day view alone reads over a thousand."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _read_instant(value: int | None) -> datetime | None:
    return None if value is None else _instant(value)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC instant, kept as whole milliseconds since the epoch.

    One integer sorts and compares the same everywhere and costs no parsing; SQLite has no time type.
    """

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Refuse naive values: an instant without a zone is a guess."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its zone")
        return round(value.timestamp() * 1000)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[int | None], datetime | None]:
        """Back to an aware UTC value, without a detour: long lists read thousands."""
        return _read_instant


class JsonText(TypeDecorator[Any]):
    """JSON kept as text, decimals digit for digit."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write compact text."""
        return None if value is None else json.dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read with decimals kept."""
        return None if value is None else json.loads(value)
