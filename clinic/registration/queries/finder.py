"""The patient finder: at most three statements however many patients there are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from clinic.core.days import local
from clinic.core.keyed import keyed_hash
from clinic.db.sql import listed, one_of_bound
from clinic.db.types import UtcDateTime
from clinic.fhir.store import Store
from clinic.registration.mapping.rows import (
    BORN,
    DIALLED,
    NUMBER,
    PHONE,
    RECORD,
    SOUND,
    TWO_NAMES,
    YEAR,
)
from clinic.registration.queries.flags import flags_select, shown, today_text
from clinic.registration.queries.own import having, valued
from clinic.registration.rules.letters import near_words
from clinic.registration.rules.own import searched
from clinic.registration.rules.query import Query
from clinic.registration.rules.ranking import OWN_FIELD, Hit, Person, rank
from clinic.registration.rules.sound import opening, sound
from clinic.registration.tables import coverage_number, patient_key, patient_row, patient_visit, patient_word

SHOWN = 20
_EACH, _EACH_OF_MANY = 60, 40
"""Candidates taken from one way of finding before ranking, fewer of each of more than two ways: twenty are shown."""
_OWN = 400
"""Patients of one value of an own field that are looked through."""
_FEW = 5
"""Below so many hits the search also listens for the sound; without any, for a letter that is off too."""
_LAST = "\U0010ffff"
_ID = re.compile(r"[0-9A-F]{32}")
"""What the code on a label, card or wristband says: the id of the record."""
_WIDEST = 48
"""The longest key, as `mapping/rows.py` cuts it."""

Candidates = sa.Select[Any]


@dataclass(frozen=True, slots=True)
class Way:
    """One way of finding by an index: `shape` says which statement it is, `value` what is looked up in it.

    The statement of the same ways is made once; what people type differs only in the values.
    """

    shape: str
    value: Any


def today_of(store: Store) -> date:
    """The practice's day."""
    return local(store.now, store.practice.zone).date()


def find_patients(store: Store, query: Query, *, limit: int = SHOWN) -> list[Hit]:
    """The people who may be meant, best first; nobody for a query too short to search."""
    if query.empty or query.too_short:
        return []
    today = today_of(store)
    if query.own:
        return with_visits(store, [_shown(store, hit) for hit in _by_own(store, query, today)[:limit]])
    found, numbered = _found(store.conn, _by_number(query), _by_description(query, today))
    known = {person.id for person in found}
    if query.loose:
        valued_ids = _by_value(store.conn, query)
        numbered |= frozenset(valued_ids)
        found += _people(store.conn, [one for one in valued_ids if one not in known])
    hits = rank(query, found, today=today, by_number=numbered)
    if len(hits) < _FEW and query.words and not any(len(born) == 10 for born in query.births):
        alike = [
            person
            for person in _found(store.conn, [], _by_likeness(query, letters=not hits))[0]
            if person.id not in known
        ]
        more = rank(query, alike, today=today, by_number=frozenset())
        hits = sorted([*hits, *more], key=lambda hit: -hit.score)
    return with_visits(store, [_shown(store, hit) for hit in hits[:limit]])


def _shown(store: Store, hit: Hit) -> Hit:
    person = shown_of(store, hit.person)
    return hit if person is hit.person else hit._replace(person=person)


def _by_own(store: Store, query: Query, today: date) -> list[Hit]:
    """Who has these values in the practice's own fields and fits what else was said."""
    found = [row[0] for row in store.conn.execute(having(query.own).limit(_OWN))]
    rest = replace(query, own=(), loose=())
    alone = rest.too_short
    hits = rank(rest, _people(store.conn, found), today=today, by_number=frozenset(found if alone else ()))
    return [hit._replace(why=(OWN_FIELD, *(() if alone else hit.why))) for hit in hits]


def _by_value(conn: Connection, query: Query) -> list[str]:
    return list(conn.execute(valued(searched(query.text), query.loose).limit(_EACH)).scalars())


def people(store: Store, ids: Sequence[str]) -> dict[str, Person]:
    """The rows of these patients, by id; one statement."""
    return {person.id: shown_of(store, person) for person in _people(store.conn, ids)}


def shown_of(store: Store, person: Person) -> Person:
    """What a list may show of a person: of a restricted one the name, the record number and the year of birth."""
    if not store.is_closed(person.id):
        return person
    return person._replace(
        legal=person.display, birth_date=person.birth_date[:4], sex="", phones=(), photo="", closed=True
    )


def with_visits(store: Store, hits: list[Hit]) -> list[Hit]:
    """The hits with their last and next visit and the flags the desk must see; one statement."""
    if not hits:
        return hits
    values = {"ids": [hit.person.id for hit in hits], "now": store.now, "today": today_text(store)}
    seen: dict[str, tuple[datetime | None, datetime | None]] = {}
    lines: dict[str, list[str]] = {}
    for row in store.conn.execute(_beside_statement(), values):
        if row.line is None:
            seen[row.patient_id] = (row.last, row.ahead)
        else:
            lines.setdefault(row.patient_id, []).append(row.line)
    return [_with(store, hit, seen, lines) for hit in hits]


