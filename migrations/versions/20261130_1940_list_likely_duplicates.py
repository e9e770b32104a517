"""list likely duplicates"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261130_1940"
down_revision = "20261130_1935"
branch_labels = None
depends_on = None

refill = ("patient_key",)


def upgrade() -> None:
    op.create_table(
        "duplicate_pair",
        sa.Column("one_id", sa.String(length=64), nullable=False),
        sa.Column("other_id", sa.String(length=64), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("checked", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.String(length=64), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("one_id", "other_id", name=op.f("pk_duplicate_pair")),
    )
    with op.batch_alter_table("duplicate_pair", schema=None) as batch_op:
        batch_op.create_index("ix_duplicate_pair_other_id", ["other_id"], unique=False)
        batch_op.create_index("ix_duplicate_pair_state_score", ["state", "score"], unique=False)
    op.create_table(
        "duplicate_scan",
        sa.Column("id", sa.String(length=8), nullable=False),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_scan")),
    )


def downgrade() -> None:
    op.drop_table("duplicate_scan")
    op.drop_table("duplicate_pair")
