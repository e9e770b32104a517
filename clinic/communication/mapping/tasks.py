"""What waits for a person, as FHIR Task, and its row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from clinic.core.days import instant_text, read_instant
from clinic.core.errors import N_
from clinic.core.json import Json
from clinic.fhir.subject import reference_id

SYSTEM = "urn:clinic:task"
KINDS = {
    "message-failed": N_("Message failed"),
    "message-reply": N_("Reply to answer"),
    "missed-visit": N_("Missed visit"),
    "fee": N_("Fee to charge"),
    "recall": N_("Patient to reach"),
    "check-out": N_("Left open at check-out"),
    "charges": N_("Charges to enter"),
    "failed-job": N_("Could not be done"),
}
"""Kinds of work for the desk; the last comes from the background worker."""


def new_task(
    kind: str, words: str, at: datetime, *, patient: Json | None = None, focus: str = "", urgent: bool = False
) -> Json:
    """The Task of something to do."""
    made: Json = {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "priority": "urgent" if urgent else "routine",
        "code": {"coding": [{"system": SYSTEM, "code": kind}], "text": KINDS[kind]},
        "authoredOn": instant_text(at),
    }
    if words:
        made["description"] = words
    if focus:
        made["focus"] = {"reference": focus}
    if patient and patient.get("reference"):
        made["for"] = patient
    return made


def done_task(task: Json, at: datetime, *, by: str, reference: str, note: str) -> Json:
    """The Task when somebody did it."""
    done = task | {"status": "completed", "lastModified": instant_text(at)}
    done["owner"] = {"display": by} | ({"reference": reference} if reference else {})
    if note.strip():
        done["note"] = [*task.get("note", []), {"text": note.strip(), "time": instant_text(at)}]
    return done


def cancelled(task: Json, at: datetime) -> Json:
    """The Task that need not be done any more."""
    return task | {"status": "cancelled", "lastModified": instant_text(at)}


def reopened(task: Json) -> Json:
    """The Task as it waits again."""
    return {name: value for name, value in task.items() if name not in ("owner", "lastModified")} | {
        "status": "requested"
    }


def task_rows(task: Json) -> list[dict[str, Any]]:
    """The row of a desk's task; none for other Tasks, such as trainings."""
    codes = [one.get("code") for one in task.get("code", {}).get("coding", []) if one.get("system") == SYSTEM]
    if not codes or codes[0] not in KINDS or "authoredOn" not in task:
        return []
    whom = task.get("for", {})
    focus = task.get("focus", {})
    return [
        {
            "id": task["id"],
            "at": read_instant(task["authoredOn"]),
            "kind": str(codes[0])[:20],
            "open": task.get("status") in ("requested", "in-progress", "accepted"),
            "urgent": task.get("priority") in ("urgent", "asap", "stat"),
            "patient_id": reference_id(whom, "Patient"),
            "patient_name": str(whom.get("display", ""))[:200],
            "focus": str(focus.get("reference", ""))[:100],
            "words": str(task.get("description", "")),
            "owner_name": str(task.get("owner", {}).get("display", ""))[:200],
            "version": int(task["meta"]["versionId"]),
        }
    ]
