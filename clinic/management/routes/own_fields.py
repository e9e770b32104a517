"""The practice's own fields: adding, changing, retiring, bringing back."""

from __future__ import annotations

from typing import Any

from flask import current_app, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.core.errors import ClinicError, Missing, Stale
from clinic.core.json import Json
from clinic.core.names import fold
from clinic.fhir.store import Store
from clinic.management.own_fields import OwnFieldForm, field_from, filled, words_of
from clinic.management.routes import blueprint
from clinic.management.routes.paging import cut
from clinic.registration.mapping.own import field_of
from clinic.registration.own_form import forget_own_fields
from clinic.registration.queries.own import own_fields as fields_of
from clinic.registration.queries.own import used
from clinic.registration.rules.own import OwnField
from clinic.registration.service.own import delete_field, save_field, set_field_active
from clinic.web.respond import go, page, toast
from clinic.web.state import state_of
from clinic.web.transaction import look, once, transact


@blueprint.get("/own-fields")
@requires("management.setup")
def own_fields() -> Response:
    """Every field of the practice's own, those in use first."""
    text = fold(request.args.get("q", "").strip())
    found, counts = look(lambda store: (fields_of(store), used(store)))
    rows = [
        {"field": one, "used": counts.get(one.key, 0), **words_of(one)}
        for one in sorted(found, key=lambda one: not one.active)
        if text in fold(f"{one.key} {' '.join(one.labels.values())}")
    ]
    return page("management/own_fields.html", paged=cut(rows), q=request.args.get("q", ""))


@blueprint.get("/own-fields/new")
@requires("management.setup")
def new_own_field() -> Response:
    """An empty form."""
    return page("management/own_field.html", form=OwnFieldForm.of_request(), one=None, used=0)


@blueprint.post("/own-fields/new")
@requires("management.setup")
def add_own_field() -> Response:
    """Add a field; it stands in the registration form at once."""
    return _save("")


@blueprint.get("/own-fields/<field_id>")
@requires("management.setup")
def own_field(field_id: str) -> Response:
    """One field, to change."""
    one, count = look(lambda store: _one(store, field_id))
    return page("management/own_field.html", form=OwnFieldForm.of_request(**filled(one)), one=one, used=count)


@blueprint.post("/own-fields/<field_id>")
@requires("management.setup")
def change_own_field(field_id: str) -> Response:
    """Keep what was changed."""
    return _save(field_id)


@blueprint.post("/own-fields/<field_id>/retire")
@requires("management.setup")
def retire_own_field(field_id: str) -> Response:
    """Ask for it no longer; what patients have stays."""
    transact(lambda store: set_field_active(store, _one(store, field_id)[0].id, active=False))
    forget_own_fields(state_of(current_app))
    toast(_("The field is retired; values stay."), url_for("management.restore_own_field", field_id=field_id))
    return go(url_for("management.own_fields"))


@blueprint.post("/own-fields/<field_id>/restore")
@requires("management.setup")
def restore_own_field(field_id: str) -> Response:
    """Ask for it again."""
    transact(lambda store: set_field_active(store, _one(store, field_id)[0].id, active=True))
    forget_own_fields(state_of(current_app))
    toast(_("The field is in use again."), url_for("management.retire_own_field", field_id=field_id))
    return go(url_for("management.own_fields"))


@blueprint.post("/own-fields/<field_id>/delete")
@requires("management.setup")
def delete_own_field(field_id: str) -> Response:
    """Take a field away that nobody filled in."""
    try:
        transact(lambda store: delete_field(store, _one(store, field_id)[0].id))
    except ClinicError as error:
        if error.kind != "conflict":
            raise
        one, count = look(lambda store: _one(store, field_id))
        form = OwnFieldForm(None, **filled(one))
        form.show(error)
        return page("management/own_field.html", 409, form=form, one=one, used=count)
    forget_own_fields(state_of(current_app))
    toast(_("The field is deleted; nobody had a value of it."))
    return go(url_for("management.own_fields"))


def _save(field_id: str) -> Response:
    form = OwnFieldForm(request.form)
    one, count = look(lambda store: _one(store, field_id)) if field_id else (None, 0)
    try:
        if form.validate():
            transact(lambda store: _write(store, form, one))
            forget_own_fields(state_of(current_app))
            toast(_("Saved."))
            return go(url_for("management.own_fields"))
    except Stale as error:
        form.version.data = error.current["meta"]["versionId"]
        form.show(error)
    except ClinicError as error:
        if error.kind == "missing":
            raise
        form.show(error)
    return page("management/own_field.html", 422, form=form, one=one, used=count)


def _write(store: Store, form: OwnFieldForm, one: OwnField | None) -> Json:
    wanted = field_from(form, key=one.key if one else "")
    if one:
        return save_field(store, wanted, one.id, version=form.loaded_version)
    return once(store, str(form.once.data or ""), lambda: save_field(store, wanted))


def _one(store: Store, field_id: str) -> tuple[OwnField, Any]:
    one = field_of(store.read("StructureDefinition", field_id))
    if one is None:
        raise Missing("There is no such page or record.")
    return one, used(store).get(one.key, 0)
