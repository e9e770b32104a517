"""Offers of the waiting list told to their patients, and what they answer by text."""

from __future__ import annotations

from datetime import datetime

from clinic.appointments.queries.waiting import entry
from clinic.communication.rules.messages import Message
from clinic.communication.rules.texts import chosen_language, moment_values, written_moment
from clinic.communication.service.messages import send, take_back_all
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.registration.mapping.patient import language_of

PATH = "path"
"""The name under which a link travels that still lacks the practice's public address."""


def tell_offer(store: Store, news: Json) -> None:
    """Tell somebody that a time is kept for them, and until when; by the ways and in the hours they agreed to."""
    waits = entry(store, str(news["wish"]))
    patient = store.find("Patient", waits.patient_id) if waits else None
    if waits is None or patient is None:
        return
    language, zone = chosen_language(language_of(patient), store.practice.language), store.practice.zone
    start: datetime = news["start"]
    expires: datetime = news["expires"]
    values = {
        **moment_values(start, zone, language),
        "provider": str(news["provider_name"]),
        "type": waits.type_name,
        "expires": written_moment(expires, zone, language),
    }
    links = {PATH: f"/appointments/own/{news['token']}"}
    message = Message(
        waits.patient_id, "offer", offer_key(news), values=values, links=links, until=expires, at_once=True
    )
    send(store, message)


def offer_key(news: Json) -> str:
    """What the message of an offer is about."""
    return f"offer:{news['offer']}"


def offer_is_over(store: Store, news: Json) -> None:
    """Take back what was not sent yet of an offer that is no longer open."""
    take_back_all(store, key=offer_key(news), why="The offer is no longer open.")
