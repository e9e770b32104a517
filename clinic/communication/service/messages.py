"""Sending a message, taking it back, and what the gateway says of it. Others call `send`, or announce the news
`message_wanted`; when and by which way it leaves is decided when it leaves (`service/leaving.py`).
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from clinic.communication.mapping.messages import KEY as KEY_OF
from clinic.communication.mapping.messages import PURPOSE as PURPOSE_OF
from clinic.communication.mapping.messages import appointment_of, in_state, new_message, state_of, value_of
from clinic.communication.rules.messages import LONGEST_KEY, UNDO, Message, Sending, check_message, read_wanted
from clinic.communication.rules.texts import SHOWN_LINK, chosen_language, filled
from clinic.communication.service.tasks import failed_message
from clinic.communication.service.words import words_of
from clinic.communication.tables import message_row
from clinic.core.days import instant_text
from clinic.core.errors import Conflict, Taken
from clinic.core.ids import new_id
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.subject import reference_id
from clinic.registration.mapping.patient import language_of
from clinic.registration.queries.finder import people

JOB: Final = "message"
CLAIM: Final = "message"
TEST: Final = "test"
"""The purpose of a message that somebody sends to themselves: whoever tries it sees what became of it."""
_m = message_row.c


def send(store: Store, message: Message) -> Sending:
    """Send a message to a patient: kept as a Communication now, it leaves after the undo minute.

    The same `key` is said once: a second call gives the first message. Nothing is decided here about the way: the
    worker asks when it leaves for consent, the preferred channel, numbers that take no texts, quiet hours and the
    language, and takes it back when the visit it speaks of has changed. A message that cannot reach its patient is
    told as the news `message_failed`, and becomes a task where nobody takes it. It counts as sent only when the
    gateway said so. Raises Invalid, Missing for an unknown patient.
    """
    check_message(message)
    known = store.holder(CLAIM, message.key)
    if known:
        return Sending(known, "", repeated=True)
    patient = store.read("Patient", message.patient_id)
    name = people(store, [message.patient_id])[message.patient_id].display
    id_ = new_id()
    try:
        store.claim(CLAIM, message.key, id_)
    except Taken as taken:
        return Sending(taken.holder, "", repeated=True)
    shown = _shown(store, message, patient)
    store.create(new_message(message, store.now, patient_name=name, text=shown), id=id_)
    leave(store, message, id_)
    return Sending(id_, "waiting")


def leave(store: Store, message: Message, id_: str) -> None:
    """Put the message into the outbox; links and values travel with the work alone."""
    soonest = store.now if message.at_once else store.now + UNDO
    payload: Json = {
        "message": id_, "patient": message.patient_id, "values": dict(message.values), "links": dict(message.links),
        "words": message.words, "subject": message.subject, "channels": list(message.channels),
        "until": instant_text(message.until) if message.until else "",
        "fits_start": instant_text(message.fits_start) if message.fits_start else "",
    }  # fmt: skip
    store.enqueue(JOB, payload, f"{JOB}:{id_}:1", not_before=max(soonest, message.not_before or soonest))


def wanted(store: Store, news: Json) -> None:
    """Send what a lower slice announces by `message_wanted`."""
    send(store, read_wanted(news))


def unwanted(store: Store, news: Json) -> None:
    """Take back what a lower slice no longer wants said, as far as it has not left (`message_unwanted`)."""
    take_back_all(store, key=str(news["key"]), why=str(news.get("why", "")))


def take_back(store: Store, id_: str, *, why: str = "", version: int | None = None) -> Json:
    """Take a message back that has not left. Raises Conflict once it has, Missing, Stale."""
    message = store.read("Communication", id_)
    if state_of(message) != "waiting":
        raise Conflict("This message is on its way already.")
    return store.update(in_state(message, "stopped", why=why), version=version, reason="taken back")


def take_back_all(store: Store, *, key: str, why: str) -> int:
    """Take back every waiting message whose key begins with these words, such as "reminder:<appointment>:"."""
    like = sa.and_(_m.key >= key[:LONGEST_KEY], _m.key < key[:LONGEST_KEY] + "￿", _m.state == "waiting")
    return _stop(store, sa.select(_m.id).where(like), why)


def take_back_for_visit(store: Store, appointment_id: str, *, why: str) -> int:
    """Take back what waits to be said about a visit; gives how many."""
    mine = sa.and_(_m.appointment_id == appointment_id, _m.state == "waiting", _m.purpose == "reminder")
    return _stop(store, sa.select(_m.id).where(mine), why)


def _stop(store: Store, which: sa.Select[Any], why: str) -> int:
    ids = sorted(store.conn.execute(which).scalars())
    for id_ in ids:
        message = store.read("Communication", id_)
        store.update(in_state(message, "stopped", why=why), reason="taken back")
    return len(ids)


def failed(store: Store, message: Json, why: str) -> Json:
    """Note that a message will not reach its patient: somebody acts on it, or it is a task of the desk."""
    saved = store.update(in_state(message, "failed", why=why), reason="failed")
    news: Json = {
        "patient": reference_id(saved.get("subject"), "Patient"), "message": saved["id"],
        "purpose": value_of(saved, PURPOSE_OF), "key": value_of(saved, KEY_OF),
        "appointment": appointment_of(saved), "why": why,
    }  # fmt: skip
    if not news["patient"] and news["purpose"] == TEST:
        return saved
    store.fire("message_failed", news)
    if not news.get("taken"):
        failed_message(store, saved, why)
    return saved


def _shown(store: Store, message: Message, patient: Json) -> str:
    """What it would say now, for whoever looks before it leaves."""
    language = chosen_language(language_of(patient), store.practice.language)
    links = dict.fromkeys(message.links, SHOWN_LINK)
    words, values = words_of(store, message, patient, language)
    return filled(words.text, values | links)
