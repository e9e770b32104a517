"""Rows of the waiting list: who waits for what, what was offered to whom, and the rules for each visit type."""

from __future__ import annotations

import sqlalchemy as sa

from clinic.db.meta import metadata
from clinic.db.types import JsonText, UtcDateTime

wish_row = sa.Table(
    "wish_row",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("urgency", sa.Integer, nullable=False),
    sa.Column("created", UtcDateTime, nullable=False),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("until", UtcDateTime, nullable=False),
    sa.Column("patient_id", sa.String(64), nullable=False),
    sa.Column("patient_name", sa.String(200), nullable=False),
    sa.Column("birth_date", sa.String(10), nullable=False),
    sa.Column("type_id", sa.String(64), nullable=False),
    sa.Column("type_name", sa.String(200), nullable=False),
    sa.Column("minutes", sa.Integer, nullable=False),
    sa.Column("wants", JsonText, nullable=False),
    sa.Column("note", sa.String(400), nullable=False),
    sa.Column("booked", sa.String(64), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_wish_row_status", "status", "urgency", "created"),
    sa.Index("ix_wish_row_patient_id", "patient_id"),
    sa.Index("ix_wish_row_booked", "booked"),
)
"""One row for each Appointment of the waiting list, those that were booked or ended since included.

`wants` are the providers, the site, the parts of the day, the weekdays, the hours of notice, the language and the
visit that an earlier time would replace; `booked` is the appointment that came of it.
"""

waitlist_offer = sa.Table(
    "waitlist_offer",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("round", sa.String(64), nullable=False),
    sa.Column("wish", sa.String(64), nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("provider", sa.String(64), nullable=False),
    sa.Column("provider_name", sa.String(200), nullable=False),
    sa.Column("room", sa.String(64), nullable=False),
    sa.Column("start", UtcDateTime, nullable=False),
    sa.Column("end", UtcDateTime, nullable=False),
    sa.Column("hold", sa.String(80), nullable=False),
    sa.Column("made", UtcDateTime, nullable=False),
    sa.Column("tell_at", UtcDateTime, nullable=False),
    sa.Column("told", UtcDateTime, nullable=True),
    sa.Column("expires", UtcDateTime, nullable=False),
    sa.Column("answered", UtcDateTime, nullable=True),
    sa.Column("answered_by", sa.String(200), nullable=False),
    sa.Column("token", sa.String(64), nullable=False),
    sa.Index("ix_waitlist_offer_state", "state", "expires"),
    sa.Index("ix_waitlist_offer_wish", "wish", "made"),
    sa.Index("ix_waitlist_offer_round", "round"),
    sa.Index("ix_waitlist_offer_token", "token"),
    sa.Index("ix_waitlist_offer_made", "made"),
)
"""A time that is kept for somebody who waits. Those of one `round` are for the same time: the first answer has it.

`state` is ready (not told yet), open, accepted, declined, expired, lost (somebody else of the round was first) or
withdrawn; `token` is the hash of what the patient's link carries.
"""

waitlist_rule = sa.Table(
    "waitlist_rule",
    metadata,
    sa.Column("type_id", sa.String(64), primary_key=True),
    sa.Column("at_once", sa.Integer, nullable=False),
    sa.Column("notice_hours", sa.Integer, nullable=False),
    sa.Column("hold_minutes", sa.Integer, nullable=False),
)
"""How freed times of a visit type are offered: to how many at once (0: not at all), with how much notice, kept for
how long. A type without a row has the usual rule."""
