"""Tablets: added with a code that is shown once, revoked for good."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.core.errors import ClinicError
from clinic.fhir.store import Store
from clinic.intake.forms import TabletForm
from clinic.intake.routes import blueprint
from clinic.intake.service import devices
from clinic.intake.service.packets import on_device, take_back
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, transact


@blueprint.get("/tablets")
@requires("management.setup")
def tablets() -> Response:
    """Every tablet, its state, and adding one."""
    return _show(TabletForm.of_request())


def _show(form: TabletForm, status: int = 200, *, code: str = "", device_id: str = "") -> Response:
    rows = look(devices.list_devices)
    named = next((row.name for row in rows if row.id == device_id), "")
    return page("intake/tablets.html", status, form=form, rows=rows, code=code, named=named)


@blueprint.post("/tablets")
@requires("management.setup")
def add_tablet() -> Response:
    """Add a tablet and show its code once."""
    form = TabletForm.of_request()
    if not form.validate():
        return _show(form, 422)
    try:
        device_id, code = transact(lambda store: devices.add_device(store, str(form.name.data)))
    except ClinicError as error:
        form.show(error)
        return _show(form, 422)
    return _show(TabletForm(None), code=code, device_id=device_id)


@blueprint.post("/tablets/<device_id>/code")
@requires("management.setup")
def new_code(device_id: str) -> Response:
    """A fresh code for a tablet."""
    code = transact(lambda store: devices.new_code(store, device_id))
    return _show(TabletForm(None), code=code, device_id=device_id)


@blueprint.post("/tablets/<device_id>/revoke")
@requires("management.setup")
def revoke_tablet(device_id: str) -> Response:
    """Shut a tablet out; what a patient has answered on it is kept."""

    def work(store: Store) -> str:
        found = on_device(store, device_id, lock=True)
        if found is not None:
            take_back(store, found.id)
        return devices.revoke(store, device_id)

    toast(_("%(name)s is shut out.", name=transact(work)))
    return go(url_for("intake.tablets"))
