"""tickets and calls of visits, every stay at a station, what was told of the wait, and waiting-room screens"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from clinic.db.types import UtcDateTime

revision = "20261130_2325"
down_revision = "20261130_2245_tie"
branch_labels = None
depends_on = None

refill = ("visit_row", "station_time", "wait_told")


def upgrade() -> None:
    op.execute("DELETE FROM visit_row")
    with op.batch_alter_table("visit_row") as batch:
        batch.add_column(sa.Column("ticket", sa.Integer(), nullable=False))
        batch.add_column(sa.Column("way", sa.String(length=12), nullable=False))
        batch.add_column(sa.Column("called", UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("called_to", sa.String(length=200), nullable=False))
    _create_waits()
    op.create_table(
        "waiting_screen",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False, comment="SHA-256 of the token in its address"),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("created", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=36), nullable=False),
        sa.Column("revoked", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_screen")),
        sa.UniqueConstraint("token", name=op.f("uq_waiting_screen_token")),
    )


def _create_waits() -> None:
    op.create_table(
        "station_time",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("station", sa.String(length=20), nullable=False),
        sa.Column("start", UtcDateTime(), nullable=False),
        sa.Column("end", UtcDateTime(), nullable=True),
        sa.Column("provider", sa.String(length=64), nullable=False),
        sa.Column("provider_name", sa.String(length=200), nullable=False),
        sa.Column("type_id", sa.String(length=64), nullable=False),
        sa.Column("type_name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", "place", name=op.f("pk_station_time")),
    )
    op.create_index("ix_station_time_start", "station_time", ["start"], unique=False)
    op.create_table(
        "wait_told",
        sa.Column("id", sa.String(length=64), nullable=False, comment="of the visit"),
        sa.Column("provider", sa.String(length=64), nullable=False),
        sa.Column("provider_name", sa.String(length=200), nullable=False),
        sa.Column("type_id", sa.String(length=64), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False, comment="half day of the week"),
        sa.Column("ahead", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("due", UtcDateTime(), nullable=False),
        sa.Column("least", sa.Integer(), nullable=True, comment="minutes told; null: too little known"),
        sa.Column("most", sa.Integer(), nullable=True),
        sa.Column("seen", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wait_told")),
    )
    op.create_index("ix_wait_told_provider_at", "wait_told", ["provider", "at"], unique=False)
    op.create_index("ix_wait_told_at", "wait_told", ["at"], unique=False)


def downgrade() -> None:
    op.drop_table("waiting_screen")
    op.drop_index("ix_wait_told_at", table_name="wait_told")
    op.drop_index("ix_wait_told_provider_at", table_name="wait_told")
    op.drop_table("wait_told")
    op.drop_index("ix_station_time_start", table_name="station_time")
    op.drop_table("station_time")
    with op.batch_alter_table("visit_row") as batch:
        batch.drop_column("called_to")
        batch.drop_column("called")
        batch.drop_column("way")
        batch.drop_column("ticket")
