"""Somebody came without an appointment: find them, choose what for, and they have arrived."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.appointments.queries.practice import calendar_setup
from clinic.core.errors import ClinicError
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.registration.banner import banner_of
from clinic.registration.queries.finder import find_patients
from clinic.registration.rules.query import read_query
from clinic.visits import service
from clinic.visits.forms import WalkInForm
from clinic.visits.routes import blueprint
from clinic.visits.screens import today_of
from clinic.web.forms import choices
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, once, transact


@blueprint.get("/walk-in")
@requires("visits.write")
def walk_in() -> Response:
    """Find the patient, then choose visit type and provider."""
    form = WalkInForm.of_request(patient=request.args.get("patient", ""))
    return _page(form)


@blueprint.post("/walk-in")
@requires("visits.write")
def take_in() -> Response:
    """Book the next time and note the arrival."""
    form = WalkInForm.of_request()
    look(lambda store: _fill(form, store))
    if not form.validate():
        return _page(form, 422)
    try:
        encounter = transact(lambda store: once(store, str(form.once.data), lambda: _take_in(store, form)))
    except ClinicError as error:
        form.show(error)
        return _page(form, 409)
    version = int(encounter["meta"]["versionId"])
    undo_url = url_for("visits.undo", encounter_id=encounter["id"], version=version)
    toast(_("Arrived: %(name)s", name=encounter["subject"].get("display", "")), undo_url=undo_url)
    return go(url_for("visits.today"))


def _take_in(store: Store, form: WalkInForm) -> Json:
    return service.walk_in(
        store,
        str(form.patient.data),
        provider_id=str(form.provider.data),
        visit_type=str(form.visit_type.data),
        note=str(form.note.data or ""),
    )


def _fill(form: WalkInForm, store: Store) -> None:
    setup = calendar_setup(store)
    form.visit_type.choices = [(kind.id, kind.name) for kind in setup.types if kind.active]
    form.provider.choices = choices((one.id, one.name) for one in setup.providers if one.active)


def _page(form: WalkInForm, status: int = 200) -> Response:
    return page("visits/walk_in.html", status, **look(lambda store: _values(store, form)))


def _values(store: Store, form: WalkInForm) -> dict[str, Any]:
    _fill(form, store)
    q = request.args.get("q", "").strip()[:120]
    patient_id = str(form.patient.data or "")
    today = today_of(store)
    hits = find_patients(store, read_query(q, today=today, order=store.practice.date_order)) if len(q) > 1 else []
    return {
        "form": form,
        "q": q,
        "hits": hits,
        "patient_id": patient_id,
        "banner": banner_of(store, patient_id, what="walk-in") if patient_id else None,
    }
