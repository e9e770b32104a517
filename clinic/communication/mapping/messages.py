"""A message to or from a patient as FHIR Communication, and its row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from clinic.communication.rules.messages import Message
from clinic.core.days import instant_text, read_instant
from clinic.core.json import Json
from clinic.core.names import fold
from clinic.fhir.subject import reference_id

PURPOSE = "urn:clinic:message"
STATE = "urn:clinic:message-state"
KEY = "urn:clinic:message-key"
CHANNEL = "urn:clinic:message-channel"
TO = "urn:clinic:message-address"
WHY = "urn:clinic:message-why"
GATEWAY = "urn:clinic:gateway-message"
_MODES = "http://terminology.hl7.org/CodeSystem/v3-ParticipationMode"
_MEDIUM = {"sms": "SMSWRIT", "email": "EMAILWRIT"}
_STATUS = {
    "waiting": "preparation", "leaving": "in-progress", "handed": "in-progress", "sent": "completed",
    "delivered": "completed", "failed": "not-done", "stopped": "not-done", "received": "completed",
}  # fmt: skip
_REASONS = "urn:clinic:message-reason"


def new_message(message: Message, at: datetime, *, patient_name: str, text: str) -> Json:
    """The Communication of a message that waits to leave; `text` is what it would say now."""
    about = [f"Appointment/{message.appointment_id}"] if message.appointment_id else []
    about += [message.ref] if message.ref else []
    made: Json = {
        "resourceType": "Communication",
        "extension": [
            {"url": PURPOSE, "valueCode": message.purpose},
            {"url": STATE, "valueCode": "waiting"},
            {"url": KEY, "valueString": message.key},
            {"url": "urn:clinic:message-made", "valueInstant": instant_text(at)},
        ],
        "status": "preparation",
        "category": [{"coding": [{"system": PURPOSE, "code": message.purpose}]}],
        "subject": {"reference": f"Patient/{message.patient_id}", "display": patient_name},
        "recipient": [{"reference": f"Patient/{message.patient_id}", "display": patient_name}],
    }
    if about:
        made["about"] = [{"reference": one} for one in about]
    if text:
        made["payload"] = [{"contentString": text}]
    return made


def message_to_try(at: datetime, *, key: str, channel: str, to: str, text: str) -> Json:
    """The Communication of a message that somebody of the practice sends to themselves."""
    return {
        "resourceType": "Communication",
        "extension": [
            {"url": PURPOSE, "valueCode": "test"},
            {"url": STATE, "valueCode": "waiting"},
            {"url": KEY, "valueString": key},
            {"url": CHANNEL, "valueCode": channel},
            {"url": TO, "valueString": to},
            {"url": "urn:clinic:message-made", "valueInstant": instant_text(at)},
        ],
        "status": "preparation",
        "category": [{"coding": [{"system": PURPOSE, "code": "test"}]}],
        "payload": [{"contentString": text}],
    }


def incoming_message(at: datetime, *, address: str, text: str, gateway_id: str, patient: Json | None) -> Json:
    """The Communication of a text that came in."""
    made: Json = {
        "resourceType": "Communication",
        "extension": [
            {"url": PURPOSE, "valueCode": "reply"},
            {"url": STATE, "valueCode": "received"},
            {"url": CHANNEL, "valueCode": "sms"},
            {"url": TO, "valueString": address},
            {"url": "urn:clinic:message-made", "valueInstant": instant_text(at)},
        ],
        "identifier": [{"system": GATEWAY, "value": gateway_id}],
        "status": "completed",
        "medium": [_medium("sms")],
        "received": instant_text(at),
    }
    if text:
        made["payload"] = [{"contentString": text}]
    if patient:
        made |= {"subject": patient, "sender": patient}
    return made


def in_state(
    message: Json, state: str, *, why: str = "", sent: datetime | None = None, received: datetime | None = None
) -> Json:
    """The message in another state; `sent` and `received` are kept when they are given."""
    instants = {name: instant_text(at) for name, at in (("sent", sent), ("received", received)) if at}
    changed = _with(_with(message, STATE, "valueCode", state), WHY, "valueString", why or None)
    changed |= {"status": _STATUS[state]} | instants
    changed.pop("statusReason", None)
    if why and changed["status"] == "not-done":
        changed["statusReason"] = {"coding": [{"system": _REASONS, "code": state}], "text": why}
    return changed


def leaving_by(message: Json, channel: str, to: str, *, language: str, text: str, subject: str) -> Json:
    """The message as it is handed over: by which way, in which words."""
    changed = _with(_with(message, CHANNEL, "valueCode", channel), TO, "valueString", to)
    changed |= {"medium": [_medium(channel)], "language": language, "payload": [{"contentString": text}]}
    if subject and channel == "email":
        changed["topic"] = {"text": subject}
    return in_state(changed, "leaving")


def with_gateway_id(message: Json, gateway_id: str) -> Json:
    """The message with the name under which the gateway knows it."""
    return message | {"identifier": [{"system": GATEWAY, "value": gateway_id}]} if gateway_id else message


def value_of(message: Json, url: str) -> str:
    """The text of one of the extensions of a message; empty without it."""
    for one in message.get("extension", []):
        if isinstance(one, dict) and one.get("url") == url:
            return str(next((value for name, value in one.items() if name.startswith("value")), ""))
    return ""


def state_of(message: Json) -> str:
    """Its state; empty for a Communication that is no message of ours."""
    return value_of(message, STATE)


def appointment_of(message: Json) -> str:
    """The visit it is about; empty when it is about none."""
    found = (reference_id(one, "Appointment") for one in message.get("about", []))
    return next((id_ for id_ in found if id_), "")


def text_of(message: Json) -> str:
    """What it says."""
    return "\n".join(str(part.get("contentString", "")) for part in message.get("payload", []))


def gateway_id_of(message: Json) -> str:
    """The name under which the gateway knows it."""
    found = (str(one.get("value", "")) for one in message.get("identifier", []) if one.get("system") == GATEWAY)
    return next(found, "")


def message_rows(communication: Json) -> list[dict[str, Any]]:
    """The row of a message; none for a call and other communications."""
    state, made = state_of(communication), value_of(communication, "urn:clinic:message-made")
    if not state or not made:
        return []
    subject, text = communication.get("subject", {}), text_of(communication)
    name = str(subject.get("display", ""))[:200]
    address = value_of(communication, TO)[:200]
    sent, received = communication.get("sent"), communication.get("received")
    return [
        {
            "id": communication["id"],
            "at": read_instant(made),
            "patient_id": reference_id(subject, "Patient"),
            "patient_name": name,
            "appointment_id": appointment_of(communication)[:64],
            "incoming": state == "received",
            "channel": value_of(communication, CHANNEL)[:8],
            "purpose": value_of(communication, PURPOSE)[:20],
            "key": value_of(communication, KEY)[:160],
            "state": state[:12],
            "why": value_of(communication, WHY)[:200],
            "address": address,
            "text": text,
            "folded": fold(f"{name} {address} {text}")[:400],
            "sent": read_instant(sent) if sent else None,
            "received": read_instant(received) if received else None,
            "gateway_id": gateway_id_of(communication)[:80],
            "version": int(communication["meta"]["versionId"]),
        }
    ]


def _medium(channel: str) -> Json:
    return {"coding": [{"system": _MODES, "code": _MEDIUM[channel]}]}


def _with(resource: Json, url: str, name: str, value: Any) -> Json:
    rest = [one for one in resource.get("extension", []) if one.get("url") != url]
    return resource | {"extension": [*rest, {"url": url, name: value}] if value is not None else rest}
