"""Tablets, packets and drafts: things FHIR has no resource for; and the list of answers."""

from __future__ import annotations

import sqlalchemy as sa

from clinic.db.meta import metadata
from clinic.db.types import JsonText, UtcDateTime

device = sa.Table(
    "intake_device",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("name", sa.String(60), nullable=False),
    sa.Column("code", sa.String(64), nullable=False, default="", comment="SHA-256 of the pairing code"),
    sa.Column("code_expires", UtcDateTime, nullable=True),
    sa.Column("paired", UtcDateTime, nullable=True),
    sa.Column("revoked", UtcDateTime, nullable=True),
    sa.Column("created", UtcDateTime, nullable=False),
    sa.Column("created_by", sa.String(36), nullable=False),
    sa.Index("ix_intake_device_code", "code"),
)

packet = sa.Table(
    "intake_packet",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("device_id", sa.String(36), nullable=False, comment="the packet's own id when it is a link"),
    sa.Column("link", sa.String(64), nullable=False, default="", comment="SHA-256 of the token in the link"),
    sa.Column("patient_id", sa.String(64), nullable=False),
    sa.Column("patient_name", sa.String(200), nullable=False),
    sa.Column("appointment_id", sa.String(64), nullable=False, default=""),
    sa.Column("state", sa.String(12), nullable=False, comment="waiting, open, done, stopped, refused"),
    sa.Column("language", sa.String(8), nullable=False, default=""),
    sa.Column("prefill", sa.Boolean, nullable=False),
    sa.Column("forms", JsonText, nullable=False),
    sa.Column("identified", sa.Boolean, nullable=False, default=False),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("filler", sa.String(8), nullable=False, default="self"),
    sa.Column("view", JsonText, nullable=False),
    sa.Column("help_asked", UtcDateTime, nullable=True),
    sa.Column("created", UtcDateTime, nullable=False),
    sa.Column("created_by", sa.String(36), nullable=False),
    sa.Column("expires", UtcDateTime, nullable=False),
    sa.Column("finished", UtcDateTime, nullable=True),
    sa.Index("ix_intake_packet_device_id", "device_id", "state"),
    sa.Index("ix_intake_packet_patient_id", "patient_id", "state"),
    sa.Index("ix_intake_packet_link", "link"),
    sa.Index("ix_intake_packet_appointment_id", "appointment_id"),
    sa.Index("ix_intake_packet_state", "state", "expires"),
)

draft = sa.Table(
    "intake_draft",
    metadata,
    sa.Column("packet_id", sa.String(36), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("body", JsonText, nullable=False),
    sa.Column("updated", UtcDateTime, nullable=False),
)

response_row = sa.Table(
    "intake_response_row",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("questionnaire", sa.String(300), nullable=False),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("patient_id", sa.String(64), nullable=False),
    sa.Column("patient_name", sa.String(200), nullable=False),
    sa.Column("search", sa.String(400), nullable=False, comment="folded name and title"),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("review", sa.String(10), nullable=False, comment="open, done, or none while it is being filled in"),
    sa.Column("authored", UtcDateTime, nullable=True),
    sa.Column("answered", sa.Integer, nullable=False),
    sa.Index("ix_intake_response_row_review", "review", "authored"),
    sa.Index("ix_intake_response_row_patient_id", "patient_id", "authored"),
)

consent_row = sa.Table(
    "intake_consent_row",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("patient_id", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(60), nullable=False),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("signed", UtcDateTime, nullable=True),
    sa.Index("ix_intake_consent_row_patient_id", "patient_id", "kind"),
)
