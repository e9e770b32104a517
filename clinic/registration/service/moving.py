"""Moving the records of one patient to another, a batch at a time: a merge, and the way back.

Every batch leaves a whole state behind: whatever it moved is noted with its version before and after. A batch that
runs again finds what is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from clinic.core.json import Json
from clinic.fhir.referring import Names, Path, at_path, led_to, paths_to
from clinic.fhir.store import Store
from clinic.fhir.versions import bare
from clinic.jobs.outbox import Job
from clinic.jobs.worker import Transact
from clinic.registration.mapping import display_name, legal_name
from clinic.registration.queries.merges import (
    BACK,
    DONE,
    MOVED,
    MOVING,
    PARTING,
    SENT,
    SETTLED,
    UNDONE,
    Item,
    Merge,
    items_of,
    merge_by_id,
    unmoved,
)
from clinic.registration.tables import patient_merge, patient_merge_item

WORK = "registration.merge"
INLINE = 300
"""Up to so many records are moved at once; more are the work of a job."""
BATCH = 100
_m, _i = patient_merge.c, patient_merge_item.c


def move_some(store: Store, merge: Merge, *, limit: int) -> int:
    """Move records of the merged patient to the survivor, at most so many; gives how many are left.

    The last ones end the merge, and the slices above are told.
    """
    waiting = unmoved(store, merge.other_id)
    survivor, other = store.read("Patient", merge.survivor_id), store.read("Patient", merge.other_id)
    settled = {(one.type, one.id): one for one in items_of(store, merge.id, SETTLED)}
    batch = list(waiting.items())[:limit]
    fresh = []
    for key, record in batch:
        kept = store.update(_followed(store, record, other, survivor), reason="merged")
        if key in settled:
            change_item(store, merge.id, settled[key], after=_version(kept))
        else:
            fresh.append(Item(*key, _version(record), _version(kept), MOVED))
    note_items(store, merge.id, _unnoted(store, merge, fresh))
    left = len(waiting) - len(batch)
    change_merge(store, merge.id, moved=merge.moved + len(batch))
    if not left and merge.state == MOVING:
        change_merge(store, merge.id, state=DONE)
        rows_follow(store, merge)
        store.fire("patient_merged", survivor)
    return left


def part_some(store: Store, merge: Merge, *, limit: int) -> int:
    """Give records back to the patient whose record stands alone again; gives how many are left."""
    waiting = items_of(store, merge.id, MOVED, SETTLED, SENT)
    survivor, other = store.read("Patient", merge.survivor_id), store.read("Patient", merge.other_id)
    for item in waiting[:limit]:
        _put_back(store, item, survivor, other)
        change_item(store, merge.id, item, way=BACK)
    left = max(0, len(waiting) - limit)
    change_merge(store, merge.id, moved=left)
    if not left:
        change_merge(store, merge.id, state=UNDONE)
        rows_follow(store, merge)
        for patient in (survivor, other):
            store.fire("patient_unmerged", patient)
    return left


def carry_on(job: Job, transact: Transact) -> None:
    """Do what is left of a merge or an un-merge, a batch in each transaction; a second run finds nothing to do.

    For a merge that was done at once it looks again for records that somebody wrote at the same moment.
    """

    def step(store: Store) -> int:
        merge = merge_by_id(store, str(job.payload["merge"]))
        store.lock("Patient", merge.other_id)
        if merge.state in (MOVING, DONE):
            return move_some(store, merge, limit=BATCH)
        return part_some(store, merge, limit=BATCH) if merge.state == PARTING else 0

    while transact(step):
        pass


def rows_follow(store: Store, merge: Merge) -> None:
    """Let every slice bring its own tables in line."""
    for part in store.setting.hooks.merge_parts:
        part.rows(store, merge.survivor_id, merge.other_id)


def as_before(store: Store, item: Item, survivor: Json, other: Json) -> Json | None:
    """A record of a merge as it is to be after the un-merge; None for one that is gone.

    One that nobody touched since is as it was before. Of one that was changed since, only whom it names goes back.
    """
    present = store.find(item.type, item.id)
    if present is None:
        return None
    if item.way == SENT:
        return _followed(store, present, survivor, other)
    before = store.vread(item.type, item.id, item.before).json
    if _version(present) == item.after or bare(present) == bare(store.vread(item.type, item.id, item.after).json):
        return before
    theirs = set(paths_to(before, other["id"]))
    if next(paths_to(before, survivor["id"]), None) is None:
        back = _followed(store, present, survivor, other) if theirs else present
    else:
        back = led_to(present, survivor["id"], other["id"], _names(survivor, other), only=theirs)
    return _called_as(before, back, theirs)


def _called_as(before: Json, record: Json, theirs: set[Path]) -> Json:
    """The record with the patient called as before, where the reference still stands where it stood."""
    for path in theirs:
        was, now = at_path(before, path), at_path(record, path)
        if isinstance(now, dict) and now.get("reference") == was.get("reference") and "display" in now:
            now["display"] = was.get("display", now["display"])
    return record


def _put_back(store: Store, item: Item, survivor: Json, other: Json) -> None:
    wanted = as_before(store, item, survivor, other)
    if wanted is not None:
        store.update(wanted, reason="un-merged")


def _followed(store: Store, record: Json, old: Json, new: Json) -> Json:
    moved = led_to(record, old["id"], new["id"], _names(old, new))
    for part in store.setting.hooks.merge_parts:
        follow = part.follow.get(record["resourceType"])
        if follow is not None:
            moved = follow(moved, new)
    return moved


def _names(old: Json, new: Json) -> Names:
    return Names((display_name(old), legal_name(old)), (display_name(new), legal_name(new)))


def _unnoted(store: Store, merge: Merge, fresh: list[Item]) -> Iterator[Item]:
    """Those that are not noted yet; one that came back to the old record since it was moved keeps its first note."""
    known = {(one.type, one.id): one for one in items_of(store, merge.id)} if fresh else {}
    for item in fresh:
        first = known.get((item.type, item.id))
        if first is None:
            yield item
        else:
            change_item(store, merge.id, first, after=item.after)


def _version(record: Json) -> int:
    return int(record["meta"]["versionId"])


def note_merge(store: Store, values: dict[str, Any]) -> None:
    """Keep a new merge."""
    store.conn.execute(sa.insert(patient_merge), [values])


def change_merge(store: Store, merge_id: str, **values: Any) -> None:
    """Write fields of a merge."""
    store.conn.execute(sa.update(patient_merge).where(_m.id == merge_id).values(**values))


def note_items(store: Store, merge_id: str, items: Iterable[Item]) -> None:
    """Keep records of a merge."""
    rows = [
        {"merge_id": merge_id, "type": one.type, "id": one.id, "before": one.before, "after": one.after, "way": one.way}
        for one in items
    ]
    if rows:
        store.conn.execute(sa.insert(patient_merge_item), rows)


def change_item(store: Store, merge_id: str, item: Item, **values: Any) -> None:
    """Write fields of one record of a merge."""
    its = sa.and_(_i.merge_id == merge_id, _i.type == item.type, _i.id == item.id)
    store.conn.execute(sa.update(patient_merge_item).where(its).values(**values))
