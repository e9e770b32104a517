"""The forms that patients fill in: bringing in, publishing, retiring."""

from __future__ import annotations

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.core.errors import N_, ClinicError, Invalid
from clinic.core.json import BadJson, loads
from clinic.core.names import fold
from clinic.intake.service.forms import add_form, list_forms, set_status
from clinic.management.forms import ImportForm
from clinic.management.routes import blueprint
from clinic.management.routes.paging import cut
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, transact

_LARGEST = 4 * 1024 * 1024
_NO_FILE = N_("Choose a file first.")
_TOO_LARGE = N_("This file is larger than a form can be (4 MB).")
_NOT_JSON = N_("This file is not readable as JSON: %(reason)s")
_NOT_FORM = N_("This file is not a FHIR Questionnaire.")


@blueprint.get("/forms")
@requires("management.setup")
def forms() -> Response:
    """Every form of the practice."""
    return _show(ImportForm())


@blueprint.post("/forms")
@requires("management.setup")
def import_form() -> Response:
    """Bring a form in; what it asks for and this product cannot do is listed with it."""
    form = ImportForm(request.form)
    if not form.validate():
        return _show(form, 422)
    try:
        questionnaire = _uploaded()
        kept, read = transact(lambda store: add_form(store, questionnaire))
    except ClinicError as error:
        error.field = error.field if error.field in form else "file"
        form.show(error)
        return _show(form, 422)
    toast(_("“%(title)s” is in the list. Things to check: %(count)s.", title=kept.get("title") or kept["id"],
            count=len(read.notices)))  # fmt: skip
    return go(url_for("management.forms"))


@blueprint.post("/forms/<form_id>/<status>")
@requires("management.setup")
def set_form_status(form_id: str, status: str) -> Response:
    """Publish or retire a form; answers given on it stay."""
    if status not in ("active", "retired"):
        raise Invalid(N_("A form is active or retired."))
    transact(lambda store: set_status(store, form_id, status))
    back = "retired" if status == "active" else "active"
    words = _("The form can be handed out.") if status == "active" else _("The form is retired.")
    toast(words, url_for("management.set_form_status", form_id=form_id, status=back))
    return go(url_for("management.forms"))


def _uploaded() -> dict[str, object]:
    given = request.files.get("file")
    if given is None or not given.filename:
        raise Invalid(_NO_FILE, field="file")
    text = given.read(_LARGEST + 1)
    if len(text) > _LARGEST:
        raise Invalid(_TOO_LARGE, field="file")
    try:
        found = loads(text)
    except BadJson as error:
        raise Invalid(_NOT_JSON, field="file", reason=str(error)) from error
    if not isinstance(found, dict) or found.get("resourceType") != "Questionnaire":
        raise Invalid(_NOT_FORM, field="file")
    return found


def _show(form: ImportForm, status: int = 200) -> Response:
    text = fold(request.args.get("q", "").strip())
    rows = [row for row in look(list_forms) if text in fold(row.title)]
    rows.sort(key=lambda row: (row.status == "retired", fold(row.title)))
    return page("management/forms.html", status, form=form, paged=cut(rows), q=request.args.get("q", ""))
