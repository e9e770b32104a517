"""A message on its way: what is asked just before it leaves, and what the gateway answers, each in a transaction.

The gateway itself is called between the two, outside of any (`clinic/cli/messages.py`). When the process dies there,
the next try finds the message `leaving` and says so to a person instead of saying it twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from clinic.appointments.mapping.appointment import span_of
from clinic.appointments.service.answers import is_confirmed
from clinic.appointments.service.links import visit_link_for
from clinic.communication.gateways import Handed, Outgoing, Report
from clinic.communication.mapping.messages import (
    CHANNEL,
    KEY,
    PURPOSE,
    appointment_of,
    in_state,
    leaving_by,
    state_of,
    value_of,
    with_gateway_id,
)
from clinic.communication.queries.messages import by_gateway_id
from clinic.communication.rules.messages import Message, Way
from clinic.communication.rules.texts import SHOWN_LINK, Words, chosen_language, filled, words_for
from clinic.communication.service.messages import JOB, TEST, failed
from clinic.communication.service.offers import PATH
from clinic.communication.service.ways import OFF, way_to
from clinic.communication.service.words import texts_of, words_of
from clinic.core.days import read_instant
from clinic.core.errors import N_
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.subject import reference_id
from clinic.registration.mapping.patient import language_of

STATE_JOB: Final = "message-state"
ASK_AFTER: Final = (timedelta(minutes=2), timedelta(minutes=15), timedelta(hours=2), timedelta(hours=12))
"""When a gateway is asked again what became of a message."""
CUT_OFF = N_("The connection broke while it was handed over. Perhaps it was sent; look before you send it again.")
SILENT = N_("The gateway has the message but never said that it was sent.")
TOO_LATE = N_("There is no longer any use in it.")
NO_VISIT = N_("The visit was moved or cancelled.")
_COMING = ("reminder", "confirmation", "moved")
_ORDER = ("waiting", "leaving", "handed", "sent", "delivered")


@dataclass(frozen=True)
class Leaving:
    """A message that is to be handed over now, by which channel."""

    channel: str
    outgoing: Outgoing


def prepare(store: Store, payload: Json, *, channels: Sequence[str], public_url: str, number: int) -> Leaving | None:
    """Make a message ready to leave by one of the channels that the practice has; None when it does not leave now.

    `number` counts how often it was put off for the hour. It is taken back when it fits no more, put off while
    everybody sleeps, and failed when there is no way to its patient.
    """
    message = store.find("Communication", str(payload["message"]))
    if message is None or state_of(message) not in ("waiting", "leaving"):
        return None
    if state_of(message) == "leaving":
        failed(store, message, CUT_OFF)
        return None
    if value_of(message, PURPOSE) == TEST:
        return _ready_to_try(store, message, payload, channels)
    return _to_patient(store, message, payload, channels=channels, public_url=public_url, number=number)


def _to_patient(
    store: Store, message: Json, payload: Json, *, channels: Sequence[str], public_url: str, number: int
) -> Leaving | None:
    until = _instant(payload.get("until"))
    why = _why_not(store, message, payload, until)
    if why:
        store.update(in_state(message, "stopped", why=why), reason="taken back")
        return None
    patient = store.read("Patient", reference_id(message.get("subject"), "Patient"))
    usable = [one for one in payload.get("channels", []) if one in channels]
    way = way_to(store, patient, usable, until=until)
    if way.later is not None:
        store.enqueue(JOB, payload, f"{JOB}:{message['id']}:{number + 1}", not_before=way.later)
        return None
    if not way:
        _no_way(store, message, way.why)
        return None
    return _ready(store, message, payload, patient=patient, way=way, public_url=public_url)


def _ready_to_try(store: Store, message: Json, payload: Json, channels: Sequence[str]) -> Leaving | None:
    """A message of a manager to themselves: to the address that was written, whatever the hour."""
    channel, to = str(payload["channels"][0]), str(payload["to"])
    if channel not in channels:
        failed(store, message, OFF)
        return None
    said = Words(str(payload["subject"]) or store.practice.name, str(payload["words"]))
    language = str(payload["language"])
    changed = leaving_by(message, channel, to, language=language, text=said.text, subject=said.subject)
    saved = store.update(changed, reason="leaving")
    return Leaving(channel, Outgoing(saved["id"], to, said.text, said.subject, language, store.practice.name))


def _no_way(store: Store, message: Json, why: str) -> None:
    """A reminder that nobody can be sent is no task: the desk sees on the visit that none went out."""
    if value_of(message, PURPOSE) in ("reminder", "thanks-yes", "thanks-no"):
        store.update(in_state(message, "stopped", why=why), reason="no way")
    else:
        failed(store, message, why)


def _why_not(store: Store, message: Json, payload: Json, until: datetime | None) -> str:
    if until is not None and store.now >= until:
        return TOO_LATE
    fits, purpose = _instant(payload.get("fits_start")), value_of(message, PURPOSE)
    id_ = appointment_of(message)
    if not id_ or (fits is None and purpose not in _COMING):
        return ""
    visit = store.find("Appointment", id_) or {}
    span = span_of(visit)
    if span is None or (fits is not None and span.start != fits):
        return NO_VISIT
    if purpose in _COMING and (visit.get("status") not in ("booked", "pending") or span.start <= store.now):
        return NO_VISIT
    return ""


def _ready(store: Store, message: Json, payload: Json, *, patient: Json, way: Way, public_url: str) -> Leaving:
    language = chosen_language(language_of(patient), store.practice.language)
    wanted = Message(
        str(patient["id"]), value_of(message, PURPOSE), value_of(message, KEY), appointment_of(message),
        values=payload.get("values", {}), words=payload.get("words", ""), subject=payload.get("subject", ""),
    )  # fmt: skip
    words, values = words_of(store, wanted, patient, language)
    links = _links(store, wanted, payload, public_url)
    values["reply"] = _reply(store, wanted, way.channel, language) if public_url or way.channel == "sms" else ""
    said = Words(filled(words.subject, values | links), filled(words.text, values | links))
    shown = filled(words.text, values | dict.fromkeys(links, SHOWN_LINK))
    changed = leaving_by(
        message, way.channel, way.to, language=language, text=shown, subject=words_subject(said, store)
    )
    saved = store.update(changed, reason="leaving")
    report = f"{public_url.rstrip('/')}/communication/gateway/report" if public_url and way.channel == "sms" else ""
    outgoing = Outgoing(
        saved["id"], way.to, said.text, words_subject(said, store), language, store.practice.name, report
    )
    return Leaving(way.channel, outgoing)


def words_subject(said: Words, store: Store) -> str:
    """The subject of a mail: the text's own, or the practice's name."""
    return said.subject or store.practice.name


def _links(store: Store, wanted: Message, payload: Json, public_url: str) -> dict[str, str]:
    links = {name: str(value) for name, value in payload.get("links", {}).items()}
    path = links.pop(PATH, "")
    if path and public_url:
        links["link"] = public_url.rstrip("/") + path
    if "link" in links or not public_url or wanted.purpose not in _COMING or not wanted.appointment_id:
        return links
    token = visit_link_for(store, store.read("Appointment", wanted.appointment_id))
    return links | {"link": f"{public_url.rstrip('/')}/appointments/own/{token}"}


def _reply(store: Store, wanted: Message, channel: str, language: str) -> str:
    """What may be answered: texts alone come back to us, and who has confirmed is not asked again."""
    if channel != "sms" or wanted.purpose not in ("reminder", "offer"):
        return ""
    visit = store.find("Appointment", wanted.appointment_id) if wanted.appointment_id else None
    if wanted.purpose == "reminder" and visit is not None and is_confirmed(visit):
        return ""
    return words_for(texts_of(store), f"ask-{wanted.purpose}", "", language).text


# -- what the gateway answers


def handed_over(store: Store, message_id: str, handed: Handed) -> None:
    """The gateway has the message: sent only when it says so; otherwise it is asked again later."""
    message = with_gateway_id(store.read("Communication", message_id), handed.gateway_id)
    if handed.state == "handed":
        store.update(in_state(message, "handed"), reason="handed over")
        ask_later(store, message_id, 0)
        return
    received = store.now if handed.state == "delivered" else None
    store.update(in_state(message, handed.state, sent=store.now, received=received), reason=handed.state)


def ask_later(store: Store, message_id: str, number: int) -> None:
    """Ask the gateway again what became of it, until it said so or for the last time."""
    if number < len(ASK_AFTER):
        payload: Json = {"message": message_id, "number": number}
        key = f"{STATE_JOB}:{message_id}:{number}"
        store.enqueue(STATE_JOB, payload, key, not_before=store.now + ASK_AFTER[number])
        return
    message = store.read("Communication", message_id)
    if state_of(message) == "handed":
        failed(store, message, SILENT)


def put_back(store: Store, message_id: str) -> None:
    """The gateway surely did not take it: it waits for the next try."""
    store.update(in_state(store.read("Communication", message_id), "waiting"), reason="the gateway took it not")


def gave_up(store: Store, message_id: str, why: str) -> None:
    """The gateway will not take it, or nobody knows whether it did."""
    message = store.read("Communication", message_id)
    if state_of(message) == "leaving":
        failed(store, message, why)


def waiting_for(store: Store, message_id: str) -> tuple[str, str]:
    """The channel of a message that the gateway has not said enough about, and its name there; empty for others."""
    message = store.find("Communication", message_id)
    if message is None or state_of(message) != "handed":
        return "", ""
    found = next((str(one["value"]) for one in message.get("identifier", []) if one.get("value")), "")
    return value_of(message, CHANNEL), found


def take_report(store: Store, report: Report) -> bool:
    """Keep what a gateway says about a message; False when it is none of ours. Later news never go back in time."""
    id_ = by_gateway_id(store, report.gateway_id)
    if not id_:
        return False
    store.lock("Communication", id_)
    message = store.read("Communication", id_)
    present = state_of(message)
    if present not in ("handed", "sent", "leaving"):
        return True
    if report.state == "failed":
        failed(store, message, report.why or N_("The gateway could not deliver it."))
    elif report.state != "handed" and _ORDER.index(report.state) > _ORDER.index(present):
        sent = None if "sent" in message else store.now
        received = store.now if report.state == "delivered" else None
        store.update(in_state(message, report.state, sent=sent, received=received), reason=report.state)
    return True


def _instant(text: object) -> datetime | None:
    return read_instant(text) if isinstance(text, str) and text else None
