"""One's own visit, wish or offer, by a link: confirm, move, cancel, answer.

Opening a link shows a page that asks for the birth date and nothing else, for whoever follows it (a mail scanner does).
The browser that gave the right date may then see and change this one thing for half an hour.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from flask import redirect, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import public
from clinic.access.sessions import digest
from clinic.appointments.errors import OutsideHours
from clinic.appointments.forms import BornForm, known_instant, read_slot
from clinic.appointments.mapping.appointment import place_of, span_of
from clinic.appointments.mapping.ics import own_visit_ics
from clinic.appointments.queries.online import Looked, Shown, online_times, request_of, rule_of
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.queries.waiting import OfferRow
from clinic.appointments.queries.waiting import entry as entry_of
from clinic.appointments.routes import blueprint
from clinic.appointments.routes.home import TimesPage, times_page
from clinic.appointments.routes.phone import as_patient, busy_page, forgive, home_page, slow_down, speak
from clinic.appointments.rules.booking import Place
from clinic.appointments.rules.online import BOOK, OnlineRule
from clinic.appointments.rules.setup import VisitType
from clinic.appointments.rules.status import MOVABLE
from clinic.appointments.rules.telehealth import DOOR_OPENS, Stage, stage_of
from clinic.appointments.rules.waitlist import Entry
from clinic.appointments.service.answering import answer_offer, find_offer
from clinic.appointments.service.answers import is_confirmed
from clinic.appointments.service.home import Choice, cancel_own, confirm_own, move_own
from clinic.appointments.service.links import (
    LINK_OVER,
    OFFER,
    REPLAN,
    REQUEST,
    VISIT,
    Link,
    find_link,
    link_of,
    open_link,
    whose,
)
from clinic.appointments.service.requests import agree, withdraw
from clinic.appointments.service.telehealth import video_address
from clinic.core.clock import Clock
from clinic.core.days import instant_text, read_instant
from clinic.core.errors import ClinicError, Missing, Taken
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.web.errors import status_of
from clinic.web.forms import translated
from clinic.web.respond import toast
from clinic.web.state import state_of
from clinic.web.transaction import look

T = TypeVar("T")
PROOF = "home_proof"
_LASTS = timedelta(minutes=30)
_LONGEST = 100


@dataclass(frozen=True)
class Own:
    """A patient's own visit with what they may do to it."""

    appointment: Json
    place: Place
    rule: OnlineRule
    confirmed: bool
    coming: bool
    may_change: bool
    wish: str = ""
    """Whether another time was asked for and waits for the desk: its words."""
    stage: Stage = "over"
    """What can be done about a visit by video; `over` for one in the practice too."""
    video: str = ""
    """The address of its room; empty for a visit in the practice."""

    @property
    def door_opens(self) -> datetime:
        """From when on the patient can say to be here."""
        return self.place.span.start - DOOR_OPENS


@blueprint.get("/own/<token>")
@public
def own(token: str) -> Response:
    """Ask for the birth date; nothing about anybody is on this page, and nothing changes."""
    speak()
    found = look(lambda store: link_of(store, token[:_LONGEST]))
    if found is None:
        return _over()
    return _born_page(token, BornForm.of_request())


@blueprint.post("/own/<token>")
@public
def own_open(token: str) -> Response:
    """Compare the birth date; five wrong ones end the link."""
    speak()
    form = BornForm(request.form)
    if slow_down():
        return busy_page()
    said = as_patient(lambda store: open_link(store, token[:_LONGEST], form.born)) if form.born else "none"
    if said == "over":
        return _over()
    if said != "ok":
        words = _("That does not match. Please check and try again.")
        form.d.errors = [words if said == "wrong" else _("Give day, month and year in numbers.")]
        return _born_page(token, form, 422)
    forgive()
    session[PROOF] = [digest(token[:_LONGEST]), instant_text(_clock().now())]
    return redirect(_first_page(token), 303)


def _clock() -> Clock:
    from flask import current_app

    return state_of(current_app).clock


def _born_page(token: str, form: BornForm, status: int = 200) -> Response:
    return home_page("appointments/own.html", status, form=form, token=token[:_LONGEST])


def _over() -> Response:
    return home_page("appointments/home_said.html", 404, title=_("This link is over"), said=_(LINK_OVER))


