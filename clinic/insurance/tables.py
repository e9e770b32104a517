"""Rows of insurance policies, for the board and the banner."""

from __future__ import annotations

import sqlalchemy as sa

from clinic.db.meta import metadata
from clinic.db.types import Cents

coverage_row = sa.Table(
    "coverage_row",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("patient_id", sa.String(64), nullable=False),
    sa.Column("payer", sa.String(200), nullable=False),
    sa.Column("plan", sa.String(200), nullable=False),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("starts", sa.Date, nullable=True),
    sa.Column("ends", sa.Date, nullable=True),
    sa.Column("cancelled", sa.Boolean, nullable=False),
    sa.Column("self_pay", sa.Boolean, nullable=False),
    sa.Column("copay_cents", Cents, nullable=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_coverage_row_patient_id", "patient_id", "rank"),
)
"""One row for each Coverage of a patient."""
