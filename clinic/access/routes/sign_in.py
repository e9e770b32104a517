"""Signing in and out."""

from __future__ import annotations

from typing import Any

from flask import current_app, redirect, request, session, url_for
from werkzeug.wrappers import Response

from clinic.access import second_factor, service, sessions, setup_code
from clinic.access.forms import CodeForm, SignInForm
from clinic.access.guard import current_principal, public, safe_path
from clinic.access.routes import blueprint
from clinic.access.service import Attempt
from clinic.core.errors import Forbidden
from clinic.core.json import Json
from clinic.web.respond import go, page
from clinic.web.state import state_of
from clinic.web.transaction import look, transact

_PENDING = "_pending"
_CODE_MINUTES = 5


@blueprint.get("/sign-in")
@public
def sign_in() -> Response:
    """The sign-in page; a practice that nobody has set up yet goes to the set-up page."""
    target = safe_path(request.args.get("next", "/"))
    if current_principal() is not None:
        return redirect(target, 303)
    if look(lambda store: setup_code.is_open(store.conn)):
        return redirect(url_for("access.set_up"), 303)
    return _show(SignInForm(next=target))


@blueprint.post("/sign-in")
@public
def check_password() -> Response:
    """Check name and password; on success go on to the code, or to where the person was."""
    form = SignInForm(request.form)
    if not form.validate():
        return _show(form, 422)
    try:
        attempt = _proved(str(form.username.data), str(form.password.data))
    except Forbidden as error:
        form.show(error)
        return _show(form, 422)
    target = safe_path(str(form.next.data or "/"))
    if attempt.has_totp:
        until = state_of(current_app).clock.now().timestamp() + _CODE_MINUTES * 60
        session[_PENDING] = {"user": attempt.user_id, "until": int(until)}
        return go(url_for("access.second_step", next=target))
    return admit(attempt, target)


@blueprint.get("/code")
@public
def second_step() -> Response:
    """Ask for the code of the authenticator app, within five minutes after the password."""
    if not _pending():
        return redirect(url_for("access.sign_in"), 303)
    return page("access/code.html", form=CodeForm(next=safe_path(request.args.get("next", "/"))))


@blueprint.post("/code")
@public
def check_code() -> Response:
    """Check the code; each is good once."""
    user_id, form = _pending(), CodeForm(request.form)
    if not user_id:
        return go(url_for("access.sign_in"))
    if form.validate():
        try:
            attempt = _code_accepted(user_id, str(form.code.data))
        except Forbidden as error:
            form.show(error)
        else:
            return admit(attempt, safe_path(str(form.next.data or "/")))
    return page("access/code.html", 422, form=form)


@blueprint.post("/sign-out")
@public
def sign_out() -> Response:
    """End the session; whatever the browser kept of the pages is wiped."""
    transact(service.close_session)
    sessions.forget()
    answer = go(url_for("access.sign_in"))
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def admit(attempt: Attempt, target: str) -> Response:
    """Open a session for who was proved and go to the page they came for."""
    lives = sessions.limits().absolute
    token = transact(lambda store: service.open_session(store, attempt, lives=lives))
    sessions.take_over(token)
    return go(target)


def _proved(username: str, password: str) -> Attempt:
    attempt = transact(lambda store: service.begin(store, username))
    service.require_time_passed(attempt)
    if not attempt.fits(password):
        transact(lambda store: service.refuse(store, attempt, "wrong name or password"))
        raise Forbidden(service.WRONG)
    return attempt


def _code_accepted(user_id: str, code: str) -> Attempt:
    key = state_of(current_app).secret
    attempt = transact(lambda store: service.begin_again(store, user_id))
    service.require_time_passed(attempt)
    right = transact(lambda store: second_factor.accept(store.conn, user_id, code, store.now, key=key))
    if not right or attempt.disabled:
        transact(lambda store: service.refuse(store, attempt, "wrong code"))
        raise Forbidden(service.WRONG_CODE, field="code")
    return attempt


def _pending() -> str:
    found: Json = session.get(_PENDING) or {}
    now = state_of(current_app).clock.now().timestamp()
    return str(found.get("user", "")) if int(found.get("until", 0)) > now else ""


def _show(form: SignInForm, status: int = 200) -> Response:
    state = state_of(current_app)
    values: dict[str, Any] = {"form": form, "ended": session.pop(sessions.ENDED, ""), "demo": state.settings.demo}
    return page("access/sign_in.html", status, idle_minutes=state.settings.idle_minutes, **values)
