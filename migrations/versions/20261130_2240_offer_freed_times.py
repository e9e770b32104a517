"""keep who waits for a time, what was offered to whom, and the rules; read the languages of providers"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261130_2240"
down_revision = "20261130_2235"
branch_labels = None
depends_on = None

refill = ("wish_row", "practice_setup")


def upgrade() -> None:
    _wishes()
    _offers()
    op.create_table(
        "waitlist_rule",
        sa.Column("type_id", sa.String(length=64), nullable=False),
        sa.Column("at_once", sa.Integer(), nullable=False),
        sa.Column("notice_hours", sa.Integer(), nullable=False),
        sa.Column("hold_minutes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("type_id", name=op.f("pk_waitlist_rule")),
    )


def _wishes() -> None:
    op.create_table(
        "wish_row",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.Column("patient_name", sa.String(length=200), nullable=False),
        sa.Column("birth_date", sa.String(length=10), nullable=False),
        sa.Column("type_id", sa.String(length=64), nullable=False),
        sa.Column("type_name", sa.String(length=200), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("wants", sa.Text(), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("booked", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish_row")),
    )
    op.create_index("ix_wish_row_status", "wish_row", ["status", "urgency", "created"], unique=False)
    op.create_index("ix_wish_row_patient_id", "wish_row", ["patient_id"], unique=False)
    op.create_index("ix_wish_row_booked", "wish_row", ["booked"], unique=False)


def _offers() -> None:
    op.create_table(
        "waitlist_offer",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("round", sa.String(length=64), nullable=False),
        sa.Column("wish", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("provider", sa.String(length=64), nullable=False),
        sa.Column("provider_name", sa.String(length=200), nullable=False),
        sa.Column("room", sa.String(length=64), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("hold", sa.String(length=80), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("tell_at", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.BigInteger(), nullable=True),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("answered", sa.BigInteger(), nullable=True),
        sa.Column("answered_by", sa.String(length=200), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waitlist_offer")),
    )
    op.create_index("ix_waitlist_offer_state", "waitlist_offer", ["state", "expires"], unique=False)
    op.create_index("ix_waitlist_offer_wish", "waitlist_offer", ["wish", "made"], unique=False)
    op.create_index("ix_waitlist_offer_round", "waitlist_offer", ["round"], unique=False)
    op.create_index("ix_waitlist_offer_token", "waitlist_offer", ["token"], unique=False)
    op.create_index("ix_waitlist_offer_made", "waitlist_offer", ["made"], unique=False)


def downgrade() -> None:
    op.drop_table("waitlist_rule")
    op.drop_table("waitlist_offer")
    op.drop_table("wish_row")
