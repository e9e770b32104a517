"""People who are beside some patient and no patients themselves: a shared guarantor, a grandparent who drives."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from clinic.core.names import words
from clinic.fhir.store import Store
from clinic.registration.mapping.family import facts_of
from clinic.registration.rules.family import Facts
from clinic.registration.rules.query import Query
from clinic.registration.tables import person_link

SHOWN = 5
_EACH = 30


@dataclass(frozen=True)
class Known:
    """Somebody beside another patient, by one of their records."""

    id: str
    facts: Facts
    phone: str


def known_people(store: Store, query: Query, patient_id: str) -> list[Known]:
    """Whom the names of a search may mean among people who are no patients, each human once.

    Nobody who is beside this patient already.
    """
    if not any(len(word) > 1 for word in query.words):
        return []
    terms = [("name", word) for word in query.words]
    found = store.search("RelatedPerson", [*terms, ("active", "true")], limit=_EACH)
    humans = _humans(store, [one["id"] for one in found])
    taken = {
        humans.get(one["id"], one["id"])
        for one in found
        if one.get("patient", {}).get("reference") == f"Patient/{patient_id}"
    }
    shown: dict[str, Known] = {}
    for one in found:
        human = str(humans.get(one["id"], one["id"]))
        facts = facts_of(one)
        if human == "" or human in taken or not set(query.words) <= _openings(facts, query):
            continue
        shown.setdefault(human, Known(one["id"], facts, facts.mobile or facts.home_phone))
    return list(shown.values())[:SHOWN]


def _openings(facts: Facts, query: Query) -> set[str]:
    said = words(facts.name)
    return {word for word in query.words if any(one.startswith(word) for one in said)}


def _humans(store: Store, ids: list[str]) -> dict[str, str]:
    """The Person of each record; empty for one who is a patient, who is found as that."""
    mine, theirs = person_link.alias(), person_link.alias()
    wanted = (
        sa.select(mine.c.target, mine.c.id, sa.func.max(theirs.c.target).label("patient"))
        .outerjoin(theirs, sa.and_(theirs.c.id == mine.c.id, theirs.c.target_type == "Patient"))
        .where(mine.c.target.in_(ids), mine.c.target_type == "RelatedPerson")
        .group_by(mine.c.target, mine.c.id)
    )
    return {row.target: "" if row.patient else row.id for row in store.conn.execute(wanted)}