def _with(
    store: Store,
    hit: Hit,
    seen: dict[str, tuple[datetime | None, datetime | None]],
    lines: dict[str, list[str]],
) -> Hit:
    person = hit.person
    if person.closed:
        return hit
    last, ahead = seen.get(person.id, (None, None))
    flags = shown(store, "\n".join(lines[person.id])) if person.id in lines else ()
    if last is ahead is None and not flags:
        return hit
    return hit._replace(person=person._replace(last_visit=last, next_visit=ahead, flags=flags))


@cache
def _beside_statement() -> sa.CompoundSelect[Any]:
    """Visits and flags of some patients together: a list is drawn with one statement more, not two."""
    nothing = sa.cast(sa.null(), UtcDateTime)
    visits = _visits_statement().add_columns(sa.cast(sa.null(), sa.Text).label("line"))
    flags = flags_select(sa.bindparam("ids", expanding=True), sa.bindparam("today")).subquery()
    return sa.union_all(visits, sa.select(flags.c.patient_id, nothing, nothing, flags.c.line))


def visits_of(
    conn: Connection, ids: Sequence[str], now: datetime
) -> dict[str, tuple[datetime | None, datetime | None]]:
    """When each of these patients came last and is expected next."""
    rows = conn.execute(_visits_statement(), {"ids": list(ids), "now": now})
    return {row.patient_id: (row.last, row.ahead) for row in rows}


@cache
def _visits_statement() -> sa.Select[Any]:
    c, now = patient_visit.c, sa.bindparam("now", type_=UtcDateTime)
    last = sa.func.max(sa.case((sa.and_(c.start < now, c.came), c.start)))
    ahead = sa.func.min(sa.case((sa.and_(c.start >= now, ~c.came), c.start)))
    return (
        sa.select(c.patient_id, last.label("last"), ahead.label("ahead"))
        .where(c.patient_id.in_(sa.bindparam("ids", expanding=True)))
        .group_by(c.patient_id)
    )


def _found(conn: Connection, numbers: list[Way], others: list[Way]) -> tuple[list[Person], frozenset[str]]:
    """Who is found in any of these ways, and the ids of those whom a number found; one statement."""
    ways = [*numbers, *others]
    if not ways:
        return [], frozenset()
    shapes = tuple((way.shape, at < len(numbers)) for at, way in enumerate(ways))
    values = {f"v{at}": _bound(conn, way) for at, way in enumerate(ways)}
    ends = {f"e{at}": way.value + _LAST for at, way in enumerate(ways) if way.shape[-1] == "*"}
    rows = conn.execute(_ways(shapes, conn.dialect.name), values | ends).all()
    return [_person(row) for row in rows], frozenset(row[0] for row in rows if row[-1])


def _bound(conn: Connection, way: Way) -> Any:
    return listed(conn, way.value) if isinstance(way.value, list) else way.value


@lru_cache(maxsize=512)
def _ways(shapes: tuple[tuple[str, bool], ...], dialect: str) -> sa.Select[Any]:
    marked = [
        _way(shape, at, dialect).add_columns(sa.literal_column("1" if numbered else "0", sa.Integer).label("n"))
        for at, (shape, numbered) in enumerate(shapes)
    ]
    most = _EACH if len(marked) <= 2 else _EACH_OF_MANY
    parts = [sa.select(part.limit(most).subquery()) for part in marked]
    each = (parts[0] if len(parts) == 1 else sa.union_all(*parts)).subquery()
    ids = sa.select(each.c.id, sa.func.max(each.c.n).label("n")).group_by(each.c.id).subquery()
    return sa.select(*_COLUMNS, ids.c.n).join(ids, ids.c.id == patient_row.c.id)


def _way(shape: str, at: int, dialect: str) -> Candidates:
    """The ids of one way: a key of a kind (with a star what begins so), a word, a policy's number, an id, a list."""
    kind, many = shape.rstrip("*#"), shape[-1]
    table, column = (patient_word, patient_word.c.word) if kind == _WORDS else (patient_key, patient_key.c.key)
    value: sa.BindParameter[Any] = sa.bindparam(f"v{at}", type_=sa.String)
    if kind == _POLICY:
        return sa.select(coverage_number.c.patient_id.label("id")).where(coverage_number.c.number == value)
    if kind == _ITSELF:
        return sa.select(patient_row.c.id.label("id")).where(patient_row.c.id == value)
    found = sa.select(table.c.id.label("id"))
    if table is patient_key:
        found = found.where(patient_key.c.kind == kind)
    if many == "#":
        return found.where(one_of_bound(dialect, column, f"v{at}"))
    if many != "*":
        return found.where(column == value)
    found = found.where(column >= value, column < sa.bindparam(f"e{at}", type_=sa.String))
    return found.order_by(column) if table is patient_word else found


