"""Whom a rule means, and whether and by which number a patient may be called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from clinic.appointments.queries.recalls import today_of
from clinic.appointments.recall_tables import recall_row
from clinic.appointments.rules.recalls import ACTIVE, Rule, Someone
from clinic.appointments.tables import appointment_row
from clinic.core.days import age, day_bounds, local
from clinic.core.errors import N_
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.regions import region_of
from clinic.registration.mapping.patient import details_of
from clinic.registration.queries.consents import book_of
from clinic.registration.queries.flags import flags_of_many
from clinic.registration.rules.consents import Book
from clinic.registration.rules.contacting import DECEASED, HOURS, NEVER, NO_CONSENT, NO_WAY, may_contact
from clinic.registration.rules.details import PatientDetails

CAME = ("fulfilled", "arrived", "checked-in")
COMING = ("proposed", "pending", "booked", "arrived", "checked-in")
CHANNELS = ("voice", "sms", "email")
_YEARS_BACK = 4
"""Who has not been here for so many years more than the rule says is no longer recalled by it."""
_MOST = 200
_a, _r = appointment_row.c, recall_row.c
_WHY = {
    DECEASED: N_("Recorded as deceased"),
    NEVER: N_("Wants no calls"),
    NO_WAY: N_("No number"),
    NO_CONSENT: N_("Agreed to no calls"),
    HOURS: N_("Not at this hour"),
}


@dataclass(frozen=True)
class Line:
    """How a patient is called: the number, or why they must not be; `language` is theirs."""

    number: str = ""
    why: str = ""
    language: str = ""


@dataclass(frozen=True)
class Last:
    """The last visit of a patient that a rule looks at."""

    patient_id: str
    visit: str
    start: datetime
    provider: str


def lines_of(store: Store, ids: Iterable[str]) -> dict[str, Line]:
    """By which number each of these patients may be called now; two statements. Nothing of closed records."""
    wanted = sorted({one for one in ids if one and not store.is_closed(one)})
    found = store.read_many(f"Patient/{one}" for one in wanted)
    book = book_of(store, wanted) if wanted else Book()
    return {one["id"]: _line(store, one, book) for one in found.values()}


def _line(store: Store, patient: Json, book: Book) -> Line:
    details = details_of(patient, region_of(store.practice.region))
    clock = local(store.now, store.practice.zone).time()
    agreed = book.state(patient["id"], "voice", today_of(store)).state != "withdrawn"
    said = may_contact(details, "phone", clock, consented=agreed)
    number = said.to or (_any_number(details) if said.why == HOURS else "")
    return Line(number, _WHY.get(said.why, said.why), details.language)


def _any_number(details: PatientDetails) -> str:
    return details.mobile or details.home_phone or details.work_phone


def someones(store: Store, ids: Iterable[str]) -> dict[str, Someone]:
    """These patients as a rule looks at them; three statements."""
    wanted = sorted(set(ids))
    found = store.read_many(f"Patient/{one}" for one in wanted)
    flags, book = flags_of_many(store, wanted), book_of(store, wanted)
    return {
        one["id"]: _someone(store, one, frozenset(flag.kind for flag in flags.get(one["id"], ())), book)
        for one in found.values()
    }


def _someone(store: Store, patient: Json, flags: frozenset[str], book: Book) -> Someone:
    details = details_of(patient, region_of(store.practice.region))
    merged = any(link.get("type") == "replaced-by" for link in patient.get("link", ()))
    today = today_of(store)
    refused = all(book.state(patient["id"], way, today).state == "withdrawn" for way in CHANNELS)
    return Someone(
        age=_age(details.birth_date, today),
        sex=details.sex,
        flags=flags,
        deceased=bool(details.deceased),
        active=patient.get("active") is not False and not merged,
        declined=refused or {"phone", "sms", "email", "letter"} <= set(details.never_by),
    )


def _age(birth_date: str, today: date) -> int | None:
    try:
        return age(date.fromisoformat(birth_date), today)
    except ValueError:
        return today.year - int(birth_date[:4]) if birth_date[:4].isdigit() else None


def due_by_rule(store: Store, rule: Rule, last_day: date, *, after: str = "") -> list[Last]:
    """Patients whose last visit of the rule's type is of this day or earlier, and for whom nothing is booked or asked.

    One statement; `_MOST` at once, by patient, those after the given one.
    """
    zone = store.practice.zone
    until = day_bounds(last_day, zone)[1]
    since = day_bounds(date(last_day.year - _YEARS_BACK, last_day.month, 1), zone)[0]
    last = (
        sa.select(_a.patient_id, sa.func.max(_a.start).label("start"))
        .where(_a.type_id == rule.type_id, _a.status.in_(CAME), _a.patient_id > after)
        .group_by(_a.patient_id)
        .having(sa.func.max(_a.start) < until, sa.func.max(_a.start) >= since)
        .subquery()
    )
    same = sa.and_(_a.patient_id == last.c.patient_id, _a.start == last.c.start, _a.type_id == rule.type_id)
    wanted = sa.select(_a.patient_id, _a.id, _a.start, _a.provider).select_from(appointment_row.join(last, same))
    wanted = wanted.where(~_coming(rule), ~_asked(rule)).order_by(_a.patient_id, _a.id, _a.provider).limit(_MOST)
    found: dict[str, Last] = {}
    for row in store.conn.execute(wanted):
        found.setdefault(row[0], Last(*row))
    return list(found.values())


def _coming(rule: Rule) -> sa.Exists:
    """Such a visit is booked."""
    other = appointment_row.alias("other")
    its = sa.and_(other.c.patient_id == _a.patient_id, other.c.type_id == rule.books, other.c.start > _a.start)
    return sa.exists().where(its, other.c.status.in_(COMING))


def _asked(rule: Rule) -> sa.Exists:
    """It is on the call list, by whatever reason, or this rule made it after this very visit."""
    open_one = sa.and_(_r.status == ACTIVE, _r.type_id == rule.books)
    made = sa.and_(_r.rule == rule.id, _r.follows == _a.id)
    return sa.exists().where(_r.patient_id == _a.patient_id, sa.or_(open_one, made))


def open_ids(store: Store, *, after: str = "") -> list[tuple[Any, ...]]:
    """(id, patient, kind) of what is open, some at once, by id."""
    wanted = sa.select(_r.id, _r.patient_id, _r.kind).where(_r.status == ACTIVE, _r.id > after)
    return [tuple(row) for row in store.conn.execute(wanted.order_by(_r.id).limit(_MOST))]
