"""How many minutes somebody or something could have been booked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from clinic.appointments.rules.hours import Absence, working_spans
from clinic.appointments.rules.resources import Resource
from clinic.appointments.rules.setup import Provider, Setup
from clinic.appointments.rules.spans import Span, merge, subtract

Away = Mapping[str, Sequence[Absence]]


def days_of(first: date, last: date) -> list[date]:
    """Every day from one to the other."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def provider_minutes(setup: Setup, person: Provider, days: Iterable[date], away: Away, zone: str) -> int:
    """The working minutes of a provider, leave and closures taken out."""
    gone = [absence.span for absence in away.get(person.id, ())]
    return sum(_minutes(subtract(working, gone)) for day in days if (working := setup.working(person, day, zone)))


def resource_minutes(setup: Setup, one: Resource, days: Iterable[date], away: Away, zone: str) -> int:
    """The minutes in which a room or a device can be used, times its places.

    Without hours of its own it can be used whenever somebody works at its site.
    """
    gone = [absence.span for absence in (*one.absences, *away.get(one.id, ()))]
    people = [person for person in setup.columns() if one.site in ("", person.site) or not person.site]
    total = 0
    for day in days:
        open_ = working_spans(one.hours, day, zone) if one.hours else _anybody(setup, people, day, zone)
        total += _minutes(subtract(open_, gone))
    return total * one.capacity


def _anybody(setup: Setup, people: Iterable[Provider], day: date, zone: str) -> tuple[Span, ...]:
    return merge(span for person in people for span in setup.working(person, day, zone))


def _minutes(spans: Iterable[Span]) -> int:
    return sum(int((span.end - span.start) / timedelta(minutes=1)) for span in spans)
