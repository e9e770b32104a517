"""Reminders that went out before past visits: the last one of each, so that the measures have something to say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from clinic.communication.mapping.messages import in_state, leaving_by, new_message
from clinic.communication.rules.messages import Message
from clinic.communication.rules.reminders import USUAL, Stage, reminder_key
from clinic.core.days import read_instant
from clinic.core.json import Json
from clinic.fhir.store import Store

At = Callable[[datetime], Store]


def last_reminder(random: Random, ahead: int) -> int:
    """How many minutes before a visit that was booked so many days ahead the last reminder went; 0 for none."""
    if random.random() < 0.25:
        return 0
    fits = [stage.minutes for stage in USUAL.stages if stage.minutes < ahead * 1440]
    return random.choice(fits) if fits else 0


def remind(at: At, appointment: Json, minutes: int) -> Json:
    """Note the reminder as it went out by text; gives the appointment."""
    start = read_instant(appointment["start"])
    patient = next(
        (one["actor"] for one in appointment["participant"] if "Patient/" in one["actor"]["reference"]), None
    )
    if not minutes or patient is None:
        return appointment
    went = start - timedelta(minutes=minutes) + timedelta(minutes=4)
    key = reminder_key(appointment["id"], start, Stage(minutes))
    message = Message(patient["reference"].split("/")[1], "reminder", key, appointment_id=appointment["id"])
    words = "You have a visit with us. Please tell us if you cannot come."
    made = new_message(message, went, patient_name=patient.get("display", ""), text=words)
    left = leaving_by(made, "sms", "+12125550100", language="en", text=words, subject="")
    at(went).create(in_state(left, "delivered", sent=went))
    return appointment
