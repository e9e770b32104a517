"""create the calendar, visits and intake"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261123_1600"
down_revision = "20261123_1550"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "absence_row",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("schedule", sa.String(length=64), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence_row")),
    )
    with op.batch_alter_table("absence_row", schema=None) as batch_op:
        batch_op.create_index("ix_absence_row_end", ["end", "start"], unique=False)
    op.create_table(
        "appointment_hold",
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("provider", sa.String(length=64), nullable=False),
        sa.Column("room", sa.String(length=64), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("holder", name=op.f("pk_appointment_hold")),
    )
    with op.batch_alter_table("appointment_hold", schema=None) as batch_op:
        batch_op.create_index("ix_appointment_hold_end", ["end", "start"], unique=False)
        batch_op.create_index("ix_appointment_hold_expires", ["expires"], unique=False)
    op.create_table(
        "appointment_row",
        sa.Column("start", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("provider", sa.String(length=64), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("local_day", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("provider_name", sa.String(length=200), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("room", sa.String(length=64), nullable=False),
        sa.Column("room_name", sa.String(length=200), nullable=False),
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.Column("patient_name", sa.String(length=200), nullable=False),
        sa.Column("birth_date", sa.String(length=10), nullable=False),
        sa.Column("type_id", sa.String(length=64), nullable=False),
        sa.Column("type_name", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("start", "id", "provider", name=op.f("pk_appointment_row")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("appointment_row", schema=None) as batch_op:
        batch_op.create_index("ix_appointment_row_id", ["id"], unique=False)
        batch_op.create_index(
            "ix_appointment_row_local_day", ["local_day", "provider", "status", "minutes"], unique=False
        )
        batch_op.create_index("ix_appointment_row_patient_id_start", ["patient_id", "start"], unique=False)
    op.create_table(
        "beside_row",
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("relation", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("pays", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("type", "id", "patient_id", name=op.f("pk_beside_row")),
    )
    with op.batch_alter_table("beside_row", schema=None) as batch_op:
        batch_op.create_index("ix_beside_row_patient_id", ["patient_id"], unique=False)
    op.create_table(
        "confirmation_row",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmation_row")),
    )
    with op.batch_alter_table("confirmation_row", schema=None) as batch_op:
        batch_op.create_index("ix_confirmation_row_patient_id", ["patient_id", "kind", "at"], unique=False)
    op.create_table(
        "intake_consent_row",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("signed", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_consent_row")),
    )
    with op.batch_alter_table("intake_consent_row", schema=None) as batch_op:
        batch_op.create_index("ix_intake_consent_row_patient_id", ["patient_id", "kind"], unique=False)
    op.create_table(
        "intake_device",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False, comment="SHA-256 of the pairing code"),
        sa.Column("code_expires", sa.BigInteger(), nullable=True),
        sa.Column("paired", sa.BigInteger(), nullable=True),
        sa.Column("revoked", sa.BigInteger(), nullable=True),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_device")),
    )
    with op.batch_alter_table("intake_device", schema=None) as batch_op:
        batch_op.create_index("ix_intake_device_code", ["code"], unique=False)
    op.create_table(
        "intake_draft",
        sa.Column("packet_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("packet_id", "position", name=op.f("pk_intake_draft")),
    )
    op.create_table(
        "intake_packet",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("device_id", sa.String(length=36), nullable=False, comment="the packet's own id when it is a link"),
        sa.Column("link", sa.String(length=64), nullable=False, comment="SHA-256 of the token in the link"),
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.Column("patient_name", sa.String(length=200), nullable=False),
        sa.Column("appointment_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False, comment="waiting, open, done, stopped, refused"),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("prefill", sa.Boolean(), nullable=False),
        sa.Column("forms", sa.Text(), nullable=False),
        sa.Column("identified", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("filler", sa.String(length=8), nullable=False),
        sa.Column("view", sa.Text(), nullable=False),
        sa.Column("help_asked", sa.BigInteger(), nullable=True),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=36), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("finished", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_packet")),
    )
    with op.batch_alter_table("intake_packet", schema=None) as batch_op:
        batch_op.create_index("ix_intake_packet_appointment_id", ["appointment_id"], unique=False)
        batch_op.create_index("ix_intake_packet_device_id", ["device_id", "state"], unique=False)
        batch_op.create_index("ix_intake_packet_link", ["link"], unique=False)
        batch_op.create_index("ix_intake_packet_patient_id", ["patient_id", "state"], unique=False)
        batch_op.create_index("ix_intake_packet_state", ["state", "expires"], unique=False)
    op.create_table(
        "intake_response_row",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("questionnaire", sa.String(length=300), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.Column("patient_name", sa.String(length=200), nullable=False),
        sa.Column("search", sa.String(length=400), nullable=False, comment="folded name and title"),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column(
            "review", sa.String(length=10), nullable=False, comment="open, done, or none while it is being filled in"
        ),
        sa.Column("authored", sa.BigInteger(), nullable=True),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_response_row")),
    )
    with op.batch_alter_table("intake_response_row", schema=None) as batch_op:
        batch_op.create_index("ix_intake_response_row_patient_id", ["patient_id", "authored"], unique=False)
        batch_op.create_index("ix_intake_response_row_review", ["review", "authored"], unique=False)
    op.create_table(
        "visit_row",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("appointment_id", sa.String(length=64), nullable=False),
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.Column("patient_name", sa.String(length=200), nullable=False),
        sa.Column("provider", sa.String(length=64), nullable=False),
        sa.Column("provider_name", sa.String(length=200), nullable=False),
        sa.Column("type_name", sa.String(length=200), nullable=False),
        sa.Column("station", sa.String(length=20), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("arrived", sa.BigInteger(), nullable=False),
        sa.Column("room_name", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_row")),
    )
    with op.batch_alter_table("visit_row", schema=None) as batch_op:
        batch_op.create_index("ix_visit_row_appointment_id", ["appointment_id"], unique=False)
        batch_op.create_index("ix_visit_row_arrived", ["arrived"], unique=False)
        batch_op.create_index("ix_visit_row_patient_id_arrived", ["patient_id", "arrived"], unique=False)


def downgrade() -> None:
    op.drop_table("visit_row")
    op.drop_table("intake_response_row")
    op.drop_table("intake_packet")
    op.drop_table("intake_draft")
    op.drop_table("intake_device")
    op.drop_table("intake_consent_row")
    op.drop_table("confirmation_row")
    op.drop_table("beside_row")
    op.drop_table("appointment_row")
    op.drop_table("appointment_hold")
    op.drop_table("absence_row")
