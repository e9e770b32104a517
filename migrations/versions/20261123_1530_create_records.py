"""create the records, their index and the audit trail"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261123_1530"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column("lane", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.String(length=1), nullable=False, comment="C, R, U, D or E as in FHIR"),
        sa.Column("verb", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=2), nullable=False),
        sa.Column("actor_id", sa.String(length=80), nullable=False),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.Column("json", sa.Text(), nullable=False),
        sa.Column("prev", sa.String(length=64), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("lane", "seq", name=op.f("pk_audit_event")),
        sa.UniqueConstraint("id", name=op.f("uq_audit_event_id")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index("ix_audit_event_actor_id_at", ["actor_id", "at"], unique=False)
        batch_op.create_index("ix_audit_event_at", ["at"], unique=False)
        batch_op.create_index("ix_audit_event_patient_id_at", ["patient_id", "at"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("lane", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("lane", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "ix_date",
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("param", sa.String(length=80), nullable=False),
        sa.Column("floating", sa.Boolean(), nullable=False),
        sa.Column("low", sa.BigInteger(), nullable=False),
        sa.Column("high", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
    )
    with op.batch_alter_table("ix_date", schema=None) as batch_op:
        batch_op.create_index("ix_ix_date_lead", ["type", "param", "floating", "low", "high", "id"], unique=False)
        batch_op.create_index("ix_ix_date_record", ["type", "id", "param", "floating", "low", "high"], unique=False)
    op.create_table(
        "ix_quantity",
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("param", sa.String(length=80), nullable=False),
        sa.Column("low", sa.Float(precision=53), nullable=False),
        sa.Column("high", sa.Float(precision=53), nullable=False),
        sa.Column("system", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("code", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
    )
    with op.batch_alter_table("ix_quantity", schema=None) as batch_op:
        batch_op.create_index("ix_ix_quantity_lead", ["type", "param", "low", "high", "id"], unique=False)
        batch_op.create_index("ix_ix_quantity_record", ["type", "id", "param", "low", "high"], unique=False)
    op.create_table(
        "ix_reference",
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("param", sa.String(length=80), nullable=False),
        sa.Column("target_type", sa.String(length=64), nullable=False),
        sa.Column("target_id", sa.String(length=200), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
    )
    with op.batch_alter_table("ix_reference", schema=None) as batch_op:
        batch_op.create_index("ix_ix_reference_lead", ["type", "param", "target_type", "target_id", "id"], unique=False)
        batch_op.create_index(
            "ix_ix_reference_record", ["type", "id", "param", "target_type", "target_id"], unique=False
        )
    op.create_table(
        "ix_string",
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("param", sa.String(length=80), nullable=False),
        sa.Column("folded", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("exact", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
    )
    with op.batch_alter_table("ix_string", schema=None) as batch_op:
        batch_op.create_index("ix_ix_string_lead", ["type", "param", "folded", "id"], unique=False)
        batch_op.create_index("ix_ix_string_record", ["type", "id", "param", "folded"], unique=False)
    op.create_table(
        "ix_token",
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("param", sa.String(length=80), nullable=False),
        sa.Column("code", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("system", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
    )
    with op.batch_alter_table("ix_token", schema=None) as batch_op:
        batch_op.create_index("ix_ix_token_lead", ["type", "param", "code", "system", "id"], unique=False)
        batch_op.create_index("ix_ix_token_record", ["type", "id", "param", "code", "system"], unique=False)
    op.create_table(
        "number_series",
        sa.Column("series", sa.String(length=80), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_number_series")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_state_not_before", ["state", "not_before"], unique=False)
    op.create_table(
        "practice",
        sa.Column("id", sa.String(length=8), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice")),
    )
    op.create_table(
        "practice_setup",
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("organization", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("type", "id", name=op.f("pk_practice_setup")),
    )
    with op.batch_alter_table("practice_setup", schema=None) as batch_op:
        batch_op.create_index("ix_practice_setup_id", ["id"], unique=False)
    op.create_table(
        "resource",
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("json", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("type", "id", name=op.f("pk_resource")),
    )
    with op.batch_alter_table("resource", schema=None) as batch_op:
        batch_op.create_index("ix_resource_current", ["type", "deleted", "id"], unique=False)
        batch_op.create_index("ix_resource_type_updated", ["type", "updated", "id"], unique=False)
    op.create_table(
        "resource_version",
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("json", sa.Text(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("type", "id", "version", name=op.f("pk_resource_version")),
    )
    with op.batch_alter_table("resource_version", schema=None) as batch_op:
        batch_op.create_index("ix_resource_version_at", ["at"], unique=False)
    op.create_table(
        "slot_claim",
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("cell", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lane", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("appointment", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("actor", "cell", "lane", name=op.f("pk_slot_claim")),
    )
    with op.batch_alter_table("slot_claim", schema=None) as batch_op:
        batch_op.create_index("ix_slot_claim_appointment", ["appointment"], unique=False)
    op.create_table(
        "unique_claim",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("holder", sa.String(length=160), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_unique_claim")),
    )
    with op.batch_alter_table("unique_claim", schema=None) as batch_op:
        batch_op.create_index("ix_unique_claim_holder", ["holder"], unique=False)


def downgrade() -> None:
    op.drop_table("unique_claim")
    op.drop_table("slot_claim")
    op.drop_table("resource_version")
    op.drop_table("resource")
    op.drop_table("practice_setup")
    op.drop_table("practice")
    op.drop_table("outbox")
    op.drop_table("number_series")
    op.drop_table("ix_token")
    op.drop_table("ix_string")
    op.drop_table("ix_reference")
    op.drop_table("ix_quantity")
    op.drop_table("ix_date")
    op.drop_table("audit_head")
    op.drop_table("audit_event")
