"""A phone call as FHIR Communication (medium PHONE)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from clinic.communication.rules.calls import Call
from clinic.core.days import instant_text, read_instant
from clinic.core.json import Json
from clinic.core.names import fold
from clinic.fhir.subject import reference_id

REASON = "urn:clinic:call-reason"
OUTCOME = "urn:clinic:call-outcome"
CALLER = "urn:clinic:caller"
NUMBER = "urn:clinic:caller-number"
INCOMING = "urn:clinic:incoming"
DUE = "urn:clinic:call-back-due"
_MEDIUM = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationMode", "code": "PHONE"}]}


def new_call(call: Call, at: datetime, *, by: str, reference: str, patient_name: str) -> Json:
    """The Communication of a call; open (`in-progress`) while somebody must call back."""
    extension: list[Json] = [
        {"url": INCOMING, "valueBoolean": call.incoming},
        {"url": OUTCOME, "valueCode": call.outcome},
    ]
    extension += [{"url": CALLER, "valueString": call.caller.strip()}] if call.caller.strip() else []
    extension += [{"url": NUMBER, "valueString": call.number.strip()}] if call.number.strip() else []
    extension += [{"url": DUE, "valueDateTime": instant_text(call.due)}] if call.due else []
    who: Json = {"display": by} | ({"reference": reference} if reference else {})
    made: Json = {
        "resourceType": "Communication",
        "extension": extension,
        "status": "in-progress" if call.outcome == "call-back" else "completed",
        "medium": [_MEDIUM],
        "sent": instant_text(at),
        "reasonCode": [{"coding": [{"system": REASON, "code": call.reason}]}],
        "sender" if not call.incoming else "recipient": who if not call.incoming else [who],
    }
    if call.patient_id:
        made["subject"] = {"reference": f"Patient/{call.patient_id}", "display": patient_name}
    if call.note.strip():
        made["payload"] = [{"contentString": call.note.strip()}]
    return made


def returned(communication: Json, at: datetime, note: str) -> Json:
    """The call after somebody called back."""
    done = {**communication, "status": "completed", "received": instant_text(at)}
    if note.strip():
        done["payload"] = [*communication.get("payload", []), {"contentString": note.strip()}]
    return done


def call_rows(communication: Json) -> list[dict[str, Any]]:
    """The row of a call; none for other communications."""
    found = {one.get("url"): one for one in communication.get("extension", []) if isinstance(one, dict)}
    if OUTCOME not in found or "sent" not in communication:
        return []
    subject = communication.get("subject", {})
    caller = str(found.get(CALLER, {}).get("valueString", "") or subject.get("display", ""))[:200]
    number = str(found.get(NUMBER, {}).get("valueString", ""))[:40]
    note = "\n".join(str(part.get("contentString", "")) for part in communication.get("payload", []))
    due = found.get(DUE, {}).get("valueDateTime")
    who = communication.get("sender") or (communication.get("recipient") or [{}])[0]
    reasons = communication.get("reasonCode", [{}])[0].get("coding", [{}])
    return [
        {
            "id": communication["id"],
            "at": read_instant(communication["sent"]),
            "patient_id": reference_id(subject, "Patient"),
            "caller": caller,
            "folded": fold(f"{caller} {number} {note}")[:400],
            "number": number,
            "incoming": bool(found.get(INCOMING, {}).get("valueBoolean", True)),
            "reason": str(reasons[0].get("code", "other"))[:20],
            "outcome": str(found[OUTCOME].get("valueCode", ""))[:20],
            "note": note,
            "due": read_instant(due) if due else None,
            "open": communication.get("status") == "in-progress",
            "by_name": str(who.get("display", ""))[:200],
            "version": int(communication["meta"]["versionId"]),
        }
    ]
