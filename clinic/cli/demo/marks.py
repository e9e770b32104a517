"""What stands out on records of the demo practice: flags, consents with their texts, one restricted record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

import sqlalchemy as sa

from clinic.access.tables import user
from clinic.appointments.tables import appointment_row
from clinic.cli.demo.calendar import At
from clinic.cli.demo.people import Person
from clinic.core.actor import SYSTEM
from clinic.fhir.store import Store
from clinic.registration.queries.finder import today_of
from clinic.registration.rules.consents import ConsentText, Signing, shipped
from clinic.registration.rules.flags import Flag
from clinic.registration.service.consents import sign, withdraw, write_text
from clinic.registration.service.flags import set_flag
from clinic.registration.service.restricting import restrict

_FLAGS = (
    ("payment", "Pays 20 a month"), ("safety", ""), ("vip", ""), ("help", "Needs a wheelchair"),
    ("allergy", "Latex allergy"), ("no-texts", ""), ("other", "Brings a guide dog"),
    ("interpreter", "Interpreter: Arabic"),
)  # fmt: skip
_EACH = 3


def make_marks(store: Store, at: At, people: Sequence[Person]) -> None:
    """A few flags of every kind, consents of every kind with one text changed since, and one restricted record."""
    random = Random(20)  # noqa: S311 a repeatable demo, no secret
    chosen = random.sample(list(people), _EACH * len(_FLAGS))
    for number, person in enumerate(chosen):
        kind, words = _FLAGS[number % len(_FLAGS)]
        earlier = at(store.now - timedelta(days=random.randrange(1, 4)))
        if kind == "allergy":
            earlier.actor = SYSTEM
        until = (store.now + timedelta(days=60)).date().isoformat() if kind == "payment" else ""
        set_flag(earlier, person.id, Flag(kind, words, ends=until))
    _consents(store, at, people[::9], random)
    _restrict(store, people)


def _consents(store: Store, at: At, people: Sequence[Person], random: Random) -> None:
    text = dict(shipped()["financial"])
    for number, person in enumerate(people):
        earlier = at(store.now - timedelta(days=random.randrange(40, 200)))
        day = earlier.now.date() - timedelta(days=1)
        if person.born >= day:
            continue
        language = person.details.language or "en"
        given = Signing("financial", language if language in text else "en", "paper", day)
        sign(earlier, person.id, given)
        sms = sign(earlier, person.id, replace(given, kind="sms"))
        if number % 6 == 0:
            withdraw(earlier, sms["id"], on=today_of(earlier), reason="Does not want texts any more")
    changed = {
        name: ConsentText(one.title, f"{one.text}\n\n{_MORE[name]}") for name, one in text.items() if name in _MORE
    }
    write_text(at(store.now - timedelta(days=36)), "financial", changed, number=1)


_MORE = {
    "en": "I can ask for the prices of planned care before I decide.",
    "es": "Puedo pedir los precios de la atención prevista antes de decidir.",
    "nl": "Ik kan om de prijzen van geplande zorg vragen voordat ik beslis.",
    "ar": "لي أن أطلب أسعار الرعاية المخطط لها قبل أن أقرر.",
}


def _restrict(store: Store, people: Sequence[Person]) -> None:
    """Somebody who has no visit near: nobody meets a closed record by chance."""
    near = sa.select(appointment_row.c.patient_id).where(appointment_row.c.start > store.now - timedelta(days=2))
    busy = set(store.conn.execute(near).scalars())
    free = next((person for person in reversed(people) if person.id not in busy and _grown(store, person)), people[-1])
    leader = store.conn.execute(sa.select(user.c.id).where(user.c.role == "manager")).scalars().first()
    restrict(store, free.id, "R", [leader] if leader else [])


def _grown(store: Store, person: Person) -> bool:
    return (store.now.date() - person.born).days > 30 * 365
