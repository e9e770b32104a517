"""Booking: the page, the popover over the calendar, and what they ask while somebody types."""

from __future__ import annotations

from datetime import datetime

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.appointments.forms import BookForm, read_slot
from clinic.appointments.queries.advice import Advice, advice
from clinic.appointments.routes import blueprint
from clinic.appointments.routes.entering import asked_booking, entered_of, form_page, practice, refused
from clinic.appointments.routes.shown import tools
from clinic.appointments.service.booking import book as book_visit
from clinic.appointments.service.holds import hold as hold_time
from clinic.appointments.service.holds import leave_hold
from clinic.core.days import read_instant
from clinic.core.errors import N_, ClinicError, Invalid, Taken
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.registration.queries.finder import find_patients
from clinic.registration.rules.query import read_query
from clinic.registration.rules.ranking import Hit
from clinic.web.errors import status_of
from clinic.web.filters import as_date, clock, today, weekday
from clinic.web.forms import translated
from clinic.web.respond import go, is_fragment, page, toast
from clinic.web.transaction import look, once, transact

_HITS = 6
_NO_SLOT = N_("Choose a time.")


@blueprint.get("/book")
@requires("appointments.write")
def book() -> Response:
    """The booking form, empty or filled from the address: patient, start, provider, visit type."""
    return form_page(entered_of(request.args))


@blueprint.post("/book")
@requires("appointments.write")
def book_now() -> Response:
    """Book. Refusals come back in the form, with the nearest free times."""
    form = BookForm(request.form)
    entered = entered_of(request.form, form)
    if not form.validate():
        return form_page(entered, status=422)
    try:
        booking, key = asked_booking(form), str(form.once.data or "")[:80]
        made = transact(lambda store: once(store, key, lambda: book_visit(store, booking)))
    except ClinicError as error:
        return form_page(refused(entered, error), status=status_of(error))
    return _booked(made)


def _booked(made: Json) -> Response:
    start, name = read_instant(made["start"]), made["participant"][0]["actor"]["display"]
    undo = url_for("appointments.undo", appointment_id=made["id"], version=made["meta"]["versionId"])
    toast(_("Booked: %(name)s, %(day)s at %(time)s.", name=name, day=weekday(start), time=clock(start)), undo)
    return done(start)


def done(start: datetime) -> Response:
    """After a change: nothing for the script (it draws the calendar anew), the day of the visit for others."""
    if is_fragment():
        return Response(status=204)
    return go(url_for("appointments.day", day=as_date(start)))


@blueprint.post("/hold")
@requires("appointments.write")
def hold() -> Response:
    """Keep a time while a booking is typed; answers with the hold, or says that it is taken."""
    slot, text = read_slot(request.form.get("slot", "")), request.form.get("minutes", "")
    if slot is None or not text.isascii() or not text.isdigit() or len(text) > 3:
        raise Invalid(_NO_SLOT, field="slot")
    start, provider = slot
    try:
        kept = transact(lambda store: hold_time(store, provider, start=start, minutes=int(text)))
    except Taken as taken:
        return page("appointments/_held.html", status=409, kept=None, message=translated(taken))
    return page("appointments/_held.html", kept=kept, message="")


@blueprint.post("/release")
@requires("appointments.write")
def release() -> Response:
    """Give a held time back, when a booking is left."""
    transact(lambda store: leave_hold(store, request.form.get("hold", "")[:80]))
    return Response(status=204)


@blueprint.get("/advice")
@requires("appointments.write")
def advise() -> Response:
    """Other visits of the patient and the next free times, for what has been entered so far."""
    entered = entered_of(request.args)

    def read(store: Store) -> Advice:
        found = advice(store, entered.wanted, limit=entered.limit)
        if found.patient:
            store.saw(found.patient.id, "booking")
        return found

    return page("appointments/_advice.html", advice=look(read), entered=entered, **tools())


@blueprint.get("/patients")
@requires("patients.read")
def patients() -> Response:
    """Who may be meant, as choices of the booking form."""
    text = request.args.get("q", "")[:120]

    def read(store: Store) -> list[Hit]:
        query = read_query(text, today=today(), order=practice().date_order)
        return [hit for hit in find_patients(store, query, limit=_HITS) if not hit.person.deceased]

    return page("appointments/_patients.html", hits=look(read), q=text, chosen="", **tools())
