"""Code lists and the index of their words."""

from __future__ import annotations

import sqlalchemy as sa

from clinic.db.meta import metadata

code = sa.Table(
    "code",
    metadata,
    sa.Column("system", sa.String(16), primary_key=True),
    sa.Column("rank", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("code", sa.String(24), nullable=False),
    sa.Column("code_key", sa.String(24), nullable=False),
    sa.Column("display", sa.Text, nullable=False),
    sa.Column("billable", sa.Boolean, nullable=False),
    sa.Column("offered", sa.Boolean, nullable=False),
    sa.Column("valid_from", sa.Date),
    sa.Column("valid_to", sa.Date),
    sa.UniqueConstraint("system", "code_key"),
)
"""One row a code. `rank` is its place when codes are ordered by how likely a practice wants them."""

code_word = sa.Table(
    "code_word",
    metadata,
    sa.Column("system", sa.String(16), primary_key=True),
    sa.Column("word", sa.String(40), primary_key=True),
    sa.Column("whole", sa.Boolean, primary_key=True),
    sa.Column("ranks", sa.LargeBinary, nullable=False),
)
"""Which codes hold a word (`whole`) or any word that begins so (beginnings of one to three letters)."""

code_release = sa.Table(
    "code_release",
    metadata,
    sa.Column("system", sa.String(16), primary_key=True),
    sa.Column("version", sa.String(80), nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
)
"""Which release of each list is loaded, and how many codes it has."""
