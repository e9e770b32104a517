"""One patient: the overview made of every slice's tiles, the history, and numbers shown on request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, g, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from clinic.access.guard import can, require_own_form, requires
from clinic.core.errors import Missing
from clinic.core.json import Json
from clinic.db.together import read_together
from clinic.fhir.store import Store
from clinic.regions import region_of
from clinic.registration.banner import banners_from
from clinic.registration.mapping import details_of
from clinic.registration.queries.lately import PAGE
from clinic.registration.queries.whole import whole_patient
from clinic.registration.routes import blueprint
from clinic.registration.routes.words import open_url
from clinic.web.respond import page
from clinic.web.state import state_of
from clinic.web.templates import draw_part, frame_values
from clinic.web.transaction import look


@dataclass(frozen=True)
class Tab:
    """One tab over a patient's pages."""

    url: str
    text: str
    current: bool


@blueprint.get("/<patient_id>")
@requires("patients.read")
def patient(patient_id: str) -> Response:
    """Everything the desk needs to know about one patient on one screen."""

    def load(store: Store) -> dict[str, Any]:
        g.whole_patient = whole = whole_patient(store, patient_id)
        store.saw(patient_id, PAGE)
        banner = banners_from(store, [whole.row])[patient_id]
        return {"banner": banner, "tiles": tiles_of(store, patient_id)}

    values = look(load)
    drawn: dict[int, list[Markup]] = {1: [], 2: [], 3: []}
    common = {**frame_values(), "patient_id": patient_id, "banner": values["banner"]}
    for panel, shown in values.pop("tiles"):
        drawn[panel.column].append(draw_part(panel.template, {**common, **shown}))
    return page("registration/patient.html", columns=drawn, tabs=tabs_of(patient_id, "patient"), **values)


@blueprint.post("/<patient_id>/reveal/<kind>")
@requires("insurance.reveal")
def reveal(patient_id: str, kind: str) -> Response:
    """One identity number in full; each time is noted in the audit trail."""
    require_own_form()

    def load(store: Store) -> str:
        found = details_of(store.read("Patient", patient_id), region_of(store.practice.region)).number(kind)
        if not found:
            raise Missing("This patient has no such number.")
        store.did("reveal", kind, patient_id)
        return found

    return page("registration/_revealed.html", value=look(load), back=url_for(".patient", patient_id=patient_id))


def tiles_of(store: Store, patient_id: str) -> list[tuple[Any, Json]]:
    """The tiles of every slice that this person may see, with their values, in order; one statement for all lists."""
    panels = [panel for part in state_of(current_app).slices for panel in part.panels]
    wanted = sorted((panel for panel in panels if can(panel.permission)), key=lambda panel: panel.order)
    listing = {panel.name: panel.rows for panel in wanted if panel.rows is not None}
    read = read_together(store.conn, list(listing.values()), {"patient_id": patient_id, "now": store.now})
    rows = dict(zip(listing, read, strict=True))
    return [
        (panel, panel.load(store, patient_id, *([rows[panel.name]] if panel.name in rows else []))) for panel in wanted
    ]


def tabs_of(patient_id: str, current: str) -> list[Tab]:
    """The tabs that lead to screens which exist and which this person may open."""
    wanted = (
        ("patient", "registration.patient", _("Overview")),
        ("edit_patient", "registration.edit_patient", _("Details")),
        ("people", "registration.people", _("People")),
        ("coverages", "insurance.coverages", _("Coverage")),
        ("consents", "registration.consents", _("Consents")),
        ("flags", "registration.flags", _("Flags")),
        ("documents", "registration.documents", _("Documents")),
        ("history", "registration.history", _("History")),
        ("record", "transfer.record", _("Give the record")),
        ("restriction", "registration.restriction", _("Access")),
    )
    found = [(name, open_url(endpoint, patient_id=patient_id), text) for name, endpoint, text in wanted]
    return [Tab(url, str(text), name == current) for name, url, text in found if url]
