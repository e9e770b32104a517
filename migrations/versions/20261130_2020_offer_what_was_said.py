"""offer what others said of doctor, pharmacy, employer and town, and list the records to complete"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from clinic.db.types import key_text

revision = "20261130_2020"
down_revision = "20261130_2010"
branch_labels = None
depends_on = None

refill = ("patient_said", "unfinished_row")


def upgrade() -> None:
    op.create_table(
        "patient_said",
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("key", key_text(40), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", "id", name=op.f("pk_patient_said")),
    )
    op.create_index("ix_patient_said_id", "patient_said", ["id"], unique=False)
    op.create_table(
        "unfinished_row",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("since", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unfinished_row")),
    )
    op.create_index("ix_unfinished_row_since", "unfinished_row", ["since"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_unfinished_row_since", table_name="unfinished_row")
    op.drop_table("unfinished_row")
    op.drop_index("ix_patient_said_id", table_name="patient_said")
    op.drop_table("patient_said")
