"""Accounts, sessions, throttle and API clients: things FHIR has no resource for."""

from __future__ import annotations

import sqlalchemy as sa

from clinic.db.meta import metadata
from clinic.db.types import JsonText, UtcDateTime

user = sa.Table(
    "access_user",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("username", sa.String(64), nullable=False, unique=True),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("password", sa.String(200), nullable=False),
    sa.Column("must_change", sa.Boolean, nullable=False, default=False),
    sa.Column("pin", sa.String(200), nullable=False, default=""),
    sa.Column("totp", sa.String(300), nullable=False, default=""),
    sa.Column("totp_step", sa.BigInteger, nullable=False, default=0),
    sa.Column("reference", sa.String(120), nullable=False, default=""),
    sa.Column("preferences", JsonText, nullable=False),
    sa.Column("disabled", sa.Boolean, nullable=False, default=False),
    sa.Column("created", UtcDateTime, nullable=False),
    sa.Column("last_seen", UtcDateTime, nullable=True),
    sa.Column("version", sa.Integer, nullable=False, default=1),
    sa.Index("ix_access_user_name", "name"),
)

session = sa.Table(
    "access_session",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True, comment="SHA-256 of the token in the cookie"),
    sa.Column("user_id", sa.String(36), sa.ForeignKey("access_user.id", ondelete="CASCADE"), nullable=True),
    sa.Column("device_id", sa.String(36), nullable=False, default=""),
    sa.Column("device_name", sa.String(120), nullable=False, default=""),
    sa.Column("created", UtcDateTime, nullable=False),
    sa.Column("seen", UtcDateTime, nullable=False),
    sa.Column("expires", UtcDateTime, nullable=False),
    sa.Column("locked", sa.Boolean, nullable=False, default=False),
    sa.Column("network", sa.String(64), nullable=False, default=""),
    sa.Column("data", JsonText, nullable=False),
    sa.Index("ix_access_session_user_id", "user_id"),
    sa.Index("ix_access_session_expires", "expires"),
)

throttle = sa.Table(
    "access_throttle",
    metadata,
    sa.Column("key", sa.String(80), primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("last", UtcDateTime, nullable=False),
    sa.Column("blocked_until", UtcDateTime, nullable=False),
)

client = sa.Table(
    "access_client",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("secret", sa.String(64), nullable=False, comment="SHA-256 of 256 random bits"),
    sa.Column("scopes", JsonText, nullable=False),
    sa.Column("created", UtcDateTime, nullable=False),
    sa.Column("last_used", UtcDateTime, nullable=True),
    sa.Column("revoked", UtcDateTime, nullable=True),
)

setup_code = sa.Table(
    "access_setup_code",
    metadata,
    sa.Column("id", sa.String(8), primary_key=True),
    sa.Column("code", sa.String(64), nullable=False, comment="SHA-256 of the code printed on the console"),
    sa.Column("created", UtcDateTime, nullable=False),
)

restricted_record = sa.Table(
    "access_restricted_record",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column(
        "label", sa.String(1), nullable=False, comment="R or V of v3-Confidentiality, as in Patient.meta.security"
    ),
)
"""The restricted patients: a read model of the security label on Patient."""

record_reader = sa.Table(
    "access_record_reader",
    metadata,
    sa.Column("patient_id", sa.String(64), primary_key=True),
    sa.Column("user_id", sa.String(36), primary_key=True),
    sa.Index("ix_access_record_reader_user_id", "user_id"),
)
"""Who opens a restricted record without giving a reason."""

record_opening = sa.Table(
    "access_record_opening",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("patient_id", sa.String(64), nullable=False),
    sa.Column("user_id", sa.String(36), nullable=False),
    sa.Column("user_name", sa.String(120), nullable=False),
    sa.Column("reason", sa.String(400), nullable=False),
    sa.Column("opened", UtcDateTime, nullable=False),
    sa.Column("ends", UtcDateTime, nullable=False),
    sa.Column("reviewed", UtcDateTime, nullable=True),
    sa.Column("reviewed_by", sa.String(120), nullable=False, default=""),
    sa.Index("ix_access_record_opening_user_id", "user_id", "patient_id", "ends"),
    sa.Index("ix_access_record_opening_opened", "opened"),
    sa.Index("ix_access_record_opening_reviewed", "reviewed"),
)
"""A restricted record that was opened with a reason, for how long, and whether a manager has looked at it."""
