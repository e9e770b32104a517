"""Remember merges of patient records, so that they can be undone.

Revision ID: 20261130_1935
Revises: 20261130_1930
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261130_1935"
down_revision = "20261130_1930"
branch_labels = None
depends_on = None

refill = ("ix_reference", "patient_word", "patient_key")


def upgrade() -> None:
    """Make the two tables of merges."""
    op.create_table(
        "patient_merge",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("survivor_id", sa.String(length=64), nullable=False),
        sa.Column("other_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("survivor_before", sa.Integer(), nullable=False),
        sa.Column("survivor_after", sa.Integer(), nullable=False),
        sa.Column("other_before", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("undone", sa.BigInteger(), nullable=True),
        sa.Column("undone_by", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_merge")),
    )
    with op.batch_alter_table("patient_merge", schema=None) as batch_op:
        batch_op.create_index("ix_patient_merge_survivor_id", ["survivor_id", "at"], unique=False)
        batch_op.create_index("ix_patient_merge_other_id", ["other_id", "at"], unique=False)
    op.create_table(
        "patient_merge_item",
        sa.Column("merge_id", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("before", sa.Integer(), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("merge_id", "type", "id", name=op.f("pk_patient_merge_item")),
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("patient_merge_item")
    with op.batch_alter_table("patient_merge", schema=None) as batch_op:
        batch_op.drop_index("ix_patient_merge_other_id")
        batch_op.drop_index("ix_patient_merge_survivor_id")
    op.drop_table("patient_merge")
