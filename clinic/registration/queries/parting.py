"""What was added to a record since a merge, in bundles that people know: a visit with its charges, a call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from clinic.core.json import Json
from clinic.fhir.referring import Key
from clinic.fhir.store import Store
from clinic.fhir.tables import resource_version
from clinic.registration.queries.merges import MOVED, SETTLED, Merge, items_of, unmoved

_v = resource_version.c
_ALONE = frozenset({"Patient", "Coverage", "RelatedPerson", "Account", "EpisodeOfCare", "CareTeam"})
"""What many things name without belonging to it."""
_NEVER_ASKED = frozenset({"Provenance", "Binary"})
"""What says something about another record, or is a part of it: by itself it stays where it is."""
_FIRST = ("Appointment", "Encounter", "Coverage", "PaymentNotice", "QuestionnaireResponse", "Communication", "Claim")
"""Which record of a bundle names it: the first of these that is in it."""


@dataclass(frozen=True)
class Added:
    """Something that came to the survivor after the merge: the record that names it, and all that goes with it."""

    key: str
    record: Json
    at: datetime
    members: tuple[Key, ...]

    @property
    def type(self) -> str:
        """The type of the record that names it."""
        return str(self.record["resourceType"])


@dataclass(frozen=True)
class Since:
    """Everything added since a merge: what is to be asked about, and what follows a record that goes back anyway."""

    asked: tuple[Added, ...]
    following: tuple[Key, ...]


def added_since(store: Store, merge: Merge) -> Since:
    """What came to the survivor after the merge.

    What belongs to something that the merge moved goes back with it; what belongs to something that the survivor
    had before stays; the rest is asked about, a bundle at a time, oldest first.
    """
    present = unmoved(store, merge.survivor_id)
    moved = {(one.type, one.id) for one in items_of(store, merge.id, MOVED, SETTLED)}
    born = _born(store, [key for key in present if key not in moved], merge.at)
    groups = _Groups(born)
    for key in born:
        for named in _named(present[key]):
            groups.tie(key, named)
    asked, following = [], []
    for members, ties in groups.all():
        if ties & moved:
            following += members
        elif not ties & (set(present) - set(born)) and {type_ for type_, _id in members} - _NEVER_ASKED:
            asked.append(_added(present, born, members))
    return Since(tuple(sorted(asked, key=lambda one: (one.at, one.key))), tuple(following))


def _added(present: Mapping[Key, Json], born: Mapping[Key, datetime], members: list[Key]) -> Added:
    def place(key: Key) -> tuple[int, datetime, Key]:
        return (_FIRST.index(key[0]) if key[0] in _FIRST else len(_FIRST)), born[key], key

    first = min(members, key=place)
    return Added("/".join(first), present[first], born[first], tuple(members))


def _born(store: Store, keys: list[Key], since: datetime) -> dict[Key, datetime]:
    """Those records whose first version is younger than the merge, with the instant it was made."""
    found: dict[Key, datetime] = {}
    for start in range(0, len(keys), 200):
        either = sa.or_(*(sa.and_(_v.type == type_, _v.id == id_) for type_, id_ in keys[start : start + 200]))
        rows = store.conn.execute(sa.select(_v.type, _v.id, _v.at).where(_v.version == 1, _v.at > since, either))
        found |= {(row.type, row.id): row.at for row in rows}
    return {key: found[key] for key in keys if key in found}


def _named(node: Any) -> Iterator[Key]:
    """Every record that this one names as its own: the appointment of a visit, the visit of a claim."""
    if isinstance(node, dict):
        named = node.get("reference") or node.get("url")
        if isinstance(named, str) and named.split("/_history/")[0].count("/") == 1:
            type_, _, id_ = named.split("/_history/")[0].partition("/")
            if type_ not in _ALONE:
                yield type_, id_
        for inner in node.values():
            yield from _named(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _named(inner)


class _Groups:
    """New records tied to each other, and the older ones that they are tied to."""

    def __init__(self, born: Mapping[Key, datetime]) -> None:
        self._born = born
        self._root = {key: key for key in born}
        self._ties: dict[Key, set[Key]] = {key: set() for key in born}

    def _find(self, key: Key) -> Key:
        while self._root[key] != key:
            key = self._root[key]
        return key

    def tie(self, one: Key, other: Key) -> None:
        """The first belongs to the second."""
        mine = self._find(one)
        if other not in self._born:
            self._ties[mine].add(other)
            return
        theirs = self._find(other)
        if theirs != mine:
            self._root[mine] = theirs
            self._ties[theirs] |= self._ties.pop(mine)

    def all(self) -> Iterator[tuple[list[Key], set[Key]]]:
        """Each group: its new records, and the older records that it is tied to."""
        groups: dict[Key, list[Key]] = {}
        for key in self._born:
            groups.setdefault(self._find(key), []).append(key)
        for root, members in groups.items():
            yield members, self._ties[root]
