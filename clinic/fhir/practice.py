"""The practice's settings: one row."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from clinic.core.practice import Practice
from clinic.db.sql import upsert
from clinic.fhir.tables import practice

_ONLY = "practice"


def load_practice(conn: Connection) -> Practice | None:
    """The settings, or None before the practice is set up."""
    row: dict[str, Any] | None = conn.execute(sa.select(practice.c.settings).where(practice.c.id == _ONLY)).scalar()
    if row is None:
        return None
    known = {field.name for field in fields(Practice)}
    return Practice(**{name: value for name, value in row.items() if name in known})


def save_practice(conn: Connection, settings: Practice) -> None:
    """Keep the settings."""
    upsert(conn, practice, [{"id": _ONLY, "settings": asdict(settings)}], ["id"])
