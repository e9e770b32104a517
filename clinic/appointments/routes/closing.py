"""Closed time: one dialog for leave, holidays, closures and maintenance, and the list of what is closed."""

from __future__ import annotations

from datetime import time, timedelta
from hashlib import sha256
from itertools import groupby
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.appointments.errors import NO_CLOSED_TIME
from clinic.appointments.forms import ClosingForm, known_day
from clinic.appointments.mapping.absence import batch_of
from clinic.appointments.queries.closing import (
    PAGE,
    HitVisit,
    Wanted,
    closed_time,
    closed_times,
    visits_hit,
    years_after,
)
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.routes import blueprint
from clinic.appointments.routes.entering import practice
from clinic.appointments.routes.listing import page_number
from clinic.appointments.routes.replan import span_words
from clinic.appointments.routes.shown import tools
from clinic.appointments.rules.closing import KINDS, MOST_YEARS, Closing, closables, whole_practice, yearly
from clinic.appointments.rules.setup import Setup
from clinic.appointments.rules.spans import Span
from clinic.appointments.service.absences import close_again, close_time, take_back
from clinic.core.days import local
from clinic.core.errors import ClinicError, Missing
from clinic.fhir.store import Store
from clinic.web.errors import status_of
from clinic.web.filters import today
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, once, transact

KIND_WORDS = {
    "leave": (_l("Leave"), "acc"),
    "illness": (_l("Illness"), "warn"),
    "holiday": (_l("Holiday"), "info"),
    "closure": (_l("Closure"), "mute"),
    "maintenance": (_l("Maintenance"), "todo"),
    "": (_l("Away"), "mute"),
}
_SORTS = (("site", _l("Sites")), ("provider", _l("Providers")), ("room", _l("Rooms")), ("device", _l("Devices")))
_FIELDS = ("first", "first_time", "last", "last_time", "reason", "kind", "years")


@blueprint.get("/closings")
@requires("appointments.read")
def closings() -> Response:
    """What is closed from now on or was, searched by whom, what and why."""
    args = request.args
    wanted = Wanted(args.get("q", "")[:80].strip(), args.get("when") == "past", page_number())
    rows, total = look(lambda store: closed_times(store, calendar_setup(store), wanted))
    first = (wanted.page - 1) * PAGE + 1
    values: dict[str, Any] = {"rows": rows, "total": total, "wanted": wanted, "first": first, "size": PAGE}
    return page("appointments/closings.html", **values, **_words())


@blueprint.get("/closings/new")
@requires("appointments.close")
def new_closing() -> Response:
    """Who or what is closed and when; the visits that are hit are seen before anything is saved."""
    return _form_page(_asked())


@blueprint.get("/closings/new/hits")
@requires("appointments.close")
def closing_hits() -> Response:
    """The visits that the entered time meets, without the frame."""
    return _form_page(_asked(), template="appointments/_closing_hits.html")


@blueprint.post("/closings/new")
@requires("appointments.close")
def save_closing() -> Response:
    """Close the time, once the visits that are hit were seen; they stay booked and stand in a list."""
    form = ClosingForm(request.form)
    try:
        closing = look(lambda store: _closing(form, calendar_setup(store)))
        hits = look(lambda store: _hits(store, closing))
        if hits and form.shown.data != _mark(hits):
            return _form_page(form, status=409, unseen=True)
        key = str(form.once.data or "")[:80]
        slot = transact(lambda store: once(store, key, lambda: close_time(store, closing)))
    except ClinicError as error:
        form.show(error)
        return _form_page(form, status=status_of(error))
    batch = batch_of(slot)
    toast(_("The time is closed."), url_for("appointments.open_closing", key=batch, all=1))
    return go(url_for("appointments.closing", key=batch))


@blueprint.get("/closings/<key>")
@requires("appointments.read")
def closing(key: str) -> Response:
    """One of them: of whom, when and why, and the visits that are still booked in it."""

    def read(store: Store) -> dict[str, Any]:
        setup = calendar_setup(store)
        found = closed_time(store, setup, key)
        if found is None:
            raise Missing(NO_CLOSED_TIME)
        hits = _seen(store, visits_hit(store, [one.key for one in found.who], [found.span]))
        return {"shut": found, "groups": _groups(setup, hits), "years": years_after(store, key)}

    return page("appointments/closing.html", **look(read), **_words())


@blueprint.post("/closings/<key>/open")
@requires("appointments.close")
def open_closing(key: str) -> Response:
    """Take it back: the time can be booked again, and who waits for it hears of it."""
    following = request.values.get("all") == "1"
    count = transact(lambda store: take_back(store, key, following=following))
    said = ngettext("%(num)s closed time was taken back.", "%(num)s closed times were taken back.", count)
    toast(said, url_for("appointments.close_again_", key=key))
    return go(url_for("appointments.closings"))


