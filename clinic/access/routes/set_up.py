"""The first visit to a new practice."""

from __future__ import annotations

from flask import current_app, redirect, request, url_for
from werkzeug.wrappers import Response

from clinic.access import service, setup_code
from clinic.access.forms import SetUpForm
from clinic.access.guard import public
from clinic.access.permissions import ADMINISTRATOR
from clinic.access.routes import blueprint
from clinic.access.routes.sign_in import admit
from clinic.access.setup import FirstStart
from clinic.access.setup import set_up as make_practice
from clinic.access.users import NewUser
from clinic.core.errors import ClinicError
from clinic.web.context import forget_practice
from clinic.web.respond import page
from clinic.web.state import state_of
from clinic.web.transaction import look, transact


@blueprint.get("/set-up")
@public
def set_up() -> Response:
    """The set-up page; only while nobody can sign in yet."""
    if not look(lambda store: setup_code.is_open(store.conn)):
        return redirect(url_for("access.sign_in"), 303)
    return page("access/set_up.html", form=SetUpForm(zone="America/New_York"))


@blueprint.post("/set-up")
@public
def make() -> Response:
    """Make practice, site and administrator, and sign the administrator in."""
    form = SetUpForm(request.form)
    if not form.validate():
        return page("access/set_up.html", 422, form=form)
    attempt = transact(lambda store: service.begin(store, str(form.username.data)))
    try:
        service.require_time_passed(attempt)
        transact(lambda store: make_practice(store, _wanted(form)))
    except ClinicError as error:
        form.show(error)
        return page("access/set_up.html", 422, form=form)
    forget_practice(state_of(current_app))
    return admit(transact(lambda store: service.begin(store, str(form.username.data))), "/")


def _wanted(form: SetUpForm) -> FirstStart:
    def text(name: str) -> str:
        return str(form[name].data or "").strip()

    administrator = NewUser(text("username"), text("name"), ADMINISTRATOR, str(form.password.data))
    return FirstStart(text("code"), text("practice"), text("site"), text("region"), text("zone"), administrator)
