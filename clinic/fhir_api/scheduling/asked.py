"""What a search for free and busy time asks for, read from its arguments."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from clinic.appointments.mapping.appointment import VISIT_TYPE
from clinic.appointments.mapping.slots import schedule_id
from clinic.appointments.queries.slots import Window
from clinic.appointments.rules.setup import Setup, VisitType
from clinic.appointments.rules.slots import BUSY, FREE, UNAVAILABLE
from clinic.appointments.rules.spans import Span
from clinic.fhir.dates import span_of
from clinic.fhir.store import Store
from clinic.fhir_api.call import Pairs
from clinic.fhir_api.errors import Refused

USUAL_DAYS = 14
MOST_DAYS = 400
MOST = 6_000
"""Provider days that one search may look through."""
KNOWN = frozenset({"schedule", "start", "status", "service-type", "schedule.actor", "schedule.actor:Practitioner"})
"""Arguments by which computed Slots are found; with any other, records alone can match."""
_STATUS_SYSTEM = "http://hl7.org/fhir/slotstatus"


@dataclass
class Bounds:
    """From when until when, as the prefixes of one or more dates say."""

    since: datetime | None = None
    until: datetime | None = None
    _last: datetime = field(default=datetime(9000, 1, 1, tzinfo=UTC))

    def take(self, value: str, zone: str, name: str) -> None:
        """Narrow by one argument such as `ge2027-03-09`. Raises Refused (400)."""
        prefix = value[:2] if value[:2].isalpha() else "eq"
        try:
            low, high = _moments(value.removeprefix(prefix), zone)
        except (ValueError, OverflowError, OSError):
            raise _bad_date(name) from None
        since = {"eq": low, "ge": low, "gt": high, "sa": high}.get(prefix)
        until = {"eq": high, "le": high, "lt": low, "eb": low}.get(prefix)
        if since is None and until is None:
            raise _bad_date(name)
        if since is not None:
            self.since = max(self.since or since, since)
        if until is not None:
            self.until = min(self.until or self._last, until)


def _moments(text: str, zone: str) -> tuple[datetime, datetime]:
    span = span_of(text.replace(" ", "+")).in_zone(zone)
    return tuple(datetime.fromtimestamp(one / 1000, UTC) for one in (span.low, span.high))  # type: ignore[return-value]


def _bad_date(name: str) -> Refused:
    return Refused(400, f"{name} is a date or time with eq, ge, gt, le or lt before it.", name)


def window_of(store: Store, setup: Setup, query: Pairs) -> Window | None:
    """The window that a search of Slot asks for; None when nothing that is computed can match. Raises Refused."""
    pairs = [(name, value) for name, value in query if not name.startswith("_")]
    if any(name not in KNOWN for name, _value in pairs) or any(name == "_id" for name, _value in query):
        return None
    bounds = Bounds()
    for name, value in pairs:
        if name == "start":
            bounds.take(value, store.practice.zone, "start")
    since = bounds.since or store.now
    span = Span(since, bounds.until or since + timedelta(days=USUAL_DAYS))
    providers, kinds = _providers(setup, pairs), kinds_of(setup, _values(pairs, "service-type"))
    statuses = _statuses(pairs)
    if kinds == [] or not statuses or span.start >= span.end:
        return None
    require_modest(span, len(providers))
    return Window(tuple(providers), span, kinds[0] if kinds else None, statuses)


def require_modest(span: Span, people: int) -> None:
    """Refuse (400) a search that would look through more days than anybody can use."""
    if span.length.days > MOST_DAYS or max(span.length.days, 1) * max(people, 1) > MOST:
        raise Refused(400, "This is too much at once: name a schedule or a shorter time.", "start", "too-costly")


def _values(pairs: Iterable[tuple[str, str]], name: str) -> list[str] | None:
    """The alternatives of an argument; None when it is not given."""
    given = [value for key, value in pairs if key == name]
    return [one for value in given for one in value.split(",") if one] if given else None


def _providers(setup: Setup, pairs: list[tuple[str, str]]) -> list[str]:
    everybody = [one.id for one in setup.providers if one.active]
    by_schedule = {schedule_id(setup, id_): id_ for id_ in everybody}
    wanted = _values(pairs, "schedule")
    if wanted is not None:
        named = {by_schedule.get(value.rpartition("Schedule/")[2]) for value in wanted}
        everybody = [id_ for id_ in everybody if id_ in named]
    for name in ("schedule.actor", "schedule.actor:Practitioner"):
        actors = _values(pairs, name)
        if actors is not None:
            everybody = [id_ for id_ in everybody if id_ in {one.rpartition("/")[2] for one in actors}]
    return everybody


def kinds_of(setup: Setup, wanted: list[str] | None) -> list[VisitType] | None:
    """The visit types that these tokens name; None when none are given, an empty list when none is known."""
    if wanted is None:
        return None
    found = []
    for token in wanted:
        system, bar, code = token.rpartition("|")
        kind = setup.visit_type(code)
        if kind is not None and kind.active and (not bar or system in ("", VISIT_TYPE)):
            found.append(kind)
    return found


def _statuses(pairs: list[tuple[str, str]]) -> frozenset[str]:
    wanted = _values(pairs, "status")
    every = frozenset({FREE, BUSY, UNAVAILABLE})
    if wanted is None:
        return every
    codes = {token.rpartition("|")[2] for token in wanted if token.rpartition("|")[0] in ("", _STATUS_SYSTEM)}
    return every & codes
