"""add own fields"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261130_2010"
down_revision = "20261130_1955"
branch_labels = None
depends_on = None

refill = ("own_field", "own_value")


def upgrade() -> None:
    op.create_table(
        "own_field",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("json", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_field")),
    )
    op.create_table(
        "own_value",
        sa.Column(
            "value",
            sa.String(length=80).with_variant(sa.String(length=80, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("field", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("value", "field", "id", name=op.f("pk_own_value")),
    )
    with op.batch_alter_table("own_value", schema=None) as batch_op:
        batch_op.create_index("ix_own_value_id", ["id"], unique=False)
        batch_op.create_index("ix_own_value_field", ["field"], unique=False)


def downgrade() -> None:
    op.drop_table("own_value")
    op.drop_table("own_field")
