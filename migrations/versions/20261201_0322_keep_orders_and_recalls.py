"""keep orders for visits and recalls, the attempts at reaching their patients, and the rules that make them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from clinic.db.types import UtcDateTime

revision = "20261201_0322"
down_revision = "20261201_0310"
branch_labels = None
depends_on = None

refill = ("recall_row", "recall_attempt")


def upgrade() -> None:
    _recalls()
    _attempts()
    _rules()
    op.create_index("ix_desk_task_focus", "desk_task", ["focus", "open"], unique=False)


def _recalls() -> None:
    op.create_table(
        "recall_row",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.Column("patient_name", sa.String(length=200), nullable=False),
        sa.Column("birth_date", sa.String(length=10), nullable=False),
        sa.Column("type_id", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=200), nullable=False),
        sa.Column("provider_id", sa.String(length=64), nullable=False),
        sa.Column("provider_name", sa.String(length=200), nullable=False),
        sa.Column("requester_id", sa.String(length=64), nullable=False),
        sa.Column("requester_name", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("follows", sa.String(length=64), nullable=False),
        sa.Column("booked", sa.String(length=64), nullable=False),
        sa.Column("closed", sa.String(length=200), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=True),
        sa.Column("again", sa.Date(), nullable=True),
        sa.Column("handed", sa.String(length=10), nullable=False),
        sa.Column("asked", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_row")),
    )
    op.create_index("ix_recall_row_status", "recall_row", ["status", "due", "rank"], unique=False)
    op.create_index("ix_recall_row_patient_id", "recall_row", ["patient_id", "status", "due"], unique=False)
    op.create_index("ix_recall_row_booked", "recall_row", ["booked"], unique=False)


def _attempts() -> None:
    op.create_table(
        "recall_attempt",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("recall", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("again", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_attempt")),
    )
    op.create_index("ix_recall_attempt_recall", "recall_attempt", ["recall", "at"], unique=False)


def _rules() -> None:
    op.create_table(
        "recall_rule",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("type_id", sa.String(length=64), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.String(length=64), nullable=False),
        sa.Column("age_from", sa.Integer(), nullable=False),
        sa.Column("age_to", sa.Integer(), nullable=False),
        sa.Column("sex", sa.String(length=12), nullable=False),
        sa.Column("flag", sa.String(length=60), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("ahead", sa.Integer(), nullable=False),
        sa.Column("priority", sa.String(length=10), nullable=False),
        sa.Column("same_provider", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_rule")),
    )
    op.create_table(
        "recall_policy",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("most_failed", sa.Integer(), nullable=False),
        sa.Column("then", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_policy")),
    )


def downgrade() -> None:
    op.drop_index("ix_desk_task_focus", table_name="desk_task")
    op.drop_table("recall_policy")
    op.drop_table("recall_rule")
    op.drop_table("recall_attempt")
    op.drop_table("recall_row")
