"""close time together"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261201_0325"
down_revision = "20261201_0322"
branch_labels = None
depends_on = None

refill = ("absence_row",)


def upgrade() -> None:
    with op.batch_alter_table("absence_row", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=20), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column("batch", sa.String(length=64), nullable=False, server_default=sa.text("''")))
        batch_op.create_index("ix_absence_row_batch", ["batch"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("absence_row", schema=None) as batch_op:
        batch_op.drop_index("ix_absence_row_batch")
        batch_op.drop_column("batch")
        batch_op.drop_column("kind")
