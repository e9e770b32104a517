"""A letter to a patient who cannot be reached otherwise, as a PDF in their language."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, time

from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.appointments.queries.recalls import recall
from clinic.appointments.routes import blueprint
from clinic.core.errors import N_, Conflict, Missing
from clinic.fhir.store import Store
from clinic.pdf import Printed, print_pdf
from clinic.pdf.render import pdf_response
from clinic.regions import region_of
from clinic.registration.mapping.names import display_name
from clinic.registration.mapping.patient import details_of
from clinic.registration.rules.contacting import may_contact
from clinic.web.transaction import look

NO_LETTER = N_("This patient must not be written to, or there is no address to write to.")
_LANGUAGES = ("en", "es", "nl", "ar")


@dataclass(frozen=True)
class Letter:
    """What stands in the letter."""

    name: str
    address: tuple[str, ...]
    what: str
    provider: str
    due: date


@blueprint.get("/recalls/<recall_id>/letter")
@requires("print.read")
def recall_letter(recall_id: str) -> Response:
    """The letter about one order or recall. Refused for whom the practice must not write to."""
    letter, printed, language = look(lambda store: _load(store, recall_id))
    return pdf_response(print_pdf("recall_letter.html", printed, letter=letter, language=language), "letter")


def _load(store: Store, recall_id: str) -> tuple[Letter, Printed, str]:
    one = recall(store, recall_id)
    if one is None:
        raise Missing("There is no such page or record.")
    patient, region = store.read("Patient", one.patient_id), region_of(store.practice.region)
    details = details_of(patient, region)
    if not may_contact(details, "letter", time(12)):
        raise Conflict(NO_LETTER)
    name, spoken = display_name(patient), details.language[:2]
    lines = region.address.lines(asdict(details.mailing or details.address))
    letter = Letter(name, (name, *lines), one.what, one.provider_name, one.due)
    store.did("print", "recall letter", one.patient_id)
    language = spoken if spoken in _LANGUAGES else store.practice.language
    with force_locale(language):
        title = _("Time for a visit")
    return letter, Printed(title=title, by=store.actor.name, at=store.now), language
