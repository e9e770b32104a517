"""A provider's calendar on their own phone: making and revoking the private address, and what it answers."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache

from flask import current_app, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from icalendar import Calendar, Event
from werkzeug.wrappers import Response

from clinic.access.guard import can, current_actor, public, requires
from clinic.appointments.queries.feed import FeedPage, feed_page
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.routes import blueprint
from clinic.appointments.rules.setup import Setup
from clinic.appointments.service.feeds import (
    Feed,
    feed_of,
    make_feed,
    may_share,
    note_reading,
    reading_is_new,
)
from clinic.appointments.service.feeds import feeds as feeds_of
from clinic.appointments.service.feeds import revoke_feed as revoke_one
from clinic.core.errors import N_, Missing
from clinic.fhir.store import Store
from clinic.web.respond import go, page, toast
from clinic.web.state import state_of
from clinic.web.transaction import look, transact

DETAIL_WORDS = {
    "types": _l("Visit type and room"),
    "times": _l("Busy times only"),
}
_REFRESH = timedelta(minutes=15)
_NO_FEED = N_("There is no such feed.")
_MOST_TOKEN = 100


@blueprint.get("/feeds")
@requires("appointments.read")
def feeds() -> Response:
    """The private calendar addresses that this person may make and revoke."""
    return _page()


@blueprint.post("/feeds")
@requires("appointments.read")
def make() -> Response:
    """Make an address; it is shown this once."""
    provider, detail = request.form.get("provider", "")[:64], request.form.get("detail", "")
    token = transact(lambda store: make_feed(store, provider, detail=detail))
    return _page(made=url_for("appointments.feed", token=token, _external=True))


@blueprint.post("/feeds/<feed_id>/revoke")
@requires("appointments.read")
def revoke(feed_id: str) -> Response:
    """End an address at once."""
    transact(lambda store: revoke_one(store, feed_id))
    toast(_("The address answers nothing any more."))
    return go(url_for("appointments.feeds"))


def _page(made: str = "") -> Response:
    def read(store: Store) -> tuple[list[Feed], Setup, list[tuple[str, str]]]:
        setup = calendar_setup(store)
        mine = [(person.id, person.name) for person in setup.columns() if may_share(store, person.id)]
        return list(feeds_of(store)), setup, mine

    found, setup, people = look(read)
    own = current_actor().reference.removeprefix("Practitioner/")
    return page(
        "appointments/feeds.html",
        feeds=found,
        setup=setup,
        people=people,
        own=own,
        made=made,
        details=DETAIL_WORDS,
        leads=can("management.setup"),
    )


@blueprint.get("/feed/<token>.ics")
@public
def feed(token: str) -> Response:
    """The times of one provider as iCalendar, without any patient; whoever knows the address reads it."""

    def read(store: Store) -> tuple[Feed, FeedPage]:
        kept = feed_of(store, token[:_MOST_TOKEN])
        found = feed_page(store, kept.provider, detail=kept.detail) if kept else None
        if kept is None or found is None:
            raise Missing(_NO_FEED)
        return kept, found

    kept, found = look(read)
    state = state_of(current_app)
    if reading_is_new(kept, state.clock.now()):
        transact(lambda store: note_reading(store, kept))
    answer = Response(mimetype="text/calendar")
    answer.set_etag(found.mark)
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.make_conditional(request.environ)
    if answer.status_code == 200:
        practice = state.setting.practice
        named = f"{found.name}, {practice.name}" if practice.name else found.name
        language = str(get_locale())
        answer.set_data(_written(found, (named, practice.zone, language), kept.created.strftime("%Y%m%dT%H%M%SZ")))
    return answer


@lru_cache(maxsize=256)
def _written(found: FeedPage, titled: tuple[str, str, str], stamp: str) -> bytes:
    """The feed as text under a name, with its zone and in a language.

    All times are instants in UTC, so that every phone shows them in its own zone, clock changes or not. Kept as long
    as nothing in it changes.
    """
    named, zone, _language = titled
    made = Calendar()
    for name, value in (("prodid", "-//Clinic//Calendar feed//EN"), ("version", "2.0"), ("method", "PUBLISH")):
        made.add(name, value)
    made.add("x-wr-calname", named)
    made.add("x-wr-timezone", zone)
    made.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", "PT15M")
    for entry in found.entries:
        event = Event()
        event.add("uid", f"{entry.uid}@clinic")
        event["dtstamp"] = stamp
        event.add("dtstart", entry.span.start)
        event.add("dtend", entry.span.end)
        event.add("sequence", entry.version)
        event.add("summary", _("Away") if entry.kind == "away" else entry.what or _("Visit"))
        event.add("status", "TENTATIVE" if entry.open else "CONFIRMED")
        event.add("transp", "OPAQUE")
        event.add("class", "PRIVATE")
        if entry.room:
            event.add("location", entry.room)
        made.add_component(event)
    written: bytes = made.to_ical()
    return written
