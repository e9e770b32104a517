"""People who sign in: list, add, change, disable, reset."""

from __future__ import annotations

from typing import Any

from flask import request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.access.permissions import ROLES
from clinic.access.users import NewUser, UserChange, get_user, list_users
from clinic.core.errors import ClinicError, Stale
from clinic.fhir.store import Store
from clinic.management import people, queries
from clinic.management.forms import ConfirmForm, NewUserForm, UserForm, options
from clinic.management.routes import blueprint
from clinic.management.routes.paging import cut
from clinic.web.forms import ScreenForm
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, transact

_SHOWN_ONCE = "_first_password"
_MOST = 1000


@blueprint.get("/users")
@requires("management.users")
def users() -> Response:
    """The list, searched and paged."""
    text = request.args.get("q", "")[:100]
    rows = look(lambda store: list_users(store.conn, text, limit=_MOST))
    return page("management/users.html", paged=cut(rows), q=text, roles=ROLES)


@blueprint.get("/users/new")
@requires("management.users")
def new_user() -> Response:
    """An empty form."""
    form = NewUserForm.of_request()
    look(lambda store: _prepare(store, form))
    return page("management/user_new.html", form=form)


@blueprint.post("/users/new")
@requires("management.users")
def add_user() -> Response:
    """Add a person; the first password is shown once, to be told."""
    form, password = NewUserForm(request.form), people.first_password()
    look(lambda store: _prepare(store, form))
    if not form.validate():
        return page("management/user_new.html", 422, form=form)
    new = NewUser(
        str(form.username.data), str(form.name.data), str(form.role.data), password,
        must_change=True, reference=_reference(form),
    )  # fmt: skip
    try:
        user_id = transact(lambda store: people.add_user(store, new))
    except ClinicError as error:
        form.show(error)
        return page("management/user_new.html", 422, form=form)
    session[_SHOWN_ONCE] = {"user": user_id, "password": password}
    return go(url_for("management.user", user_id=user_id))


@blueprint.get("/users/<user_id>")
@requires("management.users")
def user(user_id: str) -> Response:
    """One person."""
    return _show(user_id)


@blueprint.post("/users/<user_id>")
@requires("management.users")
def change_user(user_id: str) -> Response:
    """Save name, role and provider."""
    form = UserForm(request.form)
    look(lambda store: _prepare(store, form))
    if not form.validate():
        return _show(user_id, form, 422)
    try:
        transact(lambda store: people.change_user(store, user_id, _change(store, user_id, form)))
    except ClinicError as error:
        form.show(error)
        if isinstance(error, Stale):
            form.version.data = str(error.current["version"])
        return _show(user_id, form, 409 if error.kind == "conflict" else 422)
    toast(_("Saved."))
    return go(url_for("management.users"))


@blueprint.post("/users/<user_id>/disable")
@requires("management.users")
def disable_user(user_id: str) -> Response:
    """Refuse the person from now on."""
    return _set_disabled(user_id, disabled=True)


@blueprint.post("/users/<user_id>/enable")
@requires("management.users")
def enable_user(user_id: str) -> Response:
    """Admit the person again."""
    return _set_disabled(user_id, disabled=False)


@blueprint.post("/users/<user_id>/password")
@requires("management.users")
def reset_password(user_id: str) -> Response:
    """Make a first password again and show it once."""
    password = people.first_password()
    transact(lambda store: people.reset_password(store, user_id, password))
    session[_SHOWN_ONCE] = {"user": user_id, "password": password}
    return go(url_for("management.user", user_id=user_id))


@blueprint.post("/users/<user_id>/sessions")
@requires("management.users")
def end_sessions(user_id: str) -> Response:
    """Sign the person out everywhere."""
    ended = transact(lambda store: people.sign_out_everywhere(store, user_id))
    toast(_("Sessions ended: %(count)s.", count=ended))
    return go(url_for("management.user", user_id=user_id))


def _set_disabled(user_id: str, *, disabled: bool) -> Response:
    try:
        row = transact(lambda store: people.set_disabled(store, user_id, disabled=disabled))
    except ClinicError as error:
        if error.kind != "conflict":
            raise
        toast(str(error))
        return go(url_for("management.user", user_id=user_id))
    back = "management.enable_user" if disabled else "management.disable_user"
    words = _("%(name)s can no longer sign in.") if disabled else _("%(name)s can sign in again.")
    toast(words % {"name": row.name}, url_for(back, user_id=user_id))
    return go(url_for("management.users"))


def _show(user_id: str, form: ScreenForm | None = None, status: int = 200) -> Response:
    def load(store: Store) -> dict[str, Any]:
        row = get_user(store.conn, user_id)
        made = form
        if made is None:
            provider = row.reference.rpartition("/")[2]
            made = UserForm.of_request(name=row.name, role=row.role, provider=provider, version=str(row.version))
        _prepare(store, made)
        return {"row": row, "form": made, "sessions": people.open_sessions(store, user_id)}

    shown = session.get(_SHOWN_ONCE) or {}
    password = str(shown.get("password", "")) if shown.get("user") == user_id else ""
    if password:
        session.pop(_SHOWN_ONCE)
    return page("management/user.html", status, **look(load), password=password, confirm=ConfirmForm())


def _prepare(store: Store, form: ScreenForm) -> None:
    form["provider"].choices = options(queries.choices(queries.providers(store)), none=True)


def _reference(form: ScreenForm) -> str:
    return f"Practitioner/{form['provider'].data}" if form["provider"].data else ""


def _change(store: Store, user_id: str, form: ScreenForm) -> UserChange:
    before = get_user(store.conn, user_id)
    version, role = form.loaded_version, str(form["role"].data)
    return UserChange(str(form["name"].data), role, before.disabled, _reference(form), version)
