"""The words of one message: which text, and what fills its places."""

from __future__ import annotations

import sqlalchemy as sa

from clinic.appointments.mapping.appointment import place_of, span_of, zone_of
from clinic.appointments.service.telehealth import video_address
from clinic.communication.rules.messages import Message
from clinic.communication.rules.texts import Texts, Words, moment_values, words_for
from clinic.communication.tables import message_text
from clinic.core.json import Json
from clinic.fhir.store import Store


def words_of(store: Store, message: Message, patient: Json, language: str) -> tuple[Words, dict[str, str]]:
    """The text of a message in a language, and the values for its places."""
    values = {"practice": store.practice.name, "name": given_name(patient), "site": store.practice.site_name}
    visit_type = ""
    visit = store.find("Appointment", message.appointment_id) if message.appointment_id else None
    if visit is not None and span_of(visit) is not None:
        place = place_of(visit)
        visit_type = place.type_id
        zone = zone_of(visit) or store.practice.zone
        values |= moment_values(place.span.start, zone, language)
        values |= {
            "provider": place.provider_name, "type": place.type_name, "site": place.site_name or values["site"],
            "video": video_address(store, visit),
        }  # fmt: skip
    values |= message.values
    if message.words:
        return Words(message.subject or store.practice.name, message.words), values
    return words_for(texts_of(store), message.purpose, visit_type, language), values


def texts_of(store: Store) -> Texts:
    """The practice's own words; one statement."""
    rows = store.conn.execute(sa.select(message_text))
    return {(row.purpose, row.visit_type, row.language): Words(row.subject, row.text) for row in rows}


def given_name(patient: Json) -> str:
    """How a patient is addressed: the usual name, else the given one, else nothing."""
    names = [name for name in patient.get("name", []) if isinstance(name, dict)]
    ordered = sorted(names, key=lambda name: (name.get("use") != "usual", name.get("use") != "official"))
    for name in ordered:
        given = name.get("given")
        if isinstance(given, list) and given and isinstance(given[0], str):
            return given[0]
    return ""