def _first_page(token: str) -> str:
    link = look(lambda store: find_link(store, digest(token[:_LONGEST])))
    pages = {
        VISIT: "appointments.own_visit",
        REQUEST: "appointments.own_wish",
        OFFER: "appointments.own_offer",
        REPLAN: "appointments.own_replan",
    }
    return url_for(pages.get(link.purpose if link else VISIT, "appointments.own_visit"), token=token[:_LONGEST])


def proven(token: str, purpose: str) -> Link | None:
    """The link, when this browser has given the birth date within the half hour."""
    kept = session.get(PROOF)
    if not isinstance(kept, list) or len(kept) != 2 or kept[0] != digest(token[:_LONGEST]):
        return None
    if _clock().now() - read_instant(str(kept[1])) > _LASTS:
        return None
    found = look(lambda store: find_link(store, str(kept[0])))
    return found if found is not None and found.purpose == purpose else None


def ask_first(token: str) -> Response:
    """To the page that asks for the birth date."""
    return redirect(url_for("appointments.own", token=token[:_LONGEST]), 303)


@blueprint.get("/own/<token>/visit")
@public
def own_visit(token: str) -> Response:
    """The visit: when, with whom, where, and what one may do."""
    speak()
    link = proven(token, VISIT)
    if link is None:
        return ask_first(token)
    return _visit_page(token, link)


def _visit_page(token: str, link: Link, *, status: int = 200, error: str = "") -> Response:
    mine = look(lambda store: own_of(store, link))
    return home_page("appointments/own_visit.html", status, own=mine, token=token, error=error)


def own_of(store: Store, link: Link) -> Own:
    """The visit of a link, with what may be done about it now. Raises Missing."""
    appointment = store.read("Appointment", link.target)
    span = span_of(appointment)
    if span is None:
        raise Missing(LINK_OVER)
    place = place_of(appointment)
    store.saw(place.patient_id, "own visit by link")
    rule, coming = rule_of(store, place.type_id), place.status in MOVABLE and span.start > store.now
    may = coming and rule.may_change(span.start, store.now)
    stage = stage_of(place.status, span, store.now)
    video = video_address(store, appointment) if stage != "over" else ""
    stage = stage if video else "over"
    return Own(appointment, place, rule, is_confirmed(appointment), coming, may, stage=stage, video=video)


@blueprint.post("/own/<token>/confirm")
@public
def own_confirm(token: str) -> Response:
    """The patient says to come."""
    return change(token, confirm_own, _("Thank you. We expect you."))


@blueprint.post("/own/<token>/cancel")
@public
def own_cancel(token: str) -> Response:
    """The patient cancels, while the visit type's rule allows it."""
    words = " ".join(request.form.get("reason", "").split())[:200]
    return change(token, lambda store, id_: cancel_own(store, id_, reason=words), _("Your visit is cancelled."))


def change(token: str, act: Callable[[Store, str], Json], words: str) -> Response:
    """Do something about the visit and say so on its page; what is refused is said there too."""
    speak()
    link = proven(token, VISIT)
    if link is None:
        return ask_first(token)
    try:
        as_owner(link, lambda store: act(store, link.target))
    except ClinicError as error:
        return _visit_page(token, link, status=status_of(error), error=translated(error))
    toast(words)
    return redirect(url_for("appointments.own_visit", token=token), 303)


def as_owner(link: Link, act: Callable[[Store], T]) -> T:
    """Do something in the name of whom the link is for."""
    patient_id = look(lambda store: whose(store, link)[0])
    return as_patient(act, patient_id)


@blueprint.get("/own/<token>/move")
@public
def own_move(token: str) -> Response:
    """Other times for this visit, with the same person or anybody."""
    speak()
    link = proven(token, VISIT)
    if link is None:
        return ask_first(token)
    return _move_page(token, link)


