"""Check-out: what is left to see to, each answered in place, and the end of the visit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import current_app, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.core.errors import ClinicError
from clinic.pdf import Printed, pdf_response, print_pdf
from clinic.registration.rules.consents import LANGUAGES
from clinic.visits.check_out import check_out_page, labels, leave_the_desk
from clinic.visits.errors import StillOpen
from clinic.visits.forms import LeaveForm, RecallForm, SayForm
from clinic.visits.printing import VisitSummary, line_of, visit_summary_of
from clinic.visits.routes import blueprint, name_of, pressed, require_valid, say_moved
from clinic.visits.rules.leaving import ITEMS, NEXT, open_items
from clinic.visits.service import leaving as service
from clinic.visits.service.leaving import Answer
from clinic.web.errors import status_of
from clinic.web.forms import ScreenForm
from clinic.web.respond import go, page, toast
from clinic.web.state import state_of
from clinic.web.transaction import look, transact


@blueprint.get("/visits/<encounter_id>/check-out")
@requires("visits.read")
def check_out(encounter_id: str) -> Response:
    """Next visit, charges, money, forms, papers: one panel, and what is left of it."""
    return show_panel(encounter_id)


@blueprint.post("/visits/<encounter_id>/check-out/say")
@requires("visits.write")
def say(encounter_id: str) -> Response:
    """One thing is answered, or left with a reason."""
    form = SayForm.of_request()
    if not form.validate():
        return show_panel(encounter_id, 422, say_form=form)
    item, label = str(form.item.data), labels()[str(form.item.data)]
    answer = Answer(item, str(form.how.data), str(form.reason.data or ""), label)
    try:
        transact(lambda store: service.say(store, encounter_id, answer))
    except ClinicError as error:
        form.show(error)
        return show_panel(encounter_id, status_of(error), say_form=form)
    toast(_("%(what)s: noted", what=label), url_for("visits.take_back", encounter_id=encounter_id, item=answer.item))
    return go(url_for("visits.check_out", encounter_id=encounter_id))


@blueprint.post("/visits/<encounter_id>/check-out/take-back/<any({}):item>".format(",".join(ITEMS)))
@requires("visits.write")
def take_back(encounter_id: str, item: str) -> Response:
    """What was said of one thing is taken back, and its task with it."""
    pressed()
    transact(lambda store: service.take_back(store, encounter_id, item))
    toast(_("Taken back"))
    return go(url_for("visits.check_out", encounter_id=encounter_id))


@blueprint.post("/visits/<encounter_id>/leave")
@requires("visits.write")
def leave(encounter_id: str) -> Response:
    """The visit has ended; what is still open is left with a reason."""
    form = LeaveForm.of_request()
    require_valid(form)
    reason, version = str(form.reason.data or ""), form.loaded_version
    try:
        encounter = transact(lambda store: leave_the_desk(store, encounter_id, reason=reason, version=version))
    except StillOpen as error:
        form.show(error)
        return show_panel(encounter_id, status_of(error), leave_form=form)
    say_moved(_("Checked out: %(name)s", name=name_of(encounter)), encounter)
    return go(url_for("visits.today"))


@blueprint.get("/visits/<encounter_id>/summary")
@requires("print.read")
def visit_summary(encounter_id: str) -> Response:
    """The visit on one page for the patient, in their language (`?lang=` for another one)."""
    summary, by, at = look(lambda store: (visit_summary_of(store, encounter_id), store.actor.name, store.now))
    return _print("visit_summary.html", summary, language=_language(summary.language), by=by, at=at)


@blueprint.get("/visits/<encounter_id>/attendance")
@requires("print.read")
def attendance(encounter_id: str) -> Response:
    """That the patient was here, from when to when and not why, for an employer or a school."""
    summary, by, at = look(lambda store: (visit_summary_of(store, encounter_id), store.actor.name, store.now))
    return _print("attendance.html", summary, language=_language(state_of(current_app).practice.language), by=by, at=at)


def _language(usual: str) -> str:
    asked = request.args.get("lang", "")
    return asked if asked in LANGUAGES else usual


def _print(template: str, summary: VisitSummary, *, language: str, by: str, at: datetime) -> Response:
    with force_locale(language):
        title = _("Visit summary") if template == "visit_summary.html" else _("Attestation of attendance")
        printed = Printed(title, by=by, at=at, patient_line=line_of(summary.banner))
    document = print_pdf(template, printed, language=language, summary=summary, until=summary.until or at)
    return pdf_response(document, template.removesuffix(".html").replace("_", "-"))


def show_panel(encounter_id: str, status: int = 200, **more: ScreenForm | str) -> Response:
    """The panel, with what was refused beside it."""
    when = request.args.get("when", "").strip()[:40]
    values = look(lambda store: check_out_page(store, encounter_id))
    shown = {"when": when, "next_said": "", "recall_form": RecallForm.of_request(), **values, **more}
    return page("visits/check_out.html", status, times_url=_times_url(encounter_id, shown), **shown)


def _times_url(encounter_id: str, shown: dict[str, Any]) -> str:
    """Where the times for the next visit load from: of the first order, or when it was said; else empty."""
    order, when = next(iter(shown["found"].orders), None), shown["when"]
    if not when and order is None:
        return ""
    lead = "y" if open_items(shown["items"])[:1] == (NEXT,) else None
    asked: dict[str, Any] = {"when": when or None, "order": order.id if order else None, "lead": lead}
    return url_for("visits.next_visit_times", encounter_id=encounter_id, **asked)
