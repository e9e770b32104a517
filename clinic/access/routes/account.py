"""One's own account: password, PIN, codes, colours, language, keys."""

from __future__ import annotations

from typing import Any

import segno
from flask import current_app, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access import second_factor, service, sessions, users
from clinic.access.forms import CodeForm, PasswordForm, PinForm
from clinic.access.guard import current_principal, require_own_form, requires, safe_path
from clinic.access.permissions import LEADERS
from clinic.access.principal import Principal
from clinic.access.routes import blueprint
from clinic.core.errors import N_, ClinicError, Forbidden, Invalid
from clinic.web.respond import go, page, toast
from clinic.web.state import state_of
from clinic.web.transaction import transact

_SECRET = "_code_secret"  # noqa: S105 the name of the key, not a secret
_CHOICES = {
    "theme": {"auto", "light", "dark", "contrast"},
    "keys": {"on", "off"},
    "language": {"auto", "en", "es", "nl"},
}
_NOT_EQUAL = N_("The two new passwords differ.")
_WRONG = N_("This is not your present password.")
_WRONG_CODE = N_("This code does not fit; check the clock of the phone and use the newest code.")


@blueprint.get("/account")
@requires("account.own")
def account() -> Response:
    """The account page."""
    return _show()


@blueprint.get("/awake")
@requires("account.own")
def awake() -> Response:
    """Says that the session lives; asked while a person types, so that a long form outlasts the idle time."""
    return Response(status=204)


@blueprint.post("/account/password")
@requires("account.own")
def change_password() -> Response:
    """Give oneself a new password; every other session of this person ends."""
    form, me = PasswordForm(request.form), _me()
    if not form.validate():
        return _show(422, password=form)
    try:
        if form.password.data != form.again.data:
            raise Invalid(_NOT_EQUAL, field="again")
        _require_present(me, str(form.present.data))
        new, keep = str(form.password.data), sessions.here().id
        transact(lambda store: users.set_password(store.conn, me.id, new, keep=keep))
    except ClinicError as error:
        form.show(error)
        return _show(422, password=form)
    toast(_("Password changed. Other sessions were signed out."))
    return go(url_for("access.account"))


@blueprint.post("/account/pin")
@requires("account.own")
def change_pin() -> Response:
    """Give oneself a PIN, or take it away."""
    form, me = PinForm(request.form), _me()
    if not form.validate():
        return _show(422, pin=form)
    try:
        _require_present(me, str(form.present.data))
        transact(lambda store: users.set_pin(store.conn, me.id, str(form.pin.data or "")))
    except ClinicError as error:
        form.show(error)
        return _show(422, pin=form)
    toast(_("PIN changed.") if form.pin.data else _("PIN removed."))
    return go(url_for("access.account"))


@blueprint.post("/account/codes")
@requires("account.own")
def start_codes() -> Response:
    """Begin to use codes of an authenticator app: make the secret and show it once."""
    if _me().role not in LEADERS:
        raise Forbidden(N_("Codes are for managers and administrators."))
    require_own_form()
    session[_SECRET] = second_factor.new_secret()
    return go(url_for("access.account") + "#codes")


@blueprint.post("/account/codes/confirm")
@requires("account.own")
def confirm_codes() -> Response:
    """Turn codes on once the first one fits."""
    form, me, secret = CodeForm(request.form), _me(), str(session.get(_SECRET, ""))
    state = state_of(current_app)
    step = second_factor.step_of(secret, str(form.code.data or ""), state.clock.now()) if secret else 0
    if not form.validate() or not step:
        form.show(Invalid(_WRONG_CODE, field="code"))
        return _show(422, code=form)
    transact(lambda store: second_factor.enrol(store.conn, me.id, secret, step, key=state.secret))
    session.pop(_SECRET, None)
    toast(_("From now on you sign in with a code as well."))
    return go(url_for("access.account"))


@blueprint.post("/account/codes/stop")
@requires("account.own")
def stop_codes() -> Response:
    """Ask for no code any more; the password proves that it is oneself."""
    form, me = PinForm(request.form), _me()
    session.pop(_SECRET, None)
    try:
        _require_present(me, str(form.present.data or ""))
        transact(lambda store: second_factor.drop(store.conn, me.id))
    except ClinicError as error:
        form.show(error)
        return _show(422, stop=form)
    toast(_("Signing in needs no code any more."))
    return go(url_for("access.account"))


@blueprint.post("/account/elsewhere")
@requires("account.own")
def sign_out_elsewhere() -> Response:
    """End one's sessions on every other machine."""
    me, keep = _me(), sessions.here().id
    ended = transact(lambda store: sessions.revoke(store.conn, me.id, but=keep))
    toast(_("Sessions ended elsewhere: %(count)s.", count=ended))
    return go(url_for("access.account"))


@blueprint.post("/preferences")
@requires("account.own")
def preferences() -> Response:
    """Keep a choice of colours, language or keys; unknown words are left out."""
    me = _me()
    given = {name: request.form.get(name, "") for name in _CHOICES}
    chosen = {name: value for name, value in given.items() if value in _CHOICES[name]}
    plain = {name: "" if value == "auto" else value for name, value in chosen.items()}
    transact(lambda store: users.set_preferences(store.conn, me.id, plain))
    return go(safe_path(request.form.get("next", "/")))


def _me() -> Principal:
    me = current_principal()
    if me is None:
        raise Forbidden(N_("Please sign in first."))
    return me


def _require_present(me: Principal, password: str) -> None:
    """The present password, asked again before anything that guards the account. Raises Forbidden."""
    attempt = transact(lambda store: service.begin_again(store, me.id))
    service.require_time_passed(attempt)
    if not attempt.fits(password):
        transact(lambda store: service.refuse(store, attempt, "wrong present password"))
        raise Forbidden(_WRONG, field="present")
    transact(lambda store: service.proved(store, attempt))


def _show(status: int = 200, **forms: Any) -> Response:
    me, secret = _me(), str(session.get(_SECRET, ""))
    picture = ""
    if secret and not me.has_totp:
        issuer = state_of(current_app).practice.name
        address = second_factor.address(secret, username=me.username, issuer=issuer)
        picture = segno.make(address).svg_data_uri(scale=4, border=2, light="#ffffff", dark="#000000")
    made = {
        "password_form": forms.get("password") or PasswordForm(),
        "pin_form": forms.get("pin") or PinForm(),
        "code_form": forms.get("code") or CodeForm(),
        "stop_form": forms.get("stop") or PinForm(),
    }
    leader = me.role in LEADERS
    return page("access/account.html", status, **made, secret=secret, picture=picture, leader=leader)
