"""What is kept about missed and late cancelled visits."""

from __future__ import annotations

import sqlalchemy as sa

from clinic.db.meta import metadata
from clinic.db.types import Cents, UtcDateTime

visit_breach = sa.Table(
    "visit_breach",
    metadata,
    sa.Column("appointment", sa.String(64), primary_key=True),
    sa.Column("patient_id", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("start", UtcDateTime, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("fee", Cents, nullable=False),
    sa.Index("ix_visit_breach_patient_id", "patient_id", "start"),
)
"""A visit that was missed (`noshow`) or cancelled too late (`late-cancel`), with the fee that the rule asked for; gone
when it is taken back."""

visit_reason = sa.Table(
    "visit_reason",
    metadata,
    sa.Column("kind", sa.String(12), primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True),
    sa.Column("words", sa.String(100), nullable=False),
)
"""The practice's own reasons, in their order, for each of `rules.policy.KINDS`; without any the shipped ones."""
