"""Who may be one person: pairs of patients, found by comparing, with what people said about them.

FHIR has no home for "these two are not the same person"; `Patient.link` only says which ones are.
"""

from __future__ import annotations

import sqlalchemy as sa

from clinic.db.meta import metadata
from clinic.db.types import JsonText, UtcDateTime

duplicate_pair = sa.Table(
    "duplicate_pair",
    metadata,
    sa.Column("one_id", sa.String(64), primary_key=True),
    sa.Column("other_id", sa.String(64), primary_key=True),
    sa.Column("score", sa.Integer, nullable=False),
    sa.Column("reasons", JsonText, nullable=False),
    sa.Column("state", sa.String(10), nullable=False, default="open"),
    sa.Column("checked", UtcDateTime, nullable=False),
    sa.Column("by_id", sa.String(64), nullable=False, default=""),
    sa.Column("by_name", sa.String(200), nullable=False, default=""),
    sa.Column("at", UtcDateTime),
    sa.Index("ix_duplicate_pair_other_id", "other_id"),
    sa.Index("ix_duplicate_pair_state_score", "state", "score"),
)
"""Two patients, the smaller id first. `state` is open or different; who said so, and when, stand beside it.

`checked` is when they were last compared. A pair that is different stays, whatever its score becomes.
"""

duplicate_scan = sa.Table(
    "duplicate_scan",
    metadata,
    sa.Column("id", sa.String(8), primary_key=True),
    sa.Column("rules", sa.Integer, nullable=False),
    sa.Column("until", UtcDateTime, nullable=False),
)
"""One row: by which version of the rules the whole index was compared, and up to which change of a record."""
