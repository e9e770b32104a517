"""The words of a message tried out: read with a made-up patient, and sent to oneself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from clinic.appointments.queries.practice import calendar_setup
from clinic.communication.mapping.messages import message_to_try
from clinic.communication.rules.messages import ASKED
from clinic.communication.rules.texts import (
    SHOWN_LINK,
    Words,
    filled,
    moment_values,
    parts_of,
    words_for,
    written_moment,
)
from clinic.communication.service.messages import JOB, TEST
from clinic.communication.service.words import texts_of
from clinic.core.days import local, to_utc
from clinic.core.errors import N_, Invalid
from clinic.core.ids import new_id
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.regions import region_of
from clinic.regions.phones import read_phone

_NAME: Final = "Mila"
_PROVIDER: Final = "Dr Rivera"
_MOST_LETTERS: Final = 254
NO_ADDRESS: Final = N_("Write your own number or e-mail address.")


@dataclass(frozen=True)
class Trial:
    """A text as a made-up patient would read it."""

    language: str
    subject: str
    text: str
    parts: int
    own: bool


def read_with(store: Store, purpose: str, visit_type: str, language: str, words: Words) -> Trial:
    """The words as a made-up patient would read them; the product's where none are written."""
    values, texts = _example(store, visit_type, language), store.read_once("texts to try", lambda: texts_of(store))
    asked = f"ask-{purpose}"
    values["reply"] = words_for(texts, asked, "", language).text if asked in ASKED else ""
    own = bool(words.text.strip())
    # no words of this type: those of all types, then those that come with the product
    others = {key: one for key, one in texts.items() if key[:2] != (purpose, visit_type)}
    said = words if own else words_for(others, purpose, visit_type, language)
    text = filled(said.text, values)
    return Trial(language, filled(said.subject, values), text, parts_of(text), own)


def _example(store: Store, visit_type: str, language: str) -> dict[str, str]:
    setup, zone = store.read_once("setup to try", lambda: calendar_setup(store)), store.practice.zone
    start = to_utc(datetime.combine(local(store.now, zone).date() + timedelta(days=3), time(10)), zone)
    kind = setup.visit_type(visit_type)
    return {
        **moment_values(start, zone, language),
        "practice": store.practice.name,
        "name": _NAME,
        "provider": next((person.name for person in setup.columns()), _PROVIDER),
        "type": kind.name if kind else next((one.name for one in setup.types if one.active), ""),
        "site": store.practice.site_name,
        "link": SHOWN_LINK,
        "expires": written_moment(start, zone, language),
    }


def try_it(store: Store, trial: Trial, to: str) -> Json:
    """Send a text to oneself, at once and whatever the hour; what becomes of it stands on the message.

    Raises Invalid beside `to`.
    """
    channel, address = _read(store, to)
    id_ = new_id()
    key = f"{TEST}:{id_}"
    made = store.create(message_to_try(store.now, key=key, channel=channel, to=address, text=trial.text), id=id_)
    payload: Json = {
        "message": id_, "channels": [channel], "to": address, "subject": trial.subject, "words": trial.text,
        "language": trial.language,
    }  # fmt: skip
    store.enqueue(JOB, payload, f"{JOB}:{id_}:1", not_before=store.now)
    return made


def _read(store: Store, to: str) -> tuple[str, str]:
    written = to.strip()
    name, at, host = written.rpartition("@")
    if at:
        if not name or not host or len(written) > _MOST_LETTERS or any(not one.isprintable() for one in written):
            raise Invalid(NO_ADDRESS, field="to")
        return "email", written
    try:
        return "sms", read_phone(written, region_of(store.practice.region))
    except ValueError as error:
        raise Invalid(NO_ADDRESS, field="to") from error
