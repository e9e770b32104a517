"""create the rows of documents"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261130_1950"
down_revision = "20261130_1945"
branch_labels = None
depends_on = None
refill = ("document_row",)


def upgrade() -> None:
    op.create_table(
        "document_row",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("folded", sa.String(length=400), nullable=False),
        sa.Column("dated", sa.String(length=10), nullable=False),
        sa.Column("ends", sa.String(length=10), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("content_type", sa.String(length=80), nullable=False),
        sa.Column("content", sa.String(length=80), nullable=False),
        sa.Column("added", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_row")),
    )
    with op.batch_alter_table("document_row", schema=None) as batch_op:
        batch_op.create_index("ix_document_row_patient_id", ["patient_id", "state", "added"], unique=False)


def downgrade() -> None:
    op.drop_table("document_row")
