"""tell people beside a patient apart, tie records of one human, and say who lives together"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261130_1955"
down_revision = "20261130_1950"
branch_labels = None
depends_on = None

refill = ("beside_row", "person_link", "household_row")


def upgrade() -> None:
    op.execute("DELETE FROM beside_row")
    with op.batch_alter_table("beside_row") as batch:
        batch.add_column(sa.Column("sex", sa.String(length=12), nullable=False))
        batch.add_column(sa.Column("roles", sa.Text(), nullable=False))
        batch.add_column(sa.Column("active", sa.Boolean(), nullable=False))
        batch.alter_column(
            "pays", type_=sa.String(length=80), existing_type=sa.String(length=64), existing_nullable=False
        )
    op.create_table(
        "person_link",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("target_type", sa.String(length=20), nullable=False),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", "target_type", "target", name=op.f("pk_person_link")),
    )
    op.create_index("ix_person_link_target", "person_link", ["target", "target_type"], unique=False)
    op.create_table(
        "household_row",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", "patient_id", name=op.f("pk_household_row")),
    )
    op.create_index("ix_household_row_patient_id", "household_row", ["patient_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_household_row_patient_id", table_name="household_row")
    op.drop_table("household_row")
    op.drop_index("ix_person_link_target", table_name="person_link")
    op.drop_table("person_link")
    op.execute("DELETE FROM beside_row")
    with op.batch_alter_table("beside_row") as batch:
        batch.alter_column(
            "pays", type_=sa.String(length=64), existing_type=sa.String(length=80), existing_nullable=False
        )
        batch.drop_column("active")
        batch.drop_column("roles")
        batch.drop_column("sex")
