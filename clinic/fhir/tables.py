"""The store's own tables: current resources, their versions, claims and numbers."""

from __future__ import annotations

import sqlalchemy as sa

from clinic.db.meta import metadata
from clinic.db.types import JsonText, UtcDateTime

resource = sa.Table(
    "resource",
    metadata,
    sa.Column("type", sa.String(64), primary_key=True),
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("updated", UtcDateTime, nullable=False),
    sa.Column("deleted", sa.Boolean, nullable=False, default=False),
    sa.Column("json", sa.Text, nullable=False),
    sa.Index("ix_resource_type_updated", "type", "updated", "id"),
    sa.Index("ix_resource_current", "type", "deleted", "id"),
)

resource_version = sa.Table(
    "resource_version",
    metadata,
    sa.Column("type", sa.String(64), primary_key=True),
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("json", sa.Text, nullable=False),
    sa.Column("deleted", sa.Boolean, nullable=False, default=False),
    sa.Column("author", sa.String(80), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("reason", sa.String(200), nullable=False, default=""),
    sa.Index("ix_resource_version_at", "at"),
)

unique_claim = sa.Table(
    "unique_claim",
    metadata,
    sa.Column("kind", sa.String(40), primary_key=True),
    sa.Column("key", sa.String(200), primary_key=True),
    sa.Column("holder", sa.String(160), nullable=False),
    sa.Index("ix_unique_claim_holder", "holder"),
)

slot_claim = sa.Table(
    "slot_claim",
    metadata,
    sa.Column("actor", sa.String(80), primary_key=True),
    sa.Column("cell", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("lane", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("appointment", sa.String(80), nullable=False),
    sa.Index("ix_slot_claim_appointment", "appointment"),
)

number_series = sa.Table(
    "number_series",
    metadata,
    sa.Column("series", sa.String(80), primary_key=True),
    sa.Column("last", sa.BigInteger, nullable=False),
)

practice = sa.Table(
    "practice",
    metadata,
    sa.Column("id", sa.String(8), primary_key=True),
    sa.Column("settings", JsonText, nullable=False),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("kind", sa.String(60), nullable=False),
    sa.Column("key", sa.String(200), nullable=False, unique=True),
    sa.Column("payload", JsonText, nullable=False),
    sa.Column("state", sa.String(12), nullable=False, default="waiting"),
    sa.Column("not_before", UtcDateTime, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("lease_until", UtcDateTime),
    sa.Column("error", sa.String(500), nullable=False, default=""),
    sa.Column("created", UtcDateTime, nullable=False),
    sa.Index("ix_outbox_state_not_before", "state", "not_before"),
)
