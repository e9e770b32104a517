"""What the finder reads: narrow rows made from Patient, Coverage and Appointment records, never written by hand.

Measured at a million patients: one table of word prefixes answers one word; the first three letters of two
names as one key answer "fam giv" in either order; keys of sound answer misspellings.
"""

from __future__ import annotations

import sqlalchemy as sa

from clinic.db.meta import metadata
from clinic.db.types import JsonText, UtcDateTime, key_text

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
    sa.Column("sex", sa.String(12), nullable=False),
    sa.Column("roles", sa.Text, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("pays", sa.String(80), nullable=False),
    sa.Index("ix_beside_row_patient_id", "patient_id"),
)
"""Related persons of a patient, and in `pays` of an account's row the reference of the one who pays."""

person_link = sa.Table(
    "person_link",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("target_type", sa.String(20), primary_key=True),
    sa.Column("target", sa.String(64), primary_key=True),
    sa.Index("ix_person_link_target", "target", "target_type"),
)
"""The records that are one human, by the Person that links them."""

household_row = sa.Table(
    "household_row",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("patient_id", sa.String(64), primary_key=True),
    sa.Index("ix_household_row_patient_id", "patient_id"),
)
"""The patients who live together, by their Group."""

own_field = sa.Table(
    "own_field",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(64), nullable=False),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("json", JsonText, nullable=False),
)
"""The fields that the practice added to registration itself, each a StructureDefinition."""

own_value = sa.Table(
    "own_value",
    metadata,
    sa.Column("value", key_text(80), primary_key=True),
    sa.Column("field", sa.String(64), primary_key=True),
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Index("ix_own_value_id", "id"),
    sa.Index("ix_own_value_field", "field"),
)
"""What patients have in the practice's own fields, folded as it is looked for."""

