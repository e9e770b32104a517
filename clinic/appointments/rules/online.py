"""What people may do from home with each visit type, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from clinic.core.errors import N_, Detail, Invalid

OFF, VIEW, REQUEST, BOOK = "off", "view", "request", "book"
MODES = (OFF, VIEW, REQUEST, BOOK)
LINK_LIVES = timedelta(days=30)
"""How long a link to a wish lasts; a link to a visit lasts until the day after it."""
HELD_FOR = timedelta(hours=72)
"""How long a time that is asked for is kept while the desk has not answered."""
MOST_COMING = 3
"""So many coming visits and open wishes one person may have from home; the desk has no such limit."""
MOST_OPEN = 200
"""Beyond so many open wishes of the whole practice no further one keeps its time from others."""
MOST_OF_NETWORK = 12
"""So many open wishes may come from one network."""
MOST_ATTEMPTS = 5
"""Wrong birth dates after which a link is over."""
MOST_QUESTIONS = 5


@dataclass(frozen=True)
class OnlineRule:
    """How one visit type stands open to people at home."""

    type_id: str
    mode: str = OFF
    notice_hours: int = 24
    horizon_days: int = 60
    cancel_hours: int = 24
    new_patients: bool = True
    publish: bool = False
    words: str = ""
    questions: tuple[str, ...] = ()

    @property
    def shown(self) -> bool:
        """Whether its free times are shown at all."""
        return self.mode in (VIEW, REQUEST, BOOK)

    @property
    def takes(self) -> bool:
        """Whether a time can be asked for or booked."""
        return self.mode in (REQUEST, BOOK)

    def earliest(self, now: datetime) -> datetime:
        """The first moment that is offered."""
        return now + timedelta(hours=self.notice_hours)

    def latest(self, now: datetime) -> datetime:
        """The moment after which nothing is offered."""
        return now + timedelta(days=self.horizon_days)

    def offers(self, start: datetime, now: datetime) -> bool:
        """Whether a start lies between notice and horizon."""
        return self.earliest(now) <= start <= self.latest(now)

    def may_change(self, start: datetime, now: datetime) -> bool:
        """Whether a visit may still be cancelled or moved by its patient."""
        return now + timedelta(hours=self.cancel_hours) <= start


_BOUNDS = {"notice_hours": (0, 24 * 60), "horizon_days": (1, 365), "cancel_hours": (0, 24 * 30)}
OUT_OF_BOUNDS = N_("Give a whole number from %(low)s to %(high)s.")
TOO_MANY = N_("Ask at most %(most)s questions, each on a line of its own.")


def checked(rule: OnlineRule) -> OnlineRule:
    """The rule, when its numbers make sense. Raises Invalid with a Detail for each that does not."""
    faults = [
        Detail.of(name, Invalid(OUT_OF_BOUNDS, low=low, high=high))
        for name, (low, high) in _BOUNDS.items()
        if not low <= getattr(rule, name) <= high
    ]
    if len(rule.questions) > MOST_QUESTIONS:
        faults.append(Detail.of("questions", Invalid(TOO_MANY, most=MOST_QUESTIONS)))
    if faults or rule.mode not in MODES:
        raise Invalid("Some entries need a second look", details=tuple(faults))
    return rule


def read_questions(text: str) -> tuple[str, ...]:
    """One question a line, at most 120 signs each."""
    return tuple(" ".join(line.split())[:120] for line in text.splitlines() if line.strip())


def born_text(year: str, month: str, day: str) -> str:
    """A birth date out of three numbers as they are typed (any script's figures); empty for what is no day."""
    try:
        return date(int(year), int(month), int(day)).isoformat() if len(year) == len("2000") else ""
    except ValueError:
        return ""


@dataclass(frozen=True)
class Person:
    """Who somebody says to be. `number` is a telephone number or the record number."""

    given: str
    family: str
    birth_date: str
    number: str
    email: str = ""
    sex: str = "unknown"
    language: str = ""


@dataclass(frozen=True)
class Wish:
    """A time that somebody at home chose, with what they say about it."""

    type_id: str
    provider_id: str
    start: datetime
    note: str = ""
    answers: tuple[tuple[str, str], ...] = ()
    network: str = ""
    """Where it comes from, as a hash: for counting, not for knowing."""
