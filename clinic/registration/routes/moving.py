"""A new address or home telephone, offered for everybody who lives with the patient; one click, and a way back."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.fhir.store import Store
from clinic.regions import Region, region_of, show_phone
from clinic.registration.banner import banner_of
from clinic.registration.mapping.family import facts_of
from clinic.registration.routes import blueprint
from clinic.registration.routes.record import tabs_of
from clinic.registration.rules.details import Address
from clinic.registration.service.household import move_along, movers_of, undo_move
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, transact


@blueprint.get("/<patient_id>/moved/<int:since>")
@requires("patients.write")
def moved(patient_id: str, since: int) -> Response:
    """Who lives with the patient and may have moved along, ticked where the address was the same."""

    def load(store: Store) -> dict[str, Any]:
        banner = banner_of(store, patient_id, what="who lives together")
        region = region_of(store.practice.region)
        facts = facts_of(store.read("Patient", patient_id))
        movers = movers_of(store, patient_id, since)
        for one in movers:
            store.saw(one.id, "who lives together")
        shown = [(one, _lines(one.address, one.home_phone, region)) for one in movers]
        return {"banner": banner, "movers": shown, "lines": _lines(facts.address, facts.home_phone, region)}

    tabs = tabs_of(patient_id, "people")
    return page("registration/moved.html", patient_id=patient_id, since=since, tabs=tabs, **look(load))


@blueprint.post("/<patient_id>/moved/<int:since>")
@requires("patients.write")
def move(patient_id: str, since: int) -> Response:
    """Write the new address into the records of those who are ticked."""
    ids = request.form.getlist("who")
    changed = transact(lambda store: move_along(store, patient_id, since, ids))
    if changed:
        back = url_for("registration.undo_moved", patient_id=patient_id, since=since)
        words = ngettext("Changed for %(num)s more person", "Changed for %(num)s more people", len(changed))
        toast(words, back)
    return go(url_for("registration.patient", patient_id=patient_id))


@blueprint.post("/<patient_id>/moved/<int:since>/undo")
@requires("patients.write")
def undo_moved(patient_id: str, since: int) -> Response:
    """Give those who moved along their earlier address back."""
    count = transact(lambda store: undo_move(store, patient_id, since))
    toast(ngettext("Taken back for %(num)s person", "Taken back for %(num)s people", count))
    return go(url_for("registration.patient", patient_id=patient_id))


def onward(patient_id: str, since: int) -> str:
    """Where to go after a record was saved: to the others of the house when they may have moved too."""
    if look(lambda store: movers_of(store, patient_id, since)):
        return url_for("registration.moved", patient_id=patient_id, since=since)
    return url_for("registration.patient", patient_id=patient_id)


def _lines(address: Address, home_phone: str, region: Region) -> list[str]:
    lines = region.address.lines({name: getattr(address, name) for name in Address.__dataclass_fields__})
    return [*lines, show_phone(home_phone, region)] if home_phone else lines or [str(_("no address"))]
