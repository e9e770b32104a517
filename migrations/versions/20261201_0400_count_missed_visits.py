"""count missed and late cancelled visits, and keep the practice's own reasons"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from clinic.db.types import Cents, UtcDateTime

revision = "20261201_0400"
down_revision = "20261201_0330"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "visit_breach",
        sa.Column("appointment", sa.String(length=64), nullable=False),
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("start", UtcDateTime(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("fee", Cents(), nullable=False),
        sa.PrimaryKeyConstraint("appointment", name=op.f("pk_visit_breach")),
    )
    op.create_index("ix_visit_breach_patient_id", "visit_breach", ["patient_id", "start"], unique=False)
    op.create_table(
        "visit_reason",
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("kind", "place", name=op.f("pk_visit_reason")),
    )


def downgrade() -> None:
    op.drop_table("visit_reason")
    op.drop_index("ix_visit_breach_patient_id", table_name="visit_breach")
    op.drop_table("visit_breach")
