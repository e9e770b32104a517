"""One plan for the visits of a provider who is out: every line is agreed to, asked for, or settled otherwise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from hashlib import sha256
from typing import Any

from flask import request, url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.appointments.errors import OutsideHours
from clinic.appointments.queries.replanning import WAITING, Replan, ReplanVisit, visits_of
from clinic.appointments.routes import blueprint
from clinic.appointments.routes.entering import practice
from clinic.appointments.routes.shown import tools
from clinic.appointments.rules import replanning as rules
from clinic.appointments.rules.replanning import Reason, asking_words
from clinic.appointments.rules.spans import Span
from clinic.appointments.service.replanning import (
    agree,
    ask,
    call_off,
    leave,
    look_again,
    put_back,
    require_plan,
    take_back,
)
from clinic.core.days import local
from clinic.core.errors import ClinicError, Taken
from clinic.fhir.store import Store
from clinic.web.errors import status_of
from clinic.web.filters import day, when
from clinic.web.forms import translated
from clinic.web.respond import go, page, shown_mark, toast, unchanged
from clinic.web.transaction import look, transact

_STATES = {
    "open": (_l("To decide"), "todo", ""),
    "asked": (_l("Patient is asked"), "info", "clock"),
    "moved": (_l("Moved"), "ok", "check"),
    "cancelled": (_l("Cancelled"), "mute", "cross"),
    "left": (_l("Left as it is"), "mute", "dash"),
    "back": (_l("Put back"), "acc", "undo"),
}
_WHY = {
    rules.SAME_PROVIDER: _l("same provider"),
    rules.OTHER_PROVIDER: _l("another provider"),
    rules.SAME_DAY: _l("the same day"),
    rules.SAME_PART: _l("the same part of the day"),
    rules.OTHER_PART: _l("another part of the day"),
    rules.OTHER_SITE: _l("another site"),
    rules.SPEAKS: _l("speaks the patient's language"),
}


@blueprint.get("/replans/<plan_id>")
@requires("appointments.read")
def replan(plan_id: str) -> Response:
    """How far the plan is, and one line for every visit."""
    return _page(plan_id)


@blueprint.get("/replans/<plan_id>/lines")
@requires("appointments.read")
def replan_lines(plan_id: str) -> Response:
    """The same without the frame, for the page that renews itself."""
    values = look(lambda store: _read(store, plan_id))
    if shown_mark() == values["mark"]:
        return unchanged()
    return page("appointments/_replan_lines.html", **values, **tools())


@blueprint.post("/replans/<plan_id>/visits/<appointment_id>")
@requires("appointments.write")
def decide_replan(plan_id: str, appointment_id: str) -> Response:
    """Decide on one line: agree to a time, ask the patient, cancel, leave it, or put it back."""
    wanted = request.form.get("act", "")
    at = request.form.get("at", "0")
    place = int(at) if at.isascii() and at.isdigit() and len(at) < 3 else 0
    acts: dict[str, tuple[Callable[[Store], Any], str]] = {
        "agree": (lambda store: agree(store, plan_id, appointment_id, place), _("The visit is moved.")),
        "ask": (lambda store: ask(store, plan_id, appointment_id), _("Times are kept, and the patient is asked.")),
        "cancel": (lambda store: call_off(store, plan_id, appointment_id), _("The visit is cancelled.")),
        "leave": (lambda store: leave(store, plan_id, appointment_id), _("The visit stays as it is.")),
        "back": (lambda store: put_back(store, plan_id, appointment_id), _("The visit is back at its old time.")),
    }
    if wanted not in acts:
        return _page(plan_id, status=422, faults=[_("Choose what shall happen.")])
    return _did(plan_id, *acts[wanted])


@blueprint.post("/replans/<plan_id>/all")
@requires("appointments.write")
def agree_to_all(plan_id: str) -> Response:
    """Move every visit that has a time, each on its own; where one is taken by now the next is tried."""
    lines = look(lambda store: visits_of(store, plan_id))
    open_ = [line for line in lines if line.state == "open" and line.offers]
    faults = [fault for line in open_ if (fault := _first_that_fits(plan_id, line))]
    done = len(open_) - len(faults)
    said = ngettext("%(num)s visit is moved.", "%(num)s visits are moved.", done)
    return _many_done(plan_id, said, faults)


@blueprint.post("/replans/<plan_id>/again")
@requires("appointments.write")
def look_for_times_again(plan_id: str) -> Response:
    """Look for times anew for what is not decided."""
    return _did(plan_id, lambda store: look_again(store, plan_id), "")


@blueprint.post("/replans/<plan_id>/coming")
@requires("appointments.write")
def is_coming_after_all(plan_id: str) -> Response:
    """The provider comes: they can be booked again, and each visit gets its old time where that is still free."""
    moved = transact(lambda store: take_back(store, plan_id))
    names = {line.appointment: line for line in look(lambda store: visits_of(store, plan_id))}
    faults = [fault for id_ in moved if (fault := _put_back(plan_id, names[id_]))]
    done = len(moved) - len(faults)
    said = ngettext("%(num)s visit is back at its old time.", "%(num)s visits are back at their old times.", done)
    return _many_done(plan_id, said, faults)


def _first_that_fits(plan_id: str, line: ReplanVisit) -> str:
    """Move one visit to the first of its times that is still free; says why not."""
    fault = ""
    for at in range(len(line.offers)):
        try:
            transact(lambda store, at=at: agree(store, plan_id, line.appointment, at))  # type: ignore[misc]
        except (Taken, OutsideHours) as taken:
            fault = translated(taken)
            continue
        except ClinicError as error:
            fault = translated(error)
            break
        return ""
    return _("%(name)s: %(why)s", name=line.patient_name, why=fault)


def _put_back(plan_id: str, line: ReplanVisit) -> str:
    try:
        transact(lambda store: put_back(store, plan_id, line.appointment))
    except ClinicError as error:
        return _("%(name)s: %(why)s", name=line.patient_name, why=translated(error))
    return ""


def _many_done(plan_id: str, said: str, faults: list[str]) -> Response:
    """What went well is a toast; what did not stays on the page."""
    if faults:
        return _page(plan_id, status=409, said=said, faults=faults)
    toast(said)
    return go(url_for("appointments.replan", plan_id=plan_id))


def _did(plan_id: str, act: Callable[[Store], Any], words: str) -> Response:
    try:
        transact(act)
    except ClinicError as error:
        return _page(plan_id, status=status_of(error), faults=[translated(error)])
    if words:
        toast(words)
    return go(url_for("appointments.replan", plan_id=plan_id))


def _page(plan_id: str, *, status: int = 200, said: str = "", faults: list[str] | None = None) -> Response:
    values = look(lambda store: _read(store, plan_id))
    given = {"said": said, "faults": faults or [], "asking": asking_words(str(get_locale()))}
    return page("appointments/replan.html", status=status, **given, **values, **tools())


def _read(store: Store, plan_id: str) -> dict[str, Any]:
    found = require_plan(store, plan_id)
    lines = visits_of(store, plan_id)
    for line in lines:
        store.saw_in_list(line.patient_id, "visits of a provider who is out")
    return {
        "plan": found, "lines": lines, "mark": _mark(found, lines), "states": _STATES, "why": why_words,
        "span_words": span_words,
        "waiting": WAITING, "ready": sum(line.state == "open" and bool(line.offers) for line in lines),
    }  # fmt: skip


def _mark(found: Replan, lines: list[ReplanVisit]) -> str:
    said = [(line.appointment, line.state, line.note, len(line.offers)) for line in lines]
    return sha256(repr((found.state, found.round, found.done, found.total, said)).encode()).hexdigest()[:16]


def span_words(span: Span) -> str:
    """From when to when somebody is out; only the days where they are whole."""
    zone = practice().zone
    start, end = local(span.start, zone), local(span.end, zone)
    if start.time() != time() or end.time() != time():
        return _("%(first)s – %(last)s", first=when(span.start), last=when(span.end))
    first, last = start.date(), end.date() - timedelta(days=1)
    return day(first) if first == last else _("%(first)s – %(last)s", first=day(first), last=day(last))


def why_words(reason: Reason) -> str:
    """A reason in words."""
    if reason.kind == rules.DAYS_LATER:
        return str(ngettext("%(num)s day later", "%(num)s days later", reason.number))
    if reason.kind == rules.DAYS_EARLIER:
        return str(ngettext("%(num)s day earlier", "%(num)s days earlier", reason.number))
    return str(_WHY.get(reason.kind, reason.kind))
