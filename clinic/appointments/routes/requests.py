"""The work list of what came in from home: accept, propose another time, refuse with words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.appointments.errors import OutsideHours, TimeTaken
from clinic.appointments.forms import ProposeForm, ReasonForm, read_slot
from clinic.appointments.queries.free import Search, find_times, preferred_first
from clinic.appointments.queries.listing import busy_spans
from clinic.appointments.queries.online import PAGE, Asked, Request, open_requests, request_of, requests
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.routes import blueprint
from clinic.appointments.routes.shown import tools
from clinic.appointments.rules.free import Offer
from clinic.appointments.rules.setup import Setup
from clinic.appointments.service.requests import NEW, Who, accept, details_of, propose, refuse, reopen
from clinic.core.errors import N_, ClinicError, Invalid
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.regions import read_phone, region_of
from clinic.registration.queries.duplicates import Candidate, likely_duplicates
from clinic.registration.queries.finder import find_patients, people
from clinic.registration.rules.query import read_query
from clinic.registration.rules.ranking import Hit, Person
from clinic.web.errors import status_of
from clinic.web.filters import clock, today, weekday
from clinic.web.forms import translated
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, transact

STATES = {
    "open": (_l("To answer"), "warn", "clock"),
    "proposed": (_l("Another time proposed"), "info", "clock"),
    "accepted": (_l("Accepted"), "ok", "check"),
    "booked": (_l("Booked from home"), "ok", "check"),
    "refused": (_l("Refused"), "mute", "cross"),
    "withdrawn": (_l("Taken back"), "mute", "cross"),
}
NO_SLOT = N_("Choose a time.")
_LAST_PAGE = 10_000
_HITS = 5


@dataclass(frozen=True)
class OneRequest:
    """A request with what the desk needs to answer it."""

    request: Request
    person: Person | None
    candidates: list[Candidate]
    hits: list[Hit]
    offers: list[Offer]
    setup: Setup


@blueprint.get("/requests", endpoint="requests")
@requires("appointments.read")
def request_list() -> Response:
    """What came in, the soonest wanted time first; searched by name, telephone and kind."""
    state, number = request.args.get("state", "open"), request.args.get("page", "1")
    chosen = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1
    asked = Asked(
        state if state in STATES else "", request.args.get("q", "")[:80].strip(), min(max(chosen, 1), _LAST_PAGE)
    )

    def read(store: Store) -> tuple[list[Request], int, int]:
        store.did("search", "requests from home")
        found, total = requests(store, asked)
        shown = [one for one in found if not store.is_closed(one.patient_id)]
        return shown, total, open_requests(store)

    found, total, waiting = look(read)
    values: dict[str, Any] = {
        "found": found,
        "total": total,
        "waiting": waiting,
        "asked": asked,
        "states": STATES,
        "size": PAGE,
    }
    return page("appointments/requests.html", **values, **tools())


@blueprint.get("/requests/<request_id>", endpoint="request")
@requires("appointments.read")
def one_request(request_id: str) -> Response:
    """One request: who it may be, the wanted time, and other free times."""
    return _page(request_id)


def _page(request_id: str, *, status: int = 200, error: ClinicError | None = None, form: Any = None) -> Response:
    one = look(lambda store: _read(store, request_id))
    said = translated(error) if error else ""
    offers = list(getattr(error, "offers", ())) or one.offers
    values = {"one": one, "states": STATES, "said": said, "offers": offers, "new": NEW}
    forms = {"propose": ProposeForm(), "reason": form or ReasonForm()}
    return page("appointments/request.html", status, **values, **forms, **tools())


def _read(store: Store, request_id: str) -> OneRequest:
    found, setup = request_of(store, request_id), calendar_setup(store)
    store.require_open(found.patient_id)
    person = people(store, [found.patient_id]).get(found.patient_id) if found.patient_id else None
    candidates: list[Candidate] = []
    hits: list[Hit] = []
    if not found.patient_id and found.open:
        candidates = likely_duplicates(store, details_of(found, _number(store, found)))
        query = read_query(request.args.get("q", "")[:120], today=today(), order=store.practice.date_order)
        hits = find_patients(store, query, limit=_HITS)
    if found.patient_id:
        store.saw(found.patient_id, "request from home")
    return OneRequest(found, person, candidates, hits, _offers(store, setup, found), setup)


def _offers(store: Store, setup: Setup, found: Request) -> list[Offer]:
    if found.state not in ("open", "proposed"):
        return []
    busy = busy_spans(store, found.patient_id, store.now, except_for=found.appointment_id)
    providers = preferred_first(setup, found.type_id, found.provider)
    earliest = max(found.start, store.now)
    search = Search(found.minutes, earliest, providers, limit=6, own=3, busy=busy, type_id=found.type_id)
    return [offer for offer in find_times(store, setup, search).offers if offer.start != found.start]


def _number(store: Store, found: Request) -> str:
    try:
        return read_phone(found.phone, region_of(store.practice.region))
    except ValueError:
        return ""


@blueprint.post("/requests/<request_id>/accept")
@requires("appointments.write")
def accept_request(request_id: str) -> Response:
    """Book it; somebody new is registered, or is one of the patients on file."""
    chosen, sex = request.form.get("patient", "")[:64], request.form.get("sex", "unknown")[:12]
    others = tuple(request.form.getlist("others"))[:20]

    def work(store: Store) -> Json:
        who = Who(chosen, sex, others, phone=_number(store, request_of(store, request_id)))
        return accept(store, request_id, who)

    return _answer(request_id, work, lambda made: _("Booked: %(what)s.", what=_when(made)))


def _when(made: Json) -> str:
    return f"{weekday(made['start'])}, {clock(made['start'])}"


@blueprint.post("/requests/<request_id>/propose")
@requires("appointments.write")
def propose_time(request_id: str) -> Response:
    """Offer another time; it is held until the patient answers or the hold runs out."""
    form = ProposeForm(request.form)
    slot = read_slot(str(form.slot.data or ""))
    if not form.validate() or slot is None:
        return _page(request_id, status=422, error=Invalid(NO_SLOT))
    words = str(form.words.data or "")

    def work(store: Store) -> Json:
        propose(store, request_id, provider_id=slot[1], start=slot[0], words=words)
        return {}

    return _answer(request_id, work, lambda _made: _("Proposed. The time is held, and the patient is told."))


@blueprint.post("/requests/<request_id>/refuse")
@requires("appointments.write")
def refuse_request(request_id: str) -> Response:
    """Say no, in words that the patient reads."""
    form = ReasonForm(request.form)
    if not form.validate():
        return _page(request_id, status=422, form=form)

    def work(store: Store) -> Json:
        refuse(store, request_id, words=str(form.reason.data or ""))
        return {}

    undo = url_for("appointments.reopen_request", request_id=request_id)
    return _answer(request_id, work, lambda _made: _("Refused. The patient is told."), undo)


@blueprint.post("/requests/<request_id>/reopen")
@requires("appointments.write")
def reopen_request(request_id: str) -> Response:
    """Take a refusal back."""

    def work(store: Store) -> Json:
        reopen(store, request_id)
        return {}

    return _answer(request_id, work, lambda _made: _("The request is open again."))


def _answer(
    request_id: str, work: Callable[[Store], Json], words: Callable[[Json], str], undo: str | None = None
) -> Response:
    try:
        made = transact(work)
    except (TimeTaken, OutsideHours) as error:
        return _page(request_id, status=409, error=error)
    except ClinicError as error:
        if error.kind == "missing":
            raise
        return _page(request_id, status=status_of(error), error=error)
    toast(words(made), undo)
    return go(url_for("appointments.request", request_id=request_id))
