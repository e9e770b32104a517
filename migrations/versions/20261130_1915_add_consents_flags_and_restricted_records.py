"""add consents, flags and restricted records"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261130_1915"
down_revision = "20261123_1600"
branch_labels = None
depends_on = None

refill = ("access_restricted_record", "flag_row", "consent_row")


def upgrade() -> None:
    op.create_table(
        "access_restricted_record",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column(
            "label",
            sa.String(length=1),
            nullable=False,
            comment="R or V of v3-Confidentiality, as in Patient.meta.security",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_restricted_record")),
    )
    op.create_table(
        "access_record_reader",
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("patient_id", "user_id", name=op.f("pk_access_record_reader")),
    )
    with op.batch_alter_table("access_record_reader", schema=None) as batch_op:
        batch_op.create_index("ix_access_record_reader_user_id", ["user_id"], unique=False)
    op.create_table(
        "access_record_opening",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("user_name", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("opened", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("reviewed", sa.BigInteger(), nullable=True),
        sa.Column("reviewed_by", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_record_opening")),
    )
    with op.batch_alter_table("access_record_opening", schema=None) as batch_op:
        batch_op.create_index("ix_access_record_opening_user_id", ["user_id", "patient_id", "ends"], unique=False)
        batch_op.create_index("ix_access_record_opening_opened", ["opened"], unique=False)
        batch_op.create_index("ix_access_record_opening_reviewed", ["reviewed"], unique=False)
    _flags()
    _consents()


def _flags() -> None:
    op.create_table(
        "flag_kind",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("shape", sa.String(length=20), nullable=False),
        sa.Column("colour", sa.String(length=10), nullable=False),
        sa.Column("clinical", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_flag_kind")),
    )
    op.create_table(
        "flag_row",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("shape", sa.String(length=20), nullable=False),
        sa.Column("colour", sa.String(length=10), nullable=False),
        sa.Column("clinical", sa.Boolean(), nullable=False),
        sa.Column("starts", sa.String(length=10), nullable=False),
        sa.Column("ends", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag_row")),
    )
    with op.batch_alter_table("flag_row", schema=None) as batch_op:
        batch_op.create_index("ix_flag_row_patient_id", ["patient_id", "ends"], unique=False)


def _consents() -> None:
    op.create_table(
        "consent_kind",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False, comment="how long a signature lasts; 0 for ever"),
        sa.Column("renew", sa.Boolean(), nullable=False, comment="a new text has to be signed again"),
        sa.Column("need", sa.String(length=10), nullable=False, comment="no, ask or must"),
        sa.Column("visit_types", sa.Text(), nullable=False, comment="at which visits; empty for all"),
        sa.Column("from_age", sa.Integer(), nullable=True),
        sa.Column("to_age", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_consent_kind")),
    )
    op.create_table(
        "consent_text",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("by_name", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("code", "number", "language", name=op.f("pk_consent_text")),
    )
    with op.batch_alter_table("consent_text", schema=None) as batch_op:
        batch_op.create_index("ix_consent_text_sha256", ["sha256"], unique=False)
    op.create_table(
        "consent_row",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="version of the text; 0 when it is not known"),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("signed", sa.BigInteger(), nullable=True),
        sa.Column("ends", sa.String(length=10), nullable=False),
        sa.Column("deny", sa.Boolean(), nullable=False),
        sa.Column("signer", sa.String(length=200), nullable=False),
        sa.Column("how", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_row")),
    )
    with op.batch_alter_table("consent_row", schema=None) as batch_op:
        batch_op.create_index("ix_consent_row_patient_id", ["patient_id", "kind", "signed"], unique=False)


def downgrade() -> None:
    for table in (
        "consent_row", "consent_text", "consent_kind", "flag_row", "flag_kind", "access_record_opening",
        "access_record_reader", "access_restricted_record",
    ):  # fmt: skip
        op.drop_table(table)
