"""Lists of the day: visits that have an order instead of a time, to be put into another order and printed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import current_actor, requires
from clinic.appointments.forms import known_day
from clinic.appointments.queries.listed import Listed, listed_of
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.routes import blueprint
from clinic.appointments.routes.shown import tools
from clinic.appointments.rules.setup import Setup
from clinic.appointments.service.listed import reorder
from clinic.core.errors import ClinicError
from clinic.fhir.store import Store
from clinic.pdf import Printed, print_pdf
from clinic.pdf.render import pdf_response
from clinic.web.errors import status_of
from clinic.web.filters import day as day_words
from clinic.web.filters import now, today
from clinic.web.forms import translated
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, transact

_MOST = 200
Lists = list[tuple[str, str, list[Listed]]]
"""Each provider with the name and the visits in order."""


@blueprint.get("/lists")
@requires("appointments.read")
def lists() -> Response:
    """The lists of a day, one for each provider who has some."""
    return _page(known_day(request.args.get("day", ""), today()))


@blueprint.post("/lists/order")
@requires("appointments.write")
def order_list() -> Response:
    """Put one list into another order: all of it as it was dropped, or one visit a place up or down."""
    values = request.values
    day, provider = known_day(values.get("day", ""), today()), values.get("provider", "")[:64]
    given = [id_[:64] for id_ in values.get("order", "").split(",")[:_MOST] if id_]
    wanted = _stepped(given, values.get("step", ""))
    try:
        moved = transact(lambda store: {"count": len(reorder(store, provider, day, wanted))})
    except ClinicError as error:
        return _page(day, status=status_of(error), fault=translated(error))
    if moved["count"]:
        back = url_for("appointments.order_list", day=day, provider=provider, order=",".join(given))
        toast(_("The order is changed."), back if wanted != given else None)
    return go(url_for("appointments.lists", day=day))


@blueprint.get("/lists/print")
@requires("print.read")
def print_lists() -> Response:
    """The lists of a day on paper, with address and telephone."""
    day = known_day(request.args.get("day", ""), today())

    def read(store: Store) -> Lists:
        store.did("print", f"lists of {day}")
        return _lists(store, calendar_setup(store), day)

    printed = Printed(_("Lists of %(day)s", day=day_words(day)), by=current_actor().name, at=now())
    return pdf_response(print_pdf("lists.html", printed, lists=look(read), day=day), "lists")


def _stepped(ids: Sequence[str], step: str) -> list[str]:
    """The order after one of them went a place up or down (`id:up`); as given without a step."""
    id_, _colon, where = step.partition(":")
    found = list(ids)
    if id_ in found and where in ("up", "down"):
        at = found.index(id_)
        found.insert(max(0, at - 1) if where == "up" else at + 1, found.pop(at))
    return found


def _page(day: date, *, status: int = 200, fault: str = "") -> Response:
    def read(store: Store) -> dict[str, Any]:
        setup = calendar_setup(store)
        return {"lists": _lists(store, setup, day), "untimed": [one for one in setup.types if one.untimed]}

    days = {"day": day, "before": day - timedelta(days=1), "after": day + timedelta(days=1), "today_": today()}
    return page("appointments/lists.html", status, fault=fault, **days, **look(read), **tools())


def _lists(store: Store, setup: Setup, day: date) -> Lists:
    rows = listed_of(store, setup, day)
    for row in rows:
        store.saw_in_list(row.patient_id, "list of a day")
    groups = groupby(rows, key=lambda row: (row.provider, row.provider_name))
    return [(provider, name, list(some)) for (provider, name), some in groups]
