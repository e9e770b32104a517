"""A message to a patient: what is wanted, what may stand in it, and how it goes on its way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from clinic.core.days import read_instant
from clinic.core.errors import N_, Invalid

Channel = Literal["sms", "email"]
CHANNELS: Final[tuple[Channel, ...]] = ("sms", "email")
UNDO: Final = timedelta(seconds=75)
"""A message leaves after the minute in which what it tells can be taken back, and the seconds a click may travel."""
LONGEST_TEXT: Final = 1_600
"""Characters; a text message longer than ten parts is refused by every gateway."""
LONGEST_KEY: Final = 160

PURPOSES: Final = {
    "reminder": N_("Reminder"),
    "confirmation": N_("Booked"),
    "moved": N_("Moved"),
    "cancelled": N_("Cancelled"),
    "offer": N_("Offer of a time"),
    "link": N_("Link"),
    "recall": N_("Time for a visit"),
    "missed": N_("Missed visit"),
    "thanks-yes": N_("Thanks for confirming"),
    "thanks-no": N_("Thanks for cancelling"),
    "answer": N_("Answer"),
    "own": N_("Message"),
    "test": N_("Message to try it"),
}
"""What a message is for. Each but the last three has a text in every language (`library/messages.json`), which the
practice may change."""
ASKED: Final = {"ask-reminder": N_("What a reminder asks for"), "ask-offer": N_("What an offer asks for")}
"""The sentence that stands at `{reply}` in a text."""

STATES: Final = {
    "waiting": N_("waiting"),
    "leaving": N_("leaving"),
    "handed": N_("handed over"),
    "sent": N_("sent"),
    "delivered": N_("delivered"),
    "failed": N_("failed"),
    "stopped": N_("taken back"),
    "received": N_("received"),
}
"""`leaving`: the gateway is being asked; `handed`: it has the message and has not said yet that it is sent."""
OPEN: Final = frozenset({"waiting", "leaving", "handed"})


@dataclass(frozen=True)
class Message:
    """What is to be told to a patient.

    `key` is what it is about, so that the same is said once: "reminder:<appointment>:<start>:<stage>". `values` fill
    the places of the text beside those of the visit (`{day}`, `{time}`, `{provider}`, `{type}`, `{site}`, taken from
    the appointment when the message leaves); `links` too, but they are never kept in the record: what is shown of
    them afterwards is "[link]". `words` and `subject` stand instead of the purpose's own text. `not_before` None means
    after the undo minute, `at_once` now. After `until` it means nothing and is taken back. `fits_start` is the start
    of the visit it speaks of: a visit that was moved, cancelled or held since takes it back. `ref` is a record it
    answers or belongs to, such as "ServiceRequest/1".
    """

    patient_id: str
    purpose: str
    key: str
    appointment_id: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    words: str = ""
    subject: str = ""
    channels: tuple[str, ...] = CHANNELS
    not_before: datetime | None = None
    until: datetime | None = None
    at_once: bool = False
    fits_start: datetime | None = None
    ref: str = ""


def check_message(message: Message) -> None:
    """Refuse a message that nobody could send. Raises Invalid."""
    if message.purpose not in PURPOSES:
        raise Invalid("There is no message of this kind.", field="purpose")
    if not message.patient_id or not message.key or len(message.key) > LONGEST_KEY:
        raise Invalid("A message needs its patient and what it is about.")
    if message.purpose in ("own", "answer") and not message.words.strip():
        raise Invalid("Write what the patient shall read.", field="words")
    if len(message.words) > LONGEST_TEXT:
        raise Invalid("This is too long.", field="words")
    if not message.channels or not set(message.channels) <= set(CHANNELS):
        raise Invalid("Choose how it shall go.", field="channels")


_TIMES = ("not_before", "until", "fits_start")
_NAMES = {one.name for one in fields(Message)}


def read_wanted(news: Mapping[str, Any]) -> Message:
    """The message that the news `message_wanted` asks for: `patient`, `purpose`, `key` and, by the names of Message,
    what else there is (`appointment` for its id; `not_before`, `until` and `fits_start` as FHIR instants).
    """
    given = {name: value for name, value in news.items() if name in _NAMES}
    for name in _TIMES:
        if isinstance(given.get(name), str):
            given[name] = read_instant(given[name])
    given.setdefault("patient_id", str(news.get("patient", "")))
    given.setdefault("appointment_id", str(news.get("appointment", "")))
    if "channels" in given:
        given["channels"] = tuple(given["channels"])
    return Message(**given)


@dataclass(frozen=True)
class Sending:
    """What became of the wish to send: the Communication's id, and whether the same was said already."""

    id: str
    state: str
    repeated: bool = False


@dataclass(frozen=True)
class Way:
    """How a patient can be reached now: by which channel and number or address; or when, or why not at all."""

    channel: str = ""
    to: str = ""
    later: datetime | None = None
    why: str = ""

    def __bool__(self) -> bool:
        return bool(self.to)
