"""What is known about many patients when the needs of their visits are judged; one statement, however many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from clinic.core.json import Json, loads
from clinic.db.types import UtcDateTime
from clinic.fhir.store import Store
from clinic.insurance.queries import Cover
from clinic.intake.queries import forms_select
from clinic.registration.queries.evidence import packed, reach_select, unpacked
from clinic.registration.queries.photo_id import ended_id, licensed, papers
from clinic.registration.rules.consents import Book
from clinic.registration.rules.evidence import CONTACT, Evidence, Told, ages_of, standing, weigh
from clinic.visits.rules.needs import Known, Rules, rules_for
from clinic.visits.tables import confirmation_row

_c = confirmation_row.c
NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Coming:
    """What is known of a visit that the needs depend on."""

    appointment_id: str
    patient_id: str
    type_id: str
    birth_date: str
    day: date
    here: bool = False


@dataclass(slots=True)
class Beside:
    """What other statements read of the patient: the cover of the day, the consents, and what is owed."""

    cover: Cover | None
    book: Book
    due_cents: int = 0


@dataclass
class Facts:
    """What was read, by patient; forms that were handed out by appointment."""

    confirmed: dict[str, dict[str, datetime]] = field(default_factory=dict)
    told: dict[str, list[Told]] = field(default_factory=dict)
    papers: dict[str, str] = field(default_factory=dict)
    licensed: dict[str, Json] = field(default_factory=dict)
    reach: dict[str, str] = field(default_factory=dict)
    forms: dict[str, tuple[datetime, int]] = field(default_factory=dict)
    answered: dict[str, datetime] = field(default_factory=dict)
    _contact: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def add(self, row: Any) -> None:
        """Put one row of `fact_lines` in its place; rows of other tags are passed by."""
        tag, patient_id = row[0], row[1]
        if tag == "told":
            self.told.setdefault(patient_id, []).append(unpacked(patient_id, row[2], row[3], row[4]))
        elif tag == "confirmed":
            self.confirmed.setdefault(patient_id, {})[row[2]] = row[3]
        elif tag == "reach":
            self.reach[patient_id] = row[2]
        elif tag == "paper":
            self.papers[patient_id] = row[2]
        elif tag == "licensed":
            self.licensed[patient_id] = loads(row[2])
        elif tag == "forms":
            handed = row[3], sum(not form["done"] for form in loads(row[2]))
            self.forms[row[4]] = max(handed, self.forms.get(row[4], handed))
        elif tag == "answered":
            self.answered[patient_id] = row[3]

    def known(self, store: Store, visit: Coming, beside: Beside) -> Known:
        """All of it as the rules want it."""
        cover = beside.cover
        who = visit.patient_id
        return Known(
            confirmed=self.confirmed.get(who, NOTHING),
            **self._contact_of(store, who),
            **consents_of(beside.book, visit),
            here=visit.here,
            id_ended=ended_day(store, self.licensed.get(who, {}), self.papers.get(who)),
            has_contact=self.reach.get(who, "1") != "0",
            cover=cover.state if cover else "none",
            cover_name=cover.payer if cover else "",
            forms_open=self.forms[visit.appointment_id][1] if visit.appointment_id in self.forms else 0,
            forms_done=self.answered.get(who),
            due_cents=beside.due_cents,
        )

    def number(self, patient_id: str) -> str:
        """The first telephone number; "" for none."""
        return next(iter(self.reach.get(patient_id, "")[1:].split()), "")

    def _contact_of(self, store: Store, patient_id: str) -> Mapping[str, Any]:
        if patient_id not in self._contact:
            self._contact[patient_id] = contact_of(store, weigh(self.told.get(patient_id, ())))
        return self._contact[patient_id]


def fact_lines(region: str, patients: Any) -> list[sa.Select[Any]]:
    """(tag, patient_id, text, at, id) of what is known of some patients, to be joined by UNION ALL.

    `patients` is a list of ids, bound or not, or a SELECT of them. Read again by `Facts.add`.
    """
    text, nothing = sa.literal, sa.cast(sa.null(), UtcDateTime)
    t, p, lic = packed(patients).c, papers(patients).subquery().c, licensed(region, patients).subquery().c
    f, reach = [one.subquery().c for one in forms_select(patients)], reach_select(patients).subquery().c
    return [
        sa.select(text("told").label("tag"), t.patient_id, t.packed.label("line"), t.at.label("at"), t.id.label("id")),
        sa.select(text("confirmed"), _c.patient_id, _c.kind, sa.func.max(_c.at), text(""))
        .where(_c.patient_id.in_(patients))
        .group_by(_c.patient_id, _c.kind),
        sa.select(text("reach"), reach.id, reach.reach, nothing, text("")),
        sa.select(text("paper"), p.patient_id, p.paper, nothing, text("")),
        sa.select(text("licensed"), lic.id, lic.json, nothing, text("")),
        sa.select(text("forms"), f[0].patient_id, f[0].forms, f[0].created, f[0].appointment_id),
        sa.select(text("answered"), f[1].patient_id, text(""), f[1].at, text("")),
    ]


@cache
def _of_patients(region: str) -> sa.CompoundSelect[Any]:
    first, *rest = fact_lines(region, sa.bindparam("patients", expanding=True))
    return first.union_all(*rest)


def facts_of(store: Store, patients: Sequence[str]) -> Facts:
    """What is known of some patients; one statement."""
    found = Facts()
    for row in store.conn.execute(_of_patients(store.practice.region), {"patients": list(patients)}):
        found.add(row)
    return found


def contact_of(store: Store, evidence: Mapping[str, Evidence]) -> dict[str, Any]:
    """What `Known` says of the contact values: which are past their term, and when one was last told."""
    found = standing({name: evidence[name] for name in CONTACT if name in evidence}, _ages(store), store.now)
    told = found.latest
    return {"stale": found.fields if told else None, "told": told}


def _ages(store: Store) -> Mapping[str, int]:
    return store.read_once("ages", lambda: ages_of(store.practice.ages))


def consents_of(book: Book, visit: Coming) -> dict[str, Any]:
    """How many consents the visit lacks on its day, how many of them nobody is seen without, and which one ends."""
    states = book.wanted(visit.patient_id, visit.type_id, visit.birth_date, visit.day)
    missing = [one for one in states if one.open]
    ends = sorted(one.held.ends for one in states if one.state == "ending" and one.held)
    return {
        "consents": len(missing),
        "consents_must": sum(one.kind.need == "must" for one in missing),
        "consent_ends": ends[0] if ends else "",
    }


def rules_of(store: Store, visit_type: str) -> Rules:
    """What the manager asks of visits of a type."""

    def made() -> Rules:
        practice = store.practice
        return rules_for(practice.ready, practice.ready_days, visit_type, coverage_days=_ages(store)["coverage"])

    return store.read_once(("ready", visit_type), made)


def ended_day(store: Store, patient: Json, paper: str | None) -> str:
    """The last day of a photo ID that has ended; "" when all is well."""
    if not patient and not paper:
        return ""
    ended = ended_id(store, patient, paper)
    return ended.ends if ended else ""
