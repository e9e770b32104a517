"""send messages, remind of visits, and keep rules about missed ones"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261130_2235"
down_revision = "20261130_2220_online"
branch_labels = None
depends_on = None

refill = ("message_row", "desk_task")


def upgrade() -> None:
    _messages()
    _tasks()
    op.create_table(
        "message_text",
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("visit_type", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("purpose", "visit_type", "language", name=op.f("pk_message_text")),
    )
    op.create_table(
        "reminder_plan",
        sa.Column("visit_type", sa.String(length=64), nullable=False),
        sa.Column("stages", sa.Text(), nullable=False),
        sa.Column("hours", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("visit_type", name=op.f("pk_reminder_plan")),
    )
    op.create_table(
        "page_message",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_message")),
    )
    op.create_index("ix_page_message_at", "page_message", ["at"], unique=False)
    op.create_table(
        "visit_policy",
        sa.Column("visit_type", sa.String(length=64), nullable=False),
        sa.Column("grace", sa.Integer(), nullable=False),
        sa.Column("notice", sa.Integer(), nullable=False),
        sa.Column("no_show_fee", sa.BigInteger(), nullable=False),
        sa.Column("late_fee", sa.BigInteger(), nullable=False),
        sa.Column("free", sa.Integer(), nullable=False),
        sa.Column("follow_up", sa.Boolean(), nullable=False),
        sa.Column("video", sa.String(length=300), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("visit_type", name=op.f("pk_visit_policy")),
    )


def _messages() -> None:
    op.create_table(
        "message_row",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.Column("patient_name", sa.String(length=200), nullable=False),
        sa.Column("appointment_id", sa.String(length=64), nullable=False),
        sa.Column("incoming", sa.Boolean(), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("folded", sa.String(length=400), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=True),
        sa.Column("received", sa.BigInteger(), nullable=True),
        sa.Column("gateway_id", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_row")),
    )
    for name, columns in (
        ("at", ["at"]),
        ("patient_id", ["patient_id", "at"]),
        ("appointment_id", ["appointment_id", "purpose"]),
        ("state", ["state", "at"]),
        ("key", ["key"]),
        ("address", ["address", "at"]),
        ("gateway_id", ["gateway_id"]),
    ):
        op.create_index(f"ix_message_row_{name}", "message_row", columns, unique=False)


def _tasks() -> None:
    op.create_table(
        "desk_task",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.Column("patient_name", sa.String(length=200), nullable=False),
        sa.Column("focus", sa.String(length=100), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("owner_name", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_task")),
    )
    op.create_index("ix_desk_task_open", "desk_task", ["open", "at"], unique=False)
    op.create_index("ix_desk_task_patient_id", "desk_task", ["patient_id", "open"], unique=False)


def downgrade() -> None:
    for table in ("visit_policy", "page_message", "reminder_plan", "message_text", "desk_task", "message_row"):
        op.drop_table(table)
