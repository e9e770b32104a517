"""What the desk and people at home have done before their screens are looked at: ties, overbooking, links, a wall."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time, timedelta

import sqlalchemy as sa
from playwright.sync_api import Page

from clinic.appointments.queries.free import Search, next_free
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.booking import Booking
from clinic.appointments.rules.closing import Closing
from clinic.appointments.rules.free import Offer
from clinic.appointments.rules.spans import Span
from clinic.appointments.rules.waitlist import URGENT, Entry, Wants
from clinic.appointments.service.absences import close_time
from clinic.appointments.service.booking import book
from clinic.appointments.service.links import visit_link_for
from clinic.appointments.service.offering import offer_freed, tell_round, token_hash
from clinic.appointments.service.waitlist import add_wish
from clinic.appointments.tables import appointment_series
from clinic.appointments.waitlist_tables import waitlist_offer
from clinic.cli.demo.things import Things, make_closed, make_things
from clinic.cli.demo.ties import make_ties
from clinic.cli.demo.video import make_video
from clinic.communication.rules.messages import Message
from clinic.communication.service.messages import send
from clinic.communication.service.tasks import failed_message
from clinic.core.days import day_bounds, local
from clinic.core.ids import new_token
from clinic.fhir.store import Store
from clinic.management import service as management
from clinic.management.rules import Stretch
from clinic.management.service import NewWeek
from clinic.registration.rules.family import Bond
from clinic.registration.service.family import relate_patient
from clinic.visits.service import arrive
from clinic.visits.service.arriving import own_page
from clinic.visits.service.screens import add_screen
from tests.e2e.practice import Practice


@dataclass(frozen=True)
class Entered:
    """Where the things are that were entered."""

    series: str
    group: str
    own: str
    offer: str
    mine: str
    wall: str
    slot: str
    born_own: str
    born_offer: str
    closing: str
    closed: str
    things: Things
    video: str
    born_video: str


def enter(clinic: Practice) -> Entered:
    """Enter a series, a group, a family, visits beside others and outside hours, and what people at home follow."""
    people, made = clinic.people, clinic.made

    def ties(store: Store) -> tuple[str, str]:
        make_ties(store, made, people)
        relate_patient(store, people[0].id, people[1].id, Bond("SPS"))
        group = next(
            one for one in store.search("Appointment", limit=500) if one.get("description") == "Breathing class"
        )
        return str(store.conn.execute(sa.select(appointment_series.c.id).limit(1)).scalar()), group["id"]

    series, group = clinic.read(ties)
    clinic.read(lambda store: _beside(store, clinic))
    clinic.read(lambda store: _outside(store, clinic))
    clinic.read(lambda store: _said(store, clinic))
    own = clinic.read(lambda store: _own_visit(store, clinic))
    offer = clinic.read(lambda store: _offer(store, clinic))
    mine = clinic.read(lambda store: _here(store, clinic))
    wall = clinic.read(lambda store: add_screen(store, "Waiting room", language="en")[1])
    closing, closed, things = clinic.read(lambda store: _closed(store, clinic))
    free = clinic.read(lambda store: _free(store, made.providers[3], 5))
    slot = f"{free.start:%Y-%m-%dT%H:%M:%SZ}/{free.provider}"
    video = clinic.read(lambda store: make_video(store, made, people[4:8]))
    watched = clinic.read(lambda store: visit_link_for(store, store.read("Appointment", video.here)))
    born = next(one.born for one in people if one.id == video.patient)
    return Entered(
        series,
        group,
        own,
        offer,
        mine,
        wall,
        slot,
        str(people[9].born),
        str(people[10].born),
        closing,
        closed,
        things,
        watched,
        str(born),
    )


def _free(store: Store, provider: str, days: int) -> Offer:
    search = Search(20, store.now + timedelta(days=days), (provider,), limit=1)
    return next_free(store, calendar_setup(store), search)[0]


def _beside(store: Store, clinic: Practice) -> None:
    """Two people at a time that is taken already."""
    kind, provider = clinic.made.types["Results"], clinic.made.providers[3]
    free = _free(store, provider, 1)
    book(store, Booking(clinic.people[7].id, provider, kind, free.start))
    for at, why in ((8, "Cannot walk, and has no other lift"), (11, "Asked for by the provider")):
        book(store, Booking(clinic.people[at].id, provider, kind, free.start, overbook_reason=why))


def _outside(store: Store, clinic: Practice) -> None:
    """Somebody whose provider will not be there any more in that week."""
    provider = clinic.made.providers[-1]
    free = _free(store, provider, 12)
    book(store, Booking(clinic.people[12].id, provider, clinic.made.types["Results"], free.start))
    since = local(free.start, store.practice.zone).date()
    late = tuple(Stretch(day, time(20), time(21)) for day in ("mon", "tue", "wed"))
    management.save_week(store, provider, NewWeek(late, since))


def _closed(store: Store, clinic: Practice) -> tuple[str, str, Things]:
    """A laser, leave of somebody with a booked visit, and holidays; gives the leave, its day, and the laser."""
    provider = clinic.made.providers[0]
    free = _free(store, provider, 15)
    book(store, Booking(clinic.people[6].id, provider, clinic.made.types["Results"], free.start))
    day = local(free.start, store.practice.zone).date()
    span = Span(*day_bounds(day, store.practice.zone))
    slot = close_time(store, Closing((f"Practitioner/{provider}",), span, "leave", "Course"))
    things = make_things(store, clinic.made)
    make_closed(store, clinic.made, things, clinic.people)
    return slot["identifier"][0]["value"], day.isoformat(), things


def _said(store: Store, clinic: Practice) -> None:
    """A message that waits to leave, and one that reached nobody."""
    one, other = clinic.people[9], clinic.people[10]
    send(store, Message(one.id, "own", "screens:1", words="Please bring the letter of the hospital."))
    patient = store.read("Communication", send(store, Message(other.id, "own", "screens:2", words="Hello.")).id)
    failed_message(store, patient, "The number takes no texts.")


def _own_visit(store: Store, clinic: Practice) -> str:
    provider, kind = clinic.made.providers[3], clinic.made.types["Follow-up"]
    free = _free(store, provider, 6)
    return visit_link_for(store, book(store, Booking(clinic.people[9].id, provider, kind, free.start)))


def _offer(store: Store, clinic: Practice) -> str:
    """A free time that is offered to somebody who waits; gives the token of the link."""
    provider, kind = clinic.made.providers[4], clinic.made.types["Follow-up"]
    free = _free(store, provider, 8)
    entry = Entry(clinic.people[10].id, kind, store.now, free.end, Wants(providers=(provider,)), urgency=URGENT)
    add_wish(store, entry)
    offers = offer_freed(store, provider, Span(free.start, free.end))
    o, token = waitlist_offer.c, new_token()
    for round_id in store.conn.execute(sa.select(o.round).where(o.id.in_(offers)).distinct()).scalars().all():
        tell_round(store, round_id)
    store.conn.execute(sa.update(waitlist_offer).where(o.id == offers[0]).values(token=token_hash(token)))
    return token


def _here(store: Store, clinic: Practice) -> str:
    """Somebody who has checked in by telephone; gives the token of their own page."""
    kind, provider = clinic.made.types["Results"], clinic.made.providers[0]
    start = store.now.replace(second=0, microsecond=0) + timedelta(minutes=15 - store.now.minute % 5)
    booking = Booking(clinic.people[13].id, provider, kind, start, overbook_reason="They came anyway", anyway=True)
    return own_page(store, arrive(store, book(store, booking)["id"]))


def proven(born: str, then: str = "") -> Callable[[Page], None]:
    """What opens a link: the birth date is given, and the page `then` is gone to."""

    def prepare(page: Page) -> None:
        for name, value in zip(("y", "m", "d"), born.split("-"), strict=True):
            page.locator(f"[name={name}]").fill(value)
        page.locator("main .sheet-form .btn.go").click()
        page.wait_for_url("**/own/*/*")
        if then:
            page.goto(page.url.rpartition("/")[0] + "/" + then)

    return prepare


def fallen(page: Page) -> None:
    """All hours of a provider are taken away, which leaves booked visits outside."""
    for one in page.locator("input[name$=_from], input[name$=_to]").all():
        one.fill("")
    page.locator("main form [type=submit]").last.click()
    page.locator(".note.warn").wait_for()
