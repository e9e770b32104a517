"""Taking a merge back: both records as they were, and what came since on the side that was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from clinic.core.errors import N_, Conflict
from clinic.core.ids import new_id
from clinic.core.json import Json, canonical
from clinic.core.merging import Hindrance
from clinic.core.source import UNMERGE, Source
from clinic.fhir.referring import Key
from clinic.fhir.store import Store
from clinic.fhir.subject import reference_id
from clinic.registration.mapping import display_name
from clinic.registration.mapping.comparing import changed, slots_of, three_way, with_slots
from clinic.registration.mapping.parts import parts
from clinic.registration.mapping.patient import merged_into
from clinic.registration.queries.merges import (
    DONE,
    MOVED,
    PARTING,
    SENT,
    SETTLED,
    Item,
    Merge,
    items_of,
    merge_by_id,
    merges_of,
    unmoved,
)
from clinic.registration.queries.parting import Since, added_since
from clinic.registration.service.merging import OTHER, SURVIVOR, hindrances_of, provenance_of
from clinic.registration.service.moving import (
    INLINE,
    WORK,
    as_before,
    change_merge,
    note_items,
    part_some,
)
from clinic.registration.service.numbers import claim_numbers

UNDONE_ALREADY = N_("This merge was undone already.")
UNDER_WAY = N_("This merge is still under way. Please wait until it is done.")
MERGED_ON = N_("The record was merged into another one since. Undo that merge first.")
LATER_ONE = N_("Another record was merged into this one since. Undo that merge first.")
CHANGED = N_("The merged record is no longer as the merge left it, so it cannot be brought back.")


@dataclass(frozen=True)
class Change:
    """A slot of the survivor that was changed after the merge."""

    key: str
    after: tuple[Json, ...]
    now: tuple[Json, ...]


@dataclass(frozen=True)
class Parting:
    """What taking a merge back would do: what goes back, what came since, and why it cannot be."""

    merge: Merge
    survivor: Json
    other: Json
    items: tuple[Item, ...]
    since: Since
    changes: tuple[Change, ...]
    hindrances: tuple[Hindrance, ...]


@dataclass(frozen=True)
class PartingOrder:
    """What was decided: which changes of the survivor are dropped, and the side of each thing added since."""

    merge_id: str
    dropped: frozenset[str] = frozenset()
    sides: Mapping[str, str] = field(default_factory=dict)
    version: int | None = None


def look_at_parting(store: Store, merge_id: str) -> Parting:
    """Everything that one must see before a merge is undone. Raises Missing."""
    merge = merge_by_id(store, merge_id)
    survivor, other = store.read("Patient", merge.survivor_id), store.read("Patient", merge.other_id)
    hindrances = [Hindrance(error) for error in _faults(store, merge, survivor, other)]
    hindrances += hindrances_of(store, merge.survivor_id, "")[0] if not hindrances else []
    after, now = (slots_of(one) for one in (_then(store, merge, merge.survivor_after), survivor))
    changes = [Change(key, tuple(after.get(key, ())), tuple(now.get(key, ()))) for key in changed(after, now)]
    items = tuple(items_of(store, merge.id, MOVED, SETTLED))
    return Parting(merge, survivor, other, items, added_since(store, merge), tuple(changes), tuple(hindrances))


def unmerge_patients(store: Store, order: PartingOrder) -> Json:
    """Make two records of one again; gives the Provenance that says so.

    Both records are as they were; a change made to the survivor since stays unless it is dropped, and what came
    since stays with the survivor unless it is sent to the other. Raises Conflict with the reasons, Stale, Missing,
    NumberTaken when a number was given to somebody else.
    """
    merge = merge_by_id(store, order.merge_id)
    for id_ in sorted((merge.survivor_id, merge.other_id)):
        store.lock("Patient", id_)
    seen = look_at_parting(store, order.merge_id)
    if seen.hindrances:
        error = seen.hindrances[0].error
        raise Conflict(error.message, **error.params)
    survivor = _survivor_again(store, seen, order.dropped)
    other = _then(store, merge, merge.other_before, who=merge.other_id)
    going = _going(seen, order)
    _refuse_clashes(store, seen, going)
    claim_numbers(store, survivor, seen.survivor)
    claim_numbers(store, other)
    with store.told_by(Source(UNMERGE, f"Provenance/{merge.id}")):
        kept = store.update(survivor, version=order.version, reason="un-merged")
        back = store.update(other, reason="un-merged")
    if display_name(kept) != display_name(seen.survivor) or kept.get("birthDate") != seen.survivor.get("birthDate"):
        store.fire("patient_renamed", kept)
    said = store.create(provenance_of(store, "unmerge", kept, back), id=new_id(), reason="un-merged")
    note_items(store, merge.id, going)
    by = (store.actor.name or "Clinic")[:200]
    change_merge(store, merge.id, state=PARTING, undone=store.now, undone_by=by, total=len(seen.items) + len(going))
    if part_some(store, replace(merge, state=PARTING), limit=INLINE):
        store.enqueue(WORK, {"merge": merge.id}, f"unmerge:{merge.id}")
    return said


def _faults(store: Store, merge: Merge, survivor: Json, other: Json) -> list[Conflict]:
    """Why a merge cannot be taken back whatever is chosen; the first reason is enough."""
    if merge.state != DONE:
        return [Conflict(UNDER_WAY if merge.busy else UNDONE_ALREADY)]
    if merged_into(survivor):
        return [Conflict(MERGED_ON)]
    if merges_of_record(store, survivor["id"])[0].id != merge.id:
        return [Conflict(LATER_ONE)]
    return [] if merged_into(other) == survivor["id"] else [Conflict(CHANGED)]


def merges_of_record(store: Store, patient_id: str) -> list[Merge]:
    """The merges into a record that still stand, newest first."""
    return [one for one in merges_of(store, patient_id) if one.state == DONE or one.busy]


def _survivor_again(store: Store, seen: Parting, dropped: frozenset[str]) -> Json:
    """The survivor as it was before the merge, with what was changed since and is not dropped."""
    before = _then(store, seen.merge, seen.merge.survivor_before)
    after = _then(store, seen.merge, seen.merge.survivor_after)
    was, became, present = slots_of(before), slots_of(after), slots_of(seen.survivor)
    kept: dict[str, list[Any]] = {}
    for change in seen.changes:
        if change.key not in dropped:
            key = change.key
            kept[key] = three_way(was.get(key, []), became.get(key, []), present.get(key, []))
    made = with_slots(before, kept)
    made |= _own_part(after, seen.survivor)
    links = [link for link in parts(seen.survivor, "link") if not _names_other(link, seen.merge.other_id)]
    made.pop("link", None)
    return {**made, "link": links} if links else made


def _own_part(after: Json, now: Json) -> Json:
    """What belongs to the record itself and was changed since: marks, whether it is in use."""
    names = ("active", "managingOrganization", "text", "contained")
    found = {name: now[name] for name in names if name in now and now[name] != after.get(name)}
    marks = {key: value for key, value in now["meta"].items() if key not in ("versionId", "lastUpdated")}
    known = {key: value for key, value in after["meta"].items() if key not in ("versionId", "lastUpdated")}
    return {**found, "meta": now["meta"]} if canonical(marks) != canonical(known) else found


def _names_other(link: Json, other_id: str) -> bool:
    return link.get("type") == "replaces" and reference_id(link.get("other"), "Patient") == other_id


def _going(seen: Parting, order: PartingOrder) -> list[Item]:
    """What came since and goes to the other: what follows something that goes back, and what was sent there."""
    keys = list(seen.since.following)
    for added in seen.since.asked:
        if order.sides.get(added.key, SURVIVOR) == OTHER:
            keys += added.members
    return [Item(type_, id_, 0, 0, SENT) for type_, id_ in keys]


def _refuse_clashes(store: Store, seen: Parting, going: list[Item]) -> None:
    """Refuse sides that would leave one of the two with what cannot stand together. Raises Conflict."""
    types = {type_ for part in store.setting.hooks.merge_parts for type_ in part.together}
    leaving: dict[Key, Item] = {(one.type, one.id): one for one in (*seen.items, *going) if one.type in types}
    sides: dict[str, dict[str, list[Json]]] = {type_: {SURVIVOR: [], OTHER: []} for type_ in types}
    for key, record in unmoved(store, seen.merge.survivor_id).items():
        if key[0] in types:
            item = leaving.get(key)
            final = as_before(store, item, seen.survivor, seen.other) if item else record
            if final is not None:
                side = OTHER if f"Patient/{seen.merge.other_id}" in canonical(final) else SURVIVOR
                sides[key[0]][side].append(final)
    for part in store.setting.hooks.merge_parts:
        for type_, clashes in part.together.items():
            for records in sides[type_].values():
                for error in clashes(records):
                    raise error


def _then(store: Store, merge: Merge, version: int, *, who: str = "") -> Json:
    return store.vread("Patient", who or merge.survivor_id, version).json
