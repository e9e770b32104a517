"""A search for free times before it meets the claims: who is open when, and what a visit needs then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from clinic.appointments.rules.free import Opening, PartOfDay, Wish
from clinic.appointments.rules.hours import Absence, Hours, open_spans, rules_on, worked_span
from clinic.appointments.rules.resources import Need
from clinic.appointments.rules.setup import Provider, Setup, VisitType
from clinic.appointments.rules.spans import Span, subtract
from clinic.core.days import local

MARGIN = timedelta(hours=2)
"""No margin around a visit is longer than this."""
EVERY_DAY = frozenset(range(7))


@dataclass(frozen=True)
class Search:
    """What is looked for: a length, from when, for whom, and which of the day's parts.

    `providers` in the order of preference. `except_for` is an appointment whose own time counts as free
    (it is the one that moves).
    """

    minutes: int
    earliest: datetime
    providers: tuple[str, ...]
    part: PartOfDay = "any"
    limit: int = 4
    spread: int = 1
    except_for: str = ""
    own: int = 0
    """How many of the offers should be the first provider's, who then come first."""
    busy: tuple[Span, ...] = ()
    """When the patient is elsewhere: such a time is not offered."""
    type_id: str = ""
    """The visit type: its hours, its buffers and all that it needs are looked for together."""
    known: bool | None = None
    """Whether the patient has been here before; with `minutes` 0 the type's own length is taken."""
    weekdays: frozenset[int] = EVERY_DAY
    latest: datetime | None = None
    site: str = ""


@dataclass(frozen=True)
class Looking:
    """One search with all that it looks at, the claims excepted."""

    setup: Setup
    search: Search
    kind: VisitType | None
    wish: Wish
    away: Mapping[str, Sequence[Absence]]

    @property
    def needs(self) -> tuple[Need, ...]:
        """What the visit type needs beside its provider."""
        return self.kind.needs if self.kind else ()

    def actors(self, people: Iterable[Provider]) -> list[str]:
        """Everybody and everything whose claims matter."""
        keys = {person.key: None for person in people}
        keys |= {f"Location/{room}": None for person in people for room in rooms_of(self.setup, person)}
        for need in self.needs:
            keys |= {one.key: None for one in self.setup.helpers(need)}
            keys |= {one.key: None for one in self.setup.able(need)}
        return list(keys)

    def minutes_with(self, person: Provider) -> int:
        """The length with this provider, where it is not the wish's."""
        if self.search.minutes or self.kind is None:
            return 0
        return self.kind.minutes_with(person.id, known=self.search.known)


def whole_of(span: Span) -> Span:
    """A stretch with the widest margins that there are."""
    return Span(span.start - MARGIN, span.end + MARGIN)


def rooms_of(setup: Setup, person: Provider) -> list[str]:
    """The rooms that somebody may sit in by their hours."""
    rooms = [person.room, *(rule.room for rule in person.hours)]
    return list(dict.fromkeys(room for room in rooms if room and setup.room(room)))


def where(setup: Setup, person: Provider, rule: Hours | None) -> tuple[str, str]:
    """The room and the site of somebody who works by a rule: their usual room only where it is at that site."""
    if rule is not None and rule.room and setup.room(rule.room):
        return rule.room, rule.site
    usual = setup.room(person.room) if person.room else None
    site = rule.site if rule is not None and rule.site else person.site
    if usual is not None and usual.site and site and usual.site != site:
        return "", site
    return person.room, site


def openings_of(looking: Looking, people: Sequence[Provider], first: date, days: range) -> Iterator[Opening]:
    """The working time of these people on some days from the first, day by day, by room and site."""
    for offset in days:
        day = first + timedelta(days=offset)
        for rank, person in enumerate(people):
            yield from _on_day(looking, person, day, rank)


def _on_day(looking: Looking, person: Provider, day: date, rank: int) -> Iterator[Opening]:
    search, zone = looking.search, looking.wish.zone
    rules = [rule for rule in rules_on(person.hours, day) if rule.serves(search.type_id)]
    for (room, site), some in _places(looking.setup, person, rules):
        if search.site and site not in ("", search.site):
            continue
        gone = [absence.span for absence in looking.away.get(person.id, ())]
        spans = subtract((worked_span(rule, day, zone) for rule in some), gone)
        if spans:
            minutes = looking.minutes_with(person)
            yield Opening(person.id, day, spans, room, rank, minutes=minutes, site=site)


def _places(setup: Setup, person: Provider, rules: list[Hours]) -> list[tuple[tuple[str, str], list[Hours]]]:
    placed: dict[tuple[str, str], list[Hours]] = {}
    for rule in rules:
        placed.setdefault(where(setup, person, rule), []).append(rule)
    return sorted(placed.items(), key=lambda each: each[0])


def is_open(hours: Iterable[Hours], away: Iterable[Absence], span: Span, zone: str, *, type_id: str = "") -> bool:
    """Whether somebody works, and is not away, during a whole stretch; it may go on over midnight."""
    day, last = local(span.start, zone).date(), local(span.end, zone).date()
    rules, gone = list(hours), list(away)
    spans = list(open_spans(rules, gone, day, zone, type_id=type_id))
    while day < last:
        day += timedelta(days=1)
        spans.extend(open_spans(rules, gone, day, zone, type_id=type_id))
    return any(each.holds(span) for each in subtract(spans, ()))
