"""Two records of one person become one: what stands in the way, what is chosen, and the merge itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from clinic.core.days import instant_text
from clinic.core.errors import N_, Conflict, Detail, Moved
from clinic.core.ids import new_id
from clinic.core.json import Json
from clinic.core.merging import Answers, Hindrance, Question
from clinic.core.source import MERGE, Source
from clinic.fhir.store import Store
from clinic.regions import region_of
from clinic.registration.mapping import display_name, record_number
from clinic.registration.mapping.comparing import (
    Slots,
    alike,
    differing,
    fuller,
    may_hold_both,
    old_names,
    old_numbers,
    slots_of,
    with_slots,
    without,
)
from clinic.registration.mapping.parts import parts
from clinic.registration.queries.merges import MOVING, SETTLED, Item, busy_merge, merge_by_id, survivor_of, unmoved
from clinic.registration.service.moving import INLINE, WORK, move_some, note_items, note_merge
from clinic.registration.service.numbers import CLAIM, claim_numbers, keys_of

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
SURVIVOR, OTHER, BOTH = "survivor", "other", "both"
LOOK_AGAIN = timedelta(seconds=30)
"""After so long every transaction that began before a merge has ended."""
LIFECYCLE = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle"

SAME = N_("These are one and the same record already.")
BUSY = N_("A merge of one of these records is still under way. Please wait until it is done.")


@dataclass(frozen=True)
class Choice:
    """One slot in which two records differ, and whose value is proposed: survivor, other or both."""

    key: str
    survivor: tuple[Json, ...]
    other: tuple[Json, ...]
    proposed: str
    both: bool
    survivor_at: datetime | None = None
    """Since when the record says so, by its history."""
    other_at: datetime | None = None

    @property
    def one_sided(self) -> bool:
        """Whether only one of the records says anything."""
        return not (self.survivor and self.other)


@dataclass(frozen=True)
class MergeOrder:
    """What was decided: which record lives on, whose value for each slot that differs, and what is set aside."""

    survivor_id: str
    other_id: str
    choices: Mapping[str, str] = field(default_factory=dict)
    answers: Answers = field(default_factory=dict)
    survivor_version: int | None = None
    other_version: int | None = None


def require_two(store: Store, survivor_id: str, other_id: str) -> tuple[Json, Json]:
    """Both records, each standing by itself. Raises Missing, Gone, Conflict for one record, Moved for a merged one."""
    survivor, other = store.read("Patient", survivor_id), store.read("Patient", other_id)
    for patient in (survivor, other):
        lives_in = survivor_of(store, patient["id"])
        if lives_in != patient["id"]:
            raise Conflict(SAME) if lives_in in (survivor_id, other_id) else Moved(patient["id"], lives_in)
    if survivor_id == other_id:
        raise Conflict(SAME)
    return survivor, other


def hindrances_of(store: Store, survivor_id: str, other_id: str) -> tuple[list[Hindrance], list[Question]]:
    """Why these records cannot become one now, and what must be chosen before they can."""
    found = [Hindrance(Conflict(BUSY))] if busy_merge(store, (survivor_id, other_id)) else []
    questions = []
    for part in store.setting.hooks.merge_parts:
        for said in part.examine(store, survivor_id, other_id):
            if isinstance(said, Hindrance):
                found.append(said)
            else:
                questions.append(said)
    return found, questions


def choices_of(store: Store, survivor: Json, other: Json) -> list[Choice]:
    """Every slot in which two records differ, with the value to propose: the only one, or the one said last."""
    mine, theirs = slots_of(survivor), slots_of(other)
    region = region_of(store.practice.region)
    single = frozenset(kind.system for kind in region.person_identifiers())
    keys = differing(mine, theirs)
    said = _said_when(store, survivor, keys), _said_when(store, other, keys)
    found = []
    for key in keys:
        one, two = tuple(mine.get(key, ())), tuple(theirs.get(key, ()))
        at = said[0].get(key), said[1].get(key)
        better = fuller(one, two) or (1 if (at[1] or _LONG_AGO) > (at[0] or _LONG_AGO) else -1)
        both = may_hold_both(key, single)
        proposed = OTHER if two and (not one or better > 0) else SURVIVOR
        if one and two and key.startswith("identifier:") and both:
            proposed = BOTH
        found.append(Choice(key, one, two, proposed, both, *at))
    return found


def merged_patient(survivor: Json, other: Json, choices: Mapping[str, str], proposed: list[Choice]) -> Json:
    """The record that lives on, with what was chosen; it keeps the old names and numbers of both, out of use."""
    wanted: Slots = {}
    for one in proposed:
        chosen = choices.get(one.key, one.proposed)
        if chosen == OTHER:
            wanted[one.key] = list(one.other)
        elif chosen == BOTH and one.both:
            wanted[one.key] = [*one.survivor, *without(one.other, one.survivor)]
    made = with_slots(survivor, wanted)
    names, numbers = old_names(made, survivor, other), old_numbers(made, other)
    if names:
        made["name"] = [*parts(made, "name"), *names]
    if numbers:
        made["identifier"] = [*parts(made, "identifier"), *numbers]
    made["link"] = [*parts(survivor, "link"), _link(other["id"], "replaces")]
    marks = _marks(survivor, other)
    return {**made, "meta": {**made["meta"], **marks}} if marks else made


def merge_patients(store: Store, order: MergeOrder) -> Json:
    """Make two records one; gives the Provenance that says so, whose id is that of the merge.

    Everything that named the other record names the survivor afterwards; of more than `INLINE` records the rest
    is moved by a job. Raises Conflict with every reason why it cannot be, Moved, Stale, NumberTaken, Missing.
    """
    for id_ in sorted((order.survivor_id, order.other_id)):
        store.lock("Patient", id_)
    for part in store.setting.hooks.merge_parts:
        part.prepare(store, order.survivor_id, order.other_id)
    survivor, other = require_two(store, order.survivor_id, order.other_id)
    _refuse(hindrances_of(store, order.survivor_id, order.other_id)[0])
    settled = _settle(store, order)
    made = merged_patient(survivor, other, order.choices, choices_of(store, survivor, other))
    _take_over_numbers(store, made, other)
    with store.told_by(Source(MERGE, f"Patient/{other['id']}/_history/{_version(other)}", record_number(other))):
        kept = store.update(made, version=order.survivor_version, reason="merged")
    gone = {**other, "active": False, "link": [*parts(other, "link"), _link(kept["id"], "replaced-by")]}
    gone = store.update(gone, version=order.other_version, reason="merged")
    if display_name(kept) != display_name(survivor) or kept.get("birthDate") != survivor.get("birthDate"):
        store.fire("patient_renamed", kept)
    waiting = len(unmoved(store, other["id"]))
    said = store.create(provenance_of(store, "merge", kept, other), id=new_id(), reason="merged")
    note_merge(store, {
        "id": said["id"], "survivor_id": kept["id"], "other_id": other["id"], "state": MOVING, "at": store.now,
        "by_name": (store.actor.name or "Clinic")[:200], "survivor_before": _version(survivor),
        "survivor_after": _version(kept), "other_before": _version(other), "total": waiting, "moved": 0,
    })  # fmt: skip
    note_items(store, said["id"], settled)
    left = move_some(store, merge_by_id(store, said["id"]), limit=INLINE)
    soon = store.now if left else store.now + LOOK_AGAIN
    store.enqueue(WORK, {"merge": said["id"]}, f"merge:{said['id']}", not_before=soon)
    return said


def provenance_of(store: Store, code: str, survivor: Json, other: Json) -> Json:
    """What FHIR says of a merge or an un-merge: who, when, and of which two versions."""
    who: Json = {"display": store.actor.name or "Clinic"}
    if store.actor.reference:
        who["reference"] = store.actor.reference
    return {
        "resourceType": "Provenance",
        "target": [{"reference": f"Patient/{one['id']}/_history/{_version(one)}"} for one in (survivor, other)],
        "recorded": instant_text(store.now),
        "activity": {"coding": [{"system": LIFECYCLE, "code": code}]},
        "agent": [{"who": who}],
    }


def _refuse(hindrances: list[Hindrance]) -> None:
    if hindrances:
        first = hindrances[0].error
        details = tuple(Detail.of("", one.error) for one in hindrances[1:])
        raise Conflict(first.message, details=details, **first.params)


def _settle(store: Store, order: MergeOrder) -> list[Item]:
    """Let the slices carry out the answers; gives the records that this changed."""
    begun = len(store.touched)
    for part in store.setting.hooks.merge_parts:
        part.settle(store, order.survivor_id, order.other_id, order.answers)
    found: dict[tuple[str, str], Item] = {}
    for touch in store.touched[begun:]:
        key = (touch.type, touch.id)
        if touch.action == "U":
            known = found.get(key) or Item(*key, touch.version - 1, touch.version, SETTLED)
            found[key] = replace(known, after=touch.version)
    return list(found.values())


def _take_over_numbers(store: Store, made: Json, other: Json) -> None:
    """The survivor holds what it shows from now on; what neither shows stays with the one that had it.

    So no third record gets a number that an un-merge must give back.
    """
    taken = set(keys_of(store, made)) & set(keys_of(store, other))
    for key in taken:
        store.release(CLAIM, key, f"Patient/{other['id']}")
    claim_numbers(store, made)


def _marks(survivor: Json, other: Json) -> Json:
    """The security labels and tags of both: what was restricted stays so."""
    found: Json = {}
    for name in ("security", "tag", "profile"):
        mine, theirs = survivor["meta"].get(name, []), other["meta"].get(name, [])
        fresh = [one for one in theirs if one not in mine]
        if fresh:
            found[name] = [*mine, *fresh]
    return found


def _link(patient_id: str, kind: str) -> Json:
    return {"other": {"reference": f"Patient/{patient_id}"}, "type": kind}


def _said_when(store: Store, patient: Json, keys: list[str]) -> dict[str, datetime]:
    """When each slot was last given the value that it has, by the record's history."""
    now = slots_of(patient)
    found: dict[str, datetime] = {}
    open_keys = {key for key in keys if now.get(key)}
    for version in store.history("Patient", patient["id"]):
        then = slots_of(version.json)
        open_keys = {key for key in open_keys if alike(then.get(key, []), now[key])}
        found |= dict.fromkeys(open_keys, version.at)
        if not open_keys:
            break
    return found


def _version(record: Json) -> int:
    return int(record["meta"]["versionId"])
