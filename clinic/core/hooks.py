"""News that travels upward: a lower slice tells, an upper slice listens, nobody imports upward.

`create_app` fills one `Hooks` with the listeners of every slice. A listener gets the store of the
running transaction and the resource, and may write; what it raises ends the whole transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from clinic.core.merging import MergePart

Listener = Callable[[Any, dict[str, Any]], None]


def _none() -> list[Listener]:
    return []


def _no_parts() -> list[MergePart]:
    return []


@dataclass
class Hooks:
    """One list of listeners for each piece of news."""

    patient_renamed: list[Listener] = field(default_factory=_none)
    patient_merged: list[Listener] = field(default_factory=_none)
    """The record that lives on, when everything of the other one is with it."""
    patient_unmerged: list[Listener] = field(default_factory=_none)
    """Each of the two records in turn, when they stand alone again."""
    family_member_registered: list[Listener] = field(default_factory=_none)
    practice_renamed: list[Listener] = field(default_factory=_none)
    appointment_changed: list[Listener] = field(default_factory=_none)
    visit_changed: list[Listener] = field(default_factory=_none)
    patient_here: list[Listener] = field(default_factory=_none)
    """A patient said by a link to be here: `{"appointment": id, "way": "video"}`; the arrival is to be noted."""
    coverage_changed: list[Listener] = field(default_factory=_none)
    answers_submitted: list[Listener] = field(default_factory=_none)
    consent_text_changed: list[Listener] = field(default_factory=_none)
    """A kind of consent (`{"kind": code}`) whose text or need the manager changed."""
    message_wanted: list[Listener] = field(default_factory=_none)
    """A message that a lower slice wants sent: the fields of `communication.rules.messages.Message` by name, times as
    text (`read_wanted` says which). It leaves after the undo minute, at once with `"at_once": True`."""
    message_unwanted: list[Listener] = field(default_factory=_none)
    """What was wanted and has not left need not: `{"key": how their keys begin, "why": words}`."""
    message_answered: list[Listener] = field(default_factory=_none)
    """What a patient answered by "1", "2" or other words: `{"patient", "answer": "yes"|"no"|"text", "text", "message":
    id, "purpose", "key", "appointment"}` of the message it answers. A listener that acts on it sets `"taken": True`,
    and may set `"reply"`, words for the patient; otherwise it lands in the work list with a person. Reminders are
    answered by communication itself."""
    message_failed: list[Listener] = field(default_factory=_none)
    """A message that will not reach its patient: `{"patient", "message", "purpose", "key", "appointment", "why"}`.
    A listener that acts on it (the next one is offered the time) sets `"taken": True`; otherwise the desk is told."""
    task_wanted: list[Listener] = field(default_factory=_none)
    """Something that a person has to do: `{"kind", "words", "patient": a reference with its display, "focus": what it
    is about, such as "ServiceRequest/1", "urgent"}`; the kinds are those of `communication.mapping.tasks.KINDS`."""
    task_unwanted: list[Listener] = field(default_factory=_none)
    """Nobody need do it any more: `{"kind", "focus", "why"}`; what is open of it is done."""
    offer_made: list[Listener] = field(default_factory=_none)
    """A held time is offered to somebody who waits and may be told: `offer`, `wish` (ids), `start`, `end`, `expires`,
    `provider`, `provider_name`, and the `token` of the patient's link; answered by service/waitlist.answer_offer."""
    offer_over: list[Listener] = field(default_factory=_none)
    """An offer that was told is no longer open: answered, run out, or gone to somebody else."""
    merge_parts: list[MergePart] = field(default_factory=_no_parts)

    def listen(self, name: str, listener: Listener) -> None:
        """Add a listener once; raises AttributeError for news that does not exist."""
        listeners: list[Listener] = getattr(self, name)
        if listener not in listeners:
            listeners.append(listener)

    def tell(self, name: str, store: Any, resource: dict[str, Any]) -> None:
        """Call every listener of this news, in the order in which they were added."""
        listeners: list[Listener] = getattr(self, name)
        for listener in listeners:
            listener(store, resource)
