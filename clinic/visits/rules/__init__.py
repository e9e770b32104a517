"""Where a visit stands, how long, and what is still missing: pure decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

EXPECTED = "expected"
ARRIVED = "arrived"
CHECK_IN = "check-in"
WAITING = "waiting"
ROOM = "room"
PROVIDER = "provider"
CHECK_OUT = "check-out"
LEFT = "left"

STATIONS = (ARRIVED, CHECK_IN, WAITING, ROOM, PROVIDER, CHECK_OUT, LEFT)
"""In the order in which a visit passes them."""

ENCOUNTER_STATUS = {
    ARRIVED: "arrived",
    CHECK_IN: "arrived",
    WAITING: "triaged",
    ROOM: "in-progress",
    PROVIDER: "in-progress",
    CHECK_OUT: "in-progress",
    LEFT: "finished",
}
"""FHIR's status of each station (R4 EncounterStatus)."""

APPOINTMENT_STATUS = {ARRIVED: "arrived", CHECK_IN: "arrived", LEFT: "fulfilled"}
"""FHIR's appointment status; every other station is `checked-in`."""

LIMITS = {ARRIVED: 5, CHECK_IN: 10, WAITING: 20, ROOM: 15, PROVIDER: 45, CHECK_OUT: 10}
"""Minutes after which a station shows that somebody waits too long there."""

UNDO_FOR = timedelta(seconds=75)
COVERAGE_LASTS = timedelta(days=365)
LATE_AFTER = timedelta(minutes=5)

NEEDS = ("identity", "contact", "coverage", "forms")
"""What a visit needs before the patient can be seen, in the order in which the desk asks."""


def next_station(station: str) -> str:
    """The station that usually follows; the last one stays."""
    place = STATIONS.index(station)
    return STATIONS[min(place + 1, len(STATIONS) - 1)]


def minutes_between(start: datetime, now: datetime) -> int:
    """Whole minutes, never below zero."""
    return max(0, int((now - start) / timedelta(minutes=1)))


@dataclass(frozen=True)
class Need:
    """The state of one thing a visit needs: `ok`, `warn`, `danger`, `told` or `cannot`, with a word for it."""

    name: str
    state: str
    word: str = ""
    detail: str = ""
    at: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether the desk still has to do something about it."""
        return self.state in ("warn", "danger")


@dataclass(frozen=True)
class Known:
    """What is known about the patient of a visit when its needs are judged."""

    confirmed: dict[str, datetime] = field(default_factory=dict)
    """When identity and coverage were last confirmed, and when it was noted that there is no contact."""
    stale: tuple[str, ...] | None = None
    """The contact values past their term; None when nothing is known of any."""
    told: datetime | None = None
    """When a contact value was last told or confirmed."""
    cover_lasts: timedelta = COVERAGE_LASTS
    here: bool = True
    """Whether the patient is in the building: nobody can be asked who they are before they come."""
    id_ended: str = ""
    """The last day of the photo ID on file, when it is over."""
    has_contact: bool = True
    cover: str = "none"
    """`active`, `ended`, `future` or `none` on the day of the visit; `self` for a patient who pays alone."""
    cover_name: str = ""
    forms_open: int = 0
    forms_must: int = 0
    """How many of them are consents without which nobody is seen."""


CLOSED = tuple(Need(name, "cannot", "restricted") for name in NEEDS)
"""The needs of a restricted patient for somebody to whom the record is closed."""


def needs_of(known: Known, now: datetime, today_start: datetime) -> tuple[Need, ...]:
    """Everything a visit needs, in the desk's order: identity, contact, coverage, forms."""
    return (_identity(known, today_start), _contact(known, now), _coverage(known, now), _forms(known))


def _identity(known: Known, today_start: datetime) -> Need:
    at = known.confirmed.get("identity")
    if at is not None and at >= today_start:
        return Need("identity", "ok", at=at)
    if known.id_ended:
        return Need("identity", "warn", "ended", known.id_ended, at)
    if not known.here:
        return Need("identity", "todo", "on arrival", at=at)
    return Need("identity", "warn", "confirm" if at else "not yet", at=at)


def _contact(known: Known, now: datetime) -> Need:
    if not known.has_contact:
        noted = known.confirmed.get("contact")
        told = noted is not None and now - noted < timedelta(days=1)
        return Need("contact", "ok" if told else "danger", "none", at=noted)
    if known.stale is None or known.stale:
        return Need("contact", "warn", "confirm", at=known.told)
    return Need("contact", "ok", at=known.told)


def _coverage(known: Known, now: datetime) -> Need:
    at = known.confirmed.get("coverage")
    if known.cover in ("ended", "none", "future"):
        waived = at is not None and now - at < timedelta(days=1)
        return Need("coverage", "ok" if waived else "danger", known.cover, known.cover_name, at)
    if known.cover == "active" and (at is None or now - at > known.cover_lasts):
        return Need("coverage", "warn", "card", known.cover_name, at)
    return Need("coverage", "ok", "", known.cover_name, at)


def _forms(known: Known) -> Need:
    if known.forms_open:
        return Need("forms", "danger" if known.forms_must else "warn", "open", str(known.forms_open))
    return Need("forms", "ok")


def left_to_do(needs: Sequence[Need]) -> int:
    """How many things are still open."""
    return sum(need.open for need in needs)


def worst(needs: Sequence[Need]) -> Need | None:
    """The worst open need, for narrow screens."""
    open_ones = sorted((need for need in needs if need.open), key=lambda need: need.state != "danger")
    return open_ones[0] if open_ones else None
