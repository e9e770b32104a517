"""What people do from home: how each visit type can be booked, what was asked for, and the links they were given."""

from __future__ import annotations

import sqlalchemy as sa

from clinic.db.meta import metadata
from clinic.db.types import JsonText, UtcDateTime

online_type = sa.Table(
    "online_type",
    metadata,
    sa.Column("type_id", sa.String(64), primary_key=True),
    sa.Column("mode", sa.String(10), nullable=False, comment="off, view, request, book"),
    sa.Column("notice_hours", sa.Integer, nullable=False),
    sa.Column("horizon_days", sa.Integer, nullable=False),
    sa.Column("cancel_hours", sa.Integer, nullable=False),
    sa.Column("new_patients", sa.Boolean, nullable=False),
    sa.Column("publish", sa.Boolean, nullable=False),
    sa.Column("words", sa.String(400), nullable=False),
    sa.Column("questions", JsonText, nullable=False),
)
"""One row for each visit type that the manager opened to people at home; without a row it is off."""

online_request = sa.Table(
    "online_request",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("state", sa.String(10), nullable=False, comment="open, proposed, accepted, refused, withdrawn, booked"),
    sa.Column("kind", sa.String(10), nullable=False, comment="visit or move"),
    sa.Column("type_id", sa.String(64), nullable=False),
    sa.Column("type_name", sa.String(200), nullable=False),
    sa.Column("provider", sa.String(64), nullable=False),
    sa.Column("provider_name", sa.String(200), nullable=False),
    sa.Column("start", UtcDateTime, nullable=False),
    sa.Column("minutes", sa.Integer, nullable=False),
    sa.Column("holder", sa.String(80), nullable=False),
    sa.Column("patient_id", sa.String(64), nullable=False),
    sa.Column("given", sa.String(120), nullable=False),
    sa.Column("family", sa.String(120), nullable=False),
    sa.Column("birth_date", sa.String(10), nullable=False),
    sa.Column("sex", sa.String(12), nullable=False),
    sa.Column("phone", sa.String(40), nullable=False),
    sa.Column("email", sa.String(120), nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("note", sa.String(400), nullable=False),
    sa.Column("answers", JsonText, nullable=False),
    sa.Column("appointment_id", sa.String(64), nullable=False),
    sa.Column("words", sa.String(400), nullable=False),
    sa.Column("network", sa.String(64), nullable=False, comment="a hash: how many come from one place"),
    sa.Column("created", UtcDateTime, nullable=False),
    sa.Column("decided", UtcDateTime, nullable=True),
    sa.Column("decided_by", sa.String(120), nullable=False),
    sa.Index("ix_online_request_state", "state", "created"),
    sa.Index("ix_online_request_patient_id", "patient_id", "start"),
    sa.Index("ix_online_request_appointment_id", "appointment_id"),
    sa.Index("ix_online_request_network", "network", "state"),
)
"""What came in from home: a wish that the desk answers, or a booking that it should know of.

A time that is asked for is held under `holder` until the desk answers or the hold runs out.
"""

visit_link = sa.Table(
    "visit_link",
    metadata,
    sa.Column("token", sa.String(64), primary_key=True, comment="SHA-256 of the token in the link"),
    sa.Column("purpose", sa.String(10), nullable=False, comment="visit, request, offer"),
    sa.Column("target", sa.String(80), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("created", UtcDateTime, nullable=False),
    sa.Column("expires", UtcDateTime, nullable=False),
    sa.Index("ix_visit_link_target", "target"),
    sa.Index("ix_visit_link_expires", "expires"),
)
"""Links by which people look after one visit, one wish or one offer, and nothing else."""
