"""create the rows of people: who signs in, and patients"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261123_1540"
down_revision = "20261123_1530"
branch_labels = None
depends_on = None


def upgrade() -> None:
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
    op.drop_table("access_session")
    op.drop_table("patient_word")
    op.drop_table("patient_visit")
    op.drop_table("patient_row")
    op.drop_table("patient_key")
    op.drop_table("coverage_row")
    op.drop_table("coverage_number")
    op.drop_table("api_token")
    op.drop_table("access_user")
    op.drop_table("access_throttle")
    op.drop_table("access_setup_code")
    op.drop_table("access_client")
