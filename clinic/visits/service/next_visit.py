"""The next visit of somebody who is about to go: booked in place, or written down to be called for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from clinic.appointments.rules.booking import Booking
from clinic.appointments.rules.recalls import RECALL, Recall
from clinic.appointments.service.booking import book
from clinic.appointments.service.recalls import add
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.subject import patient_of
from clinic.visits import mapping
from clinic.visits.queries.next_visit import due_of, today_of
from clinic.visits.rules.leaving import window_around


@dataclass(frozen=True)
class NextVisit:
    """A time that was offered and taken, and the order that the visit carries out."""

    start: datetime
    provider_id: str
    type_id: str
    order: str = ""


def book_next(store: Store, encounter_id: str, wanted: NextVisit) -> Json:
    """Book the next visit of a patient who is at one; gives the appointment.

    Raises what `book` does: Taken with times close by, Invalid, Conflict; Missing, Restricted.
    """
    patient_id = patient_of(store.read("Encounter", encounter_id))
    orders = (wanted.order,) if wanted.order else None
    return book(store, Booking(patient_id, wanted.provider_id, wanted.type_id, wanted.start, orders=orders))


def call_later(store: Store, encounter_id: str, due: str) -> Json:
    """Write down that the patient is called for such a visit when the day comes ("6 months"); gives the recall.

    Raises Invalid at the field `due`, Missing, Restricted.
    """
    encounter = store.read("Encounter", encounter_id)
    day, today = due_of(store, due), today_of(store)
    window = window_around(day, today)
    type_id, what = mapping.type_of(encounter)
    recall = Recall(
        patient_of(encounter), day, RECALL, type_id=type_id, what=what, days=(window.last - day).days,
        provider_id=mapping.provider_of(encounter)[0],
    )  # fmt: skip
    return add(store, recall)
