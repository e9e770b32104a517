"""The ticket on paper: the number of the day and a code for the own telephone, no name."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.core.errors import N_, Missing
from clinic.fhir.store import Store
from clinic.pdf import Printed, pdf_response, print_pdf
from clinic.visits import mapping, words
from clinic.visits.forms import StepForm
from clinic.visits.queries.waits import told_to
from clinic.visits.routes import blueprint, require_valid
from clinic.visits.service.arriving import own_page
from clinic.web.respond import page
from clinic.web.transaction import look, transact

NO_TICKET = N_("This visit has no number.")


@blueprint.post("/visits/<encounter_id>/ticket")
@requires("visits.write")
def ticket(encounter_id: str) -> Response:
    """Print the ticket; an earlier one keeps its number, but its code opens nothing any more."""
    require_valid(StepForm.of_request())
    values, printed = transact(lambda store: _ticket(store, encounter_id))
    return pdf_response(print_pdf("ticket.html", printed, **values), "ticket")


def _ticket(store: Store, encounter_id: str) -> tuple[dict[str, Any], Printed]:
    encounter = store.read("Encounter", encounter_id)
    number = mapping.ticket_of(encounter)
    if not number:
        raise Missing(NO_TICKET)
    told = told_to(store, [encounter_id]).get(encounter_id)
    values = {
        "number": number,
        "told": words.told_word(told, store.now),
        "address": url_for("visits.my_number", token=own_page(store, encounter), _external=True),
    }
    return values, Printed(_("Ticket"), by=store.actor.name, at=store.now)


@blueprint.get("/visits/<encounter_id>/wait")
@requires("visits.read")
def wait(encounter_id: str) -> Response:
    """What to tell a patient of the wait; a part of the check-in page that loads by itself."""

    def load(store: Store) -> dict[str, Any]:
        encounter = store.read("Encounter", encounter_id)
        return {"encounter": encounter, "told": told_to(store, [encounter_id]).get(encounter_id)}

    found = look(load)
    encounter = found["encounter"]
    shown: dict[str, Any] = {"number": mapping.ticket_of(encounter), "station": mapping.station_of(encounter)}
    return page("visits/_wait.html", **found, **shown, told_word=words.told_word, step_form=StepForm())
