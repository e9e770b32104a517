"""find the seats of a group by an index; most visits belong to none and are not in it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261201_0440"
down_revision = "20261201_0400"
branch_labels = None
depends_on = None


def upgrade() -> None:
    of_groups = sa.text("group_id <> ''")
    op.create_index(
        "ix_appointment_row_group_id", "appointment_row", ["group_id"], unique=False,
        sqlite_where=of_groups, postgresql_where=of_groups,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_appointment_row_group_id", table_name="appointment_row")
