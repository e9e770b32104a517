"""Find a time: the panel behind one key, from anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.appointments.errors import SamePatient
from clinic.appointments.forms import FindForm, read_day, read_slot
from clinic.appointments.queries.finding import Found, Question, find
from clinic.appointments.routes import blueprint
from clinic.appointments.routes.booking import done
from clinic.appointments.routes.entering import asked_orders, orders_of, practice
from clinic.appointments.routes.reasons import language_name, reason_words
from clinic.appointments.routes.shown import PARTS, WEEKDAYS, tools
from clinic.appointments.rules.booking import Booking, Change
from clinic.appointments.rules.free import PARTS as PART_CODES
from clinic.appointments.rules.ranking import Ask
from clinic.appointments.service.answering import close_wish
from clinic.appointments.service.booking import book as book_visit
from clinic.appointments.service.changes import move as move_visit
from clinic.core.days import day_bounds, read_instant
from clinic.core.errors import N_, ClinicError, Invalid
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.web.errors import status_of
from clinic.web.filters import clock, today, weekday
from clinic.web.forms import translated
from clinic.web.respond import is_fragment, page, toast
from clinic.web.transaction import look, once, transact

_NO_SLOT = N_("Choose a time.")


@dataclass(frozen=True)
class Entered:
    """What the panel holds: the question, and the texts as they were typed."""

    question: Question
    until: str = ""
    unread: bool = False
    """Whether the last day cannot be read."""
    wish: str = ""
    hold: str = ""
    since: str = ""
    orders: tuple[str, ...] = ()
    ordered_for: str = ""
    """The patient and the visit type for which the orders were last shown; empty before that."""


@blueprint.get("/find")
@requires("appointments.write")
def find_time() -> Response:
    """The panel, empty or filled from the address; with `offers=1` only the times."""
    return _panel(entered_of(request.args))


@blueprint.post("/find")
@requires("appointments.write")
def book_found() -> Response:
    """Book a time that was offered, or move a visit to it; a refusal comes back with the times that are left."""
    entered, form = entered_of(request.form), FindForm(request.form)
    if not form.validate():
        return _panel(entered, said=_("This page was open for too long. Please choose again."), status=422)
    try:
        made = transact(lambda store: once(store, str(form.once.data or "")[:80], lambda: _take(store, entered, form)))
    except ClinicError as error:
        return _panel(entered, said=translated(error), status=status_of(error), twice=isinstance(error, SamePatient))
    return _taken(made, moved=bool(entered.question.instead))


def entered_of(values: MultiDict[str, str]) -> Entered:
    """What an address or a sent form asks; whatever cannot be read is left out."""
    text, begins = values.get("until", "").strip()[:40], values.get("since", "").strip()[:40]
    before, unread = _bound(text, 1)
    since, unread_since = _bound(begins, 0)
    days = {int(day) for day in values.getlist("weekday") if day in "0123456" and len(day) == 1}
    ask = Ask(
        providers=frozenset(id_[:64] for id_ in values.getlist("with") if id_),
        site=values.get("site", "")[:64],
        part=next((code for code in PART_CODES if code == values.get("part")), "any"),
        weekdays=frozenset(days),
        before=before,
        language=values.get("language", "")[:8],
    )
    patient, instead = values.get("patient", "")[:64], values.get("instead", "")[:64]
    question = Question(patient, values.get("visit_type", "")[:64], ask=ask, instead=instead, since=since)
    return Entered(
        question, text, unread or unread_since, values.get("wish", "")[:64], values.get("hold", "")[:80], begins,
        *orders_of(values),
    )  # fmt: skip


def _bound(text: str, end: int) -> tuple[datetime | None, bool]:
    """The first (0) or last (1) moment of a typed day, and whether it cannot be read."""
    found = practice()
    try:
        day = read_day(text, today=today(), order=found.date_order) if text else None
    except ValueError:
        return None, True
    return (day_bounds(day, found.zone)[end] if day else None), False


def _take(store: Store, entered: Entered, form: FindForm) -> Json:
    slot, question = read_slot(str(form.slot.data or "")), entered.question
    if slot is None:
        raise Invalid(_NO_SLOT, field="slot")
    start, provider = slot
    if question.instead:
        made = move_visit(store, question.instead, Change(start, provider))
    else:
        made = _booked(store, entered, form)
    if entered.wish:
        close_wish(store, entered.wish, made["id"])
    return made


def _booked(store: Store, entered: Entered, form: FindForm) -> Json:
    question, (start, provider) = entered.question, read_slot(str(form.slot.data)) or (store.now, "")
    booking = Booking(
        question.patient, provider, question.type_id, start, hold=entered.hold, anyway=form.anyway.data,
        note=str(form.note.data or ""), orders=asked_orders(entered.orders, entered.ordered_for),
    )  # fmt: skip
    return book_visit(store, booking)


def _taken(made: Json, *, moved: bool) -> Response:
    start, name = read_instant(made["start"]), made["participant"][0]["actor"]["display"]
    undo = url_for("appointments.undo", appointment_id=made["id"], version=made["meta"]["versionId"])
    words = {"name": name, "day": weekday(start), "time": clock(start)}
    said = _("Moved: %(name)s, %(day)s at %(time)s.", **words) if moved else ""
    toast(said or _("Booked: %(name)s, %(day)s at %(time)s.", **words), undo)
    return done(start)


def _panel(entered: Entered, *, said: str = "", status: int = 200, twice: bool = False) -> Response:
    def read(store: Store) -> Found:
        found = find(store, entered.question)
        if found.person:
            store.saw(found.person.id, "booking")
        return found

    found = look(read)
    template = "find.html"
    if is_fragment():
        template = "_find_offers.html" if "offers" in request.values else "_find.html"
    return page(
        f"appointments/{template}", status, found=found, entered=entered, form=FindForm.of_request(), said=said,
        twice=twice, ask=found.question.ask, parts=PARTS, weekdays=WEEKDAYS, languages=_languages(found),
        reason_words=reason_words, hits=[], q="", chosen="", **tools(),
    )  # fmt: skip


def _languages(found: Found) -> list[tuple[str, Any]]:
    codes = {code for person in found.setup.columns() for code in person.languages}
    return sorted(((code, language_name(code)) for code in codes), key=lambda pair: str(pair[1]))
