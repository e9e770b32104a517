"""Access tokens of programs: FHIR has no resource for them."""

from __future__ import annotations

import sqlalchemy as sa

from clinic.db.meta import metadata
from clinic.db.types import JsonText, UtcDateTime

api_token = sa.Table(
    "api_token",
    metadata,
    sa.Column("token", sa.String(64), primary_key=True, comment="SHA-256 of the bearer token"),
    sa.Column("client_id", sa.String(64), nullable=False),
    sa.Column("scopes", JsonText, nullable=False),
    sa.Column("expires", UtcDateTime, nullable=False),
    sa.Index("ix_api_token_expires", "expires"),
    sa.Index("ix_api_token_client_id", "client_id"),
)