_WORDS, _POLICY, _ITSELF = "a word", "a policy", "an id"


def _key(kind: str, key: str, *, prefix: bool = False) -> Way:
    return Way(f"{kind}*" if prefix else kind, key)


def _word(word: str) -> Way:
    return Way(f"{_WORDS}*", word[:40])


def _by_number(query: Query) -> list[Way]:
    if not query.number:
        return []
    hashed = keyed_hash(query.number)
    ways = [_key(NUMBER, hashed), Way(_POLICY, hashed), _key(RECORD, query.number)]
    if _ID.fullmatch(query.number):
        ways.append(Way(_ITSELF, str(UUID(query.number))))
    figures = query.number.lstrip("0") if query.number.isdigit() else ""
    return [*ways, _key(RECORD, figures)] if figures and figures != query.number else ways


def _by_description(query: Query, today: date) -> list[Way]:
    if query.words:
        return _by_words(query, today)
    ways = [_key(BORN, born, prefix=len(born) < 10) for born in query.births]
    ways += _by_phone(query)
    if query.number and not query.births:
        ways.append(_key(RECORD, query.number, prefix=True))
    return ways


def _by_words(query: Query, today: date) -> list[Way]:
    long = sorted(query.words, key=len, reverse=True)
    ways: list[Way] = []
    full = [born for born in query.births if len(born) == 10]
    ways += [_key(BORN, born) for born in full]
    if not query.years:
        ways += _by_phone(query)
    if len(long) > 1 and len(long[0]) >= 3:
        pairs = [long[:2], long[1::-1]] if len(long[1]) >= 3 else [long[:2]]
        ways += [_key(TWO_NAMES, f"{opening(one)}|{two}"[:_WIDEST], prefix=True) for one, two in pairs]
    years = _years(query, today)
    if years and len(long[0]) >= 3:
        ways += [_key(YEAR, f"{opening(long[0])}{year}") for year in years]
    if len(long) == 1 or len(long[0]) < 3 or any(ord(word[0]) > 0x2E80 for word in long):
        ways.append(_word(long[0]))
    return ways


def _by_phone(query: Query) -> list[Way]:
    """A number by its end, by its beginning as one dials it, and without the zero that stands before it at home."""
    if not query.digits:
        return []
    trunk = query.digits.lstrip("0") or query.digits
    ends = {query.digits, trunk} if len(query.digits) > 7 else {query.digits}
    ways = [_key(PHONE, end[::-1][:20], prefix=True) for end in sorted(ends)]
    return [*ways, _key(DIALLED, trunk[:20], prefix=True)]


def _years(query: Query, today: date) -> Iterable[int]:
    years = {*query.years, *(int(born[:4]) for born in query.births)}
    if query.age is not None:
        years |= {today.year - query.age, today.year - query.age - 1}
    return sorted(years)


def _by_likeness(query: Query, *, letters: bool) -> list[Way]:
    """By the sound; and with `letters`, when nobody fits as it was typed, by a letter that is off."""
    long = [word for word in sorted(query.words, key=len, reverse=True) if len(word) >= 3]
    if not long:
        return []
    if len(long) == 1:
        near = near_words(long[0]) if letters else []
        # names that only begin alike fit in no other way: they are found by the year, or as words one letter off
        begun = [] if near or query.years else [_word(long[0][:3])]
        return [_key(SOUND, f"{sound(long[0])}|", prefix=True), *begun, *([Way(f"{_WORDS}#", near)] if near else [])]
    heard = [_key(SOUND, f"{sound(long[0])}|{sound(long[1])}"), _key(SOUND, f"{sound(long[0])}|", prefix=True)]
    pairs = ((long[0], long[1]), (long[1], long[0])) if letters else ()
    keys = [f"{opening(right)}|{near}"[:_WIDEST] for right, wrong in pairs for near in near_words(wrong)]
    return heard + ([Way(f"{TWO_NAMES}#", keys)] if keys else [])


_COLUMNS = [
    patient_row.c[name]
    for name in (
        "id", "record_number", "display", "legal", "family_words", "given_words", "other_words", "birth_date",
        "birth_estimated", "sex", "phones", "photo", "active", "deceased",
    )
]  # fmt: skip


_PHONES = [column.name for column in _COLUMNS].index("phones")


def _people(conn: Connection, ids: Sequence[str]) -> list[Person]:
    if not ids:
        return []
    return [_person(row) for row in conn.execute(_people_statement(), {"ids": list(ids)}).all()]


@cache
def _people_statement() -> sa.Select[Any]:
    return sa.select(*_COLUMNS).where(patient_row.c.id.in_(sa.bindparam("ids", expanding=True)))


def _person(row: sa.Row[Any]) -> Person:
    return Person(*row[:_PHONES], tuple(row[_PHONES].split()), *row[_PHONES + 1 : len(_COLUMNS)])  # type: ignore[call-arg]
