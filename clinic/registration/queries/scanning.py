"""The whole index compared with itself: block by block, with little memory for each person.

A block's people are first compared by a few numbers that lie in memory (about 300 bytes a person); only pairs that
may reach the least score by those are read from their rows and weighed in full.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from rapidfuzz.distance import OSA
from sqlalchemy.engine import Connection

from clinic.registration.queries.duplicates import faces
from clinic.registration.rules.blocking import HOUSE, KINDS, LINE, MAIL, NUMBER
from clinic.registration.rules.faces import PARTICLES, Face, phone_end
from clinic.registration.rules.matching import SHOWN, Reason, compare
from clinic.registration.rules.nicknames import main_forms
from clinic.registration.rules.sound import sound
from clinic.registration.tables import patient_key, patient_row

CROWD = 300
"""A key that more people share is a default value of some old system; it is counted, not compared."""
_ROWS, _PEOPLE = 40_000, 20_000
_LEAST = 19.8
"""The sum of weights below which no pair is shown, a little under what `matching.py` asks."""
_FIGURE_OFF = frozenset(figure * 10**place * times for figure in range(1, 10) for place in range(8) for times in (1, 9))
_r, _k = patient_row.c, patient_key.c


@dataclass(frozen=True)
class Pair:
    """Two patients who may be one, the smaller id first."""

    one_id: str
    other_id: str
    score: int
    reasons: tuple[Reason, ...]


def pair_of(one: str, other: str, score: int, reasons: tuple[Reason, ...]) -> Pair:
    """A pair with its ids in order."""
    return Pair(min(one, other), max(one, other), score, reasons)


@dataclass
class People:
    """What a first look compares, by a running number for each person."""

    ids: list[str] = field(default_factory=list)
    number: dict[str, int] = field(default_factory=dict)
    born: array[int] = field(default_factory=lambda: array("l"))
    phone: array[int] = field(default_factory=lambda: array("q"))
    house: array[int] = field(default_factory=lambda: array("q"))
    family: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    odd: bytearray = field(default_factory=bytearray)
    """Whose names are more than a first name and a surname: looked at in full."""
    _words: dict[str, str] = field(default_factory=dict)

    def add(self, row: Any) -> None:
        """One person more."""
        family = [word for word in row.family_words.split() if word not in PARTICLES] or row.family_words.split()
        given = row.given_words.split()
        forms = main_forms(given[0]) if given else ("",)
        self.number[row.id] = len(self.ids)
        self.ids.append(row.id)
        self.born.append(0 if row.birth_estimated or len(row.birth_date) < 10 else _day(row.birth_date))
        self.phone.append(hash(phone_end(row.phones.split()[0])) if row.phones else 0)
        self.house.append(hash(row.street.casefold()) if row.street else 0)
        self.family.append(self._same(" ".join(family)))
        self.given.append(self._same(forms[0]))
        self.odd.append(len(family) != 1 or len(given) != 1 or len(forms) > 1 or bool(row.others))

    def _same(self, word: str) -> str:
        return self._words.setdefault(word, word)

    def may_be_one(self, one: int, other: int, kind: str) -> bool:
        """Whether these two, who share a key of this kind, may reach the least score."""
        total = self._birth(one, other)
        if kind == LINE or (self.phone[one] and self.phone[one] == self.phone[other]):
            total += 9.1
        if kind == HOUSE or (self.house[one] and self.house[one] == self.house[other]):
            total += 6.5
        return total + 15.5 >= _LEAST and total + self._names(one, other) >= _LEAST

    def _birth(self, one: int, other: int) -> float:
        a, b = self.born[one], self.born[other]
        if not a or not b:
            return 3.0
        if a == b:
            return 14.5
        if abs(a - b) in _FIGURE_OFF:
            return 4.6
        (year, day), (other_year, other_day) = divmod(a, 10_000), divmod(b, 10_000)
        return 9.5 if year == other_year and divmod(day, 100) == divmod(other_day, 100)[::-1] else -5.5

    def _names(self, one: int, other: int) -> float:
        family, known_family = self.family[one], self.family[other]
        given, known_given = self.given[one], self.given[other]
        if self.odd[one] or self.odd[other]:
            return 15.5 if family is known_family else 13.0
        total = 9.0 if family is known_family else 5.0 if _near(family, known_family) else -4.0
        total += 6.5 if given is known_given else 5.0 if _near(given, known_given) else -7.0
        if total < 0 and (family is known_given or given is known_family):
            return 10.5
        return total


def _day(date: str) -> int:
    return int(date[:4] + date[5:7] + date[8:10])


def _near(one: str, other: str) -> bool:
    if one[:3] == other[:3] or OSA.distance(one, other, score_cutoff=2) <= 2:
        return True
    return sound(one) == sound(other)


def read_people(conn: Connection, people: People) -> bool:
    """Read some more people; False when there were none left."""
    wanted = sa.select(
        _r.id, _r.family_words, _r.given_words, _r.others, _r.birth_date, _r.birth_estimated, _r.phones, _r.street
    ).where(_r.id > (people.ids[-1] if people.ids else ""))
    rows = conn.execute(wanted.order_by(_r.id).limit(_PEOPLE)).all()
    for row in rows:
        people.add(row)
    return len(rows) == _PEOPLE


@dataclass
class Found:
    """What one slice of a kind of key gave: pairs of running numbers, and where the next slice begins."""

    pairs: set[tuple[int, int]] = field(default_factory=set)
    last: str = ""
    read: int = 0
    crowded: int = 0
    more: bool = False


def read_slice(conn: Connection, people: People, kind: str, after: str) -> Found:
    """The pairs that share a key of this kind, of the keys behind `after`."""
    wanted = sa.select(_k.key, _k.id).where(_k.kind == kind, _k.key > after).order_by(_k.key, _k.id).limit(_ROWS)
    rows = conn.execute(wanted).all()
    found = Found(read=len(rows), more=len(rows) == _ROWS, last=rows[-1].key if rows else after)
    groups = [(key, [row.id for row in group]) for key, group in groupby(rows, key=lambda row: row.key)]
    if found.more and len(groups) > 1:
        cut = groups.pop()
        found.read -= len(cut[1])
        found.last = groups[-1][0]
    for _, ids in groups:
        if len(ids) > CROWD:
            found.crowded += 1
        elif len(ids) > 1:
            numbers = [people.number[id_] for id_ in ids if id_ in people.number]
            found.pairs.update(_pairs(people, numbers, kind))
    return found


def _pairs(people: People, numbers: list[int], kind: str) -> Iterator[tuple[int, int]]:
    may_be_one, surely = people.may_be_one, kind in (MAIL, NUMBER)
    for at, one in enumerate(numbers):
        for other in numbers[at + 1 :]:
            if surely or may_be_one(one, other, kind):
                yield (one, other) if one < other else (other, one)


def weigh(conn: Connection, pairs: Iterable[tuple[str, str]]) -> list[Pair]:
    """Those of these pairs who may be one person, weighed in full from their rows."""
    wanted = [(min(pair), max(pair)) for pair in pairs]
    ids = sorted({id_ for pair in wanted for id_ in pair})
    known: dict[str, Face] = {}
    for start in range(0, len(ids), 500):
        known |= faces(conn, ids[start : start + 500])
    found = []
    for one, other in wanted:
        if one in known and other in known:
            verdict = compare(known[one], known[other])
            if verdict.score >= SHOWN:
                found.append(pair_of(one, other, verdict.score, verdict.reasons))
    return found


def count_keys(conn: Connection) -> int:
    """How many keys a scan reads."""
    wanted = sa.select(sa.func.count()).select_from(patient_key).where(_k.kind.in_(KINDS))
    return int(conn.execute(wanted).scalar_one())
