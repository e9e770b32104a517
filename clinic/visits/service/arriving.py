"""Self check-in: somebody says with the own telephone that they are here."""

from __future__ import annotations

from datetime import timedelta

from clinic.appointments.service.links import end_links, make_link
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.visits import mapping
from clinic.visits.queries.waiting_room import coming_with
from clinic.visits.rules.arriving import Said, arriving_of, whose_visit
from clinic.visits.service import arrive

HERE = "here"
_LIVES = timedelta(hours=16)


def check_in_alone(store: Store, said: Said) -> str:
    """Note the arrival of the one visit that fits, and give the token of its own page; "" when none does.

    Who it is is confirmed at the desk: this says only that somebody who knows two facts is in the building.
    """
    rules = arriving_of(store.practice.arriving)
    found = whose_visit(said, coming_with(store, said.birth_date), store.now, rules=rules)
    if not found or not rules["phone"]:
        return ""
    return own_page(store, arrive(store, found, way=mapping.PHONE))


def arrive_by_link(store: Store, news: Json) -> None:
    """Note the arrival that a patient announced by a link (`patient_here`). Raises NotNow, Missing."""
    arrive(store, str(news["appointment"]), way=str(news["way"]))


def own_page(store: Store, encounter: Json) -> str:
    """A fresh token for the page of one visit on the own telephone; earlier ones open nothing any more."""
    end_links(store, encounter["id"])
    return make_link(store, HERE, encounter["id"], expires=store.now + _LIVES)