flag_kind = sa.Table(
    "flag_kind",
    metadata,
    sa.Column("code", sa.String(40), primary_key=True),
    sa.Column("label", sa.String(60), nullable=False),
    sa.Column("shape", sa.String(20), nullable=False),
    sa.Column("colour", sa.String(10), nullable=False),
    sa.Column("clinical", sa.Boolean, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)
"""Kinds of flags that the practice added or changed; the rest is in `rules/flags.py`."""

flag_row = sa.Table(
    "flag_row",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("patient_id", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("label", sa.String(120), nullable=False),
    sa.Column("shape", sa.String(20), nullable=False),
    sa.Column("colour", sa.String(10), nullable=False),
    sa.Column("clinical", sa.Boolean, nullable=False),
    sa.Column("starts", sa.String(10), nullable=False),
    sa.Column("ends", sa.String(10), nullable=False),
    sa.Index("ix_flag_row_patient_id", "patient_id", "ends"),
)
"""Active flags of patients, as every list shows them; which of them hold today says the period."""

consent_kind = sa.Table(
    "consent_kind",
    metadata,
    sa.Column("code", sa.String(40), primary_key=True),
    sa.Column("months", sa.Integer, nullable=False, comment="how long a signature lasts; 0 for ever"),
    sa.Column("renew", sa.Boolean, nullable=False, comment="a new text has to be signed again"),
    sa.Column("need", sa.String(10), nullable=False, comment="no, ask or must"),
    sa.Column("visit_types", JsonText, nullable=False, comment="at which visits; empty for all"),
    sa.Column("from_age", sa.Integer, nullable=True),
    sa.Column("to_age", sa.Integer, nullable=True),
    sa.Column("version", sa.Integer, nullable=False),
)
"""What the manager decided about a kind of consent: who needs it, how long it lasts."""

consent_text = sa.Table(
    "consent_text",
    metadata,
    sa.Column("code", sa.String(40), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("language", sa.String(8), primary_key=True),
    sa.Column("title", sa.String(120), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("by_name", sa.String(120), nullable=False),
    sa.Index("ix_consent_text_sha256", "sha256"),
)
"""Every text of a consent that was ever in force, by version; rows are added and never changed."""

consent_row = sa.Table(
    "consent_row",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("patient_id", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(60), nullable=False),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("number", sa.Integer, nullable=False, comment="version of the text; 0 when it is not known"),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("signed", UtcDateTime, nullable=True),
    sa.Column("ends", sa.String(10), nullable=False),
    sa.Column("deny", sa.Boolean, nullable=False),
    sa.Column("signer", sa.String(200), nullable=False),
    sa.Column("how", sa.String(20), nullable=False),
    sa.Index("ix_consent_row_patient_id", "patient_id", "kind", "signed"),
)
"""One row for each Consent."""

field_evidence = sa.Table(
    "field_evidence",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("patient_id", sa.String(64), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("act", sa.String(10), nullable=False),
    sa.Column("source", sa.String(20), nullable=False),
    sa.Column("fields", sa.Text, nullable=False),
    sa.Column("emptied", sa.Text, nullable=False),
    sa.Column("by_name", sa.String(200), nullable=False),
    sa.Column("document", sa.String(200), nullable=False),
    sa.Column("detail", sa.String(200), nullable=False),
    sa.Index("ix_field_evidence_patient_id", "patient_id"),
)
"""One row for each Provenance on a patient's values: which fields it set, emptied or verified, and from where."""

field_past = sa.Table(
    "field_past",
    metadata,
    sa.Column("patient_id", sa.String(64), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("source", sa.String(20), nullable=False),
    sa.Column("fields", sa.Text, nullable=False),
    sa.Column("emptied", sa.Text, nullable=False),
    sa.Column("by_name", sa.String(200), nullable=False),
)
"""The same for versions that were kept before evidence was: read from the history, never written by hand."""

patient_merge = sa.Table(
    "patient_merge",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("survivor_id", sa.String(64), nullable=False),
    sa.Column("other_id", sa.String(64), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("by_name", sa.String(200), nullable=False),
    sa.Column("survivor_before", sa.Integer, nullable=False),
    sa.Column("survivor_after", sa.Integer, nullable=False),
    sa.Column("other_before", sa.Integer, nullable=False),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("moved", sa.Integer, nullable=False),
    sa.Column("undone", UtcDateTime),
    sa.Column("undone_by", sa.String(200), nullable=False, default=""),
    sa.Index("ix_patient_merge_survivor_id", "survivor_id", "at"),
    sa.Index("ix_patient_merge_other_id", "other_id", "at"),
)
"""One merge of two records: what an un-merge needs. Its id is that of the Provenance that says so in FHIR.

`state` is moving, done, parting or undone; moving and parting are the work of a job. The versions are those of the
two Patient records before it, and of the survivor after it.
"""

patient_merge_item = sa.Table(
    "patient_merge_item",
    metadata,
    sa.Column("merge_id", sa.String(64), primary_key=True),
    sa.Column("type", sa.String(64), primary_key=True),
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("before", sa.Integer, nullable=False),
    sa.Column("after", sa.Integer, nullable=False),
    sa.Column("way", sa.String(10), nullable=False),
)
"""One record of a merge with its version before and after. `way` is moved (from the other to the survivor), settled
(set aside, since both had one), sent (added since, and to go to the other side at the un-merge) or back (done)."""
document_row = sa.Table(
    "document_row",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("patient_id", sa.String(64), nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("folded", sa.String(400), nullable=False),
    sa.Column("dated", sa.String(10), nullable=False),
    sa.Column("ends", sa.String(10), nullable=False),
    sa.Column("pages", sa.Integer, nullable=False),
    sa.Column("content_type", sa.String(80), nullable=False),
    sa.Column("content", sa.String(80), nullable=False),
    sa.Column("added", UtcDateTime, nullable=False),
    sa.Index("ix_document_row_patient_id", "patient_id", "state", "added"),
)
"""One row for each DocumentReference about a patient."""

patient_said = sa.Table(
    "patient_said",
    metadata,
    sa.Column("kind", sa.String(12), primary_key=True),
    sa.Column("key", key_text(40), primary_key=True),
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Index("ix_patient_said_id", "id"),
)
"""What the form offers for the next person: doctors, pharmacies and employers by their words, towns by postcode."""

unfinished_row = sa.Table(
    "unfinished_row",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("since", sa.String(32), nullable=False),
    sa.Index("ix_unfinished_row_since", "since"),
)
"""Records to complete: somebody nobody could name, and newborn children without a name."""
