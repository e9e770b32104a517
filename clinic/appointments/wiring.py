"""What appointments give to the application."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from clinic.appointments.mapping.absence import absence_rows
from clinic.appointments.mapping.appointment import appointment_part_rows, appointment_rows
from clinic.appointments.mapping.attempt import attempt_rows
from clinic.appointments.mapping.practice import SETUP_TYPES, setup_rows
from clinic.appointments.mapping.recall import recall_rows
from clinic.appointments.mapping.wish import wish_rows
from clinic.appointments.panels import PANELS
from clinic.appointments.recall_tables import recall_attempt, recall_row
from clinic.appointments.routes import (
    blueprint,
    booking,
    calendar,
    closing,
    family,
    feeds,
    finding,
    groups,
    home,
    listed,
    listing,
    one_series,
    opening,
    overbooked,
    own,
    own_replan,
    own_video,
    placing,
    policy,
    recall_entry,
    recall_letters,
    recalls,
    replan,
    replanning,
    requests,
    series,
    visit,
    waitlist,
)
from clinic.appointments.service.answering import answer_by_message
from clinic.appointments.service.answers import RESPONSE_WRITER
from clinic.appointments.service.api import APPOINTMENT_WRITER, NAMED_WRITER
from clinic.appointments.service.following import keep_in_step
from clinic.appointments.service.merging import MERGING
from clinic.appointments.service.news import refresh_names, refresh_practice
from clinic.appointments.service.recall_api import REQUEST_WRITER
from clinic.appointments.service.requests import follow_merge
from clinic.appointments.service.upkeep import CLAIMS
from clinic.appointments.tables import absence_row, appointment_part, appointment_row, practice_setup
from clinic.appointments.waitlist_tables import wish_row
from clinic.fhir.registry import ReadModel
from clinic.web.slice import Nav, Slice

VIEWS = (
    booking,
    calendar,
    closing,
    feeds,
    finding,
    home,
    listed,
    listing,
    opening,
    overbooked,
    own,
    own_replan,
    own_video,
    placing,
    recall_entry,
    recall_letters,
    recalls,
    policy,
    replan,
    replanning,
    requests,
    visit,
    waitlist,
    one_series,
    series,
    groups,
    family,
)
"""Imported so that their views join the blueprint."""

READ_MODELS = (
    ReadModel(appointment_row, ("Appointment",), appointment_rows),
    ReadModel(practice_setup, SETUP_TYPES, setup_rows),
    ReadModel(appointment_part, ("Appointment",), appointment_part_rows),
    ReadModel(absence_row, ("Slot",), absence_rows),
    ReadModel(wish_row, ("Appointment",), wish_rows),
    ReadModel(recall_row, ("ServiceRequest",), recall_rows),
    ReadModel(recall_attempt, ("Communication",), attempt_rows),
)

slice_ = Slice(
    name="appointments",
    blueprint=blueprint,
    nav=(Nav("appointments.day", _l("Calendar"), "calendar", "c", 20, "appointments.read"),),
    panels=PANELS,
    actions=(
        (_l("Book an appointment"), "appointments.book", "calendar", "appointments.write"),
        (_l("Book a series"), "appointments.new_series", "repeat", "appointments.write"),
        (_l("Book a group"), "appointments.new_group", "people", "appointments.write"),
        (_l("Find a time"), "appointments.find_time", "calendar", "appointments.write"),
        (_l("Waiting list"), "appointments.waitlist", "clock", "appointments.read"),
        (_l("Orders and recalls"), "appointments.recalls", "phone", "appointments.read"),
        (_l("Write an order or a recall"), "appointments.new_recall", "plus", "appointments.write"),
        (_l("Find an appointment"), "appointments.list", "list", "appointments.read"),
        (_l("Provider is out"), "appointments.new_replan", "warn", "appointments.write"),
        (_l("Visits to plan anew"), "appointments.replans", "repeat", "appointments.read"),
        (_l("Lists of the day"), "appointments.lists", "list", "appointments.read"),
        (_l("Close time"), "appointments.new_closing", "lock", "appointments.close"),
        (_l("Closed times"), "appointments.closings", "lock", "appointments.read"),
        (_l("Overbooked visits"), "appointments.overbooked", "warn", "appointments.overbook"),
        (_l("Missed visits and video"), "appointments.missed_rules", "cross", "management.setup"),
        (_l("Requests from home"), "appointments.requests", "mail", "appointments.read"),
    ),
    read_models=READ_MODELS,
    upkeep=(CLAIMS,),
    merging=MERGING,
    writers={
        "Appointment": APPOINTMENT_WRITER,
        "AppointmentResponse": RESPONSE_WRITER,
        "Practitioner": NAMED_WRITER,
        "ServiceRequest": REQUEST_WRITER,
        "Location": NAMED_WRITER,
        "HealthcareService": NAMED_WRITER,
    },
    listeners={
        "appointment_changed": keep_in_step,
        "message_answered": answer_by_message,
        "patient_merged": follow_merge,
        "patient_renamed": refresh_names,
        "practice_renamed": refresh_practice,
    },
)
