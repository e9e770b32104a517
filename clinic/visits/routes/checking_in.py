"""The end of check-in: by one key when nothing is to be asked, else when it is done or skipped with a reason."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.core.errors import Conflict
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.visits import service
from clinic.visits.forms import FinishForm
from clinic.visits.queries.ready import is_of_today
from clinic.visits.routes import blueprint, name_of, pressed, require_valid, say_moved
from clinic.visits.rules.needs import is_fresh, shut_gates
from clinic.visits.screens import check_in_page
from clinic.visits.service.checking_in import check_in_at_once, identified, require_gates_open
from clinic.visits.words import need_line
from clinic.web.respond import go, page
from clinic.web.transaction import look, transact


@blueprint.post("/appointments/<appointment_id>/check-in/now")
@requires("visits.write")
def check_in_now(appointment_id: str) -> Response:
    """One key: checked in when all is fresh; else the page with what is missing, and nothing was changed."""
    pressed()
    encounter = transact(lambda store: _at_once(store, appointment_id))
    if encounter is None:
        return go(url_for("visits.check_in", appointment_id=appointment_id))
    say_moved(_("Checked in: %(name)s", name=name_of(encounter)), encounter)
    return go(url_for("visits.today"))


def _at_once(store: Store, appointment_id: str) -> Json | None:
    values = check_in_page(store, appointment_id)
    if values["left"] or not is_fresh(values["needs"]) or not is_of_today(store, values["appointment"]):
        return None
    return check_in_at_once(store, appointment_id, values["needs"])


@blueprint.post("/appointments/<appointment_id>/check-in/finish")
@requires("visits.write")
def finish(appointment_id: str) -> Response:
    """To the waiting room; what is refused is said on the page, and the reason that was typed stays."""
    form = FinishForm.of_request()
    require_valid(form)
    try:
        encounter = transact(lambda store: _finish(store, appointment_id, form))
    except Conflict as error:
        form.show(error)
        values = look(lambda store: check_in_page(store, appointment_id))
        return page("visits/check_in.html", 409, **values | {"finish_form": form})
    say_moved(_("Checked in: %(name)s", name=name_of(encounter)), encounter)
    return go(url_for("visits.today"))


def _finish(store: Store, appointment_id: str, form: FinishForm) -> Json:
    encounter = service.begin_check_in(store, appointment_id)
    values: dict[str, Any] = check_in_page(store, appointment_id)
    needs = values["needs"]
    override = bool(form.override.data)
    require_gates_open([need_line(one) for one in shut_gates(needs)], override=override)
    identified(store, values["patient_id"], needs)
    return service.finish_check_in(
        store,
        encounter["id"],
        open_needs=values["left"],
        reason=str(form.reason.data or ""),
        unsigned=values["unsigned"],
        override=override,
    )
