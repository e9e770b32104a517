"""The report of deliberate overbookings: searched, counted, and as a file."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Response as FlaskResponse
from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.appointments.forms import known_day
from clinic.appointments.queries.overbooked import PAGE, Wanted, all_overbooked, counts
from clinic.appointments.queries.overbooked import overbooked as find_overbooked
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.routes import blueprint
from clinic.appointments.routes.listing import page_number
from clinic.appointments.routes.shown import status_words, tools
from clinic.core.csvline import csv_line
from clinic.core.days import local
from clinic.fhir.store import Store
from clinic.web.filters import today
from clinic.web.respond import page
from clinic.web.transaction import look

_DAYS_BACK = 30


@blueprint.get("/overbooked")
@requires("appointments.overbook")
def overbooked() -> Response:
    """Who was booked beside somebody else, by whom and why; counted by provider and by who did it."""
    wanted = _wanted(today())

    def read(store: Store) -> dict[str, Any]:
        store.did("search", f"overbookings of {wanted.first} to {wanted.last}")
        rows, total = find_overbooked(store, wanted)
        return {"rows": rows, "total": total, "counts": counts(store, wanted), "setup": calendar_setup(store)}

    found = look(read)
    first = (wanted.page - 1) * PAGE + 1
    kept = {"q": wanted.words, "first": wanted.first, "last": wanted.last, "provider": wanted.provider}
    return page("appointments/overbooked.html", wanted=wanted, first=first, kept=kept, size=PAGE, **found, **tools())


@blueprint.get("/overbooked.csv")
@requires("appointments.overbook")
def overbooked_file() -> Response:
    """The same report as a file; that it was taken out is noted."""
    text = look(lambda store: _file(store, _wanted(today())))
    headers = {"Content-Disposition": 'attachment; filename="overbooked.csv"'}
    return FlaskResponse("\ufeff" + text, mimetype="text/csv", headers=headers)


def _file(store: Store, wanted: Wanted) -> str:
    store.did("export", f"overbookings of {wanted.first} to {wanted.last}")
    zone = store.practice.zone
    head = [
        _("Time"),
        _("Patient"),
        _("With"),
        _("Visit type"),
        _("Reason"),
        _("Booked by"),
        _("Booked at"),
        _("State"),
    ]
    lines = [csv_line(head)]
    for row in all_overbooked(store, wanted):
        start, at = (f"{local(moment, zone):%Y-%m-%d %H:%M}" for moment in (row.start, row.at))
        word = status_words(row.status)[0]
        cells = [start, row.patient_name, row.provider_name, row.type_name, row.reason, row.author_name, at, word]
        lines.append(csv_line(cells))
    return "".join(lines)


def _wanted(now: date) -> Wanted:
    args = request.args
    first = known_day(args.get("first", ""), now - timedelta(days=_DAYS_BACK))
    last = known_day(args.get("last", ""), max(first, now + timedelta(days=_DAYS_BACK)))
    return Wanted(
        first=min(first, last),
        last=max(first, last),
        provider=args.get("provider", "")[:64],
        words=args.get("q", "")[:80].strip(),
        page=page_number(),
    )
