"""Counting my drawer without knowing what it should hold, then comparing, explaining and closing."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import current_actor, requires
from clinic.cash import queries, service
from clinic.cash.forms import TENDER_WORDS, CloseForm, CountForm, pieces_of
from clinic.cash.routes import blueprint
from clinic.cash.rules import CASH, PIECES
from clinic.core.errors import ClinicError, Missing
from clinic.core.ids import new_token
from clinic.fhir.store import Store
from clinic.pdf import Printed, pdf_response, print_pdf
from clinic.web.forms import ScreenForm
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, transact


@blueprint.get("/close")
@requires("cash.read")
def close() -> Response:
    """The count of my drawer, and after it what was expected."""
    return _close()


@blueprint.post("/close/count")
@requires("cash.write")
def count() -> Response:
    """Seal my count."""
    form = CountForm.of_request()
    currency = look(lambda store: store.practice.currency)
    pieces, faults = pieces_of(request.form, currency)
    if not form.validate() or faults:
        return _close(422, count_form=form, faults=faults, typed=request.form)
    try:
        transact(lambda store: service.seal_count(store, pieces, version=form.loaded_version))
    except ClinicError as error:
        form.show(error)
        return _close(409 if error.kind == "conflict" else 422, count_form=form, typed=request.form)
    return go(url_for("cash.close"))


@blueprint.post("/close/again")
@requires("cash.write")
def count_again() -> Response:
    """Break the seal of my count and count once more."""
    form = CountForm.of_request()
    if not form.validate():
        return _close(422, count_form=form)
    transact(lambda store: service.count_again(store, version=form.loaded_version))
    return go(url_for("cash.close"))


@blueprint.post("/close")
@requires("cash.write")
def finish() -> Response:
    """Close my counted drawer."""
    form = CloseForm.of_request()
    if not form.validate():
        return _close(422, close_form=form)
    try:
        closed = transact(lambda s: service.close_till(s, form.reason.data or "", version=form.loaded_version))
    except ClinicError as error:
        form.show(error)
        return _close(409 if error.kind == "conflict" else 422, close_form=form)
    toast(_("Your till is closed"))
    return go(url_for("cash.closed", till_id=closed.id))


@blueprint.get("/closed/<till_id>")
@requires("cash.read")
def closed(till_id: str) -> Response:
    """A drawer that was closed: its count, what was expected, and the reason for a difference."""
    return page("cash/close.html", **look(lambda store: _closed_values(store, till_id)))


@blueprint.get("/closed/<till_id>/pdf")
@requires("print.read")
def closed_pdf(till_id: str) -> Response:
    """The sheet of a closed drawer, to sign and hand over."""

    def load(store: Store) -> tuple[dict[str, Any], Printed]:
        values = _closed_values(store, till_id)
        store.did("print", "day close")
        return values, Printed(title=_("Close of a till"), by=store.actor.name, at=store.now, code=till_id)

    values, printed = look(load)
    return pdf_response(print_pdf("day_close.html", printed, tenders=TENDER_WORDS, **values), "till")


def _close(status: int = 200, *, faults: Any = None, typed: Any = None, **forms: ScreenForm) -> Response:
    values = look(_values)
    mine = values["mine"]
    if mine is None:
        return go(url_for("cash.till"))
    version = str(mine.version)
    shown: dict[str, Any] = {
        "count_form": CountForm(None, once=new_token(), version=version),
        "close_form": CloseForm(None, once=new_token(), version=version),
        "faults": faults or {},
        "typed": typed or {},
        **values,
        **forms,
    }
    return page("cash/close.html", status, **shown)


def _values(store: Store) -> dict[str, Any]:
    mine = queries.open_till(store.conn, current_actor().id)
    rows = queries.payments_of(store.conn, mine.id) if mine else []
    return {"mine": mine, **_sums(mine, rows, store.practice.currency)}


def _closed_values(store: Store, till_id: str) -> dict[str, Any]:
    found = queries.till_by_id(store.conn, till_id)
    if found is None or found.state != "closed":
        raise Missing("There is no closed till with this number.")
    rows = queries.payments_of(store.conn, till_id)
    return {"mine": found, "faults": {}, "typed": {}, **_sums(found, rows, store.practice.currency)}


def _sums(till: Any, rows: list[queries.PaymentRow], currency: str) -> dict[str, Any]:
    means = [
        {
            "code": code,
            "word": word,
            "entries": sum(1 for row in rows if row.tender == code),
            "cents": sum(row.cents for row in rows if row.tender == code),
            "difference": till.difference if till and code == CASH and till.sealed else 0,
        }
        for code, word in TENDER_WORDS.items()
    ]
    return {"means": means, "rows": rows, "pieces": PIECES.get(currency, PIECES["USD"])}
