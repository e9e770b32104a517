"""create every table"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261123_1600"
down_revision = None
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
        "access_client",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False, comment="SHA-256 of 256 random bits"),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("last_used", sa.BigInteger(), nullable=True),
        sa.Column("revoked", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_client")),
    )
    op.create_table(
        "access_setup_code",
        sa.Column("id", sa.String(length=8), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False, comment="SHA-256 of the code printed on the console"),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_setup_code")),
    )
    op.create_table(
        "access_throttle",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("blocked_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_access_throttle")),
    )
    op.create_table(
        "access_user",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("password", sa.String(length=200), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("pin", sa.String(length=200), nullable=False),
        sa.Column("totp", sa.String(length=300), nullable=False),
        sa.Column("totp_step", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(length=120), nullable=False),
        sa.Column("preferences", sa.Text(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_user")),
        sa.UniqueConstraint("username", name=op.f("uq_access_user_username")),
    )
    with op.batch_alter_table("access_user", schema=None) as batch_op:
        batch_op.create_index("ix_access_user_name", ["name"], unique=False)

    op.create_table(
        "api_token",
        sa.Column("token", sa.String(length=64), nullable=False, comment="SHA-256 of the bearer token"),
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_api_token")),
    )
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.create_index("ix_api_token_client_id", ["client_id"], unique=False)
        batch_op.create_index("ix_api_token_expires", ["expires"], unique=False)

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
        "coverage_number",
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", "id", name=op.f("pk_coverage_number")),
    )
    with op.batch_alter_table("coverage_number", schema=None) as batch_op:
        batch_op.create_index("ix_coverage_number_id", ["id"], unique=False)

    op.create_table(
        "coverage_row",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.Column("payer", sa.String(length=200), nullable=False),
        sa.Column("plan", sa.String(length=200), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Date(), nullable=True),
        sa.Column("ends", sa.Date(), nullable=True),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("self_pay", sa.Boolean(), nullable=False),
        sa.Column("copay_cents", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_row")),
    )
    with op.batch_alter_table("coverage_row", schema=None) as batch_op:
        batch_op.create_index("ix_coverage_row_patient_id", ["patient_id", "rank"], unique=False)

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
        "patient_key",
        sa.Column("kind", sa.String(length=1), nullable=False),
        sa.Column(
            "key", sa.String(length=48).with_variant(sa.String(length=48, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", "id", name=op.f("pk_patient_key")),
    )
    with op.batch_alter_table("patient_key", schema=None) as batch_op:
        batch_op.create_index("ix_patient_key_id", ["id"], unique=False)

    op.create_table(
        "patient_row",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("record_number", sa.String(length=64), nullable=False),
        sa.Column("display", sa.Text(), nullable=False),
        sa.Column("legal", sa.Text(), nullable=False),
        sa.Column("preferred", sa.Text(), nullable=False),
        sa.Column("given", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("others", sa.Text(), nullable=False),
        sa.Column("family_words", sa.Text(), nullable=False),
        sa.Column("given_words", sa.Text(), nullable=False),
        sa.Column("other_words", sa.Text(), nullable=False),
        sa.Column("birth_date", sa.String(length=10), nullable=False),
        sa.Column("birth_estimated", sa.Boolean(), nullable=False),
        sa.Column("sex", sa.String(length=12), nullable=False),
        sa.Column("pronouns", sa.Text(), nullable=False),
        sa.Column("phones", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("postal_code", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=40), nullable=False),
        sa.Column("interpreter", sa.Boolean(), nullable=False),
        sa.Column("contact_by", sa.String(length=40), nullable=False),
        sa.Column("numbers", sa.Text(), nullable=False),
        sa.Column("photo", sa.String(length=80), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("deceased", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_row")),
    )
    op.create_table(
        "patient_visit",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("came", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_visit")),
    )
    with op.batch_alter_table("patient_visit", schema=None) as batch_op:
        batch_op.create_index("ix_patient_visit_patient_id_start", ["patient_id", "start"], unique=False)

    op.create_table(
        "patient_word",
        sa.Column(
            "word", sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("word", "id", name=op.f("pk_patient_word")),
    )
    with op.batch_alter_table("patient_word", schema=None) as batch_op:
        batch_op.create_index("ix_patient_word_id", ["id"], unique=False)

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

    op.create_table(
        "access_session",
        sa.Column("id", sa.String(length=64), nullable=False, comment="SHA-256 of the token in the cookie"),
        sa.Column("user_id", sa.String(length=36), nullable=True),
        sa.Column("device_id", sa.String(length=36), nullable=False),
        sa.Column("device_name", sa.String(length=120), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("network", sa.String(length=64), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["access_user.id"], name=op.f("fk_access_session_user_id_access_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_session")),
    )
    with op.batch_alter_table("access_session", schema=None) as batch_op:
        batch_op.create_index("ix_access_session_expires", ["expires"], unique=False)
        batch_op.create_index("ix_access_session_user_id", ["user_id"], unique=False)


def downgrade() -> None:

    with op.batch_alter_table("access_session", schema=None) as batch_op:
        batch_op.drop_index("ix_access_session_user_id")
        batch_op.drop_index("ix_access_session_expires")

    op.drop_table("access_session")
    with op.batch_alter_table("visit_row", schema=None) as batch_op:
        batch_op.drop_index("ix_visit_row_patient_id_arrived")
        batch_op.drop_index("ix_visit_row_arrived")
        batch_op.drop_index("ix_visit_row_appointment_id")

    op.drop_table("visit_row")
    with op.batch_alter_table("unique_claim", schema=None) as batch_op:
        batch_op.drop_index("ix_unique_claim_holder")

    op.drop_table("unique_claim")
    with op.batch_alter_table("slot_claim", schema=None) as batch_op:
        batch_op.drop_index("ix_slot_claim_appointment")

    op.drop_table("slot_claim")
    with op.batch_alter_table("resource_version", schema=None) as batch_op:
        batch_op.drop_index("ix_resource_version_at")

    op.drop_table("resource_version")
    with op.batch_alter_table("resource", schema=None) as batch_op:
        batch_op.drop_index("ix_resource_type_updated")
        batch_op.drop_index("ix_resource_current")

    op.drop_table("resource")
    with op.batch_alter_table("practice_setup", schema=None) as batch_op:
        batch_op.drop_index("ix_practice_setup_id")

    op.drop_table("practice_setup")
    op.drop_table("practice")
    with op.batch_alter_table("patient_word", schema=None) as batch_op:
        batch_op.drop_index("ix_patient_word_id")

    op.drop_table("patient_word")
    with op.batch_alter_table("patient_visit", schema=None) as batch_op:
        batch_op.drop_index("ix_patient_visit_patient_id_start")

    op.drop_table("patient_visit")
    op.drop_table("patient_row")
    with op.batch_alter_table("patient_key", schema=None) as batch_op:
        batch_op.drop_index("ix_patient_key_id")

    op.drop_table("patient_key")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_state_not_before")

    op.drop_table("outbox")
    op.drop_table("number_series")
    with op.batch_alter_table("ix_token", schema=None) as batch_op:
        batch_op.drop_index("ix_ix_token_record")
        batch_op.drop_index("ix_ix_token_lead")

    op.drop_table("ix_token")
    with op.batch_alter_table("ix_string", schema=None) as batch_op:
        batch_op.drop_index("ix_ix_string_record")
        batch_op.drop_index("ix_ix_string_lead")

    op.drop_table("ix_string")
    with op.batch_alter_table("ix_reference", schema=None) as batch_op:
        batch_op.drop_index("ix_ix_reference_record")
        batch_op.drop_index("ix_ix_reference_lead")

    op.drop_table("ix_reference")
    with op.batch_alter_table("ix_quantity", schema=None) as batch_op:
        batch_op.drop_index("ix_ix_quantity_record")
        batch_op.drop_index("ix_ix_quantity_lead")

    op.drop_table("ix_quantity")
    with op.batch_alter_table("ix_date", schema=None) as batch_op:
        batch_op.drop_index("ix_ix_date_record")
        batch_op.drop_index("ix_ix_date_lead")

    op.drop_table("ix_date")
    with op.batch_alter_table("intake_response_row", schema=None) as batch_op:
        batch_op.drop_index("ix_intake_response_row_review")
        batch_op.drop_index("ix_intake_response_row_patient_id")

    op.drop_table("intake_response_row")
    with op.batch_alter_table("intake_packet", schema=None) as batch_op:
        batch_op.drop_index("ix_intake_packet_state")
        batch_op.drop_index("ix_intake_packet_patient_id")
        batch_op.drop_index("ix_intake_packet_link")
        batch_op.drop_index("ix_intake_packet_device_id")
        batch_op.drop_index("ix_intake_packet_appointment_id")

    op.drop_table("intake_packet")
    op.drop_table("intake_draft")
    with op.batch_alter_table("intake_device", schema=None) as batch_op:
        batch_op.drop_index("ix_intake_device_code")

    op.drop_table("intake_device")
    with op.batch_alter_table("intake_consent_row", schema=None) as batch_op:
        batch_op.drop_index("ix_intake_consent_row_patient_id")

    op.drop_table("intake_consent_row")
    with op.batch_alter_table("coverage_row", schema=None) as batch_op:
        batch_op.drop_index("ix_coverage_row_patient_id")

    op.drop_table("coverage_row")
    with op.batch_alter_table("coverage_number", schema=None) as batch_op:
        batch_op.drop_index("ix_coverage_number_id")

    op.drop_table("coverage_number")
    with op.batch_alter_table("confirmation_row", schema=None) as batch_op:
        batch_op.drop_index("ix_confirmation_row_patient_id")

    op.drop_table("confirmation_row")
    op.drop_table("code_word")
    op.drop_table("code_release")
    op.drop_table("code")
    with op.batch_alter_table("cash_till_session", schema=None) as batch_op:
        batch_op.drop_index("ix_cash_till_session_user_id")

    op.drop_table("cash_till_session")
    with op.batch_alter_table("cash_payment", schema=None) as batch_op:
        batch_op.drop_index("ix_cash_payment_session_id")
        batch_op.drop_index("ix_cash_payment_patient_id")

    op.drop_table("cash_payment")
    with op.batch_alter_table("cash_copay", schema=None) as batch_op:
        batch_op.drop_index("ix_cash_copay_patient_id")

    op.drop_table("cash_copay")
    with op.batch_alter_table("call_row", schema=None) as batch_op:
        batch_op.drop_index("ix_call_row_patient_id")
        batch_op.drop_index("ix_call_row_open_due")
        batch_op.drop_index("ix_call_row_at")

    op.drop_table("call_row")
    with op.batch_alter_table("billing_visit", schema=None) as batch_op:
        batch_op.drop_index("ix_billing_visit_start")
        batch_op.drop_index("ix_billing_visit_patient_id")

    op.drop_table("billing_visit")
    with op.batch_alter_table("billing_fee", schema=None) as batch_op:
        batch_op.drop_index("ix_billing_fee_code_key")

    op.drop_table("billing_fee")
    with op.batch_alter_table("billing_coverage", schema=None) as batch_op:
        batch_op.drop_index("ix_billing_coverage_patient_id")

    op.drop_table("billing_coverage")
    with op.batch_alter_table("billing_claim", schema=None) as batch_op:
        batch_op.drop_index("ix_billing_claim_patient_id")
        batch_op.drop_index("ix_billing_claim_encounter_id")

    op.drop_table("billing_claim")
    with op.batch_alter_table("beside_row", schema=None) as batch_op:
        batch_op.drop_index("ix_beside_row_patient_id")

    op.drop_table("beside_row")
    op.drop_table("audit_head")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_event_patient_id_at")
        batch_op.drop_index("ix_audit_event_at")
        batch_op.drop_index("ix_audit_event_actor_id_at")

    op.drop_table("audit_event")
    with op.batch_alter_table("appointment_row", schema=None) as batch_op:
        batch_op.drop_index("ix_appointment_row_patient_id_start")
        batch_op.drop_index("ix_appointment_row_local_day")
        batch_op.drop_index("ix_appointment_row_id")

    op.drop_table("appointment_row")
    with op.batch_alter_table("appointment_hold", schema=None) as batch_op:
        batch_op.drop_index("ix_appointment_hold_expires")
        batch_op.drop_index("ix_appointment_hold_end")

    op.drop_table("appointment_hold")
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.drop_index("ix_api_token_expires")
        batch_op.drop_index("ix_api_token_client_id")

    op.drop_table("api_token")
    with op.batch_alter_table("access_user", schema=None) as batch_op:
        batch_op.drop_index("ix_access_user_name")

    op.drop_table("access_user")
    op.drop_table("access_throttle")
    op.drop_table("access_setup_code")
    op.drop_table("access_client")
    with op.batch_alter_table("absence_row", schema=None) as batch_op:
        batch_op.drop_index("ix_absence_row_end")

    op.drop_table("absence_row")
