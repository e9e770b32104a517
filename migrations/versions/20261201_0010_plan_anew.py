"""keep the plans for visits of a provider who is out"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from clinic.db.types import JsonText, UtcDateTime

revision = "20261201_0010"
down_revision = "20261130_2350"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "replan",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("provider", sa.String(length=64), nullable=False),
        sa.Column("provider_name", sa.String(length=200), nullable=False),
        sa.Column("start", UtcDateTime(), nullable=False),
        sa.Column("end", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False, comment="planning, open, over"),
        sa.Column("slot", sa.String(length=64), nullable=False, comment="the Slot that keeps the provider unbookable"),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("proven", sa.Boolean(), nullable=False),
        sa.Column("made", UtcDateTime(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replan")),
    )
    op.create_index("ix_replan_made", "replan", ["made"], unique=False)
    _visits()


def _visits() -> None:
    op.create_table(
        "replan_visit",
        sa.Column("replan", sa.String(length=64), nullable=False),
        sa.Column("appointment", sa.String(length=64), nullable=False),
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.Column("patient_name", sa.String(length=200), nullable=False),
        sa.Column("birth_date", sa.String(length=10), nullable=False),
        sa.Column("type_name", sa.String(length=200), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("old_start", UtcDateTime(), nullable=False),
        sa.Column("old_end", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="the version of the visit that the plan is for"),
        sa.Column("state", sa.String(length=10), nullable=False, comment="open, asked, moved, cancelled, left, back"),
        sa.Column("offers", JsonText(), nullable=False, comment="times, the proposed one first, each with its reasons"),
        sa.Column("holds", JsonText(), nullable=False, comment="holders of the times kept for the patient"),
        sa.Column("until", UtcDateTime(), nullable=True, comment="until when they are kept"),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("replan", "appointment", name=op.f("pk_replan_visit")),
    )
    op.create_index("ix_replan_visit_appointment", "replan_visit", ["appointment"], unique=False)


def downgrade() -> None:
    op.drop_table("replan_visit")
    op.drop_table("replan")
