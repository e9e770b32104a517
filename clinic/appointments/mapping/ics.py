"""A visit as an entry of the patient's own calendar (RFC 5545)."""

from __future__ import annotations

from datetime import datetime

from clinic.appointments.mapping.appointment import place_of
from clinic.core.json import Json


def own_visit_ics(appointment: Json, practice: str, *, now: datetime) -> str:
    """The entry: when, where and with whom. No patient's name and no reason, since calendars are shared and synced."""
    from icalendar import Calendar, Event

    place = place_of(appointment)
    event = Event()
    event.add("uid", f"{appointment['id']}@clinic")
    event.add("dtstamp", now)
    event.add("dtstart", place.span.start)
    event.add("dtend", place.span.end)
    event.add("sequence", int(appointment["meta"]["versionId"]))
    event.add("status", "CANCELLED" if place.status == "cancelled" else "CONFIRMED")
    event.add("summary", f"{practice}: {place.provider_name}" if place.provider_name else practice)
    if place.site_name:
        event.add("location", place.site_name)
    event.add("class", "PRIVATE")
    calendar = Calendar()
    calendar.add("prodid", "-//Clinic//Own visit//EN")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    text: str = calendar.to_ical().decode()
    return text
