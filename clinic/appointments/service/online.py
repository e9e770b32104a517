"""Booking from home: the desk's rules and claims, for somebody without an account.

Who proves name, birth date and a number is a patient on file and books (or asks) as such. Everybody else can only ask:
the wish waits with its time held until the desk has registered them or found who they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import sqlalchemy as sa

from clinic.appointments.online_tables import online_request, online_type
from clinic.appointments.queries.online import coming_from_home, open_of, rule_of
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.booking import Booking, asked_span
from clinic.appointments.rules.online import (
    BOOK,
    HELD_FOR,
    LINK_LIVES,
    MOST_COMING,
    MOST_OF_NETWORK,
    MOST_OPEN,
    OnlineRule,
    Person,
    Wish,
    checked,
)
from clinic.appointments.rules.setup import Provider, VisitType
from clinic.appointments.service.booking import book, works_at
from clinic.appointments.service.holds import keep_for_request
from clinic.appointments.service.links import REQUEST, make_link, visit_link_for
from clinic.core.errors import N_, Conflict, Invalid
from clinic.core.ids import new_id
from clinic.core.json import Json
from clinic.db.sql import upsert
from clinic.fhir.store import Store
from clinic.registration.queries.proving import proven_patient

NOT_OPEN = N_("This kind of visit cannot be booked from home. Please call the practice.")
NOT_OFFERED = N_("This time is not offered. Choose another one.")
NOT_FOUND = N_(
    "We could not find you with these details. Check the name, the birth date and the number, or call the practice."
)
ONLY_KNOWN = N_("This kind of visit can be booked from home only by people who have been here before. Please call us.")
ENOUGH = N_("You already have %(count)s coming visits or requests. For more, please call the practice.")
TOO_MANY = N_("There are many open requests from this place. Please call the practice.")
_ONCE = "once"
_WIDTHS = {"given": 120, "family": 120, "birth_date": 10, "sex": 12, "email": 120, "language": 8}


@dataclass(frozen=True)
class Outcome:
    """What became of it: the visit when it is booked, the wish, and the token with which it is looked after."""

    request_id: str
    booked: bool
    appointment: Json = field(default_factory=dict)
    token: str = field(default="", repr=False)


@dataclass(frozen=True)
class _Asked:
    rule: OnlineRule
    kind: VisitType
    provider: Provider
    patient_id: str


def save_rule(store: Store, rule: OnlineRule) -> None:
    """Keep how a visit type stands open to people at home. Raises Invalid."""
    checked(rule)
    row = {
        "type_id": rule.type_id, "mode": rule.mode, "notice_hours": rule.notice_hours,
        "horizon_days": rule.horizon_days, "cancel_hours": rule.cancel_hours, "new_patients": rule.new_patients,
        "publish": rule.publish, "words": " ".join(rule.words.split())[:400], "questions": list(rule.questions),
    }  # fmt: skip
    upsert(store.conn, online_type, [row], ["type_id"])
    store.did("online-booking", f"{rule.type_id}: {rule.mode}")


def ask_or_book(store: Store, person: Person, wish: Wish, *, known: bool) -> Outcome:
    """Book the time for a patient who is on file, or keep the wish for the desk.

    `known` says that the person says to have been here before: then nobody is taken for somebody new by a slip of
    the pen. Raises Invalid (not open, not offered, not found), Conflict (enough already), and what booking raises.
    """
    asked = _read(store, person, wish)
    if known and not asked.patient_id:
        raise Invalid(NOT_FOUND)
    if not asked.patient_id and not asked.rule.new_patients:
        raise Invalid(ONLY_KNOWN)
    _require_measure(store, asked, wish)
    if asked.rule.mode == BOOK and asked.patient_id:
        return _book(store, asked, person, wish)
    return _ask(store, asked, person, wish)


def _read(store: Store, person: Person, wish: Wish) -> _Asked:
    setup, rule = calendar_setup(store), rule_of(store, wish.type_id)
    kind, provider = setup.visit_type(wish.type_id), setup.provider(wish.provider_id)
    if kind is None or not kind.active or not rule.takes:
        raise Invalid(NOT_OPEN)
    able = provider is not None and provider.active and provider.does(kind.id)
    if provider is None or not able or not rule.offers(wish.start, store.now):
        raise Invalid(NOT_OFFERED, field="slot")
    patient_id = proven_patient(
        store, given=person.given, family=person.family, birth_date=person.birth_date, number=person.number
    )
    return _Asked(rule, kind, provider, patient_id)


def _require_measure(store: Store, asked: _Asked, wish: Wish) -> None:
    if asked.patient_id:
        count = coming_from_home(store, asked.patient_id)
        if count >= MOST_COMING:
            raise Conflict(ENOUGH, count=count)
    elif wish.network and open_of(store, network=wish.network) >= MOST_OF_NETWORK:
        raise Conflict(TOO_MANY)


def _book(store: Store, asked: _Asked, person: Person, wish: Wish) -> Outcome:
    made = book(store, Booking(asked.patient_id, asked.provider.id, asked.kind.id, wish.start, note=_note(wish)))
    row = _row(store, asked, person, wish) | {"state": "booked", "appointment_id": made["id"], "decided": store.now}
    store.conn.execute(sa.insert(online_request), [row])
    return Outcome(row["id"], booked=True, appointment=made, token=visit_link_for(store, made))


def _ask(store: Store, asked: _Asked, person: Person, wish: Wish) -> Outcome:
    row = _row(store, asked, person, wish)
    span = asked_span(wish.start, asked.kind.minutes)
    if not works_at(store, calendar_setup(store), asked.provider.id, span):
        raise Invalid(NOT_OFFERED, field="slot")
    if open_of(store) < MOST_OPEN:
        until = min(store.now + HELD_FOR, span.start)
        row["holder"] = keep_for_request(
            store, span, provider=asked.provider.id, room=asked.provider.room, until=until, type_id=asked.kind.id
        )
    store.conn.execute(sa.insert(online_request), [row])
    if asked.patient_id:
        store.did("asked", "a visit, from home", asked.patient_id)
    token = make_link(store, REQUEST, row["id"], expires=store.now + LINK_LIVES)
    return Outcome(row["id"], booked=False, token=token)


def _note(wish: Wish) -> str:
    lines = [wish.note.strip(), *(f"{question} {answer}" for question, answer in wish.answers if answer.strip())]
    return "\n".join(line for line in lines if line)[:400]


def _row(store: Store, asked: _Asked, person: Person, wish: Wish) -> Json:
    said = {name: getattr(person, name).strip()[:width] for name, width in _WIDTHS.items()}
    return said | {
        "id": new_id(), "state": "open", "kind": "visit", "type_id": asked.kind.id,
        "type_name": asked.kind.name[:200], "provider": asked.provider.id,
        "provider_name": asked.provider.name[:200], "start": wish.start, "minutes": asked.kind.minutes, "holder": "",
        "patient_id": asked.patient_id, "phone": person.number.strip()[:40], "note": wish.note.strip()[:400],
        "answers": [list(pair) for pair in wish.answers], "appointment_id": "", "words": "",
        "network": wish.network[:64], "created": store.now, "decided": None, "decided_by": "",
    }  # fmt: skip


def ask_once(store: Store, key: str, person: Person, wish: Wish, *, known: bool) -> Outcome:
    """The same, once for each form: sent again it answers as the first time, without a second token."""
    kept = store.holder(_ONCE, f"home:{key}") if key else None
    if kept:
        row = store.conn.execute(
            sa.select(online_request.c.state).where(online_request.c.id == kept.rpartition("/")[2])
        ).first()
        return Outcome(kept.rpartition("/")[2], booked=row is not None and row.state == "booked")
    made = ask_or_book(store, person, wish, known=known)
    if key:
        store.claim(_ONCE, f"home:{key}", f"{store.now:%Y-%m-%d} OnlineRequest/{made.request_id}")
    return made
