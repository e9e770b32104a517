"""what people at home may book, what they asked for, and the links they were given"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from clinic.db.types import JsonText, UtcDateTime

revision = "20261130_2220_online"
down_revision = "20261130_2020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "online_type",
        sa.Column("type_id", sa.String(length=64), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False, comment="off, view, request, book"),
        sa.Column("notice_hours", sa.Integer(), nullable=False),
        sa.Column("horizon_days", sa.Integer(), nullable=False),
        sa.Column("cancel_hours", sa.Integer(), nullable=False),
        sa.Column("new_patients", sa.Boolean(), nullable=False),
        sa.Column("publish", sa.Boolean(), nullable=False),
        sa.Column("words", sa.String(length=400), nullable=False),
        sa.Column("questions", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("type_id", name=op.f("pk_online_type")),
    )
    _create_requests()
    op.create_table(
        "visit_link",
        sa.Column("token", sa.String(length=64), nullable=False, comment="SHA-256 of the token in the link"),
        sa.Column("purpose", sa.String(length=10), nullable=False, comment="visit, request, offer"),
        sa.Column("target", sa.String(length=80), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created", UtcDateTime(), nullable=False),
        sa.Column("expires", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_visit_link")),
    )
    op.create_index("ix_visit_link_target", "visit_link", ["target"], unique=False)
    op.create_index("ix_visit_link_expires", "visit_link", ["expires"], unique=False)


def _create_requests() -> None:
    states = "open, proposed, accepted, refused, withdrawn, booked"
    op.create_table(
        "online_request",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False, comment=states),
        sa.Column("kind", sa.String(length=10), nullable=False, comment="visit or move"),
        sa.Column("type_id", sa.String(length=64), nullable=False),
        sa.Column("type_name", sa.String(length=200), nullable=False),
        sa.Column("provider", sa.String(length=64), nullable=False),
        sa.Column("provider_name", sa.String(length=200), nullable=False),
        sa.Column("start", UtcDateTime(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.Column("given", sa.String(length=120), nullable=False),
        sa.Column("family", sa.String(length=120), nullable=False),
        sa.Column("birth_date", sa.String(length=10), nullable=False),
        sa.Column("sex", sa.String(length=12), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=120), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("answers", JsonText(), nullable=False),
        sa.Column("appointment_id", sa.String(length=64), nullable=False),
        sa.Column("words", sa.String(length=400), nullable=False),
        sa.Column("network", sa.String(length=64), nullable=False, comment="a hash: how many come from one place"),
        sa.Column("created", UtcDateTime(), nullable=False),
        sa.Column("decided", UtcDateTime(), nullable=True),
        sa.Column("decided_by", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_online_request")),
    )
    op.create_index("ix_online_request_state", "online_request", ["state", "created"], unique=False)
    op.create_index("ix_online_request_patient_id", "online_request", ["patient_id", "start"], unique=False)
    op.create_index("ix_online_request_appointment_id", "online_request", ["appointment_id"], unique=False)
    op.create_index("ix_online_request_network", "online_request", ["network", "state"], unique=False)


def downgrade() -> None:
    for table, columns in (
        ("online_request", ("network", "appointment_id", "patient_id", "state")),
        ("visit_link", ("expires", "target")),
    ):
        for column in columns:
            op.drop_index(f"ix_{table}_{column}", table_name=table)
        op.drop_table(table)
    op.drop_table("online_type")
