"""The search index: one table for each kind of search, filled in the transaction that writes the resource.

Every table is led by (type, param, what is asked for, id), so that one range of one index answers a
condition; the second index, led by (type, id), serves includes, sorting, further conditions on a candidate
and the removal of a record's rows. Both hold all that is asked, or else SQLite prefers the wrong one.
"""

from __future__ import annotations

import sqlalchemy as sa

from clinic.db.meta import metadata

LONGEST = 200
"""Characters of a value that are kept; longer ones end in a digest (tokens) or are cut (texts)."""


def _table(name: str, *columns: sa.Column[object], lead: tuple[str, ...]) -> sa.Table:
    return sa.Table(
        name,
        metadata,
        sa.Column("type", sa.String(64), nullable=False),
        sa.Column("param", sa.String(80), nullable=False),
        *columns,
        sa.Column("id", sa.String(64), nullable=False),
        sa.Index(f"ix_{name}_lead", "type", "param", *lead, "id"),
        sa.Index(f"ix_{name}_record", "type", "id", "param", *lead),
    )


def _text(name: str) -> sa.Column[object]:
    """A text ordered by code point on every database, so that "begins with" is a range of the index."""
    plain = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.Column(name, plain, nullable=False)


ix_token = _table("ix_token", _text("code"), _text("system"), lead=("code", "system"))
"""Codes, identifiers, booleans and URIs. A row with an empty code says that there is something without one."""

ix_string = _table("ix_string", _text("folded"), _text("exact"), lead=("folded",))
"""Texts, folded (no case, no accents) and as they are."""

ix_date = _table(
    "ix_date",
    sa.Column("floating", sa.Boolean, nullable=False),
    sa.Column("low", sa.BigInteger, nullable=False),
    sa.Column("high", sa.BigInteger, nullable=False),
    lead=("floating", "low", "high"),
)
"""Half-open ranges in milliseconds since the epoch. A floating one is a calendar day without a zone,
counted as if it were UTC; asking compares it with the calendar of the practice."""

ix_reference = _table(
    "ix_reference",
    sa.Column("target_type", sa.String(64), nullable=False),
    sa.Column("target_id", sa.String(LONGEST), nullable=False),
    lead=("target_type", "target_id"),
)
"""References: type and id of a record here, or an empty type and the whole URL."""

ix_quantity = _table(
    "ix_quantity",
    sa.Column("low", sa.Float(53), nullable=False),
    sa.Column("high", sa.Float(53), nullable=False),
    _text("system"),
    _text("code"),
    lead=("low", "high"),
)
"""Quantities and numbers: the range of each, with its unit."""

TABLES = (ix_token, ix_string, ix_date, ix_reference, ix_quantity)
