"""People who wait for a time, and one time that is offered to somebody now."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import sqlalchemy as sa

from clinic.appointments.mapping.appointment import OVERBOOK
from clinic.appointments.mapping.extensions import with_extension
from clinic.appointments.mapping.wish import wish_booked
from clinic.appointments.rules.free import PartOfDay
from clinic.appointments.rules.spans import Span
from clinic.appointments.rules.waitlist import NORMAL, SOON, URGENT, Entry, Rule, Wants
from clinic.appointments.service.changes import cancel
from clinic.appointments.service.offering import offer_freed, tell_round
from clinic.appointments.service.overbooking import count_overbooking
from clinic.appointments.service.waitlist import add_wish, set_rule
from clinic.appointments.tables import appointment_row
from clinic.appointments.waitlist_tables import waitlist_offer
from clinic.cli.demo.calendar import At
from clinic.cli.demo.people import Person
from clinic.cli.demo.practice import Made
from clinic.fhir.store import Store

_NOTES = ("", "Back pain, cannot sit long", "Works nights", "Needs a lift from her son", "")
_REASONS = ("In pain", "Asked for by the provider", "Came from far away", "Only a signature")
_WAITING = 12


def make_waitlist(store: Store, random: Random, made: Made, people: list[Person]) -> None:
    """Rules for some visit types, a dozen wishes, and an offer that waits for its answer."""
    set_rule(store, Rule(made.types["New patient"], at_once=1, notice_hours=72, hold_minutes=240))
    set_rule(store, Rule(made.types["Blood pressure"], at_once=3, notice_hours=2, hold_minutes=30))
    for number, person in enumerate(random.sample(people, _WAITING)):
        kind = random.choice(list(made.types.values()))
        add_wish(store, _wish(store, random, made, person, kind=kind, number=number))
    _one_offer(store, random, made, people)


def make_earlier_offers(store: Store, at: At, random: Random, people: list[Person]) -> None:
    """Freed times of the last weeks: offered to somebody who waited, and most of them taken within hours."""
    c = appointment_row.c
    gone = sa.select(c.provider, c.provider_name, c.start, c.end, c.type_id, c.cancelled).where(
        c.status == "cancelled", c.start < store.now, c.cancelled < c.start
    )
    for number, row in enumerate(store.conn.execute(gone.order_by(c.start, c.id)).all()):
        freed = at(row.cancelled)
        entry = Entry(random.choice(people).id, row.type_id, freed.now - timedelta(days=3), row.end)
        wish = add_wish(at(freed.now - timedelta(days=3)), entry)
        taken = random.random() < 0.7
        answered = min(freed.now + timedelta(minutes=round(random.expovariate(1 / 70)) + 2), row.start)
        freed.update(wish_booked(wish, "", "Booked" if taken else "Not needed any more"))
        offer = {
            "id": f"demo-offer-{number}", "round": f"demo-round-{number}", "wish": wish["id"], "provider": row.provider,
            "provider_name": row.provider_name, "room": "", "start": row.start, "end": row.end, "hold": "",
            "state": "accepted" if taken else "expired", "made": freed.now, "tell_at": freed.now, "told": freed.now,
            "expires": row.start, "answered": answered if taken else None, "answered_by": "", "token": "",
        }  # fmt: skip
        store.conn.execute(sa.insert(waitlist_offer), [offer])


def make_overbooked(store: Store, at: At, random: Random) -> None:
    """Some of the visits of the last weeks were booked beside others, each with a reason."""
    c = appointment_row.c
    past = sa.select(c.id, c.booked).where(c.status == "fulfilled", c.start < store.now, c.booked.is_not(None))
    for row in store.conn.execute(past.order_by(c.start.desc(), c.id).limit(400)).all()[::16]:
        then = at(row.booked)
        changed = with_extension(then.read("Appointment", row.id), OVERBOOK, "valueString", random.choice(_REASONS))
        count_overbooking(then, then.update(changed))


def _wish(store: Store, random: Random, made: Made, person: Person, *, kind: str, number: int) -> Entry:
    part: PartOfDay = "afternoon" if number % 2 else "morning"
    wants = Wants(
        providers=tuple(random.sample(made.providers, number % 3)),
        parts=frozenset({part}) if number % 3 else frozenset(),
        weekdays=frozenset(random.sample(range(5), 2)) if number % 4 == 0 else frozenset(),
        notice=(0, 24, 48)[number % 3],
    )
    until = store.now + timedelta(days=random.randrange(14, 90))
    urgency = (NORMAL, NORMAL, SOON, URGENT)[number % 4]
    return Entry(person.id, kind, store.now, until, wants, urgency=urgency, note=random.choice(_NOTES))


def _one_offer(store: Store, random: Random, made: Made, people: list[Person]) -> None:
    """A follow-up of the coming days is cancelled, and goes to somebody who waits for one."""
    c = appointment_row.c
    soon = store.now + timedelta(days=2)
    kind = made.types["Follow-up"]
    wanted = sa.select(c.id, c.provider, c.start, c.end).where(c.type_id == kind, c.start > soon, c.status == "booked")
    gone = store.conn.execute(wanted.order_by(c.start, c.id).limit(1)).first()
    if gone is None:
        return
    wants = Wants(providers=(gone.provider,))
    person = random.choice(people)
    add_wish(store, Entry(person.id, kind, store.now, gone.end, wants, urgency=URGENT, note="Pain is getting worse"))
    cancel(store, gone.id, reason="Patient cannot come")
    offer_freed(store, gone.provider, Span(gone.start, gone.end))
    for round_id in store.conn.execute(sa.select(waitlist_offer.c.round).distinct()).scalars().all():
        tell_round(store, round_id)
