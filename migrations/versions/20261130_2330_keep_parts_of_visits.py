"""keep parts of visits"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from clinic.db.types import JsonText, UtcDateTime

revision = "20261130_2330"
down_revision = "20261130_2325"
branch_labels = None
depends_on = None

refill = ("appointment_row", "appointment_part", "practice_setup")


def upgrade() -> None:
    op.create_table(
        "appointment_part",
        sa.Column("start", UtcDateTime(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("end", UtcDateTime(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("start", "id", "actor", name=op.f("pk_appointment_part")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "visit_outside",
        sa.Column("appointment", sa.String(length=64), nullable=False),
        sa.Column("start", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("cause", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("appointment", name=op.f("pk_visit_outside")),
    )
    with op.batch_alter_table("appointment_part", schema=None) as batch_op:
        batch_op.create_index("ix_appointment_part_id", ["id"], unique=False)
        batch_op.create_index("ix_appointment_part_actor", ["actor", "start"], unique=False)
    with op.batch_alter_table("visit_outside", schema=None) as batch_op:
        batch_op.create_index("ix_visit_outside_start", ["start"], unique=False)
        batch_op.create_index("ix_visit_outside_cause", ["cause"], unique=False)
    with op.batch_alter_table("appointment_hold", schema=None) as batch_op:
        batch_op.add_column(sa.Column("takes", JsonText(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("appointment_hold", schema=None) as batch_op:
        batch_op.drop_column("takes")
    op.drop_table("visit_outside")
    op.drop_table("appointment_part")
