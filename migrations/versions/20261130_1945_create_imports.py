"""create import_run, import_file, import_row and import_mapping: bringing people in from another system"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261130_1945"
down_revision = "20261130_1940"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_run",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("phase", sa.String(length=8), nullable=False, comment="what a job is doing: check, run or undo"),
        sa.Column("mark", sa.String(length=64), nullable=False, comment="hash of the file"),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.String(length=80), nullable=False),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("actor_role", sa.String(length=20), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False, comment="how often a job was begun"),
        sa.Column("reading", sa.Text(), nullable=False, comment="encoding, delimiter, sheet, header"),
        sa.Column("found", sa.Text(), nullable=False, comment="columns with samples and words"),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False, comment="what is done with people who are on file"),
        sa.Column("error", sa.Text(), nullable=True, comment="what ended a check, in words"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    op.create_index("ix_import_run_created", "import_run", ["created"])
    op.create_index("ix_import_run_state_changed", "import_run", ["state", "changed"])
    op.create_table(
        "import_file",
        sa.Column("run_id", sa.String(length=36), nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "part", name=op.f("pk_import_file")),
    )
    op.create_table(
        "import_row",
        sa.Column("run_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cells", sa.Text(), nullable=True, comment="what the file said; gone some weeks after the end"),
        sa.Column("key", sa.String(length=110), nullable=False),
        sa.Column("same", sa.String(length=32), nullable=False, comment="hash of names and birth date"),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("match_id", sa.String(length=64), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False, comment="reasons, faults and remarks"),
        sa.Column("decision", sa.String(length=8), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("patient_id", sa.String(length=64), nullable=False),
        sa.Column("touched", sa.Text(), nullable=False, comment="records with their versions before and after"),
        sa.PrimaryKeyConstraint("run_id", "number", name=op.f("pk_import_row")),
    )
    op.create_index("ix_import_row_run_id_verdict", "import_row", ["run_id", "verdict", "number"])
    op.create_index("ix_import_row_run_id_outcome", "import_row", ["run_id", "outcome", "number"])
    op.create_index("ix_import_row_run_id_key", "import_row", ["run_id", "key"])
    op.create_index("ix_import_row_run_id_same", "import_row", ["run_id", "same"])
    op.create_table(
        "import_mapping",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False, comment="fingerprint of the columns' names"),
        sa.Column("heads", sa.Text(), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_import_mapping")),
    )
    op.create_index("ix_import_mapping_mark", "import_mapping", ["mark", "changed"])


def downgrade() -> None:
    for table in ("import_mapping", "import_row", "import_file", "import_run"):
        op.drop_table(table)