def _move_page(token: str, link: Link, *, status: int = 200, gone: str = "") -> Response:
    provider, since = request.args.get("provider", "")[:64], known_instant(request.args.get("from", ""))

    def read(store: Store) -> tuple[Own, TimesPage | None]:
        mine, setup = own_of(store, link), calendar_setup(store)
        kind = setup.visit_type(mine.place.type_id)
        if kind is None or not mine.may_change or not mine.rule.takes:
            return mine, None
        kind = VisitType(kind.id, kind.name, int(mine.place.span.length.total_seconds() // 60), kind.colour)
        looked = Looked(kind, mine.rule, provider or mine.place.provider_id, since, except_for=link.target)
        return mine, times_page(store, setup, Shown(kind, mine.rule), online_times(store, setup, looked))

    mine, found = look(read)
    if found is None:
        return _visit_page(token, link)
    values = {"own": mine, "found": found, "token": token, "gone": gone, "books": mine.rule.mode == BOOK}
    chosen = provider or mine.place.provider_id
    return home_page("appointments/own_move.html", status, provider=chosen, since=since, **values)


@blueprint.post("/own/<token>/move")
@public
def own_move_to(token: str) -> Response:
    """Move the visit, or ask the desk to, as the visit type allows."""
    speak()
    link, slot = proven(token, VISIT), read_slot(request.form.get("slot", "")[:120])
    if link is None or slot is None:
        return ask_first(token)
    choice = Choice(start=slot[0], provider_id=slot[1])
    try:
        moved = as_owner(link, lambda store: move_own(store, link.target, choice))
    except (Taken, OutsideHours):
        return _move_page(token, link, status=409, gone=_("This time has just been taken. Nothing was changed."))
    except ClinicError as error:
        return _visit_page(token, link, status=status_of(error), error=translated(error))
    toast(
        _("Your visit has a new time.")
        if moved
        else _("We got your wish and will answer. Your visit stays until then.")
    )
    return redirect(url_for("appointments.own_visit", token=token), 303)


@blueprint.get("/own/<token>/visit.ics")
@public
def own_ics(token: str) -> Response:
    """The visit for one's own calendar; without a name or a reason in it."""
    link = proven(token, VISIT)
    if link is None:
        return ask_first(token)
    mine, practice, now = look(lambda store: (own_of(store, link), store.practice, store.now))
    text = own_visit_ics(mine.appointment, practice.name, now=now)
    headers = {"Content-Disposition": 'attachment; filename="visit.ics"'}
    return Response(text, headers=headers, content_type="text/calendar; charset=utf-8")


@blueprint.get("/own/<token>/wish")
@public
def own_wish(token: str) -> Response:
    """What became of what was asked for."""
    speak()
    link = proven(token, REQUEST)
    if link is None:
        return ask_first(token)
    found = look(lambda store: request_of(store, link.target))
    return home_page("appointments/own_wish.html", found=found, token=token)


@blueprint.post("/own/<token>/wish")
@public
def own_wish_answer(token: str) -> Response:
    """Take the time that was proposed, or take the wish back."""
    speak()
    link = proven(token, REQUEST)
    if link is None:
        return ask_first(token)
    act = {"agree": agree, "withdraw": withdraw}.get(request.form.get("answer", ""))
    try:
        if act is not None:
            as_owner(link, lambda store: act(store, link.target))
    except ClinicError as error:
        found = look(lambda store: request_of(store, link.target))
        values = {"found": found, "token": token, "error": translated(error)}
        return home_page("appointments/own_wish.html", status_of(error), **values)
    if request.form.get("answer") == "withdraw":
        return home_page(
            "appointments/home_said.html", title=_("Taken back"), said=_("We no longer look for a time for you.")
        )
    return redirect(url_for("appointments.own_wish", token=token), 303)


@blueprint.get("/own/<token>/offer")
@public
def own_offer(token: str) -> Response:
    """The time that is offered from the waiting list."""
    speak()
    link = proven(token, OFFER)
    if link is None:
        return ask_first(token)
    return _offer_page(token, link)


def _offer_page(token: str, link: Link, *, status: int = 200, error: str = "") -> Response:
    one, entry = look(lambda store: _offer(store, link))
    return home_page("appointments/own_offer.html", status, offer=one, entry=entry, token=token, error=error)


def _offer(store: Store, link: Link) -> tuple[OfferRow, Entry | None]:
    one = find_offer(store, link.target)
    return one, entry_of(store, one.wish)


@blueprint.post("/own/<token>/offer")
@public
def own_offer_answer(token: str) -> Response:
    """Take the offered time, or leave it to the next; the first valid yes has it."""
    speak()
    link = proven(token, OFFER)
    if link is None:
        return ask_first(token)
    accept = request.form.get("answer") == "yes"
    try:
        as_owner(link, lambda store: answer_offer(store, link.target, accept=accept))
    except ClinicError as error:
        return _offer_page(token, link, status=status_of(error), error=translated(error))
    return redirect(url_for("appointments.own_offer", token=token), 303)
