"""Booking the members of a family in one transaction, or none of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from clinic.appointments.errors import NOTHING_LEFT, DateTaken, OutsideHours, SamePatient, TimeTaken
from clinic.appointments.mapping.bonds import TOGETHER
from clinic.appointments.rules.booking import Booking, Tie
from clinic.appointments.service.booking import book
from clinic.core.errors import Invalid
from clinic.core.ids import new_id
from clinic.core.json import Json
from clinic.fhir.store import Store


def book_family(store: Store, bookings: Sequence[Booking]) -> list[Json]:
    """Book these visits together; gives the Appointments, which name what ties them.

    Raises DateTaken with the number of the first that cannot be booked, and what `book` raises.
    """
    if not bookings:
        raise Invalid(NOTHING_LEFT, field="members")
    tie, made = Tie(TOGETHER, new_id()), []
    for number, booking in enumerate(bookings, start=1):
        try:
            made.append(book(store, replace(booking, tie=tie)))
        except (TimeTaken, OutsideHours, SamePatient) as error:
            raise DateTaken(number, error) from error
    return made
