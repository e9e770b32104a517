"""Going through answers at the desk, and paper."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import current_actor, requires
from clinic.core.errors import Invalid, Stale
from clinic.fhir.store import Store
from clinic.intake import mapping as m
from clinic.intake import queries
from clinic.intake.printing import Paper, PrintedForm, blank_form, completed_form
from clinic.intake.questionnaire import extensions as ext
from clinic.intake.routes import blueprint
from clinic.intake.routes.frame import LANGUAGES
from clinic.intake.service import review as service
from clinic.intake.service.forms import form_of
from clinic.pdf import Printed, pdf_response, print_pdf
from clinic.registration.banner import Banner, banner_of
from clinic.registration.mapping.names import display_name
from clinic.registration.mapping.patient import record_number
from clinic.web.filters import now
from clinic.web.forms import ScreenForm, said
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, transact


@blueprint.get("/answers/<response_id>")
@requires("intake.read")
def review(response_id: str) -> Response:
    """Old beside new for the record, and every answer."""
    return _show(response_id)


def _show(response_id: str, status: int = 200, *, note: str = "", faults: dict[str, str] | None = None) -> Response:
    def work(store: Store) -> tuple[service.Review, PrintedForm, Banner | None]:
        found = service.review_of(store, response_id)
        whose = banner_of(store, found.patient["id"], what="answers") if found.patient else None
        return found, _completed(store, found), whose

    found, printed, whose = look(work)
    version = str(found.patient.get("meta", {}).get("versionId", ""))
    form = ScreenForm(None, version=version)
    return page(
        "intake/review.html",
        status,
        review=found,
        printed=printed,
        form=form,
        note=note,
        faults=faults or {},
        ticked=_ticked(found),
        banner=whose,
        decided=_decided(found),
        spoken=LANGUAGES.get(m.language_of(found.response), ("",))[0],
    )


def _ticked(found: service.Review) -> set[str]:
    """What is ticked: what was just sent, or all that is simple when somebody asked for it."""
    if request.method == "POST":
        return set(request.form.getlist("accept"))
    if request.args.get("tick") != "simple":
        return set()
    return {change.key for change in found.changes if change.open and not change.risky}


def _decided(found: service.Review) -> dict[str, Any]:
    holder = next(ext.every(found.response, m.REVIEW), None)
    if holder is None:
        return {}
    parts = {name: [ext.value_of(part) for part in ext.every(holder, name)] for name in ("accepted", "refused")}
    words = {name: [_(service.LABELS.get(str(key), str(key))) for key in keys] for name, keys in parts.items()}
    return {**words, "at": ext.first(holder, "at"), "by": ext.first(holder, "by")}


@blueprint.post("/answers/<response_id>")
@requires("intake.review")
def decide(response_id: str) -> Response:
    """Write what was accepted; the rest stays in the answers."""
    form = ScreenForm(request.form)
    accepted = frozenset(name for name in request.form.getlist("accept") if name in service.LABELS)
    try:
        transact(lambda store: service.decide(store, response_id, accepted, patient_version=form.loaded_version))
    except Stale:
        words = _("The record was changed by somebody else meanwhile. This is how it stands now; nothing was written.")
        return _show(response_id, 409, note=words)
    except Invalid as error:
        faults = {detail.field: said(detail) for detail in error.details}
        return _show(response_id, 422, note=_(error.message), faults=faults)
    toast(_("The answers are gone through."))
    following = look(lambda store: _next_of(store, response_id))
    return go(url_for("intake.review", response_id=following) if following else url_for("intake.forms"))


def _next_of(store: Store, response_id: str) -> str:
    """Another form of the same patient that waits to be gone through; "" when there is none."""
    patient_id = m.patient_of(store.read("QuestionnaireResponse", response_id))
    rows = queries.responses(store, review="open", patient_id=patient_id)[0] if patient_id else []
    return next((row.id for row in rows if row.status != "in-progress"), "")


def _completed(store: Store, found: service.Review, language: str = "", second: str = "") -> PrintedForm:
    response, patient = found.response, found.patient
    desk = store.practice.language
    chosen = language or desk
    about = {
        "code": response["id"],
        "authored": str(response.get("authored", "")),
        "patient": {
            "name": display_name(patient) if patient else "",
            "birth_date": str(patient.get("birthDate", "")),
            "record_number": record_number(patient) if patient else "",
        },
    }
    return completed_form(found.form, found.answers, Paper(chosen, second, store.practice.zone), about=about)


@blueprint.get("/answers/<response_id>/print")
@requires("print.read")
def print_response(response_id: str) -> Response:
    """The answered form as a PDF, in the language it was read in with the desk's beside it."""

    def work(store: Store) -> PrintedForm:
        found = service.review_of(store, response_id)
        language = _language(m.language_of(found.response))
        desk = store.practice.language
        printed = _completed(store, found, language, "" if language == desk else desk)
        store.did("print", "answered form", m.patient_of(found.response))
        return printed

    form = look(work)
    patient = form.patient or {}
    facts = (patient.get("name"), patient.get("birth_date"), patient.get("record_number"))
    printed = Printed(
        form.title.text,
        current_actor().name,
        now(),
        version=form.version,
        code=form.code,
        patient_line=", ".join(fact for fact in facts if fact),
    )
    document = print_pdf("intake_form.html", printed, form=form, language=form.language)
    return pdf_response(document, "form")


def _language(code: str) -> str:
    return code if code in LANGUAGES else "en"


@blueprint.get("/blank/<questionnaire_id>")
@requires("print.read")
def print_blank(questionnaire_id: str) -> Response:
    """A form to fill in by pen, in a chosen language."""
    wanted = _language(request.args.get("language", ""))
    both = request.args.get("second", "")

    def work(store: Store) -> PrintedForm:
        questionnaire = store.read("Questionnaire", questionnaire_id)
        paper = Paper(wanted, both if both in LANGUAGES and both != wanted else "", store.practice.zone)
        return blank_form(form_of(questionnaire), paper, code=questionnaire_id)

    form = look(work)
    printed = Printed(form.title.text, "", now(), version=form.version, code=form.code)
    document = print_pdf("intake_form.html", printed, keep=True, form=form, language=form.language)
    return pdf_response(document, "blank-form")
