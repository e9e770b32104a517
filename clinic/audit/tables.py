"""The audit trail: one row an event, chained per lane by an HMAC whose key is not in the database."""

from __future__ import annotations

import sqlalchemy as sa

from clinic.db.meta import metadata
from clinic.db.types import UtcDateTime

audit_event = sa.Table(
    "audit_event",
    metadata,
    sa.Column("lane", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("id", sa.String(36), nullable=False, unique=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("action", sa.String(1), nullable=False, comment="C, R, U, D or E as in FHIR"),
    sa.Column("verb", sa.String(40), nullable=False),
    sa.Column("outcome", sa.String(2), nullable=False),
    sa.Column("actor_id", sa.String(80), nullable=False),
    sa.Column("actor_name", sa.String(120), nullable=False),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("patient_id", sa.String(64), nullable=False),
    sa.Column("json", sa.Text, nullable=False),
    sa.Column("prev", sa.String(64), nullable=False),
    sa.Column("mac", sa.String(64), nullable=False),
    sa.Index("ix_audit_event_at", "at"),
    sa.Index("ix_audit_event_patient_id_at", "patient_id", "at"),
    sa.Index("ix_audit_event_actor_id_at", "actor_id", "at"),
)

audit_head = sa.Table(
    "audit_head",
    metadata,
    sa.Column("lane", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("mac", sa.String(64), nullable=False),
    sa.Column("seal", sa.String(64), nullable=False),
)
