"""when visits were booked and cancelled, the minutes of each visit, and which reminders went out, for the measures"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from clinic.db.types import UtcDateTime

revision = "20261201_0310"
down_revision = "20261201_0010"
branch_labels = None
depends_on = None

refill = ("appointment_row", "visit_time")
_INDEX, _TABLE = "ix_message_row_appointment_id", "message_row"


def upgrade() -> None:
    for name in ("booked", "cancelled"):
        op.add_column("appointment_row", sa.Column(name, UtcDateTime(), nullable=True))
    op.drop_index(_INDEX, table_name=_TABLE)
    op.create_index(_INDEX, _TABLE, ["appointment_id", "purpose", "state", "key", "at"], unique=False)
    op.create_table(
        "visit_time",
        sa.Column("arrived", UtcDateTime(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("appointment_id", sa.String(length=64), nullable=False),
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.Column("provider", sa.String(length=64), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("type_id", sa.String(length=64), nullable=False),
        sa.Column("due", UtcDateTime(), nullable=True),
        sa.Column("late", sa.Integer(), nullable=True),
        sa.Column("late_provider", sa.Integer(), nullable=True),
        sa.Column("wait", sa.Integer(), nullable=True),
        sa.Column("whole", sa.Integer(), nullable=True),
        sa.Column("in_arrived", sa.Integer(), nullable=True),
        sa.Column("in_check_in", sa.Integer(), nullable=True),
        sa.Column("in_waiting", sa.Integer(), nullable=True),
        sa.Column("in_room", sa.Integer(), nullable=True),
        sa.Column("in_provider", sa.Integer(), nullable=True),
        sa.Column("in_check_out", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("arrived", "id", name=op.f("pk_visit_time")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_visit_time_id", "visit_time", ["id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_visit_time_id", table_name="visit_time")
    op.drop_table("visit_time")
    op.drop_index(_INDEX, table_name=_TABLE)
    op.create_index(_INDEX, _TABLE, ["appointment_id", "purpose"], unique=False)
    for name in ("cancelled", "booked"):
        op.drop_column("appointment_row", name)
