"""Kinds of flags: which are offered, and the practice's own."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.core.errors import ClinicError, Invalid
from clinic.fhir.store import Store
from clinic.management.forms import ConfirmForm, FlagKindForm
from clinic.management.routes import blueprint
from clinic.registration.queries.flags import all_kinds
from clinic.registration.rules.flags import Kind
from clinic.registration.service.flags import add_kind, use_kind
from clinic.registration.words import flag_word
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, transact


@blueprint.get("/flags")
@requires("management.setup")
def flag_kinds() -> Response:
    """All kinds, with a form for a new one."""
    return _page(FlagKindForm.of_request())


@blueprint.post("/flags")
@requires("management.setup")
def add_flag_kind() -> Response:
    """Add a kind."""
    form = FlagKindForm.of_request()
    if form.validate():
        kind = Kind("", str(form.label.data), str(form.shape.data), str(form.colour.data), bool(form.clinical.data))
        try:
            transact(lambda store: add_kind(store, kind))
        except ClinicError as error:
            form.show(error)
        else:
            toast(_("The kind of flag is added"))
            return go(url_for("management.flag_kinds"))
    return _page(form, 422)


@blueprint.post("/flags/<code>/<any(on, off):state>")
@requires("management.setup")
def use_flag_kind(code: str, state: str) -> Response:
    """Offer a kind, or no longer; what is set stays."""
    form = ConfirmForm(request.form)
    if not form.validate():
        raise Invalid(next(str(error) for field in form for error in field.errors))
    kind = transact(lambda store: use_kind(store, code, active=state == "on"))
    other = url_for("management.use_flag_kind", code=code, state="off" if state == "on" else "on")
    words = _("%(name)s is offered", name=flag_word(kind.label))
    toast(words if state == "on" else _("%(name)s is no longer offered", name=flag_word(kind.label)), other)
    return go(url_for("management.flag_kinds"))


def _page(form: FlagKindForm, status: int = 200) -> Response:
    def load(store: Store) -> dict[str, Any]:
        return {"kinds": all_kinds(store)}

    return page("management/flags.html", status, form=form, confirm=ConfirmForm(), **look(load))
