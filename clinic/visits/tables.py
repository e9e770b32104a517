"""Rows for the board: where each visit stands, and what was confirmed when."""

from __future__ import annotations

import sqlalchemy as sa

from clinic.db.meta import metadata
from clinic.db.types import UtcDateTime

visit_row = sa.Table(
    "visit_row",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("appointment_id", sa.String(64), nullable=False),
    sa.Column("patient_id", sa.String(64), nullable=False),
    sa.Column("patient_name", sa.String(200), nullable=False),
    sa.Column("provider", sa.String(64), nullable=False),
    sa.Column("provider_name", sa.String(200), nullable=False),
    sa.Column("type_name", sa.String(200), nullable=False),
    sa.Column("station", sa.String(20), nullable=False),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("arrived", UtcDateTime, nullable=False),
    sa.Column("room_name", sa.String(200), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_visit_row_appointment_id", "appointment_id"),
    sa.Index("ix_visit_row_patient_id_arrived", "patient_id", "arrived"),
    sa.Index("ix_visit_row_arrived", "arrived"),
)
"""One row for each Encounter that this practice's board made."""

confirmation_row = sa.Table(
    "confirmation_row",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("patient_id", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("by_name", sa.String(200), nullable=False),
    sa.Index("ix_confirmation_row_patient_id", "patient_id", "kind", "at"),
)
"""When a patient's identity, contact data or coverage were last said to be right, and to whom."""
