"""What the finder reads: narrow rows made from Patient, Coverage and Appointment records, never written by hand.

Measured at a million patients: one table of word prefixes answers one word; the first three letters of two
names as one key answer "fam giv" in either order; keys of sound answer misspellings.
"""

from __future__ import annotations

import sqlalchemy as sa

from clinic.db.meta import metadata
from clinic.db.types import UtcDateTime, key_text

patient_row = sa.Table(
    "patient_row",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("record_number", sa.String(64), nullable=False),
    sa.Column("display", sa.Text, nullable=False),
    sa.Column("legal", sa.Text, nullable=False),
    sa.Column("preferred", sa.Text, nullable=False),
    sa.Column("given", sa.Text, nullable=False),
    sa.Column("family", sa.Text, nullable=False),
    sa.Column("others", sa.Text, nullable=False),
    sa.Column("family_words", sa.Text, nullable=False),
    sa.Column("given_words", sa.Text, nullable=False),
    sa.Column("other_words", sa.Text, nullable=False),
    sa.Column("birth_date", sa.String(10), nullable=False),
    sa.Column("birth_estimated", sa.Boolean, nullable=False),
    sa.Column("sex", sa.String(12), nullable=False),
    sa.Column("pronouns", sa.Text, nullable=False),
    sa.Column("phones", sa.Text, nullable=False),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("street", sa.Text, nullable=False),
    sa.Column("postal_code", sa.Text, nullable=False),
    sa.Column("language", sa.String(40), nullable=False),
    sa.Column("interpreter", sa.Boolean, nullable=False),
    sa.Column("contact_by", sa.String(40), nullable=False),
    sa.Column("numbers", sa.Text, nullable=False),
    sa.Column("photo", sa.String(80), nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("deceased", sa.Boolean, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)
"""One row for each patient: everything a list, a banner or a comparison shows."""

patient_word = sa.Table(
    "patient_word",
    metadata,
    sa.Column("word", key_text(40), primary_key=True),
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Index("ix_patient_word_id", "id"),
)
"""Every folded word of every name in use: answers one word by its beginning."""

patient_key = sa.Table(
    "patient_key",
    metadata,
    sa.Column("kind", sa.String(1), primary_key=True),
    sa.Column("key", key_text(48), primary_key=True),
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Index("ix_patient_key_id", "id"),
)
"""Everything else that a patient is found by; the kinds are in `mapping/rows.py`."""

coverage_number = sa.Table(
    "coverage_number",
    metadata,
    sa.Column("number", sa.String(32), primary_key=True),
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("patient_id", sa.String(64), nullable=False),
    sa.Index("ix_coverage_number_id", "id"),
)
"""The keyed hash of every insurance number, by policy."""

patient_visit = sa.Table(
    "patient_visit",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("patient_id", sa.String(64), nullable=False),
    sa.Column("start", UtcDateTime, nullable=False),
    sa.Column("came", sa.Boolean, nullable=False),
    sa.Index("ix_patient_visit_patient_id_start", "patient_id", "start"),
)
"""When each patient came or is expected: appointments that still count."""

beside_row = sa.Table(
    "beside_row",
    metadata,
    sa.Column("type", sa.String(20), primary_key=True),
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("patient_id", sa.String(64), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("relation", sa.String(40), nullable=False),
    sa.Column("phone", sa.Text, nullable=False),
    sa.Column("pays", sa.String(64), nullable=False),
    sa.Index("ix_beside_row_patient_id", "patient_id"),
)
"""Related persons of a patient, and in `pays` of an account's row the id of the one who pays."""
