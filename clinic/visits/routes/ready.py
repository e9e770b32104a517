"""Fix before they come: every visit ahead that lacks something, by time, with the one action that mends it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.appointments.mapping.appointment import place_of
from clinic.appointments.queries.practice import calendar_setup
from clinic.core.days import local
from clinic.core.errors import Conflict, Invalid, Missing
from clinic.fhir.store import Store
from clinic.fhir.subject import patient_of
from clinic.visits.errors import NO_DAY
from clinic.visits.queries import at_check_in
from clinic.visits.queries.ready import AHEAD, Ready, Wanted, coming_visits, counts_of, ready_mark
from clinic.visits.routes import blueprint, pressed
from clinic.visits.rules.needs import NEEDS
from clinic.visits.screens import WORDS, today_of
from clinic.visits.service.mending import CALL, MESSAGE, Done, ask_to_confirm, note_call, send_forms, undo_mending
from clinic.visits.words import tried_word
from clinic.web.forms import translated
from clinic.web.respond import go, page, shown_mark, toast, unchanged
from clinic.web.transaction import look, transact

PAGE = 25
SPANS = (1, 2, 7, AHEAD)
_LAST_PAGE = 400


@blueprint.get("/ready")
@requires("visits.read")
def ready() -> Response:
    """The work list, with its filters and pages."""
    return page("visits/ready.html", **look(_list))


@blueprint.get("/ready/list")
@requires("visits.read")
def ready_list() -> Response:
    """The list alone, for the screen that renews itself; nothing while nothing was changed."""
    seen = shown_mark()

    def load(store: Store) -> dict[str, Any]:
        return {} if seen and seen == ready_mark(store, _view(store)) else _list(store)

    values = look(load)
    return page("visits/_ready.html", **values) if values else unchanged()


def _wanted(store: Store) -> Wanted:
    asked, today = request.args, today_of(store)
    try:
        first = max(date.fromisoformat(asked.get("day", "")), today)
    except ValueError:
        first = today
    days = asked.get("days", "")
    need = asked.get("need", "")
    return Wanted(
        first,
        int(days) if days in map(str, SPANS) else AHEAD,
        provider=asked.get("provider", "")[:64],
        site=asked.get("site", "")[:64],
        text=asked.get("q", "")[:80],
        need=need if need in NEEDS else "",
        whole=bool(asked.get("whole")),
    )


def _view(store: Store) -> str:
    return f"{_wanted(store)} {_number()}"


def _number() -> int:
    text = request.args.get("page", "1")
    return min(max(int(text), 1), _LAST_PAGE) if text.isascii() and text.isdigit() and len(text) < 5 else 1


def _list(store: Store) -> dict[str, Any]:
    wanted, setup = _wanted(store), calendar_setup(store)
    coming = coming_visits(store, wanted)
    lines = [row for row in coming if wanted.takes(row)]
    number = min(_number(), max(1, -(-len(lines) // PAGE)))
    shown = lines[(number - 1) * PAGE : number * PAGE]
    for row in shown:
        store.saw_in_list(row.patient_id, "fix before they come")
    return {
        "wanted": wanted,
        "today": today_of(store),
        "spans": SPANS,
        "lines": shown,
        "total": len(lines),
        "coming": len(coming),
        "number": number,
        "first": (number - 1) * PAGE + 1,
        "size": PAGE,
        "counts": counts_of(coming, whole=wanted.whole),
        "needs": NEEDS,
        "setup": setup,
        "sites": {site.id: site.name for site in setup.sites},
        "mark": ready_mark(store, _view(store)),
        "mends_of": _mends_of,
        "tried_word": tried_word,
        **WORDS,
    }


def _mends_of(row: Ready) -> list[tuple[str, str, Any]]:
    """The places that mend what a visit lacks: (need, address, words), each place once."""
    who = row.patient_id
    places = {
        "scan": (url_for("registration.scan", patient=who), _("Scan")),
        "identify": (url_for("visits.check_in", appointment_id=row.id), _("Check-in")),
        "contact": (url_for("registration.edit_patient", patient_id=who), _("Add contact")),
        "coverage": (url_for("insurance.coverages", patient_id=who), _("Coverage")),
        "eligibility": (url_for("visits.check_in", appointment_id=row.id), _("Note eligibility")),
        "referral": (url_for("visits.check_in", appointment_id=row.id), _("Referral")),
        "forms": (url_for("registration.consents", patient_id=who), _("Consents")),
        "pay": (url_for("cash.till", patient=who), _("Payment")),
    }
    mends = dict.fromkeys(need.mend for need in row.to_mend)
    return [(mend, *places[mend]) for mend in mends]


@blueprint.post("/ready/<appointment_id>/called")
@requires("communication.write")
def ready_called(appointment_id: str) -> Response:
    """The patient was called: nobody answered, a message was left, or it is settled."""
    outcome = request.form.get("outcome", "")
    words = {"no-answer": _("Noted: nobody answered"), "message": _("Noted: a message was left")}
    said = words.get(outcome, _("Noted: called"))
    return _done(lambda store: note_call(store, appointment_id, outcome), said)


@blueprint.post("/ready/<appointment_id>/ask")
@requires("communication.write")
def ready_ask(appointment_id: str) -> Response:
    """Ask by message whether the patient comes."""
    return _done(lambda store: ask_to_confirm(store, appointment_id), _("The patient is asked to confirm"))


@blueprint.post("/ready/<appointment_id>/forms")
@requires("intake.write")
def ready_forms(appointment_id: str) -> Response:
    """Send a link to the forms."""

    def work(store: Store) -> Done:
        return send_forms(store, appointment_id, lambda token: url_for("intake.link", token=token, _external=True))

    return _done(work, _("The link to the forms leaves in a minute"))


@blueprint.post("/ready/undo/<any(call, message):kind>/<id_>")
@requires("communication.write")
def ready_undo(kind: str, id_: str) -> Response:
    """Take the call or the message back."""
    pressed()
    packet = request.args.get("packet", "")[:64]
    transact(lambda store: undo_mending(store, Done(CALL if kind == CALL else MESSAGE, id_, packet)))
    toast(_("Taken back"))
    return _back()


@blueprint.get("/ready/day/<day>")
@requires("visits.read")
def ready_of_day(day: str) -> Response:
    """How many visits of a day are to fix, for the head of its calendar; a part that the page loads by itself."""

    def load(store: Store) -> int:
        wanted = Wanted(date.fromisoformat(day), 1)
        if wanted.first < today_of(store):
            return 0
        return sum(bool(row.to_mend) for row in coming_visits(store, wanted))

    try:
        return page("visits/_to_fix.html", count=look(load), day=day)
    except ValueError as error:
        raise Missing(NO_DAY) from error


@blueprint.get("/ready/<appointment_id>/needs")
@requires("visits.read")
def ready_of_visit(appointment_id: str) -> Response:
    """What one visit needs on its day, for the panel of the visit."""

    def load(store: Store) -> dict[str, Any]:
        appointment = store.read("Appointment", appointment_id)
        place, who = place_of(appointment), patient_of(appointment)
        if not who or appointment.get("status") not in ("booked", "pending"):
            return {"needs": ()}
        day = local(place.span.start, store.practice.zone).date()
        store.saw(who, "what the visit needs")
        return {"needs": at_check_in(store, who, appointment_id, day, visit_type=place.type_id).needs}

    values: dict[str, Any] = {"appointment_id": appointment_id, **look(load), **WORDS}
    return page("visits/_needs.html", **values)


def _done(work: Callable[[Store], Done], said: str) -> Response:
    """Do it, say so with the way back, and show the list again as it was; what is refused is said there."""
    pressed()
    try:
        done = transact(work)
    except (Conflict, Invalid) as error:
        toast(translated(error))
        return _back()
    undo_url = url_for("visits.ready_undo", kind=done.kind, id_=done.id, packet=done.packet or None, **_kept())
    toast(said, undo_url=undo_url)
    return _back()


def _kept() -> dict[str, Any]:
    names = ("day", "days", "provider", "site", "need", "q", "whole", "page")
    return {name: value[:80] for name in names if (value := request.args.get(name, ""))}


def _back() -> Response:
    return go(url_for("visits.ready", **_kept()))
