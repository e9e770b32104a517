"""Booking from home, without an account: which kind of visit, when, and who you are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from flask import abort, redirect, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import public, require_own_form
from clinic.access.sessions import digest
from clinic.appointments.errors import OutsideHours, TimeTaken
from clinic.appointments.forms import PersonForm, known_instant, read_slot
from clinic.appointments.queries.online import Looked, Request, Shown, online_times, request_of, shown_types
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.routes import blueprint
from clinic.appointments.routes.phone import (
    LANGUAGES,
    VIEW,
    as_patient,
    busy_page,
    forgive,
    home_page,
    home_path,
    origin,
    slow_down,
    speak,
)
from clinic.appointments.rules.free import Offer
from clinic.appointments.rules.online import Wish
from clinic.appointments.rules.setup import Provider, Setup
from clinic.appointments.service.links import find_link
from clinic.appointments.service.online import Outcome, ask_once
from clinic.core.days import local
from clinic.core.errors import ClinicError, Missing, Taken
from clinic.fhir.store import Store
from clinic.web.errors import status_of
from clinic.web.forms import translated
from clinic.web.transaction import look

DONE = "home_done"
_DAYS = 5
"""So many days with free times are shown at once."""


@dataclass(frozen=True)
class Day:
    """The free times of one day."""

    day: date
    offers: tuple[Offer, ...]


@dataclass(frozen=True)
class TimesPage:
    """A visit type with its free times."""

    shown: Shown
    setup: Setup
    days: tuple[Day, ...]
    later: datetime | None
    """From when the next page goes on; None when this is the last one."""

    @property
    def providers(self) -> list[Provider]:
        """Who can be chosen."""
        return [one for one in self.setup.columns() if one.does(self.shown.kind.id)]


@blueprint.get("/online")
@public
def online() -> Response:
    """What can be booked from home."""
    speak()
    shown = look(lambda store: shown_types(store, calendar_setup(store)))
    return home_page("appointments/online.html", shown=shown)


@blueprint.post("/online/view")
@public
def online_view() -> Response:
    """Another language, bigger text, stronger contrast."""
    require_own_form()
    view = dict(session.get(VIEW) or {})
    if request.form.get("language") in LANGUAGES:
        view["language"] = request.form["language"]
    for name, value in (("text", "large"), ("contrast", "high")):
        if request.form.get("switch") == name:
            view[name] = "" if view.get(name) == value else value
    session[VIEW] = view
    return redirect(home_path(), 303)


@blueprint.get("/online/<type_id>")
@public
def online_choose(type_id: str) -> Response:
    """The free times of a visit type; nothing of who has the others. A link of a message leads to its own page."""
    speak()
    provider, since = request.args.get("provider", "")[:64], known_instant(request.args.get("from", ""))
    try:
        found = look(lambda store: _times(store, type_id, provider, since))
    except Missing:
        if look(lambda store: find_link(store, digest(type_id[:100]))) is None:
            raise
        return redirect(url_for("appointments.own", token=type_id[:100]), 303)
    return home_page("appointments/online_times.html", found=found, provider=provider, since=since)


def _times(store: Store, type_id: str, provider: str, since: datetime | None) -> TimesPage:
    setup = calendar_setup(store)
    shown = _shown(store, setup, type_id)
    offers = online_times(store, setup, Looked(shown.kind, shown.rule, provider, since))
    return times_page(store, setup, shown, offers)


def times_page(store: Store, setup: Setup, shown: Shown, offers: list[Offer]) -> TimesPage:
    """Offers by day; the last of many days is left for the next page, since it may not be whole."""
    zone = store.practice.zone
    days = [Day(day, tuple(group)) for day, group in groupby(offers, lambda one: local(one.start, zone).date())]
    more = days[_DAYS].offers[0].start if len(days) > _DAYS else None
    return TimesPage(shown, setup, tuple(days[:_DAYS]), more)


def _shown(store: Store, setup: Setup, type_id: str) -> Shown:
    found = next((one for one in shown_types(store, setup) if one.kind.id == type_id), None)
    if found is None:
        raise Missing(NOT_HERE)
    return found


NOT_HERE = "There is no such page or record."


@blueprint.get("/online/<type_id>/book")
@public
def online_book(type_id: str) -> Response:
    """Who you are; nothing is kept yet."""
    speak()
    return _form_page(type_id, PersonForm.of_request(slot=request.args.get("slot", "")[:120]))


@blueprint.post("/online/<type_id>/book")
@public
def online_send(type_id: str) -> Response:
    """Book, or ask for, the chosen time."""
    speak()
    form = PersonForm(request.form)
    if slow_down():
        return busy_page()
    slot = read_slot(str(form.slot.data or ""))
    if not form.validate() or slot is None:
        return _form_page(type_id, form, status=422)
    wish = Wish(type_id, slot[1], slot[0], str(form.note.data or ""), _answers(type_id), origin())
    try:
        key, known = str(form.once.data or "")[:80], form.known.data == "yes"
        made = as_patient(lambda store: ask_once(store, key, form.person(), wish, known=known))
    except ClinicError as error:
        return _refused(type_id, form, error)
    forgive()
    return _onward(made)


def _onward(made: Outcome) -> Response:
    before = session.get(DONE) or {}
    token = made.token or (before.get("token", "") if before.get("request") == made.request_id else "")
    session[DONE] = {"request": made.request_id, "token": token}
    return redirect(url_for("appointments.online_done"), 303)


def _answers(type_id: str) -> tuple[tuple[str, str], ...]:
    shown = look(lambda store: _shown(store, calendar_setup(store), type_id))
    given = [" ".join(request.form.get(f"answer{at}", "").split())[:200] for at in range(len(shown.rule.questions))]
    return tuple(pair for pair in zip(shown.rule.questions, given, strict=True) if pair[1])


def _refused(type_id: str, form: PersonForm, error: ClinicError) -> Response:
    if isinstance(error, TimeTaken | OutsideHours | Taken) or error.field in ("slot", "start"):
        return _gone(type_id, form, error)
    form.form_errors.append(translated(error))
    return _form_page(type_id, form, status=status_of(error))


def _gone(type_id: str, form: PersonForm, error: ClinicError) -> Response:
    """The time went to somebody else: the times that are free now, with what happened above them."""
    slot = read_slot(str(form.slot.data or ""))
    found = look(lambda store: _times(store, type_id, "", slot[0] if slot else None))
    said = _("This time has just been taken. Nothing was booked; these are free:")
    values = {"found": found, "provider": "", "since": None, "gone": said}
    return home_page("appointments/online_times.html", status_of(error), **values)


def _form_page(type_id: str, form: PersonForm, *, status: int = 200) -> Response:
    slot = read_slot(str(form.slot.data or ""))
    setup, shown = look(lambda store: _setup_and_type(store, type_id))
    provider = setup.provider(slot[1]) if slot else None
    if slot is None or provider is None or not shown.rule.takes:
        abort(404)
    values = {"shown": shown, "start": slot[0], "provider": provider, "form": form}
    return home_page("appointments/online_book.html", status, **values)


def _setup_and_type(store: Store, type_id: str) -> tuple[Setup, Shown]:
    setup = calendar_setup(store)
    return setup, _shown(store, setup, type_id)


@blueprint.get("/online/done")
@public
def online_done() -> Response:
    """What was booked or asked for, in the browser that did it; gone when that is closed."""
    speak()
    kept = session.get(DONE) or {}
    if not kept:
        return redirect(url_for("appointments.online"), 303)
    found: Request = look(lambda store: request_of(store, str(kept.get("request", ""))))
    return home_page("appointments/online_done.html", found=found, token=kept.get("token", ""))
