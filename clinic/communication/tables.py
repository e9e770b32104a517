"""Rows of the call log."""

from __future__ import annotations

import sqlalchemy as sa

from clinic.db.meta import metadata
from clinic.db.types import UtcDateTime

call_row = sa.Table(
    "call_row",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("patient_id", sa.String(64), nullable=False),
    sa.Column("caller", sa.String(200), nullable=False),
    sa.Column("folded", sa.String(400), nullable=False),
    sa.Column("number", sa.String(40), nullable=False),
    sa.Column("incoming", sa.Boolean, nullable=False),
    sa.Column("reason", sa.String(20), nullable=False),
    sa.Column("outcome", sa.String(20), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("due", UtcDateTime, nullable=True),
    sa.Column("open", sa.Boolean, nullable=False),
    sa.Column("by_name", sa.String(200), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_call_row_open_due", "open", "due"),
    sa.Index("ix_call_row_at", "at"),
    sa.Index("ix_call_row_patient_id", "patient_id", "at"),
)
"""One row for each Communication by phone."""
