"""Check-out: what is said of each thing, what is left with a reason and waits for somebody, and the end of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from clinic.communication.service.tasks import cancel_task, desk_task
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.visits import mapping
from clinic.visits.errors import FINISHED, STILL_OPEN, NotNow, StillOpen
from clinic.visits.mapping.leaving import said_of, with_said, without_said
from clinic.visits.rules import LEFT
from clinic.visits.rules.leaving import CHARGES, LEFT_OPEN, TOLD, Item, Said, check_said, open_items
from clinic.visits.service import save_visit


@dataclass(frozen=True)
class Answer:
    """What somebody at the desk says of one thing; `label` is its name in the words of the desk."""

    item: str
    how: str
    reason: str = ""
    label: str = ""


def say(store: Store, encounter_id: str, answer: Answer) -> Json:
    """Keep what is said of one thing at check-out; what is left with a reason is a task too. Gives the visit.

    Saying the same again changes nothing. Raises Invalid beside the reason, NotNow when the visit has ended, Missing.
    """
    reason = check_said(answer.item, answer.how, answer.reason)
    encounter = _going(store, encounter_id)
    before = said_of(encounter).get(answer.item)
    if before is not None and (before.how, before.reason) == (answer.how, reason):
        return encounter
    if before is not None and before.task:
        cancel_task(store, before.task)
    task = _task(store, encounter, answer.label or answer.item, reason) if answer.how == LEFT_OPEN else ""
    said = Said(answer.item, answer.how, store.now, reason, task)
    return _keep(store, encounter, with_said(encounter, said))


def take_back(store: Store, encounter_id: str, item: str) -> Json:
    """Undo: what was said of one thing is not said, and its task need not be done. Raises NotNow, Missing."""
    encounter = _going(store, encounter_id)
    before = said_of(encounter).get(item)
    if before is None:
        return encounter
    if before.task:
        cancel_task(store, before.task)
    return _keep(store, encounter, without_said(encounter, item))


@dataclass(frozen=True)
class Ending:
    """How a check-out ends: the things as they stand, why what is open is left, and their names for the task."""

    items: Sequence[Item]
    reason: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


def finish(store: Store, encounter_id: str, ending: Ending, *, version: int | None = None) -> Json:
    """End the visit. What is open needs a reason and becomes a task; charges that nobody entered become one too.

    A second click gives the same visit. Raises StillOpen beside the reason, Stale, Missing.
    """
    encounter = store.read("Encounter", encounter_id)
    if mapping.station_of(encounter) == LEFT:
        return encounter
    names = [ending.labels.get(name, name) for name in open_items(ending.items)]
    if names and not ending.reason.strip():
        raise StillOpen(STILL_OPEN, field="reason", names=", ".join(names), visit=encounter_id)
    encounter = _told_to_billing(store, _left_open(store, encounter, ending, ", ".join(names)), ending)
    return save_visit(store, mapping.at_station(encounter, LEFT, store.now), version=version)


def _left_open(store: Store, encounter: Json, ending: Ending, names: str) -> Json:
    """The visit with the one reason why everything that is open is left; one task for all of it."""
    left = open_items(ending.items)
    if not left:
        return encounter
    reason = check_said(left[0], LEFT_OPEN, ending.reason)
    task = _task(store, encounter, names, reason)
    for name in left:
        encounter = with_said(encounter, Said(name, LEFT_OPEN, store.now, reason, task))
    return encounter


def _told_to_billing(store: Store, encounter: Json, ending: Ending) -> Json:
    """The visit whose charges nobody entered yet, with the task for it; a task that waits already is enough."""
    missing = [item for item in ending.items if item.name == CHARGES and item.state == "told" and item.said is None]
    if not missing:
        return encounter
    words = ending.labels.get(CHARGES, CHARGES)
    task = desk_task(store, "charges", words, patient=encounter["subject"], focus=_focus(encounter))
    return with_said(encounter, Said(CHARGES, TOLD, store.now, task=task["id"]))


def _going(store: Store, encounter_id: str) -> Json:
    encounter = store.read("Encounter", encounter_id)
    if mapping.station_of(encounter) == LEFT:
        raise NotNow(FINISHED)
    return encounter


def _keep(store: Store, before: Json, after: Json) -> Json:
    """Kept only when nobody changed the visit meanwhile. Raises Stale."""
    saved = store.update(after, version=int(before["meta"]["versionId"]))
    store.fire("visit_changed", saved)
    return saved


def _focus(encounter: Json) -> str:
    return f"Encounter/{encounter['id']}"


def _task(store: Store, encounter: Json, label: str, reason: str) -> str:
    made = desk_task(store, "check-out", f"{label}: {reason}", patient=encounter["subject"], focus=_focus(encounter))
    return str(made["id"])
