"""tie appointments: groups with seats, series, and a count of deliberate overbookings"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from clinic.db.types import UtcDateTime

revision = "20261130_2245_tie"
down_revision = "20261130_2240"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "appointment_row", sa.Column("group_id", sa.String(length=64), nullable=False, server_default=sa.text("''"))
    )
    op.add_column("appointment_row", sa.Column("seats", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "appointment_series",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("rule", sa.String(length=200), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("wall_time", sa.String(length=5), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("carries_on", sa.Boolean(), nullable=False),
        sa.Column("created", UtcDateTime(), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment_series")),
    )
    op.create_index("ix_appointment_series_created", "appointment_series", ["created", "id"], unique=False)
    op.create_table(
        "overbooking",
        sa.Column("appointment", sa.String(length=64), nullable=False),
        sa.Column("start", UtcDateTime(), nullable=False),
        sa.Column("provider", sa.String(length=64), nullable=False),
        sa.Column("provider_name", sa.String(length=200), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("appointment", "start", "provider", name=op.f("pk_overbooking")),
    )
    op.create_index("ix_overbooking_start", "overbooking", ["start"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_overbooking_start", table_name="overbooking")
    op.drop_table("overbooking")
    op.drop_index("ix_appointment_series_created", table_name="appointment_series")
    op.drop_table("appointment_series")
    op.drop_column("appointment_row", "seats")
    op.drop_column("appointment_row", "group_id")
