"""Who stands beside a patient, from both sides and from under the same roof, in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.expression import false, literal

from clinic.db.together import Short
from clinic.registration.rules.family import PARENTS, Bond, inverse, told
from clinic.registration.tables import beside_row, household_row, patient_row, person_link

MOST = 60
_FAR = "far"
_NEAR = "near"
_KIN = "kin"
_HOME = "home"
_FIRST = (_NEAR, _FAR, _KIN, _HOME)


@dataclass(frozen=True)
class Beside:
    """Somebody beside the patient of the page.

    `id` is the RelatedPerson's, empty for one who only shares a parent or a home. `patient_id` is theirs when they are
    a patient too, `of` the patient whose RelatedPerson it is. `mine` tells that it is this patient's; otherwise the
    patient of the page is what `bond` says to them. `relation` is said from the page, with the sex in it.
    """

    id: str
    of: str
    mine: bool
    name: str
    relation: str
    bond: Bond
    phone: str = ""
    sex: str = ""
    patient_id: str = ""
    birth_date: str = ""
    photo: str = ""
    lives: bool = False
    active: bool = True
    deceased: bool = False


def people_list() -> Short:
    """The list of everybody beside the patient bound as `patient_id`; read it with `people_of`."""
    return _PEOPLE


def people_of(rows: Iterable[Sequence[Any]]) -> list[Beside]:
    """Everybody beside the patient, each once, their own entries first; rows as `people_list` gives them."""
    found: list[Beside] = []
    known: set[str] = set()
    for row in sorted(rows, key=lambda one: (_FIRST.index(one[0]), not one[6], one[4])):
        one = _beside(row)
        keys = {f"person {one.id}" if one.id else "", one.patient_id if one.active else ""} - {""}
        if keys & known or (not one.active and one.patient_id in known):
            continue
        known |= keys
        found.append(one)
    return found


def _beside(row: Sequence[Any]) -> Beside:
    way, id_, of, patient_id, name, relation, active, phone, sex, roles, pays, born, photo, lives, dead, own = row
    said = roles.split()
    bond = Bond(relation, "emergency" in said, "guardian" in said, "attorney" in said, bool(pays))
    shown = relation if way == _NEAR else inverse(relation)
    return Beside(
        id=id_,
        of=of,
        mine=way == _NEAR,
        name=name,
        relation=told(shown, sex),
        bond=bond,
        phone=phone.split(" ")[0],
        sex=sex or own or "",
        patient_id=patient_id or "",
        birth_date=born or "",
        photo=photo or "",
        lives=bool(lives) or "follows" in roles.split(),
        active=bool(active),
        deceased=bool(dead),
    )


def _near() -> sa.Select[Any]:
    b, p = beside_row.alias(), patient_row.alias()
    mine, theirs = person_link.alias(), person_link.alias()
    same = sa.and_(mine.c.target == b.c.id, mine.c.target_type == "RelatedPerson")
    behind = sa.and_(theirs.c.id == mine.c.id, theirs.c.target_type == "Patient")
    joined = b.outerjoin(mine, same).outerjoin(theirs, behind).outerjoin(p, p.c.id == theirs.c.target)
    return (
        sa.select(*_columns(_NEAR, b, p, other=theirs.c.target, name=sa.func.coalesce(p.c.display, b.c.name)))
        .select_from(joined)
        .where(b.c.patient_id == sa.bindparam("patient_id"), b.c.type == "RelatedPerson")
    )


def _far() -> sa.Select[Any]:
    b, p = beside_row.alias(), patient_row.alias()
    mine, theirs = person_link.alias(), person_link.alias()
    other = sa.and_(theirs.c.id == mine.c.id, theirs.c.target_type == "RelatedPerson")
    joined = (
        mine.join(theirs, other)
        .join(b, sa.and_(b.c.id == theirs.c.target, b.c.type == "RelatedPerson"))
        .join(p, p.c.id == b.c.patient_id)
    )
    return (
        sa.select(*_columns(_FAR, b, p, other=b.c.patient_id, name=p.c.display))
        .select_from(joined)
        .where(mine.c.target == sa.bindparam("patient_id"), mine.c.target_type == "Patient", b.c.active)
    )


def _kin() -> sa.Select[Any]:
    """Who has a mother or father in common with the patient: two RelatedPersons of one human."""
    here, there, p = beside_row.alias(), beside_row.alias(), patient_row.alias()
    mine, theirs = person_link.alias(), person_link.alias()
    parents = (
        sa.select(theirs.c.target)
        .select_from(here.join(mine, mine.c.target == here.c.id).join(theirs, theirs.c.id == mine.c.id))
        .where(here.c.patient_id == sa.bindparam("patient_id"), here.c.type == "RelatedPerson", here.c.active)
        .where(mine.c.target_type == "RelatedPerson", theirs.c.target_type == "RelatedPerson")
        .where(here.c.relation.in_(sorted(PARENTS)))
    )
    empty = literal("")
    return (
        sa.select(
            literal(_KIN), empty, empty, p.c.id, p.c.display, literal("SIB"), sa.true(), p.c.phones, p.c.sex, empty,
            false(), p.c.birth_date, p.c.photo, _together(p.c.id), p.c.deceased, p.c.sex,
        )
        .select_from(there.join(p, p.c.id == there.c.patient_id))
        .where(there.c.type == "RelatedPerson", there.c.id.in_(parents), there.c.active)
        .where(there.c.relation.in_(sorted(PARENTS)), there.c.patient_id != sa.bindparam("patient_id"))
    )  # fmt: skip


def _home() -> sa.Select[Any]:
    mine, theirs, p = household_row.alias(), household_row.alias(), patient_row.alias()
    joined = mine.join(theirs, theirs.c.id == mine.c.id).join(p, p.c.id == theirs.c.patient_id)
    empty = literal("")
    return (
        sa.select(
            literal(_HOME), empty, empty, p.c.id, p.c.display, empty, sa.true(), p.c.phones, p.c.sex, empty, false(),
            p.c.birth_date, p.c.photo, sa.true(), p.c.deceased, p.c.sex,
        )
        .select_from(joined)
        .where(mine.c.patient_id == sa.bindparam("patient_id"), theirs.c.patient_id != mine.c.patient_id)
    )  # fmt: skip


def _columns(way: str, b: sa.FromClause, p: sa.FromClause, *, other: Any, name: Any) -> list[Any]:
    account = beside_row.alias()
    party = literal("RelatedPerson/") + b.c.id
    pays = sa.exists().where(
        account.c.patient_id == b.c.patient_id, account.c.type == "Account", account.c.pays == party
    )
    phones = sa.func.coalesce(p.c.phones, b.c.phone) if way == _NEAR else p.c.phones
    sex = sa.func.coalesce(p.c.sex, b.c.sex)
    return [
        literal(way), b.c.id, b.c.patient_id, other, name, b.c.relation, b.c.active, phones, sex, b.c.roles, pays,
        p.c.birth_date, p.c.photo, _together(other), p.c.deceased, b.c.sex,
    ]  # fmt: skip


def _together(other: Any) -> sa.Exists:
    """Whether the patient and another live in one household."""
    here, there = household_row.alias(), household_row.alias()
    return sa.exists().where(
        here.c.patient_id == sa.bindparam("patient_id"), there.c.id == here.c.id, there.c.patient_id == other
    )


_NAMES = (
    "way", "id", "of", "other", "name", "relation", "active", "phone", "sex", "roles", "pays", "born", "photo", "lives",
    "dead", "own",
)  # fmt: skip


def _named(select: sa.Select[Any]) -> sa.Select[Any]:
    columns = [column.label(name) for name, column in zip(_NAMES, select.inner_columns, strict=True)]
    return select.with_only_columns(*columns)


def _everybody() -> Short:
    every = sa.union_all(*(_named(part) for part in (_near(), _far(), _kin(), _home()))).subquery()
    return Short(sa.select(every), (every.c.way.desc(), every.c.active.desc(), every.c.name), MOST)


_PEOPLE = _everybody()
