"""create codes, billing, tills and calls"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261123_1550"
down_revision = "20261123_1540"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "billing_claim",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("encounter_id", sa.String(length=64), nullable=False),
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("to_fix", sa.Integer(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("self_pay", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_claim")),
    )
    with op.batch_alter_table("billing_claim", schema=None) as batch_op:
        batch_op.create_index("ix_billing_claim_encounter_id", ["encounter_id"], unique=False)
        batch_op.create_index("ix_billing_claim_patient_id", ["patient_id"], unique=False)
    op.create_table(
        "billing_coverage",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_coverage")),
    )
    with op.batch_alter_table("billing_coverage", schema=None) as batch_op:
        batch_op.create_index("ix_billing_coverage_patient_id", ["patient_id"], unique=False)
    op.create_table(
        "billing_fee",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("system", sa.String(length=200), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("code_key", sa.String(length=24), nullable=False),
        sa.Column("display", sa.String(length=200), nullable=False),
        sa.Column("section", sa.String(length=60), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_fee")),
    )
    with op.batch_alter_table("billing_fee", schema=None) as batch_op:
        batch_op.create_index("ix_billing_fee_code_key", ["code_key"], unique=False)
    op.create_table(
        "billing_visit",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("station", sa.String(length=20), nullable=False),
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.Column("patient_name", sa.String(length=200), nullable=False),
        sa.Column("search_name", sa.String(length=200), nullable=False),
        sa.Column("provider_id", sa.String(length=64), nullable=False),
        sa.Column("provider_name", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_visit")),
    )
    with op.batch_alter_table("billing_visit", schema=None) as batch_op:
        batch_op.create_index("ix_billing_visit_patient_id", ["patient_id", "start"], unique=False)
        batch_op.create_index("ix_billing_visit_start", ["start"], unique=False)
    op.create_table(
        "call_row",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.Column("caller", sa.String(length=200), nullable=False),
        sa.Column("folded", sa.String(length=400), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("incoming", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_row")),
    )
    with op.batch_alter_table("call_row", schema=None) as batch_op:
        batch_op.create_index("ix_call_row_at", ["at"], unique=False)
        batch_op.create_index("ix_call_row_open_due", ["open", "due"], unique=False)
        batch_op.create_index("ix_call_row_patient_id", ["patient_id", "at"], unique=False)
    op.create_table(
        "cash_copay",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.Column("starts", sa.String(length=10), nullable=False),
        sa.Column("ends", sa.String(length=10), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_copay")),
    )
    with op.batch_alter_table("cash_copay", schema=None) as batch_op:
        batch_op.create_index("ix_cash_copay_patient_id", ["patient_id"], unique=False)
    op.create_table(
        "cash_payment",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=False),
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.Column("patient_name", sa.String(length=200), nullable=False),
        sa.Column("receipt", sa.String(length=40), nullable=False),
        sa.Column("tender", sa.String(length=20), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reverses", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_payment")),
    )
    with op.batch_alter_table("cash_payment", schema=None) as batch_op:
        batch_op.create_index("ix_cash_payment_patient_id", ["patient_id"], unique=False)
        batch_op.create_index("ix_cash_payment_session_id", ["session_id", "at"], unique=False)
    op.create_table(
        "cash_till_session",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("user_name", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opened", sa.BigInteger(), nullable=False),
        sa.Column("float_cents", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.BigInteger(), nullable=True),
        sa.Column("pieces", sa.Text(), nullable=True),
        sa.Column("counted_cents", sa.BigInteger(), nullable=True),
        sa.Column("expected_cents", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("closed", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_till_session")),
    )
    with op.batch_alter_table("cash_till_session", schema=None) as batch_op:
        batch_op.create_index("ix_cash_till_session_user_id", ["user_id", "opened"], unique=False)
    op.create_table(
        "code",
        sa.Column("system", sa.String(length=16), nullable=False),
        sa.Column("rank", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("code_key", sa.String(length=24), nullable=False),
        sa.Column("display", sa.Text(), nullable=False),
        sa.Column("billable", sa.Boolean(), nullable=False),
        sa.Column("offered", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("system", "rank", name=op.f("pk_code")),
        sa.UniqueConstraint("system", "code_key", name=op.f("uq_code_system_code_key")),
    )
    op.create_table(
        "code_release",
        sa.Column("system", sa.String(length=16), nullable=False),
        sa.Column("version", sa.String(length=80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("system", name=op.f("pk_code_release")),
    )
    op.create_table(
        "code_word",
        sa.Column("system", sa.String(length=16), nullable=False),
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("ranks", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("system", "word", "whole", name=op.f("pk_code_word")),
    )


def downgrade() -> None:
    op.drop_table("code_word")
    op.drop_table("code_release")
    op.drop_table("code")
    op.drop_table("cash_till_session")
    op.drop_table("cash_payment")
    op.drop_table("cash_copay")
    op.drop_table("call_row")
    op.drop_table("billing_visit")
    op.drop_table("billing_fee")
    op.drop_table("billing_coverage")
    op.drop_table("billing_claim")
