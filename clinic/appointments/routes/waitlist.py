"""The waiting list: who waits, what is offered to whom, and the rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import can, requires
from clinic.appointments.errors import NO_OFFER
from clinic.appointments.forms import ReasonForm, WishForm
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.queries.waiting import OfferRow, offer, offers_of_wish, rules_of
from clinic.appointments.queries.waiting import entry as entry_row
from clinic.appointments.queries.waitlist import (
    PAGE,
    STATES,
    Fill,
    Offered,
    Sought,
    Waiter,
    fill_of,
    list_wishes,
    open_offers,
)
from clinic.appointments.routes import blueprint
from clinic.appointments.routes.entering import practice
from clinic.appointments.routes.shown import tools
from clinic.appointments.routes.wishes import (
    OFFER_STATES,
    URGENCIES,
    asked_entry,
    fill_choices,
    fresh_values,
    wants_words,
    wish_values,
)
from clinic.appointments.rules.setup import Setup
from clinic.appointments.rules.waitlist import Entry, Rule
from clinic.appointments.service.offering import tell_round, withdraw_round
from clinic.appointments.service.waitlist import add_wish, answer_offer, change_wish, end_wish, put_back, set_rule
from clinic.core.errors import N_, ClinicError, Invalid, Missing
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.registration.queries.finder import find_patients
from clinic.registration.queries.merges import person_in_use
from clinic.registration.rules.query import read_query
from clinic.registration.rules.ranking import Hit, Person
from clinic.web.errors import status_of
from clinic.web.filters import clock, now, today, weekday
from clinic.web.forms import translated
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, once, transact

_HITS = 8
_MONTH, _MOMENT = timedelta(days=30), timedelta(seconds=1)
_NOT_A_NUMBER = N_("Enter whole numbers.")


@dataclass(frozen=True)
class _List:
    waiters: list[Waiter]
    total: int
    offers: list[Offered]
    fill: Fill
    setup: Setup


@blueprint.get("/waitlist")
@requires("appointments.read")
def waitlist() -> Response:
    """Who waits, in the order in which they are served, and what is offered now."""
    sought = _sought()

    def read(store: Store) -> _List:
        store.did("search", "waiting list")
        fill = fill_of(store, store.now - _MONTH, store.now + _MOMENT)
        return _List(*list_wishes(store, sought), open_offers(store), fill, calendar_setup(store))

    shown = look(read)
    return page(
        "appointments/waitlist.html", shown=shown, sought=sought, first=(sought.page - 1) * PAGE + 1,
        pages=-(-shown.total // PAGE), **_words(),
    )  # fmt: skip


def _sought() -> Sought:
    args, number = request.args, request.args.get("page", "1")
    return Sought(
        words=args.get("q", "")[:80].strip(),
        type_id=args.get("type", "")[:64],
        state=args.get("state", "") if args.get("state", "") in STATES else "waiting",
        page=max(int(number), 1) if number.isascii() and number.isdigit() and len(number) < 5 else 1,
    )


def _words() -> dict[str, Any]:
    found = {"wants_words": wants_words, "urgencies": URGENCIES, "offer_states": OFFER_STATES}
    return {**found, "may_rule": can("management.setup"), **tools()}


@blueprint.get("/waitlist/new")
@requires("appointments.write")
def new_wish() -> Response:
    """Put somebody on the list: first who, then what for. Filled from the panel "Find a time" or from a visit."""
    return _form_page(WishForm.of_request(**fresh_values(request.args)))


@blueprint.post("/waitlist/new")
@requires("appointments.write")
def add_to_waitlist() -> Response:
    """Put them on the list; what is wrong comes back beside its field."""
    form = WishForm(request.form)
    if not form.validate():
        return _form_page(form, status=422)
    try:
        wanted, key = asked_entry(form, now()), str(form.once.data or "")[:80]
        made = transact(lambda store: once(store, key, lambda: add_wish(store, wanted)))
    except ClinicError as error:
        form.show(error)
        return _form_page(form, status=status_of(error))
    toast(_("On the waiting list: %(name)s.", name=_name(made)))
    return go(url_for("appointments.waitlist"))


def _form_page(form: WishForm, *, status: int = 200) -> Response:
    text = request.args.get("q", "")[:120]

    def read(store: Store) -> tuple[Setup, Person | None, list[Hit]]:
        person = person_in_use(store, str(form.patient.data or ""))
        if person:
            store.saw(person.id, "waiting list")
        query = read_query(text, today=today(), order=practice().date_order)
        hits = find_patients(store, query, limit=_HITS) if text and not person else []
        return calendar_setup(store), person, [hit for hit in hits if not hit.person.deceased]

    setup, person, hits = look(read)
    if not form.visit_type.data:
        form.visit_type.data = next((kind.id for kind in setup.types if kind.active), "")
    fill_choices(form, setup)
    return page("appointments/wish_new.html", status, form=form, person=person, hits=hits, q=text, **_words())


@dataclass(frozen=True)
class _Wish:
    entry: Entry
    offers: list[OfferRow]
    setup: Setup


@blueprint.get("/waitlist/<wish_id>")
@requires("appointments.read")
def wish(wish_id: str) -> Response:
    """What somebody waits for, and all that was offered to them."""
    return _wish_page(wish_id)


def _wish_page(wish_id: str, form: WishForm | None = None, *, status: int = 200) -> Response:
    def read(store: Store) -> _Wish:
        found = entry_row(store, wish_id)
        if found is None:
            raise Missing("There is no such page or record.")
        store.require_open(found.patient_id)
        store.saw(found.patient_id, "waiting list")
        return _Wish(found, offers_of_wish(store, wish_id), calendar_setup(store))

    shown = look(read)
    form = form or WishForm.of_request(**wish_values(shown.entry))
    fill_choices(form, shown.setup)
    reason = ReasonForm(None, version=str(shown.entry.version))
    return page("appointments/wish.html", status, shown=shown, form=form, reason_form=reason, **_words())


@blueprint.post("/waitlist/<wish_id>")
@requires("appointments.write")
def save_wish(wish_id: str) -> Response:
    """Change what somebody waits for."""
    form = WishForm(request.form)
    if not form.validate():
        return _wish_page(wish_id, form, status=422)
    try:
        wanted = asked_entry(form, now())
        saved = transact(lambda store: change_wish(store, wish_id, wanted, version=form.loaded_version))
    except ClinicError as error:
        form.show(error)
        return _wish_page(wish_id, form, status=status_of(error))
    toast(_("Saved: what %(name)s waits for.", name=_name(saved)))
    return go(url_for("appointments.waitlist"))


@blueprint.post("/waitlist/<wish_id>/end")
@requires("appointments.write")
def end_waiting(wish_id: str) -> Response:
    """Take somebody off the list, with a reason."""
    form = ReasonForm(request.form)
    reason, version = str(form.reason.data or ""), form.loaded_version
    ended = transact(lambda store: end_wish(store, wish_id, reason=reason, version=version))
    undo = url_for("appointments.wait_again", wish_id=wish_id, version=ended["meta"]["versionId"])
    toast(_("Off the waiting list: %(name)s.", name=_name(ended)), undo)
    return go(url_for("appointments.waitlist"))


@blueprint.post("/waitlist/<wish_id>/again/<int:version>")
@requires("appointments.write")
def wait_again(wish_id: str, version: int) -> Response:
    """Put somebody back on the list."""
    back = transact(lambda store: put_back(store, wish_id, version=version))
    toast(_("On the waiting list: %(name)s.", name=_name(back)))
    return go(url_for("appointments.waitlist"))


@blueprint.post("/waitlist/offers/<offer_id>/answer")
@requires("appointments.write")
def answer(offer_id: str) -> Response:
    """What the patient said, by telephone or at the desk."""
    accept = request.form.get("answer") == "yes"
    try:
        said = transact(lambda store: answer_offer(store, offer_id, accept=accept))
    except ClinicError as error:
        toast(translated(error))
        return go(url_for("appointments.waitlist"))
    name, start = said.entry.patient_name, said.offer.start
    if said.appointment is None:
        toast(_("%(name)s said no. The time goes to the next.", name=name))
        return go(url_for("appointments.waitlist"))
    version = said.appointment["meta"]["versionId"]
    undo = url_for("appointments.undo", appointment_id=said.appointment["id"], version=version)
    toast(_("Booked: %(name)s, %(day)s at %(time)s.", name=name, day=weekday(start), time=clock(start)), undo)
    return go(url_for("appointments.waitlist"))


@blueprint.post("/waitlist/offers/<offer_id>/tell")
@requires("appointments.write")
def tell_now(offer_id: str) -> Response:
    """Let the message go now, without waiting for the minute in which the change can be taken back."""
    told = transact(lambda store: tell_round(store, _offer(store, offer_id).round))
    toast(_("The offer is on its way.") if told else _("They have been told already."))
    return go(url_for("appointments.waitlist"))


@blueprint.post("/waitlist/offers/<offer_id>/withdraw")
@requires("appointments.write")
def withdraw_offer(offer_id: str) -> Response:
    """Take the offer of a time back from everybody to whom it was made."""
    transact(lambda store: withdraw_round(store, _offer(store, offer_id).round))
    toast(_("The offer was taken back. The time is free."))
    return go(url_for("appointments.waitlist"))


def _offer(store: Store, offer_id: str) -> OfferRow:
    found = offer(store, offer_id)
    if found is None:
        raise Missing(NO_OFFER)
    return found


@blueprint.get("/waitlist/rules")
@requires("management.setup")
def waitlist_rules() -> Response:
    """How freed times of each visit type are offered."""
    return _rules_page()


def _rules_page(said: str = "", *, status: int = 200) -> Response:
    setup, rules = look(lambda store: (calendar_setup(store), rules_of(store)))
    shown = [(kind, rules.get(kind.id, Rule(kind.id))) for kind in setup.types if kind.active]
    return page("appointments/waitlist_rules.html", status, shown=shown, said=said, sent=request.form, **_words())


@blueprint.post("/waitlist/rules")
@requires("management.setup")
def save_waitlist_rules() -> Response:
    """Keep the rules of all visit types that were sent."""
    try:
        wanted = [_sent_rule(type_id) for type_id in request.form.getlist("type")[:500]]
        transact(lambda store: _keep_rules(store, wanted))
    except ClinicError as error:
        return _rules_page(translated(error), status=status_of(error))
    toast(_("The rules of the waiting list are saved."))
    return go(url_for("appointments.waitlist_rules"))


def _keep_rules(store: Store, rules: list[Rule]) -> None:
    for rule in rules:
        set_rule(store, rule)


def _sent_rule(type_id: str) -> Rule:
    texts = {
        name: request.form.get(f"{name}:{type_id}", "").strip() for name in ("at_once", "notice_hours", "hold_minutes")
    }
    if not all(text.isascii() and text.isdigit() and len(text) < 6 for text in texts.values()):
        raise Invalid(_NOT_A_NUMBER)
    numbers = [int(text) for text in texts.values()]
    return Rule(type_id[:64], *numbers)


def _name(resource: Json) -> str:
    return str(resource["participant"][0]["actor"].get("display", ""))
