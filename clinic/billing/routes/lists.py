"""The worklist and the list under a code field."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from flask import abort, render_template, request
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.billing import queries, service
from clinic.billing.queries import State
from clinic.billing.routes import blueprint
from clinic.core.days import local
from clinic.fhir.store import Store
from clinic.web.respond import page
from clinic.web.transaction import look

_STATES: dict[str, State] = {"code": "code", "fix": "fix", "ready": "ready", "all": "all"}


@blueprint.get("/")
@requires("billing.read")
def worklist() -> Response:
    """Visits that wait for codes, for a repair, or are ready."""
    number = request.args.get("page", "1")[:5]
    wanted = queries.WorkFilter(
        _STATES.get(request.args.get("state", ""), "code"),
        request.args.get("q", "")[:80],
        max(int(number), 1) if number.isascii() and number.isdigit() else 1,
    )
    found = look(lambda store: _opened(store, wanted))
    return page("billing/worklist.html", found=found, wanted=wanted, size=queries.PAGE)


def _opened(store: Store, wanted: queries.WorkFilter) -> queries.Worklist:
    """The page; of restricted patients the name and the time alone."""
    found = queries.worklist(store.conn, wanted, before=service.today(store), now=store.now)
    rows = (
        replace(row, reason="", lines=0, total=0, to_fix=0) if store.is_closed(row.patient_id) else row
        for row in found.rows
    )
    return replace(found, rows=tuple(rows))


@blueprint.get("/offers")
@requires("billing.read")
def offers() -> str:
    """The list under a code field, for what has been typed so far."""
    kind, text = request.args.get("kind", "dx"), request.args.get("q", "")[:120]
    if kind not in ("dx", "line", "mod"):
        abort(404)
    found = look(lambda store: service.offers(store, kind, text, _day(store)))
    return render_template("billing/_offers.html", found=found, kind=kind, text=text)


def _day(store: Store) -> date:
    """The day of the visit that the field belongs to; today where none is said."""
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return local(store.now, store.practice.zone).date()
