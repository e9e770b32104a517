"""Rows for the calendar: what is drawn, who works, who is away, and times held while somebody types."""

from __future__ import annotations

import sqlalchemy as sa

from clinic.db.meta import metadata
from clinic.db.types import Cents, JsonText, UtcDateTime

appointment_row = sa.Table(
    "appointment_row",
    metadata,
    sa.Column("start", UtcDateTime, primary_key=True, autoincrement=False),
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("provider", sa.String(64), primary_key=True),
    sa.Column("end", UtcDateTime, nullable=False),
    sa.Column("local_day", sa.Date, nullable=False),
    sa.Column("minutes", sa.Integer, nullable=False),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("lane", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("provider_name", sa.String(200), nullable=False),
    sa.Column("site", sa.String(64), nullable=False),
    sa.Column("room", sa.String(64), nullable=False),
    sa.Column("room_name", sa.String(200), nullable=False),
    sa.Column("patient_id", sa.String(64), nullable=False),
    sa.Column("patient_name", sa.String(200), nullable=False),
    sa.Column("birth_date", sa.String(10), nullable=False),
    sa.Column("type_id", sa.String(64), nullable=False),
    sa.Column("type_name", sa.String(200), nullable=False),
    sa.Column("reason", sa.String(200), nullable=False),
    sa.Column("note", sa.String(400), nullable=False),
    sa.Column("group_id", sa.String(64), nullable=False, server_default=sa.text("''")),
    sa.Column("seats", sa.Integer, nullable=False, server_default="0"),
    sa.Column("booked", UtcDateTime, nullable=True),
    sa.Column("cancelled", UtcDateTime, nullable=True),
    sa.Index("ix_appointment_row_id", "id"),
    sa.Index("ix_appointment_row_patient_id_start", "patient_id", "start"),
    sa.Index("ix_appointment_row_local_day", "local_day", "provider", "status", "minutes"),
    sa.Index(
        "ix_appointment_row_group_id",
        "group_id",
        sqlite_where=sa.text("group_id <> ''"),
        postgresql_where=sa.text("group_id <> ''"),
    ),
    sqlite_with_rowid=False,
)
"""One row for each provider of an appointment, clustered by time, names copied in (DESIGN.md, 10).

`reason` is why it was cancelled, missed or overbooked; `birth_date` is as exact as it is known. `seats` is more
than 0 for a group, which has no patient; `group_id` is its own id then, and that of its group for a seat, whose
`minutes` are 0 because the group has the time. `booked` and `cancelled` are when that was done, where it is known.
"""

practice_setup = sa.Table(
    "practice_setup",
    metadata,
    sa.Column("type", sa.String(40), primary_key=True),
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("organization", sa.String(64), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("facts", JsonText, nullable=False),
    sa.Index("ix_practice_setup_id", "id"),
)
"""Providers, their roles and schedules, rooms, sites and visit types: all that a calendar needs to know
about the practice, read in one statement. `facts` are the few values of its kind."""

absence_row = sa.Table(
    "absence_row",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("schedule", sa.String(64), nullable=False),
    sa.Column("start", UtcDateTime, nullable=False),
    sa.Column("end", UtcDateTime, nullable=False),
    sa.Column("reason", sa.String(200), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False, server_default=sa.text("''")),
    sa.Column("batch", sa.String(64), nullable=False, server_default=sa.text("''")),
    sa.Index("ix_absence_row_end", "end", "start"),
    sa.Index("ix_absence_row_batch", "batch"),
)
"""Leave, meetings and closures: Slots that are busy-unavailable, by the schedule they belong to.

What was closed in one act has one `batch`; the same in the years after has that with another number behind the dot.
"""

appointment_hold = sa.Table(
    "appointment_hold",
    metadata,
    sa.Column("holder", sa.String(80), primary_key=True),
    sa.Column("owner", sa.String(80), nullable=False),
    sa.Column("purpose", sa.String(10), nullable=False),
    sa.Column("provider", sa.String(64), nullable=False),
    sa.Column("room", sa.String(64), nullable=False),
    sa.Column("start", UtcDateTime, nullable=False),
    sa.Column("end", UtcDateTime, nullable=False),
    sa.Column("expires", UtcDateTime, nullable=False),
    sa.Column("takes", JsonText, nullable=True),
    sa.Index("ix_appointment_hold_expires", "expires"),
    sa.Index("ix_appointment_hold_end", "end", "start"),
)
"""Times kept for a short while: `typing` while a booking is entered, `undo` after a visit left its time.

The cells are claimed under `holder` like those of an appointment, and freed when somebody next writes
after `expires`. `takes` are the actors with start, end and lane where they are more than the provider and the room
for the time that is shown.
"""

appointment_part = sa.Table(
    "appointment_part",
    metadata,
    sa.Column("start", UtcDateTime, primary_key=True, autoincrement=False),
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("actor", sa.String(80), primary_key=True),
    sa.Column("end", UtcDateTime, nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Index("ix_appointment_part_id", "id"),
    sa.Index("ix_appointment_part_actor", "actor", "start"),
    sqlite_with_rowid=False,
)
"""When an appointment uses a helper, a room or a device (`Device/x`) beside its provider and its room."""

visit_outside = sa.Table(
    "visit_outside",
    metadata,
    sa.Column("appointment", sa.String(64), primary_key=True),
    sa.Column("start", UtcDateTime, nullable=False),
    sa.Column("actor", sa.String(80), nullable=False),
    sa.Column("cause", sa.String(80), nullable=False),
    sa.Column("reason", sa.String(200), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("by", sa.String(200), nullable=False),
    sa.Index("ix_visit_outside_start", "start"),
    sa.Index("ix_visit_outside_cause", "cause"),
)
"""Booked visits that a change of hours or time off left without its provider, room or device: a list to work off.

A line counts while the visit is still at `start` with `actor` and still to come. `cause` is the record that was
changed, so that taking the change back takes the line away.
"""

visit_policy = sa.Table(
    "visit_policy",
    metadata,
    sa.Column("visit_type", sa.String(64), primary_key=True),
    sa.Column("grace", sa.Integer, nullable=False),
    sa.Column("notice", sa.Integer, nullable=False),
    sa.Column("no_show_fee", Cents, nullable=False),
    sa.Column("late_fee", Cents, nullable=False),
    sa.Column("free", sa.Integer, nullable=False),
    sa.Column("follow_up", sa.Boolean, nullable=False),
    sa.Column("video", sa.String(300), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)
"""What is done about missed and late cancelled visits, and where a visit by video takes place; `visit_type` empty
for every type without rules of its own."""


appointment_series = sa.Table(
    "appointment_series",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("rule", sa.String(200), nullable=False),
    sa.Column("first_day", sa.Date, nullable=False),
    sa.Column("wall_time", sa.String(5), nullable=False),
    sa.Column("zone", sa.String(64), nullable=False),
    sa.Column("carries_on", sa.Boolean, nullable=False),
    sa.Column("created", UtcDateTime, nullable=False),
    sa.Column("author", sa.String(80), nullable=False),
    sa.Index("ix_appointment_series_created", "created", "id"),
)
"""How a series was said: an RFC 5545 rule over the practice's wall time. Its dates are appointments that name it by
an identifier; `carries_on` marks one without an end, which somebody has to extend in time."""

overbooking = sa.Table(
    "overbooking",
    metadata,
    sa.Column("appointment", sa.String(64), primary_key=True),
    sa.Column("start", UtcDateTime, primary_key=True),
    sa.Column("provider", sa.String(64), primary_key=True),
    sa.Column("provider_name", sa.String(200), nullable=False),
    sa.Column("lane", sa.Integer, nullable=False),
    sa.Column("reason", sa.String(200), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("author", sa.String(80), nullable=False),
    sa.Column("author_name", sa.String(200), nullable=False),
    sa.Index("ix_overbooking_start", "start"),
)
"""Each deliberate overbooking, counted for good: the visit may be moved or cancelled later, the act stays."""

calendar_feed = sa.Table(
    "calendar_feed",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("provider", sa.String(64), nullable=False),
    sa.Column("token", sa.String(64), nullable=False, unique=True, comment="SHA-256 of 256 random bits"),
    sa.Column("detail", sa.String(10), nullable=False),
    sa.Column("created", UtcDateTime, nullable=False),
    sa.Column("created_by", sa.String(120), nullable=False),
    sa.Column("last_read", UtcDateTime, nullable=True),
    sa.Column("revoked", UtcDateTime, nullable=True),
    sa.Index("ix_calendar_feed_provider", "provider"),
)
"""Private addresses at which a phone reads one provider's times; `detail` is `times` or `types`."""
