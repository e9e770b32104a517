"""Imports: each run, its file until it is done, its rows with what became of them, and mappings to use again."""

from __future__ import annotations

import sqlalchemy as sa

from clinic.db.meta import metadata
from clinic.db.types import JsonText, UtcDateTime

import_run = sa.Table(
    "import_run",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("source", sa.String(80), nullable=False),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("phase", sa.String(8), nullable=False, comment="what a job is doing: check, run or undo"),
    sa.Column("mark", sa.String(64), nullable=False, comment="hash of the file"),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("actor_id", sa.String(80), nullable=False),
    sa.Column("actor_name", sa.String(120), nullable=False),
    sa.Column("actor_role", sa.String(20), nullable=False),
    sa.Column("created", UtcDateTime, nullable=False),
    sa.Column("changed", UtcDateTime, nullable=False),
    sa.Column("ended", UtcDateTime),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("done", sa.Integer, nullable=False),
    sa.Column("round", sa.Integer, nullable=False, comment="how often a job was begun"),
    sa.Column("reading", JsonText, nullable=False, comment="encoding, delimiter, sheet, header"),
    sa.Column("found", JsonText, nullable=False, comment="columns with samples and words"),
    sa.Column("mapping", JsonText, nullable=False),
    sa.Column("rules", JsonText, nullable=False, comment="what is done with people who are on file"),
    sa.Column("error", JsonText, comment="what ended a check, in words"),
    sa.Index("ix_import_run_created", "created"),
    sa.Index("ix_import_run_state_changed", "state", "changed"),
)
"""One import from its upload on. States: columns, busy, checked, done, undone, stopped."""

import_file = sa.Table(
    "import_file",
    metadata,
    sa.Column("run_id", sa.String(36), primary_key=True),
    sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
)
"""The file as it was uploaded, in parts; gone when the import is done."""

import_row = sa.Table(
    "import_row",
    metadata,
    sa.Column("run_id", sa.String(36), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("cells", JsonText, comment="what the file said; gone some weeks after the end"),
    sa.Column("key", sa.String(110), nullable=False),
    sa.Column("same", sa.String(32), nullable=False, comment="hash of names and birth date"),
    sa.Column("verdict", sa.String(10), nullable=False),
    sa.Column("match_id", sa.String(64), nullable=False),
    sa.Column("score", sa.Integer, nullable=False),
    sa.Column("said", JsonText, nullable=False, comment="reasons, faults and remarks"),
    sa.Column("decision", sa.String(8), nullable=False),
    sa.Column("outcome", sa.String(10), nullable=False),
    sa.Column("patient_id", sa.String(64), nullable=False),
    sa.Column("touched", JsonText, nullable=False, comment="records with their versions before and after"),
    sa.Index("ix_import_row_run_id_verdict", "run_id", "verdict", "number"),
    sa.Index("ix_import_row_run_id_outcome", "run_id", "outcome", "number"),
    sa.Index("ix_import_row_run_id_key", "run_id", "key"),
    sa.Index("ix_import_row_run_id_same", "run_id", "same"),
)
"""One row of a file. Verdicts: new, same, known, likely, twin, fault. Outcomes: created, filled, same, skipped,
held, fault; after undoing: undone, kept."""

import_mapping = sa.Table(
    "import_mapping",
    metadata,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("mark", sa.String(64), nullable=False, comment="fingerprint of the columns' names"),
    sa.Column("heads", JsonText, nullable=False),
    sa.Column("mapping", JsonText, nullable=False),
    sa.Column("changed", UtcDateTime, nullable=False),
    sa.Index("ix_import_mapping_mark", "mark", "changed"),
)
"""What the columns of an old system became, to be proposed for its next file."""
