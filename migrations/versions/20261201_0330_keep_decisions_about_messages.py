"""keep what managers decide about messages"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from clinic.db.types import JsonText, UtcDateTime

revision = "20261201_0330"
down_revision = "20261201_0325"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "message_decision",
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("before", JsonText(), nullable=False),
        sa.Column("after", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "number", name=op.f("pk_message_decision")),
    )


def downgrade() -> None:
    op.drop_table("message_decision")