@blueprint.post("/closings/<key>/again")
@requires("appointments.close")
def close_again_(key: str) -> Response:
    """Close it again within the minute."""
    transact(lambda store: close_again(store, key))
    toast(_("The time is closed."))
    return go(url_for("appointments.closings"))


def _asked() -> ClosingForm:
    """The form as an address says it: for a day, somebody, or as it was entered so far."""
    args = request.args
    values: dict[str, Any] = {name: args[name][:200] for name in _FIELDS if name in args}
    values.setdefault("first", known_day(args.get("day", ""), today()).isoformat())
    values.setdefault("last", values["first"])
    values.setdefault("kind", "leave")
    values |= {"who": [key[:80] for key in args.getlist("who")[:600]], "whole": args.get("whole") in ("y", "1")}
    return ClosingForm.of_request(**values)


def _closing(form: ClosingForm, setup: Setup) -> Closing:
    """What the form says; the kind's own word when no reason was given. Raises Invalid."""
    found = practice()
    span = form.read_span(today=today(), zone=found.zone, order=found.date_order)
    who = whole_practice(setup) if form.whole.data else tuple(dict.fromkeys(form.who.data or ()))
    kind = str(form.kind.data or "")
    words = str(form.reason.data or "").strip() or (str(KIND_WORDS[kind][0]) if kind in KINDS else "")
    return Closing(who, span, kind, words, int(form.years.data or 0))


def _hits(store: Store, closing: Closing) -> list[HitVisit]:
    years = min(max(closing.years, 0), MOST_YEARS)
    if closing.span.end <= closing.span.start:
        return []
    return _seen(store, visits_hit(store, closing.who, yearly(closing.span, years, store.practice.zone)))


def _seen(store: Store, hits: list[HitVisit]) -> list[HitVisit]:
    for one in hits:
        store.saw_in_list(one.patient_id, "visits in closed time")
    return hits


def _mark(hits: list[HitVisit]) -> str:
    said = [(one.id, one.start) for one in hits]
    return sha256(repr(said).encode()).hexdigest()[:24]


def _groups(setup: Setup, hits: list[HitVisit]) -> list[tuple[Any, list[HitVisit]]]:
    """The visits by whom or what is closed, in the order in which these are shown."""
    known = closables(setup)
    order = {key: number for number, key in enumerate(known)}
    in_order = sorted(hits, key=lambda one: (order.get(one.by, len(order)), one.by, one.start))
    return [(known.get(key), list(some)) for key, some in groupby(in_order, key=lambda one: one.by)]


def _form_page(
    form: ClosingForm, *, status: int = 200, template: str = "appointments/closing_new.html", unseen: bool = False
) -> Response:
    """The form with the visits that are hit, when it says who and when."""
    setup = look(calendar_setup)
    hits: list[HitVisit] = []
    span: Span | None = None
    try:
        entered = _closing(form, setup)
        span = entered.span
        hits = look(lambda store: _hits(store, entered)) if entered.who else []
    except ClinicError as error:
        if not any(form[name].errors for name in form._fields):
            form.show(error)
    form.shown.data = _mark(hits) if hits else ""
    form.kind.choices = [(kind, KIND_WORDS[kind][0]) for kind in KINDS]
    form.years.choices = [(0, _("no"))] + [
        (count, ngettext("for %(num)s more year", "for %(num)s more years", count)) for count in (1, 2, 3, 5, 10)
    ]
    sorts = [(code, words, [one for one in closables(setup).values() if one.kind == code]) for code, words in _SORTS]
    values: dict[str, Any] = {
        "form": form, "sorts": [sort for sort in sorts if sort[2]], "ticked": frozenset(form.who.data or ()),
        "groups": _groups(setup, hits), "asked": span is not None and bool(form.whole.data or form.who.data),
        "unseen": unseen, "asked_span": span,
    }  # fmt: skip
    return page(template, status=status, **values, **_words())


def _words() -> dict[str, Any]:
    return {"kind_words": KIND_WORDS, "span_words": span_words, "out_values": _out_values, **tools()}


def _out_values(provider: str, span: Span, reason: str) -> dict[str, str]:
    """What the address of "Provider is out" says for the same provider and time."""
    zone = practice().zone
    start, end = local(span.start, zone), local(span.end, zone)
    given = {"provider": provider, "first": f"{start:%Y-%m-%d}", "reason": reason}
    if start.time() == end.time() == time():
        return given | {"last": f"{end - timedelta(days=1):%Y-%m-%d}"}
    return given | {"first_time": f"{start:%H:%M}", "last": f"{end:%Y-%m-%d}", "last_time": f"{end:%H:%M}"}
