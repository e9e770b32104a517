"""An attempt at reaching a patient about an order or a recall: a FHIR Communication that is about it.

A call is written as the call log writes its own, so that it stands there too; a message is the Communication that
the sending of messages keeps.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from clinic.appointments.mapping.extensions import dicts, extension_value
from clinic.appointments.rules.recalls import DECLINED, MESSAGE, REACHED, Recall, Tried
from clinic.core.days import instant_text, read_instant
from clinic.core.json import Json
from clinic.fhir.subject import reference_id

OUTCOME = "urn:clinic:recall-outcome"
AGAIN = "urn:clinic:try-again"
_CALL_OUTCOME, _CALL_REASON = "urn:clinic:call-outcome", "urn:clinic:call-reason"
_CALL_NUMBER, _INCOMING = "urn:clinic:caller-number", "urn:clinic:incoming"
_MESSAGE, _STATE, _MADE = "urn:clinic:message", "urn:clinic:message-state", "urn:clinic:message-made"
_PHONE = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationMode", "code": "PHONE"}]}
_NOT_SENT = ("stopped", "received")


def new_attempt(recall: Recall, tried: Tried, at: datetime, *, by: Json) -> Json:
    """The Communication of a call to the patient."""
    extension: list[Json] = [
        {"url": _INCOMING, "valueBoolean": False},
        {"url": _CALL_OUTCOME, "valueCode": REACHED if tried.outcome == DECLINED else tried.outcome},
        {"url": OUTCOME, "valueCode": tried.outcome},
    ]
    extension += [{"url": _CALL_NUMBER, "valueString": tried.number}] if tried.number else []
    extension += [{"url": AGAIN, "valueDate": tried.again.isoformat()}] if tried.again else []
    made: Json = {
        "resourceType": "Communication",
        "extension": extension,
        "basedOn": [{"reference": f"ServiceRequest/{recall.id}"}],
        "status": "completed",
        "medium": [_PHONE],
        "subject": {"reference": f"Patient/{recall.patient_id}", "display": recall.patient_name},
        "sent": instant_text(at),
        "reasonCode": [{"coding": [{"system": _CALL_REASON, "code": "appointment"}]}],
        "sender": by,
    }
    return made | ({"payload": [{"contentString": tried.note}]} if tried.note else {})


def mistaken(communication: Json) -> Json:
    """A call that was never made."""
    extension = [item for item in dicts(communication.get("extension")) if item.get("url") != _CALL_OUTCOME]
    return communication | {"status": "entered-in-error", "extension": extension}


def recall_in(communication: Json) -> str:
    """The id of the order or recall that a Communication is about; empty for every other."""
    return next(_requests(communication), "")


def _requests(communication: Json) -> Iterator[str]:
    for name in ("basedOn", "about"):
        for one in dicts(communication.get(name)):
            if id_ := reference_id(one, "ServiceRequest"):
                yield id_


def attempt_rows(communication: Json) -> list[dict[str, Any]]:
    """The row of an attempt; none for other communications, and for what was taken back."""
    recall, way = recall_in(communication), _way(communication)
    at = _instant(communication.get("sent") or extension_value(communication, _MADE))
    if not recall or not way or at is None or communication.get("status") == "entered-in-error":
        return []
    note = " ".join(str(part.get("contentString", "")) for part in dicts(communication.get("payload")))
    again = extension_value(communication, AGAIN)
    sender = communication.get("sender")
    return [
        {
            "id": communication["id"],
            "recall": recall[:64],
            "at": at,
            "outcome": str(extension_value(communication, OUTCOME) or MESSAGE)[:20],
            "way": way,
            "again": _day(again),
            "note": note[:400],
            "by_name": str(sender.get("display", "") if isinstance(sender, dict) else "")[:200],
        }
    ]


def _way(communication: Json) -> str:
    """`phone` for a call, `message` for a message of the practice, `said` for what another program tells."""
    if extension_value(communication, _MESSAGE):
        return "" if extension_value(communication, _STATE) in _NOT_SENT else "message"
    return "phone" if extension_value(communication, OUTCOME) else "said"


def _instant(value: Any) -> datetime | None:
    try:
        return read_instant(str(value))
    except ValueError:
        return None


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None
