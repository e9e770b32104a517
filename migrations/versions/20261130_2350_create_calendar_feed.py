"""keep private calendar feeds of providers"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from clinic.db.types import UtcDateTime

revision = "20261130_2350"
down_revision = "20261130_2330"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("provider", sa.String(length=64), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False, comment="SHA-256 of 256 random bits"),
        sa.Column("detail", sa.String(length=10), nullable=False),
        sa.Column("created", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("last_read", UtcDateTime(), nullable=True),
        sa.Column("revoked", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("token", name=op.f("uq_calendar_feed_token")),
    )
    op.create_index("ix_calendar_feed_provider", "calendar_feed", ["provider"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_calendar_feed_provider", table_name="calendar_feed")
    op.drop_table("calendar_feed")
