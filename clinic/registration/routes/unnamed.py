"""Somebody without a name yet: an unknown person in ten seconds, a newborn child, and the list to complete them."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.core.errors import ClinicError, Detail, Invalid
from clinic.fhir.store import Store
from clinic.registration.banner import banner_of, photo_url_of
from clinic.registration.forms import NewbornForm, UnknownForm, desk_of
from clinic.registration.mapping import display_name
from clinic.registration.queries.unfinished import PAGE_SIZE, unfinished_list
from clinic.registration.routes import blueprint
from clinic.registration.routes.registering import show_faults
from clinic.registration.rules.checking import draft_of, faults_of
from clinic.registration.service.unnamed import register_newborn, register_unknown
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, once, transact

_MOST_PAGES = 10_000


@blueprint.get("/unknown")
@requires("patients.write")
def new_unknown() -> Response:
    """Somebody nobody can name: an age, a sex, and what is known."""
    return page("registration/new_unknown.html", form=UnknownForm.of_request())


@blueprint.post("/unknown")
@requires("patients.write")
def create_unknown() -> Response:
    """Register the unknown person and open the record."""
    form = UnknownForm.of_request()

    def make(store: Store) -> Any:
        desk = desk_of(store)
        _refuse(faults_of(form.entry, desk, ("birth_date", "sex", "known_of")))
        details = draft_of(form.entry, desk)
        return once(store, str(form.once.data or ""), lambda: register_unknown(store, details))

    try:
        if form.validate():
            return _opened(transact(make))
    except ClinicError as error:
        show_faults(form, error)
    return page("registration/new_unknown.html", 422, form=form)


@blueprint.get("/<patient_id>/newborn")
@requires("patients.write")
def new_newborn(patient_id: str) -> Response:
    """The child of this patient, before it has a name."""
    form = NewbornForm.of_request(birth_date=_("today"))
    banner = look(lambda store: banner_of(store, patient_id, what="newborn"))
    return page("registration/new_newborn.html", form=form, banner=banner, patient_id=patient_id)


@blueprint.post("/<patient_id>/newborn")
@requires("patients.write")
def create_newborn(patient_id: str) -> Response:
    """Register the child, put the mother beside it, and open the record; or go on to the next twin."""
    form = NewbornForm.of_request()

    def make(store: Store) -> Any:
        desk = desk_of(store)
        entry = {**form.entry}
        if entry.get("birth_date", "").strip().casefold() in ("", "today", str(_("today"))):
            entry["birth_date"] = desk.today.isoformat()
        _refuse(faults_of(entry, desk, ("birth_date", "birth_time", "birth_order", "sex")))
        child = draft_of(entry, desk)
        return once(store, str(form.once.data or ""), lambda: register_newborn(store, patient_id, child))

    try:
        if form.validate():
            return _opened(transact(make))
    except ClinicError as error:
        if error.kind == "missing":
            raise
        show_faults(form, error)
    banner = look(lambda store: banner_of(store, patient_id, what="newborn"))
    return page("registration/new_newborn.html", 422, form=form, banner=banner, patient_id=patient_id)


@blueprint.get("/unfinished")
@requires("patients.read")
def unfinished() -> Response:
    """The records that wait for a name, the longest waiting first."""
    q = request.args.get("q", "")[:100]
    asked = request.args.get("page", "1")
    number = int(asked) if asked.isascii() and asked.isdigit() and 0 < int(asked[:6]) <= _MOST_PAGES else 1

    def load(store: Store) -> dict[str, Any]:
        found, total = unfinished_list(store, q, number)
        for one in found:
            store.saw_in_list(one.id, "records to complete")
        return {"found": found, "total": total, "moment": store.now}

    values = look(load)
    return page("registration/unfinished.html", q=q, number=number, size=PAGE_SIZE, photo_url=photo_url_of, **values)


def _refuse(faults: tuple[Detail, ...]) -> None:
    if faults:
        raise Invalid("Some entries need a second look", details=faults)


def _opened(patient: dict[str, Any]) -> Response:
    toast(_("%(name)s is registered. The record waits in the list of records to complete.", name=display_name(patient)))
    return go(url_for("registration.patient", patient_id=patient["id"]))
