"""The next visit at check-out: when it should be, and the free times of those days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from clinic.appointments.queries.finding import Found, Question, find
from clinic.appointments.queries.recalls import recall
from clinic.appointments.rules.ranking import Ask
from clinic.appointments.rules.recalls import GONE_BY, Recall, read_due
from clinic.core.days import day_bounds, local, read_date
from clinic.core.errors import Invalid
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.subject import patient_of
from clinic.visits import mapping
from clinic.visits.rules.leaving import Window, window_around

_SHOWN = 3


@dataclass(frozen=True)
class NextTimes:
    """What is offered for the next visit: the days, the times, and the order that such a visit carries out."""

    window: Window
    found: Found
    type_id: str
    order: str = ""

    @property
    def what(self) -> str:
        """The name of the visit type that is looked for."""
        kind = self.found.setup.visit_type(self.found.question.type_id)
        return kind.name if kind else ""


def today_of(store: Store) -> date:
    """The day it is at the practice."""
    return local(store.now, store.practice.zone).date()


def due_of(store: Store, text: str) -> date:
    """The day that "6 weeks", "3 months" or a date means. Raises Invalid at the field `due`."""
    today, order = today_of(store), store.practice.date_order
    due = read_due(text, today, lambda typed: read_date(typed, today=today, order=order))
    if due < today:
        raise Invalid(GONE_BY, field="due")
    return due


def next_times(store: Store, encounter_id: str, *, due: str = "", order: str = "") -> NextTimes:
    """Times for the next visit: of an order in its days, else such a visit as this one, with the same provider.

    `due` is when, as it was said; it goes before the days of the order. Raises Invalid at `due`, Missing, Restricted.
    """
    encounter = store.read("Encounter", encounter_id)
    store.saw(patient_of(encounter), "booking")
    ordered = _ordered(store, encounter, order)
    today = today_of(store)
    if due or ordered is None:
        window = window_around(due_of(store, due), today)
    else:
        window = Window(max(ordered.first, today), max(ordered.last, today))
    question = _question(store, encounter, ordered, window)
    return NextTimes(window, find(store, question, limit=_SHOWN), question.type_id, ordered.id if ordered else "")


def _ordered(store: Store, encounter: Json, order: str) -> Recall | None:
    found = recall(store, order) if order else None
    return found if found and found.open and found.patient_id == patient_of(encounter) else None


def _question(store: Store, encounter: Json, ordered: Recall | None, window: Window) -> Question:
    zone = store.practice.zone
    type_id = ordered.type_id if ordered and ordered.type_id else mapping.type_of(encounter)[0]
    provider = ordered.provider_id if ordered else mapping.provider_of(encounter)[0]
    since, before = day_bounds(window.first, zone)[0], day_bounds(window.last, zone)[1]
    ask = Ask(providers=frozenset({provider} - {""}), before=before)
    return Question(patient_of(encounter), type_id, ask=ask, since=since)
