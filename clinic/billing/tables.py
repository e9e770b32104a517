"""Rows for the billing screens, rebuilt from Encounter, Claim and ChargeItemDefinition."""

from __future__ import annotations

import sqlalchemy as sa

from clinic.db.meta import metadata
from clinic.db.types import Cents, UtcDateTime

billing_visit = sa.Table(
    "billing_visit",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("start", UtcDateTime, nullable=False),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("station", sa.String(20), nullable=False),
    sa.Column("patient_id", sa.String(64), nullable=False),
    sa.Column("patient_name", sa.String(200), nullable=False),
    sa.Column("search_name", sa.String(200), nullable=False),
    sa.Column("provider_id", sa.String(64), nullable=False),
    sa.Column("provider_name", sa.String(200), nullable=False),
    sa.Column("reason", sa.String(200), nullable=False),
    sa.Index("ix_billing_visit_start", "start"),
    sa.Index("ix_billing_visit_patient_id", "patient_id", "start"),
)
"""One row a visit that may be charged."""

billing_claim = sa.Table(
    "billing_claim",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("encounter_id", sa.String(64), nullable=False),
    sa.Column("patient_id", sa.String(64), nullable=False),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("to_fix", sa.Integer, nullable=False),
    sa.Column("lines", sa.Integer, nullable=False),
    sa.Column("total_cents", Cents, nullable=False),
    sa.Column("self_pay", sa.Boolean, nullable=False),
    sa.Index("ix_billing_claim_encounter_id", "encounter_id"),
    sa.Index("ix_billing_claim_patient_id", "patient_id"),
)
"""One row a sheet: how far it is and what it comes to."""

billing_fee = sa.Table(
    "billing_fee",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("system", sa.String(200), nullable=False),
    sa.Column("code", sa.String(24), nullable=False),
    sa.Column("code_key", sa.String(24), nullable=False),
    sa.Column("display", sa.String(200), nullable=False),
    sa.Column("section", sa.String(60), nullable=False),
    sa.Column("cents", Cents, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Index("ix_billing_fee_code_key", "code_key"),
)
"""The practice's own codes and fees."""

billing_coverage = sa.Table(
    "billing_coverage",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("patient_id", sa.String(64), nullable=False),
    sa.Index("ix_billing_coverage_patient_id", "patient_id"),
)
"""Which coverages a patient has, so that a sheet and all around it is one statement."""
