"""One's own visit that cannot take place as planned: the times that are kept, one of which is taken by the link."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import public
from clinic.appointments.mapping.appointment import span_of
from clinic.appointments.queries.replanning import ReplanVisit
from clinic.appointments.routes import blueprint
from clinic.appointments.routes.own import as_owner, ask_first, proven
from clinic.appointments.routes.phone import home_page, speak
from clinic.appointments.service.links import REPLAN, Link
from clinic.appointments.service.replanning import choose, require_line
from clinic.core.errors import ClinicError
from clinic.fhir.store import Store
from clinic.web.errors import status_of
from clinic.web.filters import clock, day
from clinic.web.forms import translated
from clinic.web.transaction import look


@blueprint.get("/own/<token>/times")
@public
def own_replan(token: str) -> Response:
    """The times that are kept for a visit which cannot take place as planned."""
    speak()
    link = proven(token, REPLAN)
    if link is None:
        return ask_first(token)
    return _page(token, link)


@blueprint.post("/own/<token>/times")
@public
def own_replan_choose(token: str) -> Response:
    """Take one of them."""
    speak()
    link, chosen = proven(token, REPLAN), request.form.get("at", "")
    if link is None or chosen not in ("0", "1", "2"):
        return ask_first(token)
    try:
        moved = as_owner(link, lambda store: choose(store, *_target(link), int(chosen)))
    except ClinicError as error:
        return _page(token, link, status=status_of(error), error=translated(error))
    span = span_of(moved)
    when = _("%(day)s, %(time)s", day=day(span.start, "EEEE d MMMM y"), time=clock(span.start)) if span else ""
    return home_page("appointments/home_said.html", title=_("Your visit has a new time"), said=when)


def _target(link: Link) -> tuple[str, str]:
    plan_id, _colon, appointment_id = link.target.rpartition(":")
    return plan_id, appointment_id


def _page(token: str, link: Link, *, status: int = 200, error: str = "") -> Response:
    line = look(lambda store: _line(store, link))
    return home_page("appointments/own_replan.html", status, line=line, token=token, error=error)


def _line(store: Store, link: Link) -> ReplanVisit:
    line = require_line(store, *_target(link))
    store.saw(line.patient_id, "own times by link")
    return line
