"""What comes in by text: it confirms or cancels a visit, stops the texts, or waits for a person to answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from clinic.appointments.mapping.appointment import reason_of, span_of
from clinic.appointments.rules.status import MOVABLE
from clinic.appointments.service.answers import confirm, decline
from clinic.communication.gateways import Incoming
from clinic.communication.mapping.messages import TO, incoming_message, text_of, value_of
from clinic.communication.queries.messages import MessageRow, last_to, messages_of, messages_with
from clinic.communication.rules.messages import Message
from clinic.communication.rules.replies import Meaning, meaning
from clinic.communication.service.messages import CLAIM as SENT
from clinic.communication.service.messages import send, take_back
from clinic.communication.service.tasks import desk_task, finish_task, reopen_task
from clinic.communication.service.ways import way_to
from clinic.core.errors import N_, Conflict
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.subject import reference_id
from clinic.registration.queries.finder import people
from clinic.registration.queries.numbers import patients_with_phone
from clinic.registration.service.refusing import refuse

CLAIM: Final = "incoming-message"
ANSWERS_FOR: Final = timedelta(days=10)
"""How long after a message a "1" or "2" is taken as the answer to it."""
BY_TEXT: Final = N_("Cancelled by text")
NOBODY: Final = N_("This number belongs to no patient. Call back, or register the patient first.")
UNDONE: Final = N_("Taken back by whoever wrote it.")
STOPPED: Final = N_("STOP by text")
_ASKING: Final = ("reminder", "offer")


def take_incoming(store: Store, incoming: Incoming) -> Json:
    """Keep a text that came in and let it take effect; the same one, sent twice by the gateway, counts once.

    STOP takes back the consent to texts. "1" and "2" answer the one message that asks something of this number; where
    several visits are meant, somebody unknown writes, or words stand there, a person answers.
    """
    known = store.holder(CLAIM, incoming.gateway_id)
    if known:
        return store.read("Communication", known)
    lately = last_to(store, incoming.sender, store.now - ANSWERS_FOR)
    patients = patients_with_phone(store, incoming.sender)
    whose = lately[0].patient_id if lately else (patients[0] if len(patients) == 1 else "")
    kept = incoming_message(
        store.now, address=incoming.sender, text=incoming.text, gateway_id=incoming.gateway_id,
        patient=_reference(store, whose),
    )  # fmt: skip
    made = store.create(kept)
    store.claim(CLAIM, incoming.gateway_id, made["id"])
    said = meaning(incoming.text)
    if said == "stop":
        opted_out(store, incoming.sender)
    elif not _answered(store, lately, said, incoming.text):
        words = incoming.text.strip() or N_("A text without words")
        desk_task(store, "message-reply", words, patient=made.get("subject"), focus=f"Communication/{made['id']}")
    return made


def opted_out(store: Store, number: str) -> int:
    """Nobody with this number gets texts any more; gives how many consents that took back."""
    return sum(refuse(store, id_, "sms", reason=STOPPED) is not None for id_ in patients_with_phone(store, number))


def _answered(store: Store, lately: list[MessageRow], said: Meaning, text: str) -> bool:
    if said not in ("yes", "no"):
        return _told(store, lately[0], said, text) if lately and lately[0].purpose == "offer" else False
    asking = [row for row in lately if row.purpose in _ASKING]
    if not asking:
        return False
    newest = asking[0]
    others = {row.appointment_id for row in asking if row.purpose == "reminder" and _is_coming(store, row)}
    if newest.purpose == "reminder":
        if others != {newest.appointment_id}:
            return not others and said == "no" and _has_declined(store, newest)
        return _take(store, newest, said)
    return _told(store, newest, said, text)


def _is_coming(store: Store, row: MessageRow) -> bool:
    visit = store.find("Appointment", row.appointment_id) if row.appointment_id else None
    span = span_of(visit) if visit else None
    if visit is None or span is None or visit.get("status") not in MOVABLE:
        return False
    return span.start > store.now and row.key.startswith(f"reminder:{row.appointment_id}:{span.start:%Y%m%dT%H%M}:")


def _has_declined(store: Store, row: MessageRow) -> bool:
    """Whether the patient cancelled this visit by text before: saying so again changes nothing."""
    visit = store.find("Appointment", row.appointment_id) or {}
    return visit.get("status") == "cancelled" and reason_of(visit) == BY_TEXT


def _take(store: Store, row: MessageRow, said: Meaning) -> bool:
    """The answer to a reminder; False when it came too late to count."""
    try:
        if said == "yes":
            confirm(store, row.appointment_id)
        else:
            decline(store, row.appointment_id, reason=BY_TEXT)
    except Conflict:
        return False
    key = f"thanks:{row.id}:{said}"
    send(store, Message(row.patient_id, f"thanks-{said}", key, row.appointment_id, channels=("sms",), at_once=True))
    return True


def _told(store: Store, row: MessageRow, said: Meaning, text: str) -> bool:
    """Let who made the message act on the answer."""
    news: Json = {
        "patient": row.patient_id, "answer": "text" if said not in ("yes", "no") else said, "text": text,
        "message": row.id, "purpose": row.purpose, "key": row.key, "appointment": row.appointment_id,
    }  # fmt: skip
    store.fire("message_answered", news)
    reply = str(news.get("reply", ""))
    if reply:
        send(store, Message(row.patient_id, "answer", f"answer:{row.id}:{said}", words=reply, channels=("sms",),
                            at_once=True))  # fmt: skip
    return bool(news.get("taken"))


def answer(store: Store, task_id: str, words: str, *, version: int | None = None) -> Json:
    """A person answers a text by text: the answer leaves after the undo minute, and the task is done.

    Raises Conflict when a colleague did it already or nobody knows whose number it is, Invalid beside `words`.
    """
    task = store.read("Task", task_id)
    patient_id = reference_id(task.get("for"), "Patient")
    if not patient_id:
        raise Conflict(NOBODY)
    done = finish_task(store, task_id, note=words, version=version)
    send(store, Message(patient_id, "answer", _answer_key(done), words=words, channels=("sms",), ref=f"Task/{task_id}"))
    return done


def _answer_key(done: Json) -> str:
    return f"answer:{done['id']}:{done['meta']['versionId']}"


def take_answer_back(store: Store, task_id: str, *, version: int) -> Json:
    """Undo of an answer that has not left: the text waits for a person again. Raises Conflict once it left, Stale."""
    done = store.read("Task", task_id)
    sent = store.holder(SENT, _answer_key(done))
    if sent:
        take_back(store, sent, why=UNDONE)
    return reopen_task(store, task_id, version=version)


@dataclass(frozen=True)
class Thread:
    """A text that waits for an answer, and what was said before and after it, the oldest first."""

    task: Json
    said: str
    address: str
    rows: list[MessageRow]
    why_not: str
    """Why no answer can be sent by text; empty when one can."""


def thread_of(store: Store, task_id: str) -> Thread:
    """What somebody reads before they answer. Raises Missing for a task that is about no text."""
    task = store.read("Task", task_id)
    id_ = reference_id(task.get("focus"), "Communication")
    message = store.read("Communication", id_ or "-")
    patient_id, address = reference_id(task.get("for"), "Patient"), value_of(message, TO)
    rows = messages_of(store, patient_id) if patient_id else messages_with(store, address)
    return Thread(task, text_of(message), address, rows[::-1], _why_not(store, patient_id))


def _why_not(store: Store, patient_id: str) -> str:
    if not patient_id:
        return NOBODY
    way = way_to(store, store.read("Patient", patient_id), ("sms",))
    return "" if way or way.later else way.why


def _reference(store: Store, patient_id: str) -> Json | None:
    if not patient_id:
        return None
    found = people(store, [patient_id]).get(patient_id)
    return {"reference": f"Patient/{patient_id}", "display": found.display} if found else None
