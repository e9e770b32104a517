"""create field_evidence and field_past: what stands behind each value of a patient's record"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261130_1930"
down_revision = "20261130_1915"
branch_labels = None
depends_on = None

refill = ("field_evidence", "field_past")


def upgrade() -> None:
    op.create_table(
        "field_evidence",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("emptied", sa.Text(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_evidence")),
    )
    op.create_index("ix_field_evidence_patient_id", "field_evidence", ["patient_id"])
    op.create_table(
        "field_past",
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("emptied", sa.Text(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("patient_id", "version", name=op.f("pk_field_past")),
    )


def downgrade() -> None:
    op.drop_table("field_past")
    op.drop_index("ix_field_evidence_patient_id", table_name="field_evidence")
    op.drop_table("field_evidence")
