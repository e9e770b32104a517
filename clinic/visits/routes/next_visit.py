"""The next visit at check-out: the times that are offered, booked by one key, or a call when the day comes."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.appointments.service.changes import undo as undo_booking
from clinic.appointments.service.recalls import undo as undo_recall
from clinic.core.days import read_instant
from clinic.core.errors import ClinicError, Invalid
from clinic.core.ids import new_token
from clinic.fhir.store import Store
from clinic.visits.forms import NextForm, RecallForm
from clinic.visits.queries.next_visit import NextTimes, due_of, next_times
from clinic.visits.routes import blueprint, pressed, require_valid
from clinic.visits.routes.leaving import show_panel
from clinic.visits.service.next_visit import NextVisit, book_next, call_later
from clinic.web.errors import status_of
from clinic.web.filters import clock, day, weekday
from clinic.web.forms import translated
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, once, transact


@blueprint.get("/visits/<encounter_id>/check-out/times")
@requires("appointments.write")
def next_visit_times(encounter_id: str) -> Response:
    """The first free times of the days that were ordered or said; a part of the panel that loads by itself."""
    due, order = request.args.get("when", "")[:40], request.args.get("order", "")[:64]
    said, offered = "", None

    def load(store: Store) -> NextTimes:
        return next_times(store, encounter_id, due=due, order=order)

    try:
        offered = look(load)
    except Invalid as error:
        said = translated(error)
    values: dict[str, Any] = {
        "offered": offered,
        "said": said,
        "when": due,
        "once": new_token,
        "lead": "lead" in request.args,
    }
    return page("visits/_next_times.html", encounter_id=encounter_id, **values)


@blueprint.post("/visits/<encounter_id>/check-out/book")
@requires("appointments.write")
def book_next_visit(encounter_id: str) -> Response:
    """Take a time that was offered; a time that is gone says so, with the times that are left."""
    form = NextForm.of_request()
    require_valid(form)
    try:
        wanted = _wanted(form)
        key = str(form.once.data or "")[:80]
        made = transact(lambda store: once(store, key, lambda: book_next(store, encounter_id, wanted)))
    except ClinicError as error:
        return show_panel(encounter_id, status_of(error), next_said=translated(error))
    start, version = read_instant(made["start"]), made["meta"]["versionId"]
    undo = url_for("visits.undo_next", encounter_id=encounter_id, appointment_id=made["id"], version=version)
    toast(_("Next visit: %(day)s, %(time)s", day=weekday(start), time=clock(start)), undo)
    return go(url_for("visits.check_out", encounter_id=encounter_id))


def _wanted(form: NextForm) -> NextVisit:
    try:
        start = read_instant(str(form.start.data))
    except ValueError:
        raise Invalid("Choose a time.") from None
    return NextVisit(start, str(form.provider.data), str(form.visit_type.data), str(form.order.data or ""))


@blueprint.post("/visits/<encounter_id>/check-out/booked/<appointment_id>/undo/<int:version>")
@requires("appointments.write")
def undo_next(encounter_id: str, appointment_id: str, version: int) -> Response:
    """The next visit is not booked after all."""
    pressed()
    transact(lambda store: undo_booking(store, appointment_id, version=version))
    toast(_("Taken back"))
    return go(url_for("visits.check_out", encounter_id=encounter_id))


@blueprint.post("/visits/<encounter_id>/check-out/recall")
@requires("appointments.write")
def recall_later(encounter_id: str) -> Response:
    """No visit now: the patient is called when the day comes."""
    form = RecallForm.of_request()
    if not form.validate():
        return show_panel(encounter_id, 422, next_said=str(next(iter(form.when.errors), "")))
    key, due = str(form.once.data or "")[:80], str(form.when.data)
    try:
        made = transact(lambda store: once(store, key, lambda: call_later(store, encounter_id, due)))
    except ClinicError as error:
        return show_panel(encounter_id, status_of(error), next_said=translated(error), when=due)
    called = look(lambda store: due_of(store, due))
    undo = url_for("visits.undo_recall_later", encounter_id=encounter_id, recall_id=made["id"], version=1)
    toast(_("Will be called: %(day)s", day=day(called)), undo)
    return go(url_for("visits.check_out", encounter_id=encounter_id))


@blueprint.post("/visits/<encounter_id>/check-out/recalled/<recall_id>/undo/<int:version>")
@requires("appointments.write")
def undo_recall_later(encounter_id: str, recall_id: str, version: int) -> Response:
    """The call is not wanted after all."""
    pressed()
    transact(lambda store: undo_recall(store, recall_id, version=version))
    toast(_("Taken back"))
    return go(url_for("visits.check_out", encounter_id=encounter_id))
