"""Still right? What wants to be confirmed, one answer for each, and the terms that the practice sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import current_app, g, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.core.errors import N_, Missing
from clinic.core.json import Json
from clinic.fhir.practice import save_practice
from clinic.fhir.store import Store
from clinic.regions import region_of
from clinic.registration.mapping.evidence import values_of
from clinic.registration.queries.evidence import TOLD, evidence_of_record, told_rows
from clinic.registration.queries.photo_id import ended_id
from clinic.registration.routes import blueprint
from clinic.registration.rules.evidence import AGES, LONGEST, ages_of, standing
from clinic.registration.service.evidence import confirm_values, take_confirmation_back
from clinic.registration.sources import field_label, shown
from clinic.web.context import forget_practice
from clinic.web.respond import go, page, toast
from clinic.web.slice import PatientPanel
from clinic.web.state import state_of
from clinic.web.transaction import transact

BAD_TERM = N_("Give whole days up to %(most)s, or 0 for never. Nothing was changed.")
_MOST = 5
"""Values that the tile asks for at once; the next ones follow as these are answered."""


def _tile(store: Store, _patient_id: str, rows: Sequence[Sequence[Any]]) -> Json:
    region = region_of(store.practice.region)
    patient = g.whole_patient.patient
    values = values_of(patient, region, g.whole_patient.details(region))
    known = evidence_of_record(patient, told_rows(rows), region, values)
    now = standing(known, ages_of(store.practice.ages), store.now)
    asked = [shown(one, values[one.field], region) for one in now.stale]
    photo_id = ended_id(store, patient, g.whole_patient.row["paper"])
    return {"asked": asked[:_MOST], "more": asked[_MOST:], "fresh": len(now.fresh), "photo_id": photo_id}


PANEL = PatientPanel("still-right", 5, 2, "registration/_still_right.html", _tile, rows=TOLD)


@blueprint.post("/<patient_id>/still-right")
@requires("patients.write")
def confirm(patient_id: str) -> Response:
    """Somebody said that these values are right."""
    names = request.form.getlist("field")

    def work(store: Store) -> tuple[list[str], list[str]]:
        region = region_of(store.practice.region)
        there = values_of(store.read("Patient", patient_id), region)
        right = [name for name in names if name in there]
        if not right:
            raise Missing(N_("This value is no longer in the record. Look at it again."))
        return confirm_values(store, patient_id, right), [field_label(name, region) for name in right]

    kept, said = transact(work)
    undo = url_for(".take_back", patient_id=patient_id, provenance_id=kept[0])
    toast(_("Still right: %(what)s", what=", ".join(said)), undo_url=undo)
    return go(url_for(".patient", patient_id=patient_id))


@blueprint.post("/<patient_id>/still-right/<provenance_id>/undo")
@requires("patients.write")
def take_back(patient_id: str, provenance_id: str) -> Response:
    """Take a confirmation back."""
    transact(lambda store: take_confirmation_back(store, patient_id, provenance_id))
    toast(_("Taken back"))
    return go(url_for(".patient", patient_id=patient_id))


@blueprint.get("/ages")
@requires("management.setup")
def ages() -> Response:
    """After how many days each value is asked for again."""
    return _ages(ages_of(state_of(current_app).practice.ages))


@blueprint.post("/ages")
@requires("management.setup")
def save_ages() -> Response:
    """Keep the terms; every screen asks by them at once."""
    typed = {name: request.form.get(name, "").strip() for name in AGES}
    good = {name: int(text) for name, text in typed.items() if text.isascii() and text.isdigit() and len(text) < 6}
    wrong = [name for name in AGES if good.get(name, LONGEST + 1) > LONGEST]
    if wrong:
        return _ages(typed, wrong)

    def work(store: Store) -> None:
        own = {name: days for name, days in good.items() if days != AGES[name]}
        save_practice(store.conn, replace(store.practice, ages=own))
        store.did("practice-changed", "terms of values")

    transact(work)
    forget_practice(state_of(current_app))
    toast(_("Saved."))
    return go(url_for("management.home"))


def _ages(values: Any, wrong: Sequence[str] = ()) -> Response:
    region = region_of(state_of(current_app).practice.region)
    rows = [(name, field_label(name, region), values[name], usual, name in wrong) for name, usual in AGES.items()]
    error = _(BAD_TERM, most=LONGEST) if wrong else ""
    return page("registration/ages.html", 422 if wrong else 200, rows=rows, error=error, longest=LONGEST)
