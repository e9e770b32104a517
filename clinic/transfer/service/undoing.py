"""Taking an import back: what it made goes, what it changed is as before, unless somebody changed it since."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from clinic.core.errors import N_
from clinic.core.json import Json, canonical
from clinic.fhir.index_tables import ix_reference
from clinic.fhir.params import resource_types
from clinic.fhir.registry import ELSEWHERE
from clinic.fhir.store import Store, Touch
from clinic.transfer.rules.person import Said

SINCE = N_("%(type)s: changed since by somebody")
IN_USE = N_("%(type)s: something else was added to it since (%(by)s)")
GONE = N_("%(type)s: deleted since")
PARTLY = N_("%(type)s: changed since: %(elements)s")
_ref = ix_reference.c
_WITNESSES = ("Provenance", "AuditEvent")


@dataclass(frozen=True)
class Touched:
    """A record that a row wrote: its version before (0 when it was made) and after."""

    type: str
    id: str
    before: int
    after: int

    @property
    def key(self) -> tuple[str, str]:
        """Which one."""
        return self.type, self.id


def touched_of(touches: Iterable[Touch]) -> list[Touched]:
    """The records that were written, each once, in the order of their first writing."""
    found: dict[tuple[str, str], Touched] = {}
    for touch in touches:
        if touch.action not in ("C", "U") or not touch.version:
            continue
        known = found.get((touch.type, touch.id))
        before = known.before if known else touch.version - 1
        found[touch.type, touch.id] = Touched(touch.type, touch.id, before, touch.version)
    return list(found.values())


def take_back(store: Store, written: list[Touched]) -> list[Said]:
    """Undo what one row wrote, the last first; gives what stays, and why. An empty answer: all is as before."""
    stays: list[Said] = []
    keys = {one.key for one in written}
    for one in reversed(written):
        said = _unmake(store, one, keys) if one.before == 0 else _restore(store, one)
        if said is not None:
            stays.append(said)
    return stays


def _unmake(store: Store, one: Touched, keys: set[tuple[str, str]]) -> Said | None:
    version, now = _current(store, one)
    if now is None:
        return None
    if version != one.after:
        return Said(SINCE, {"type": one.type})
    users = [key for key in _named_by(store, one) if key not in keys]
    if users:
        return Said(IN_USE, {"type": one.type, "by": ", ".join(sorted({type_ for type_, _ in users}))})
    writer = store.registry.writers.get(one.type)
    if writer is not None and writer.delete is not None:
        writer.delete(store, one.id, version)
    else:
        store.delete(one.type, one.id, version=version, reason="import undone")
    return None


def _restore(store: Store, one: Touched) -> Said | None:
    version, now = _current(store, one)
    if now is None:
        return Said(GONE, {"type": one.type})
    before = store.vread(one.type, one.id, one.before).json
    after = store.vread(one.type, one.id, one.after).json
    back, kept = merged_back(before, after, now)
    if canonical(_content(back)) != canonical(_content(now)):
        writer = store.registry.writers.get(one.type)
        if writer is not None and writer.update is not None:
            writer.update(store, back, version)
        else:
            store.update(back, version=version, reason="import undone")
    return Said(PARTLY, {"type": one.type, "elements": ", ".join(kept)}) if kept else None


def merged_back(before: Json, after: Json, now: Json) -> tuple[Json, list[str]]:
    """The record with the change from `before` to `after` taken out of it as it is `now`, element by element.

    Also the names of the elements in which that cannot be, since somebody changed the same thing.
    """
    back, kept = dict(now), []
    for name in sorted({*before, *after} - {"meta", "id", "resourceType"}):
        old, new, present = before.get(name), after.get(name), now.get(name)
        if _same(old, new):
            continue
        if _same(present, new):
            value = old
        elif all(isinstance(one or [], list) for one in (old, new, present)):
            value, whole = _list_back(old or [], new or [], present or [])
            if not whole:
                kept.append(name)
        else:
            kept.append(name)
            continue
        back.pop(name, None)
        if value is not None and value != []:
            back[name] = value
    return back, kept


def _list_back(old: list[Any], new: list[Any], present: list[Any]) -> tuple[list[Any], bool]:
    """A list without what was added to it and with what was taken from it; False when something was not there."""
    olds, news, nows = ({canonical(part): part for part in parts} for parts in (old, new, present))
    added, lost = [key for key in news if key not in olds], [key for key in olds if key not in news]
    whole = all(key in nows for key in added)
    if not whole:
        return present, False
    stay = [part for part in present if canonical(part) not in added]
    return [*(olds[key] for key in lost if key not in nows), *stay], True


def _current(store: Store, one: Touched) -> tuple[int, Json | None]:
    now = store.find(one.type, one.id)
    return (int(now["meta"]["versionId"]), now) if now is not None else (0, None)


def _named_by(store: Store, one: Touched) -> list[tuple[str, str]]:
    """Current records that name this one, but for those that only bear witness; index seeks only."""
    statement = store.read_once(("names", one.type), lambda: _naming(store, one.type))
    rows = store.conn.execute(statement, {"named": one.id})
    return [(row.type, row.id) for row in rows if (row.type, row.id) != one.key]


def _naming(store: Store, target: str) -> sa.Select[Any]:
    either = []
    for type_ in sorted(resource_types() - set(_WITNESSES)):
        params = store.registry.params_of(type_).values()
        may = [one.name for one in params if one.kind == "reference" and (not one.targets or target in one.targets)]
        if target == "Patient":
            may.append(ELSEWHERE)
        if may:
            either.append(sa.and_(_ref.type == type_, _ref.param.in_(may)))
    its = sa.and_(_ref.target_type == target, _ref.target_id == sa.bindparam("named"))
    return sa.select(_ref.type, _ref.id).where(its, sa.or_(*either)).distinct().limit(50)


def _same(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    return canonical(one) == canonical(other)


def _content(resource: Json) -> Json:
    return {name: value for name, value in resource.items() if name != "meta"}
