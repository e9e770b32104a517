"""The demo practice: made by a seeded generator through the same services as the screens use.

Everybody in it is invented; telephone numbers are of the ranges kept for fiction, NPIs of those not issued.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from random import Random

from clinic.access.permissions import RECEPTIONIST, permissions_of
from clinic.cli.demo.calendar import DAYS_AHEAD, DAYS_BACK, At, demo_days, make_visit, plan_day
from clinic.cli.demo.home import ask_from_home, open_to_home
from clinic.cli.demo.marks import make_marks
from clinic.cli.demo.office import make_calls, make_charges, make_payments
from clinic.cli.demo.people import Person, make_person
from clinic.cli.demo.practice import SIGN_INS, make_places, make_practice, make_users
from clinic.cli.demo.recalls import make_recalls
from clinic.cli.demo.things import make_closed, make_out, make_things
from clinic.cli.demo.ties import make_ties
from clinic.cli.demo.video import make_video
from clinic.cli.demo.waitlist import make_earlier_offers, make_overbooked, make_waitlist
from clinic.cli.state import transact
from clinic.codes.load import ensure_loaded
from clinic.core.actor import Actor
from clinic.fhir.store import Store
from clinic.intake.service.forms import install_library
from clinic.web.state import State

__all__ = ["SIGN_INS", "load_demo"]

PATIENTS = 500
_NOOR = Actor("demo-noor", "Noor Aziz", role=RECEPTIONIST, permissions=permissions_of(RECEPTIONIST))
_BATCH = 50
Progress = Callable[[int, int], None]


def load_demo(state: State, *, seed: int, progress: Progress, patients: int = PATIENTS) -> None:
    """Fill an empty database; the same seed and day make the same practice."""
    random = Random(seed)  # noqa: S311 a repeatable demo, no secret
    now = state.clock.now()
    state.setting.practice = transact(state, make_practice)
    transact(state, lambda store: ensure_loaded(store.conn))
    made = transact(state, make_places)
    transact(state, make_users)
    transact(state, install_library)
    transact(state, lambda store: open_to_home(store, made))
    total = patients + DAYS_BACK + DAYS_AHEAD
    people = _people(state, random, patients, lambda done: progress(done, total))
    for number, day in enumerate(demo_days(now, state.practice.zone)):
        planned = list(plan_day(random, made, people, day, state.practice.zone))

        def work(store: Store, planned: list = planned) -> None:  # type: ignore[type-arg]
            for one in planned:
                with _times(store) as at:
                    make_visit(at, random, made, one, now)

        transact(state, work)
        progress(patients + number + 1, total)
    transact(state, lambda store: ask_from_home(store, made))
    transact(state, lambda store: make_waitlist(store, random, made, people))
    transact(state, lambda store: make_ties(store, made, people))
    things = transact(state, lambda store: make_things(store, made))
    transact(state, lambda store: make_closed(store, made, things, people))
    transact(state, lambda store: make_out(store, made))
    transact(state, lambda store: make_video(store, made, people))

    def ask(store: Store) -> None:
        with _times(store) as at:
            make_recalls(store, at, random, made, people)

    transact(state, ask)
    _office(state, random, people)
    progress(total, total)


def _people(state: State, random: Random, count: int, progress: Callable[[int], None]) -> list[Person]:
    people: list[Person] = []
    while len(people) < count:
        batch = min(_BATCH, count - len(people))

        def work(store: Store, batch: int = batch) -> None:
            with _times(store) as at:
                for _one in range(batch):
                    earlier = at(store.now - timedelta(days=random.randrange(5, 380)))
                    adults = [person for person in people[-12:] if (store.now.date() - person.born).days > 25 * 365]
                    family = random.choice(adults) if adults and random.random() < 0.16 else None
                    people.append(make_person(earlier, random, len(people), family))

        transact(state, work)
        progress(len(people))
    return people


def _office(state: State, random: Random, people: list[Person]) -> None:
    transact(state, lambda store: make_charges(store, random))

    def calls(store: Store) -> None:
        with _times(store) as at:
            make_payments(at, random, people, store.now)
            make_calls(at, random, people, store.now)
            make_marks(store, at, people)
            make_overbooked(store, at, random)
            make_earlier_offers(store, at, random, people)

    transact(state, calls)


@contextmanager
def _times(store: Store) -> Iterator[At]:
    """The store as it was at other instants; what it touches is audited with the transaction."""

    def at(instant: datetime) -> Store:
        other = Store(store.conn, store.setting, actor=_NOOR, now=instant.replace(microsecond=0))
        other.touched = store.touched
        return other

    yield at
