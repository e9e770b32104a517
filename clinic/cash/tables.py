"""Tills, and rows for what was paid and what a coverage leaves to the patient."""

from __future__ import annotations

import sqlalchemy as sa

from clinic.db.meta import metadata
from clinic.db.types import Cents, JsonText, UtcDateTime

cash_till_session = sa.Table(
    "cash_till_session",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("user_id", sa.String(64), nullable=False),
    sa.Column("user_name", sa.String(200), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("opened", UtcDateTime, nullable=False),
    sa.Column("float_cents", Cents, nullable=False),
    sa.Column("counts", sa.Integer, nullable=False),
    sa.Column("sealed", UtcDateTime),
    sa.Column("pieces", JsonText),
    sa.Column("counted_cents", Cents),
    sa.Column("expected_cents", Cents),
    sa.Column("reason", sa.String(400), nullable=False),
    sa.Column("closed", UtcDateTime),
    sa.Index("ix_cash_till_session_user_id", "user_id", "opened"),
)
"""One person's drawer from opening to close; its id is that of its PaymentReconciliation.

`state` is open, sealed (counted, what was expected is shown) or closed. Float, count and difference
have no home in FHIR.
"""

cash_payment = sa.Table(
    "cash_payment",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("session_id", sa.String(64), nullable=False),
    sa.Column("patient_id", sa.String(64), nullable=False),
    sa.Column("patient_name", sa.String(200), nullable=False),
    sa.Column("receipt", sa.String(40), nullable=False),
    sa.Column("tender", sa.String(20), nullable=False),
    sa.Column("cents", Cents, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("reverses", sa.String(64), nullable=False),
    sa.Column("reason", sa.String(400), nullable=False),
    sa.Index("ix_cash_payment_session_id", "session_id", "at"),
    sa.Index("ix_cash_payment_patient_id", "patient_id"),
)
"""One row a payment or its reversal (negative, naming what it reverses)."""

cash_copay = sa.Table(
    "cash_copay",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("patient_id", sa.String(64), nullable=False),
    sa.Column("starts", sa.String(10), nullable=False),
    sa.Column("ends", sa.String(10), nullable=False),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("cents", Cents, nullable=False),
    sa.Index("ix_cash_copay_patient_id", "patient_id"),
)
"""What an active coverage leaves to the patient at each visit, and from when to when."""
