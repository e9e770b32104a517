"""Rows for the board: where each visit stands, and what was confirmed when."""

from __future__ import annotations

import sqlalchemy as sa

from clinic.db.meta import metadata
from clinic.db.types import UtcDateTime

visit_row = sa.Table(
    "visit_row",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("appointment_id", sa.String(64), nullable=False),
    sa.Column("patient_id", sa.String(64), nullable=False),
    sa.Column("patient_name", sa.String(200), nullable=False),
    sa.Column("provider", sa.String(64), nullable=False),
    sa.Column("provider_name", sa.String(200), nullable=False),
    sa.Column("type_name", sa.String(200), nullable=False),
    sa.Column("station", sa.String(20), nullable=False),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("arrived", UtcDateTime, nullable=False),
    sa.Column("room_name", sa.String(200), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("ticket", sa.Integer, nullable=False),
    sa.Column("way", sa.String(12), nullable=False),
    sa.Column("called", UtcDateTime, nullable=True),
    sa.Column("called_to", sa.String(200), nullable=False),
    sa.Index("ix_visit_row_appointment_id", "appointment_id"),
    sa.Index("ix_visit_row_patient_id_arrived", "patient_id", "arrived"),
    sa.Index("ix_visit_row_arrived", "arrived"),
)
"""One row for each Encounter that this practice's board made.

`ticket` is its number of the day, 0 for none; `way` is `phone` for somebody who checked in alone, `video` for who waits
at home; `called` is when the ticket was last called, and to where.
"""

station_time = sa.Table(
    "station_time",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("station", sa.String(20), nullable=False),
    sa.Column("start", UtcDateTime, nullable=False),
    sa.Column("end", UtcDateTime, nullable=True),
    sa.Column("provider", sa.String(64), nullable=False),
    sa.Column("provider_name", sa.String(200), nullable=False),
    sa.Column("type_id", sa.String(64), nullable=False),
    sa.Column("type_name", sa.String(200), nullable=False),
    sa.Index("ix_station_time_start", "start"),
)
"""Every stay of a visit at a station, in its order; the last one is open until the visit has left."""

visit_time = sa.Table(
    "visit_time",
    metadata,
    sa.Column("arrived", UtcDateTime, primary_key=True, autoincrement=False),
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("appointment_id", sa.String(64), nullable=False),
    sa.Column("patient_id", sa.String(64), nullable=False),
    sa.Column("provider", sa.String(64), nullable=False),
    sa.Column("site", sa.String(64), nullable=False),
    sa.Column("type_id", sa.String(64), nullable=False),
    sa.Column("due", UtcDateTime, nullable=True),
    *(
        sa.Column(name, sa.Integer, nullable=True)
        for name in (
            "late", "late_provider", "wait", "whole", "in_arrived", "in_check_in", "in_waiting", "in_room",
            "in_provider", "in_check_out",
        )
    ),
    sa.Index("ix_visit_time_id", "id"),
    sqlite_with_rowid=False,
)  # fmt: skip
"""One row for each visit with its minutes, clustered by arrival: what the measures count.

`due` is when the patient was expected, null for a walk-in; `late` is below zero for who came early; `late_provider` is
from then to the provider, of patients who were there in time; `wait` is until they were taken in, `whole` until they
left, `in_` at each station.
"""

wait_told = sa.Table(
    "wait_told",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True, comment="of the visit"),
    sa.Column("provider", sa.String(64), nullable=False),
    sa.Column("provider_name", sa.String(200), nullable=False),
    sa.Column("type_id", sa.String(64), nullable=False),
    sa.Column("part", sa.Integer, nullable=False, comment="half day of the week"),
    sa.Column("ahead", sa.Integer, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("due", UtcDateTime, nullable=False),
    sa.Column("least", sa.Integer, nullable=True, comment="minutes told; null: too little known"),
    sa.Column("most", sa.Integer, nullable=True),
    sa.Column("seen", UtcDateTime, nullable=True),
    sa.Index("ix_wait_told_provider_at", "provider", "at"),
    sa.Index("ix_wait_told_at", "at"),
)
"""What was told of the wait when somebody arrived, what was known then, and when they were taken to a room.

It is both the promise, which nothing changes later, and what the next promises are learned from.
"""

waiting_screen = sa.Table(
    "waiting_screen",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("name", sa.String(60), nullable=False),
    sa.Column("token", sa.String(64), nullable=False, unique=True, comment="SHA-256 of the token in its address"),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("site", sa.String(64), nullable=False),
    sa.Column("created", UtcDateTime, nullable=False),
    sa.Column("created_by", sa.String(36), nullable=False),
    sa.Column("revoked", UtcDateTime, nullable=True),
)
"""The screens of the waiting room: each has a secret address that can be taken back."""

confirmation_row = sa.Table(
    "confirmation_row",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("patient_id", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("by_name", sa.String(200), nullable=False),
    sa.Index("ix_confirmation_row_patient_id", "patient_id", "kind", "at"),
)
"""When a patient's identity, contact data or coverage were last said to be right, and to whom."""
