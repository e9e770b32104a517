"""One list and one form for sites, rooms, visit types and providers."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.appointments.errors import StillUsed
from clinic.core.errors import ClinicError, Stale
from clinic.core.ids import new_token
from clinic.core.json import Json
from clinic.core.names import fold
from clinic.fhir.store import Store
from clinic.management import service
from clinic.management.forms import COLOUR_NAMES
from clinic.management.kinds import Kind, Loaded, Values, kind
from clinic.management.routes import blueprint
from clinic.management.routes.paging import cut
from clinic.web.forms import ScreenForm
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, once, transact

_AT = '/<any(providers, "visit-types", sites, rooms, devices):name>'
_CLOSABLE = {"providers": "Practitioner", "sites": "Location", "rooms": "Location", "devices": "Device"}
_FRAME = ("csrf_token", "once", "version")


@blueprint.get(_AT + "/")
@requires("management.setup")
def things(name: str) -> Response:
    """The list of one kind, searched and paged."""
    wanted, text = kind(name), fold(request.args.get("q", "").strip())
    rows = look(wanted.rows)
    found = [row for row in rows if text in fold(" ".join((row.name, *row.facts)))]
    values: dict[str, Any] = {"paged": cut(found), "q": request.args.get("q", ""), "colours": COLOUR_NAMES}
    return page("management/things.html", kind=wanted, name=name, **values)


@blueprint.get(_AT + "/new")
@requires("management.setup")
def new_thing(name: str) -> Response:
    """An empty form."""
    wanted = kind(name)
    form = wanted.form.of_request()
    look(lambda store: wanted.prepare(store, form))
    return _show(name, form)


@blueprint.post(_AT + "/new")
@requires("management.setup")
def add_thing(name: str) -> Response:
    """Add one."""
    return _save(name, "")


@blueprint.get(_AT + "/<id_>")
@requires("management.setup")
def thing(name: str, id_: str) -> Response:
    """The form of one."""
    loaded, form = _load(name, id_)
    return _show(name, form, loaded=loaded, id_=id_)


@blueprint.post(_AT + "/<id_>")
@requires("management.setup")
def change_thing(name: str, id_: str) -> Response:
    """Save one."""
    return _save(name, id_)


@blueprint.post(_AT + "/<id_>/retire")
@requires("management.setup")
def retire(name: str, id_: str) -> Response:
    """Take one out of use; it stays in the records of the past. Visits that use it are shown first."""
    agreed = request.form.get("agreed") == "1"
    try:
        transact(lambda store: service.set_active(store, kind(name).resource, id_, active=False, agreed=agreed))
    except ClinicError as error:
        if error.kind != "conflict":
            raise
        loaded, form = _load(name, id_)
        form.show(error)
        used = error.visits if isinstance(error, StillUsed) else ()
        return _show(name, form, loaded=loaded, id_=id_, status=409, used=used)
    toast(_("Taken out of use."), url_for("management.restore", name=name, id_=id_))
    return go(url_for("management.things", name=name))


@blueprint.post(_AT + "/<id_>/restore")
@requires("management.setup")
def restore(name: str, id_: str) -> Response:
    """Put one back into use."""
    transact(lambda store: service.set_active(store, kind(name).resource, id_, active=True))
    toast(_("Back in use."), url_for("management.retire", name=name, id_=id_))
    return go(url_for("management.things", name=name))


def _save(name: str, id_: str) -> Response:
    wanted = kind(name)
    form = wanted.form(request.form)
    look(lambda store: wanted.prepare(store, form))
    if not form.validate():
        return _show(name, form, id_=id_, status=422)
    given = _given(form)
    try:
        transact(lambda store: _write(store, wanted, form, given, id_))
    except Stale as error:
        return _stale(name, form, error, id_)
    except ClinicError as error:
        form.show(error)
        return _show(name, form, id_=id_, status=409 if error.kind == "conflict" else 422)
    toast(_("Saved."))
    return go(url_for("management.things", name=name))


def _write(store: Store, wanted: Kind, form: ScreenForm, given: Values, id_: str) -> Json:
    key = str(form.once.data or "") if not id_ else ""
    return once(store, key, lambda: wanted.save(store, given, id_, form.loaded_version))


def _given(form: ScreenForm) -> Values:
    return {
        one.name: one.data.strip() if isinstance(one.data, str) else one.data or ""
        for one in form
        if one.name not in _FRAME
    }


def _stale(name: str, form: ScreenForm, error: Stale, id_: str) -> Response:
    """Show both versions field by field; what was typed stays in the form, which now carries the newest version."""
    loaded, _form = _load(name, id_)
    theirs = loaded.values
    form.version.data = str(loaded.version)
    form.show(error)
    differences = [
        (one.label.text, _shown(one, theirs[one.name]), _shown(one, one.data))
        for one in form
        if one.name in theirs and (theirs[one.name] or "") != (one.data or "")
    ]
    return _show(name, form, id_=id_, status=409, loaded=loaded, differences=differences)


def _shown(field: Any, value: Any) -> str:
    names = {str(choice.value): str(choice.label) for choice in getattr(field, "choices", None) or ()}
    values = value if isinstance(value, (list, tuple)) else [value or ""]
    return ", ".join(names.get(str(one), str(one)) for one in values)


def _load(name: str, id_: str) -> tuple[Loaded, ScreenForm]:
    """The record, and the form with its values and the choices that go with them."""

    def load(store: Store) -> tuple[Loaded, ScreenForm]:
        blank = kind(name).form()
        kind(name).prepare(store, blank)
        loaded = kind(name).load(store, id_, blank)
        form = kind(name).form(None, **loaded.values, once=new_token(), version=str(loaded.version))
        for one in form:
            if hasattr(one, "choices"):
                one.choices = blank[one.name].choices
        return loaded, form

    return look(load)


def _show(name: str, form: ScreenForm, *, id_: str = "", status: int = 200, **more: Any) -> Response:
    given = {"loaded": more.pop("loaded", None), "used": more.pop("used", ()), "closable": _CLOSABLE}
    values = {"kind": kind(name), "name": name, "id_": id_, **given, **more}
    if id_ and values["loaded"] is None:
        values["loaded"] = _load(name, id_)[0]
    return page("management/thing.html", status, form=form, **values)
