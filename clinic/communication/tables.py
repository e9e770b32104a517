"""Rows of the call log."""

from __future__ import annotations

import sqlalchemy as sa

from clinic.db.meta import metadata
from clinic.db.types import JsonText, UtcDateTime

call_row = sa.Table(
    "call_row",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("patient_id", sa.String(64), nullable=False),
    sa.Column("caller", sa.String(200), nullable=False),
    sa.Column("folded", sa.String(400), nullable=False),
    sa.Column("number", sa.String(40), nullable=False),
    sa.Column("incoming", sa.Boolean, nullable=False),
    sa.Column("reason", sa.String(20), nullable=False),
    sa.Column("outcome", sa.String(20), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("due", UtcDateTime, nullable=True),
    sa.Column("open", sa.Boolean, nullable=False),
    sa.Column("by_name", sa.String(200), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_call_row_open_due", "open", "due"),
    sa.Index("ix_call_row_at", "at"),
    sa.Index("ix_call_row_patient_id", "patient_id", "at"),
)
"""One row for each Communication by phone."""

message_row = sa.Table(
    "message_row",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("patient_id", sa.String(64), nullable=False),
    sa.Column("patient_name", sa.String(200), nullable=False),
    sa.Column("appointment_id", sa.String(64), nullable=False),
    sa.Column("incoming", sa.Boolean, nullable=False),
    sa.Column("channel", sa.String(8), nullable=False),
    sa.Column("purpose", sa.String(20), nullable=False),
    sa.Column("key", sa.String(160), nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("why", sa.String(200), nullable=False),
    sa.Column("address", sa.String(200), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("folded", sa.String(400), nullable=False),
    sa.Column("sent", UtcDateTime, nullable=True),
    sa.Column("received", UtcDateTime, nullable=True),
    sa.Column("gateway_id", sa.String(80), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_message_row_at", "at"),
    sa.Index("ix_message_row_patient_id", "patient_id", "at"),
    sa.Index("ix_message_row_appointment_id", "appointment_id", "purpose", "state", "key", "at"),
    sa.Index("ix_message_row_state", "state", "at"),
    sa.Index("ix_message_row_key", "key"),
    sa.Index("ix_message_row_address", "address", "at"),
    sa.Index("ix_message_row_gateway_id", "gateway_id"),
)
"""One row for each message to or from a patient, by text or mail."""

message_text = sa.Table(
    "message_text",
    metadata,
    sa.Column("purpose", sa.String(20), primary_key=True),
    sa.Column("visit_type", sa.String(64), primary_key=True),
    sa.Column("language", sa.String(8), primary_key=True),
    sa.Column("subject", sa.String(200), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)
"""The practice's own words, instead of those that come with the product; `visit_type` empty for every type."""

reminder_plan = sa.Table(
    "reminder_plan",
    metadata,
    sa.Column("visit_type", sa.String(64), primary_key=True),
    sa.Column("stages", JsonText, nullable=False),
    sa.Column("hours", sa.String(60), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)
"""When patients are reminded, by visit type; `visit_type` empty for every type without a plan of its own, whose
`hours` are those in which the practice texts."""

message_decision = sa.Table(
    "message_decision",
    metadata,
    sa.Column("subject", sa.String(120), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("by_name", sa.String(200), nullable=False),
    sa.Column("before", JsonText, nullable=False),
    sa.Column("after", JsonText, nullable=False),
)
"""What managers decided about stages and words, one line for each time: `subject` is "plan:<visit type>" or
"words:<purpose>:<visit type>"; `before` and `after` are empty where the product's own counted."""

page_message = sa.Table(
    "page_message",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("channel", sa.String(8), nullable=False),
    sa.Column("address", sa.String(200), nullable=False),
    sa.Column("subject", sa.String(200), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Index("ix_page_message_at", "at"),
)
"""Messages that were not really sent: what the page gateway shows instead of sending it. Forgotten after a week."""

desk_task = sa.Table(
    "desk_task",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("open", sa.Boolean, nullable=False),
    sa.Column("urgent", sa.Boolean, nullable=False),
    sa.Column("patient_id", sa.String(64), nullable=False),
    sa.Column("patient_name", sa.String(200), nullable=False),
    sa.Column("focus", sa.String(100), nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("owner_name", sa.String(200), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_desk_task_open", "open", "at"),
    sa.Index("ix_desk_task_patient_id", "patient_id", "open"),
    sa.Index("ix_desk_task_focus", "focus", "open"),
)
"""One row for each Task of the desk that messages and missed visits make."""
