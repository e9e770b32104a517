"""One visit's sheet: shown, saved as a whole at each press, taken back."""

from __future__ import annotations

from flask import current_app, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import can, requires
from clinic.billing import service
from clinic.billing.forms import RawSheet, SheetForm
from clinic.billing.forms.page import SheetPage, differences, fresh_form, said
from clinic.billing.mapping import sheet_in
from clinic.billing.routes import blueprint
from clinic.billing.rules import Sheet
from clinic.codes.sources import place_names
from clinic.core.errors import Invalid, Stale
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.registration.banner import banner_of
from clinic.web.respond import go, is_fragment, page, toast
from clinic.web.transaction import look, once, transact

_QUIET = ("save", "ready", "reopen")


@blueprint.get("/visits/<encounter_id>")
@requires("billing.read")
def visit(encounter_id: str) -> Response:
    """The sheet of one visit."""
    return _shown(encounter_id)


@blueprint.post("/visits/<encounter_id>")
@requires("billing.write")
def save_visit(encounter_id: str) -> Response:
    """One press on the sheet: everything typed is kept and the deed of the button is done."""
    form, raw = SheetForm.of_request(), RawSheet.of_form(request.form)
    sheet = raw.sheet()
    if not form.validate() or raw.faulty:
        return _refused(encounter_id, form, raw)
    deed = request.form.get("do", "save")[:80]
    change = service.Change(sheet, deed, raw.new_diagnosis, raw.new_line)
    try:
        outcome = transact(lambda store: _work(store, encounter_id, change, form))
    except Stale as stale:
        return _stale(encounter_id, raw, stale)
    except Invalid as error:
        form.show(error)
        return _refused(encounter_id, form, raw)
    return _saved(encounter_id, deed, outcome)


@blueprint.post("/visits/<encounter_id>/undo")
@requires("billing.write")
def undo(encounter_id: str) -> Response:
    """Take the last change of the sheet back."""
    transact(lambda store: service.undo(store, encounter_id, version=None))
    toast(_("The last change was taken back"), url_for("billing.undo", encounter_id=encounter_id))
    return go(url_for("billing.visit", encounter_id=encounter_id))


def _work(store: Store, encounter_id: str, change: service.Change, form: SheetForm) -> service.Outcome:
    done: list[service.Outcome] = []

    def first() -> Json:
        done.append(service.work(store, encounter_id, change, version=form.loaded_version))
        return done[0].claim

    claim = once(store, form.once.data or "", first)
    return done[0] if done else service.Outcome(claim)


def _saved(encounter_id: str, deed: str, outcome: service.Outcome) -> Response:
    name, number = (*deed.split(":"), "")[:2]
    undo_url = "" if name in _QUIET else url_for("billing.undo", encounter_id=encounter_id)
    if outcome.questions or is_fragment():
        news = {"message": said(name, number), "undo_url": undo_url} if undo_url or name != "save" else None
        return _shown(encounter_id, questions=outcome.questions, news=news)
    toast(said(name, number), undo_url or None)
    return go(url_for("billing.visit", encounter_id=encounter_id))


def _refused(encounter_id: str, form: SheetForm, raw: RawSheet) -> Response:
    return _shown(encounter_id, raw=raw, errors=_errors(form), status=422)


def _stale(encounter_id: str, raw: RawSheet, stale: Stale) -> Response:
    theirs = sheet_in(stale.current) if stale.current else Sheet()
    return _shown(encounter_id, raw=raw, theirs=theirs, status=409)


def _errors(form: SheetForm) -> list[str]:
    return [*form.form_errors, *(text for field in form for text in field.errors)]


def _shown(
    encounter_id: str,
    *,
    raw: RawSheet | None = None,
    theirs: Sheet | None = None,
    status: int = 200,
    **values: object,
) -> Response:
    typed = raw.sheet() if raw else None
    opened, banner = look(lambda store: _look(store, encounter_id, typed))
    shown = SheetPage(
        opened,
        raw or RawSheet.of_sheet(opened.sheet),
        fresh_form(opened.version),
        questions=values.pop("questions", {}),  # type: ignore[arg-type]
        differences=differences(theirs, opened.sheet) if theirs is not None else (),
        writable=can("billing.write") and not opened.ready,
    )
    template = "billing/_sheet.html" if is_fragment() else "billing/visit.html"
    shared = {"sheet": shown, "banner": banner, "places": place_names(), "tick_sheet": _tick_sheet(encounter_id)}
    shared["can_write"] = can("billing.write")
    return page(template, status, **shared, **values)


def _look(store: Store, encounter_id: str, typed: Sheet | None) -> tuple[service.VisitSheet, object]:
    opened = service.open_sheet(store, encounter_id, typed)
    patient_id = opened.around.patient.get("id", "")
    if is_fragment() or not patient_id:
        return opened, None
    return opened, banner_of(store, patient_id, what="charges")


def _tick_sheet(encounter_id: str) -> str:
    """Where the tick sheet is printed; nothing in an installation without printing."""
    if "billing.encounter_form" not in current_app.view_functions:
        return ""
    return url_for("billing.encounter_form", encounter_id=encounter_id)
