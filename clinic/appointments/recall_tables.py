"""Rows of orders and recalls: what is to be booked, how often it was tried, and the rules that make recalls."""

from __future__ import annotations

import sqlalchemy as sa

from clinic.db.meta import metadata
from clinic.db.types import UtcDateTime

recall_row = sa.Table(
    "recall_row",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("due", sa.Date, nullable=False),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("days", sa.Integer, nullable=False),
    sa.Column("last", sa.Date, nullable=False),
    sa.Column("patient_id", sa.String(64), nullable=False),
    sa.Column("patient_name", sa.String(200), nullable=False),
    sa.Column("birth_date", sa.String(10), nullable=False),
    sa.Column("type_id", sa.String(64), nullable=False),
    sa.Column("what", sa.String(200), nullable=False),
    sa.Column("provider_id", sa.String(64), nullable=False),
    sa.Column("provider_name", sa.String(200), nullable=False),
    sa.Column("requester_id", sa.String(64), nullable=False),
    sa.Column("requester_name", sa.String(200), nullable=False),
    sa.Column("note", sa.String(400), nullable=False),
    sa.Column("rule", sa.String(64), nullable=False),
    sa.Column("follows", sa.String(64), nullable=False),
    sa.Column("booked", sa.String(64), nullable=False),
    sa.Column("closed", sa.String(200), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("failed", sa.Integer, nullable=False),
    sa.Column("outcome", sa.String(20), nullable=False),
    sa.Column("at", UtcDateTime, nullable=True),
    sa.Column("again", sa.Date, nullable=True),
    sa.Column("handed", sa.String(10), nullable=False),
    sa.Column("asked", UtcDateTime, nullable=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_recall_row_status", "status", "due", "rank"),
    sa.Index("ix_recall_row_patient_id", "patient_id", "status", "due"),
    sa.Index("ix_recall_row_booked", "booked"),
)
"""One row for each ServiceRequest that asks for a visit on a day. `last` is the latest day that fits; `at`, `outcome`
and `again` are of the last attempt."""

recall_attempt = sa.Table(
    "recall_attempt",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("recall", sa.String(64), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("outcome", sa.String(20), nullable=False),
    sa.Column("way", sa.String(10), nullable=False),
    sa.Column("again", sa.Date, nullable=True),
    sa.Column("note", sa.String(400), nullable=False),
    sa.Column("by_name", sa.String(200), nullable=False),
    sa.Index("ix_recall_attempt_recall", "recall", "at"),
)
"""One row for each Communication that tried to reach somebody about an order or a recall: by `phone`, `sms`..."""

recall_rule = sa.Table(
    "recall_rule",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("type_id", sa.String(64), nullable=False),
    sa.Column("months", sa.Integer, nullable=False),
    sa.Column("wanted", sa.String(64), nullable=False),
    sa.Column("age_from", sa.Integer, nullable=False),
    sa.Column("age_to", sa.Integer, nullable=False),
    sa.Column("sex", sa.String(12), nullable=False),
    sa.Column("flag", sa.String(60), nullable=False),
    sa.Column("days", sa.Integer, nullable=False),
    sa.Column("ahead", sa.Integer, nullable=False),
    sa.Column("priority", sa.String(10), nullable=False),
    sa.Column("same_provider", sa.Boolean, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)
"""The manager's rules: so many months after the last visit of a type, if none is booked."""

recall_policy = sa.Table(
    "recall_policy",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("most_failed", sa.Integer, nullable=False),
    sa.Column("then", sa.String(10), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)
"""What follows too many attempts in vain; one row at most."""
