"""The hub: what there is to manage, with one fact each; and the table of roles and permissions."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.access.permissions import PERMISSIONS, ROLES
from clinic.appointments.queries.practice import calendar_setup
from clinic.fhir.store import Store
from clinic.jobs import outbox
from clinic.management import queries
from clinic.management.forms import ConfirmForm
from clinic.management.routes import blueprint
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, transact


@blueprint.get("/")
@requires("management.setup")
def home() -> Response:
    """The tiles of the manager."""
    figures, setup = look(lambda store: (queries.figures(store), calendar_setup(store)))
    return page("management/home.html", figures=figures, setup=setup)


@blueprint.get("/roles")
@requires("management.setup")
def roles() -> Response:
    """Who may do what, read from the one permission table."""
    return page("management/roles.html", permissions=PERMISSIONS, roles=ROLES)


@blueprint.get("/work")
@requires("management.setup")
def work() -> Response:
    """Work that could not be done after several tries."""
    return page("management/work.html", jobs=look(lambda store: outbox.failed(store.conn)), form=ConfirmForm())


@blueprint.post("/work/<job_id>")
@requires("management.setup")
def try_again(job_id: str) -> Response:
    """Try failed work once more."""
    transact(lambda store: _try_again(store, job_id))
    toast(_("It will be tried again at once."))
    return go(url_for("management.work"))


def _try_again(store: Store, job_id: str) -> None:
    outbox.try_again(store.conn, job_id, store.now)
