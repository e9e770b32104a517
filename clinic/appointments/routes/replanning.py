"""A provider is out: who is hit is seen first, then a plan for all their visits is made."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.appointments.forms import ReplanForm, known_day
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.queries.replanning import PAGE, Hit, hit_by, plan_of_slot
from clinic.appointments.queries.replanning import replans as all_replans
from clinic.appointments.routes import blueprint
from clinic.appointments.routes.entering import practice
from clinic.appointments.routes.listing import page_number
from clinic.appointments.routes.replan import span_words
from clinic.appointments.routes.shown import choices, tools
from clinic.appointments.rules.spans import Span
from clinic.appointments.service.replanning import begin
from clinic.core.days import instant_text
from clinic.core.errors import ClinicError
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.web.errors import status_of
from clinic.web.filters import today
from clinic.web.respond import go, page
from clinic.web.transaction import look, once, transact

_FIELDS = ("provider", "first", "first_time", "last", "last_time", "reason")


@blueprint.get("/replans")
@requires("appointments.read")
def replans() -> Response:
    """Providers who were out, and how far the plan for their visits is."""
    number = page_number()
    rows, total = look(lambda store: all_replans(store, number))
    first = (number - 1) * PAGE + 1
    values: dict[str, Any] = {
        "rows": rows,
        "total": total,
        "number": number,
        "first": first,
        "size": PAGE,
        "span_words": span_words,
    }
    return page("appointments/replans.html", **values, **tools())


@blueprint.get("/replans/new")
@requires("appointments.write")
def new_replan() -> Response:
    """Who is out and when; the visits that are hit are seen before anything is saved."""
    values = {name: request.args[name][:200] for name in _FIELDS if name in request.args}
    day = known_day(request.args.get("day", ""), today()).isoformat()
    values.setdefault("first", day)
    values.setdefault("last", values["first"])
    return _form_page(ReplanForm.of_request(**values))


@blueprint.post("/replans/new")
@requires("appointments.write")
def begin_replan() -> Response:
    """Say that the provider is out, and look for the best new times of all the visits that were seen."""
    form = ReplanForm(request.form)
    provider, key = str(form.provider.data or "")[:64], str(form.once.data or "")[:80]
    try:
        span = _span(form)
        if form.shown.data != _shown(provider, span):
            return _form_page(form)
        reason = str(form.reason.data or "")
        work = lambda store: once(store, key, lambda: begin(store, provider, span, reason=reason))  # noqa: E731
        slot: Json = transact(work)
    except ClinicError as error:
        form.show(error)
        return _form_page(form, status=status_of(error))
    return go(url_for("appointments.replan", plan_id=look(lambda store: plan_of_slot(store, slot["id"]))))


def _span(form: ReplanForm) -> Span:
    found = practice()
    return form.read_span(today=today(), zone=found.zone, order=found.date_order)


def _shown(provider: str, span: Span) -> str:
    return "/".join((provider, instant_text(span.start), instant_text(span.end)))


def _form_page(form: ReplanForm, *, status: int = 200) -> Response:
    """The form with the visits that are hit, when it says who and when."""
    setup = look(calendar_setup)
    form.place_providers([("", str(_("Choose"))), *choices(setup)["provider"]])
    hits: list[Hit] = []
    known = setup.provider(str(form.provider.data or "")) is not None
    form.shown.data = ""
    if known:
        try:
            span = _span(form)
        except ClinicError as error:
            form.show(error)
            status = status_of(error) if request.method == "POST" else status
        else:
            form.shown.data = _shown(str(form.provider.data), span)
            hits = look(lambda store: _hits(store, str(form.provider.data), span))
    values: dict[str, Any] = {"hits": hits, "seen": bool(form.shown.data), "longest": timedelta(days=60).days}
    return page("appointments/replan_new.html", status=status, form=form, **values, **tools())


def _hits(store: Store, provider: str, span: Span) -> list[Hit]:
    found = hit_by(store, provider, span)
    for one in found:
        store.saw_in_list(one.affected.patient_id, "visits of a provider who is out")
    return found
