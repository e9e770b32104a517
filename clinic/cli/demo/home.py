"""What stands open to people at home in the demo practice, and what came in from there."""

from __future__ import annotations

from datetime import timedelta

from clinic.appointments.queries.online import Looked, online_times, rule_of
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.online import OnlineRule, Person, Wish
from clinic.appointments.service.online import ask_or_book, save_rule
from clinic.cli.demo.practice import Made
from clinic.core.errors import ClinicError
from clinic.fhir.store import Store

_NEW = (
    ("Ilse", "Brandt", "1988-04-17", "+12125550171", "Knee, since a fall last week"),
    ("Jonah", "Pell", "2001-11-02", "+12125550172", ""),
    ("Marta", "Quist", "1954-06-29", "+12125550173", "I need a place for a wheelchair"),
)


def open_to_home(store: Store, made: Made) -> None:
    """Follow-ups and vaccinations can be booked, new patients ask, results are looked at."""
    for name, rule in (
        ("Follow-up", OnlineRule("", "book", publish=True)),
        ("Vaccination", OnlineRule("", "book", notice_hours=2, publish=True, words="Bring your vaccination card.")),
        ("New patient", OnlineRule("", "request", questions=("Who sends you to us?",), publish=True)),
        ("Results", OnlineRule("", "view", new_patients=False)),
    ):
        given = {field: getattr(rule, field) for field in OnlineRule.__dataclass_fields__}
        save_rule(store, OnlineRule(**given | {"type_id": made.types[name]}))


def ask_from_home(store: Store, made: Made) -> None:
    """Some people who are not on file ask for a first visit."""
    type_id, setup = made.types["New patient"], calendar_setup(store)
    kind = setup.visit_type(type_id)
    if kind is None:
        return
    since = store.now + timedelta(days=2)
    offers = online_times(store, setup, Looked(kind, rule_of(store, type_id), since=since))
    for (given, family, born, phone, note), offer in zip(_NEW, offers[::3], strict=False):
        person = Person(given, family, born, phone, f"{given.lower()}@example.org", language="en")
        try:
            ask_or_book(store, person, Wish(type_id, offer.provider, offer.start, note), known=False)
        except ClinicError:
            return
