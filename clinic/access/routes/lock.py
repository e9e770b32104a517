"""Locking a shared desk and opening it again, by the same person or the next."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access import service, sessions
from clinic.access.forms import UnlockForm
from clinic.access.guard import came_from, current_principal, requires, safe_path
from clinic.access.principal import Principal
from clinic.access.routes import blueprint
from clinic.access.routes.sign_in import admit
from clinic.access.service import Attempt
from clinic.core.errors import Forbidden
from clinic.fhir.store import Store
from clinic.web.respond import go, page, toast
from clinic.web.transaction import transact


@blueprint.post("/lock")
@requires("account.own")
def lock() -> Response:
    """Lock this desk; the page behind it and what was typed stay for the same person."""
    session_id = sessions.here().id
    transact(lambda store: service.lock(store, session_id))
    target = safe_path((request.form.get("next") or came_from()).rstrip("?"))
    return go(url_for("access.unlock", next=target))


@blueprint.get("/unlock")
@requires("account.own")
def unlock() -> Response:
    """The lock screen."""
    me = current_principal()
    if me is None or not me.locked:
        return redirect(safe_path(request.args.get("next", "/")), 303)
    return _show(UnlockForm(username=me.username, next=safe_path(request.args.get("next", "/"))))


@blueprint.post("/unlock")
@requires("account.own")
def check_unlock() -> Response:
    """Open the desk for who proves to be somebody; another person gets a session of their own."""
    me, form = current_principal(), UnlockForm(request.form)
    if me is None or not form.validate():
        return _show(form, 422)
    attempt = transact(lambda store: _begin(store, me, str(form.username.data)))
    try:
        service.require_time_passed(attempt)
        _require_fit(attempt, me, str(form.secret.data))
    except Forbidden as error:
        form.show(error)
        return _show(form, 422) if sessions.here().id else go(url_for("access.sign_in"))
    if attempt.user_id != me.id:
        return admit(attempt, "/")
    session_id = sessions.here().id
    transact(lambda store: service.unlock(store, attempt, session_id))
    return go(safe_path(str(form.next.data or "/")))


def _begin(store: Store, me: Principal, username: str) -> Attempt:
    if username.strip().casefold() == me.username:
        return service.begin_again(store, me.id)
    return service.begin(store, username)


def _require_fit(attempt: Attempt, me: Principal, secret: str) -> None:
    right = attempt.fits_pin_or_password(secret)
    if right and (attempt.user_id == me.id or not attempt.has_totp):
        return
    if right:
        raise Forbidden(service.CODE_NEEDED, field="username")
    if transact(lambda store: service.refuse_unlock(store, attempt)):
        sessions.forget()
        toast(_("Too many wrong PINs: please sign in with the password."))
    raise Forbidden(service.WRONG_PIN, field="secret")


def _show(form: UnlockForm, status: int = 200) -> Response:
    return page("access/unlock.html", status, form=form)
