"""The report of the honest wait: how often what was told came true, by week and provider, as chart, table and file."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Response as FlaskResponse
from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.core.csvline import csv_line
from clinic.fhir.store import Store
from clinic.visits.queries.promises import Kept, Line, promises
from clinic.visits.routes import blueprint
from clinic.visits.screens import today_of
from clinic.web.respond import page
from clinic.web.transaction import look

SPANS = {"7": 7, "30": 30, "90": 90, "365": 365}
_USUAL = "30"
_WEEKLY = 31


@blueprint.get("/waits")
@requires("visits.read")
def waits() -> Response:
    """The report of the last days."""
    span = request.args.get("days", "")
    span = span if span in SPANS else _USUAL
    lines, first, last = look(lambda store: _read(store, span))
    by_week = SPANS[span] > _WEEKLY
    values: dict[str, Any] = {
        "span": span,
        "spans": SPANS,
        "first": first,
        "last": last,
        "total": sum((line.kept for line in lines), Kept()),
        "times": _by_time(lines, by_week=by_week),
        "providers": _by_provider(lines),
        "by_week": by_week,
    }
    return page("visits/waits.html", **values)


@blueprint.get("/waits.csv")
@requires("visits.read")
def waits_file() -> Response:
    """The same as a file, a line for each day and provider; there is no patient in it."""
    span = request.args.get("days", "")

    def load(store: Store) -> list[Line]:
        store.did("export", "waits that were told")
        return _read(store, span if span in SPANS else _USUAL)[0]

    head = (
        _("Day"), _("Provider"), _("Told"), _("Kept"), _("Sooner"), _("Later"), _("Too little known"),
        _("Minutes on average"),
    )  # fmt: skip
    text = csv_line(head) + "".join(_cells(line) for line in look(load))
    headers = {"Content-Disposition": 'attachment; filename="waits.csv"'}
    return FlaskResponse("\ufeff" + text, mimetype="text/csv", headers=headers)


def _cells(line: Line) -> str:
    kept = line.kept
    counts = (kept.told, kept.kept, kept.sooner, kept.later, kept.untold, kept.usual)
    return csv_line((line.day.isoformat(), line.provider_name, *("" if one is None else str(one) for one in counts)))


def _read(store: Store, span: str) -> tuple[list[Line], date, date]:
    last = today_of(store)
    first = last - timedelta(days=SPANS[span] - 1)
    return promises(store, first, last), first, last


def _by_time(lines: list[Line], *, by_week: bool) -> list[tuple[date, Kept]]:
    found: dict[date, Kept] = {}
    for line in lines:
        day = line.day - timedelta(days=line.day.weekday()) if by_week else line.day
        found[day] = found.get(day, Kept()) + line.kept
    return sorted(found.items())


def _by_provider(lines: list[Line]) -> list[tuple[str, Kept]]:
    found: dict[str, tuple[str, Kept]] = {}
    for line in lines:
        _name, kept = found.get(line.provider, ("", Kept()))
        found[line.provider] = (line.provider_name, kept + line.kept)
    return sorted(found.values(), key=lambda one: one[0])
