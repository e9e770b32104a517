"""Programs that use the FHIR interface."""

from __future__ import annotations

from flask import request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access import clients as programs
from clinic.access.guard import requires
from clinic.core.errors import ClinicError
from clinic.fhir.store import Store
from clinic.management.forms import ClientForm
from clinic.management.routes import blueprint
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, transact

_SHOWN_ONCE = "_client_secret"


@blueprint.get("/clients")
@requires("management.clients")
def clients() -> Response:
    """The list, and the secret of one that was just added: shown this one time."""
    return _show(ClientForm())


@blueprint.post("/clients")
@requires("management.clients")
def add_client() -> Response:
    """Add a program."""
    form = ClientForm(request.form)
    if not form.validate():
        return _show(form, 422)
    name, scopes = str(form.name.data), str(form.scopes.data).split()
    try:
        client_id, secret = transact(lambda store: _add(store, name, scopes))
    except ClinicError as error:
        error.field = "scopes" if error.field == "scope" else error.field
        form.show(error)
        return _show(form, 422)
    session[_SHOWN_ONCE] = {"id": client_id, "secret": secret}
    return go(url_for("management.clients"))


@blueprint.post("/clients/<client_id>/revoke")
@requires("management.clients")
def revoke_client(client_id: str) -> Response:
    """Refuse a program from now on."""
    client = transact(lambda store: _revoke(store, client_id, gone=True))
    toast(_("%(name)s is refused from now on.", name=client.name),
          url_for("management.restore_client", client_id=client_id))  # fmt: skip
    return go(url_for("management.clients"))


@blueprint.post("/clients/<client_id>/restore")
@requires("management.clients")
def restore_client(client_id: str) -> Response:
    """Admit a revoked program again."""
    client = transact(lambda store: _revoke(store, client_id, gone=False))
    toast(_("%(name)s is admitted again.", name=client.name))
    return go(url_for("management.clients"))


def _add(store: Store, name: str, scopes: list[str]) -> tuple[str, str]:
    store.did("client-added", name)
    return programs.add_client(store.conn, name, scopes, now=store.now)


def _revoke(store: Store, client_id: str, *, gone: bool) -> programs.Client:
    client = programs.revoke_client(store.conn, client_id, store.now if gone else None)
    store.did("client-revoked" if gone else "client-restored", client.name)
    return client


def _show(form: ClientForm, status: int = 200) -> Response:
    made = session.pop(_SHOWN_ONCE, None) if _SHOWN_ONCE in session else None
    rows = look(lambda store: programs.list_clients(store.conn))
    return page("management/clients.html", status, form=form, rows=rows, made=made)
