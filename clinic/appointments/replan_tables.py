"""A provider is out: the plan for their visits, kept until somebody has agreed to every line of it."""

from __future__ import annotations

import sqlalchemy as sa

from clinic.db.meta import metadata
from clinic.db.types import JsonText, UtcDateTime

replan = sa.Table(
    "replan",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("provider", sa.String(64), nullable=False),
    sa.Column("provider_name", sa.String(200), nullable=False),
    sa.Column("start", UtcDateTime, nullable=False),
    sa.Column("end", UtcDateTime, nullable=False),
    sa.Column("reason", sa.String(200), nullable=False),
    sa.Column("state", sa.String(10), nullable=False, comment="planning, open, over"),
    sa.Column("slot", sa.String(64), nullable=False, comment="the Slot that keeps the provider unbookable"),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("done", sa.Integer, nullable=False),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("proven", sa.Boolean, nullable=False),
    sa.Column("made", UtcDateTime, nullable=False),
    sa.Column("by_name", sa.String(200), nullable=False),
    sa.Index("ix_replan_made", "made"),
)

replan_visit = sa.Table(
    "replan_visit",
    metadata,
    sa.Column("replan", sa.String(64), primary_key=True),
    sa.Column("appointment", sa.String(64), primary_key=True),
    sa.Column("patient_id", sa.String(64), nullable=False),
    sa.Column("patient_name", sa.String(200), nullable=False),
    sa.Column("birth_date", sa.String(10), nullable=False),
    sa.Column("type_name", sa.String(200), nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("old_start", UtcDateTime, nullable=False),
    sa.Column("old_end", UtcDateTime, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, comment="the version of the visit that the plan is for"),
    sa.Column("state", sa.String(10), nullable=False, comment="open, asked, moved, cancelled, left, back"),
    sa.Column("offers", JsonText, nullable=False, comment="times, the proposed one first, each with its reasons"),
    sa.Column("holds", JsonText, nullable=False, comment="holders of the times kept for the patient"),
    sa.Column("until", UtcDateTime, nullable=True, comment="until when they are kept"),
    sa.Column("note", sa.String(400), nullable=False),
    sa.Index("ix_replan_visit_appointment", "appointment"),
)
