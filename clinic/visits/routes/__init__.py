"""Today: who is here, where, and what is missing."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.subject import patient_of, reference_id
from clinic.pdf import Printed, pdf_response, print_pdf
from clinic.visits import mapping, service
from clinic.visits.check_out import leave_the_desk
from clinic.visits.errors import StillOpen
from clinic.visits.forms import ConfirmForm, MoveForm, StepForm
from clinic.visits.printing import FaceSheet, face_sheet_of, line_of
from clinic.visits.queries import Today
from clinic.visits.rules import LEFT, next_station
from clinic.visits.screens import board_mark, board_page, check_in_page, visit_to_check_in
from clinic.visits.words import station_word
from clinic.web.forms import ScreenForm, translated
from clinic.web.respond import go, page, shown_mark, toast, unchanged
from clinic.web.transaction import look, transact

blueprint = Blueprint("visits", __name__)

_ON_SCREEN = "board"
"""In the session: the patients that this person's board has shown since it was opened."""


@blueprint.get("/today")
@requires("visits.read")
def today() -> Response:
    """The first screen: today's board, what is not ready, calls to return."""
    values = look(lambda store: board_page(store, request.args))
    _remember(values["board"], [])
    return page("visits/today.html", **values)


@blueprint.get("/today/board")
@requires("visits.read")
def board() -> Response:
    """The board alone, for the screen that renews itself: one cheap statement while nothing moved.

    Only who is new on it goes into the audit trail.
    """
    known, seen = session.get(_ON_SCREEN, []), shown_mark()

    def load(store: Store) -> dict[str, Any]:
        mark = board_mark(store, request.args) if seen else ""
        return {} if seen and seen == mark else board_page(store, request.args, known)

    values = look(load)
    if "board" not in values:
        return unchanged()
    _remember(values["board"], known)
    return page("visits/_board.html", **values)


def _remember(shown: Today, known: list[str]) -> None:
    here = sorted({line.appointment.patient_id for line in shown.lines} | set(known))
    if here != session.get(_ON_SCREEN):
        session[_ON_SCREEN] = here


@blueprint.post("/appointments/<appointment_id>/arrive")
@requires("visits.write")
def arrive(appointment_id: str) -> Response:
    """The patient is here."""
    pressed()
    encounter = transact(lambda store: service.arrive(store, appointment_id))
    say_moved(_("Arrived: %(name)s", name=name_of(encounter)), encounter)
    return go(url_for("visits.today"))


@blueprint.post("/visits/<encounter_id>/move")
@requires("visits.write")
def move(encounter_id: str) -> Response:
    """To another station, or the next one."""
    form = MoveForm.of_request()
    form.station.data = form.station.data or _next(encounter_id)
    require_valid(form)
    station, room = str(form.station.data), str(form.room.data or "")

    def step(store: Store) -> Json:
        if station == "room" and room:
            return service.to_room(store, encounter_id, room, version=form.loaded_version)
        if station == LEFT:
            return leave_the_desk(store, encounter_id, version=form.loaded_version)
        return service.move_to(store, encounter_id, station, version=form.loaded_version)

    try:
        encounter = transact(step)
    except StillOpen as error:
        return to_check_out(encounter_id, error)
    say_moved(_("%(name)s: %(station)s", name=name_of(encounter), station=station_word(station)), encounter)
    return go(url_for("visits.today"))


@blueprint.post("/visits/<encounter_id>/undo/<int:version>")
@requires("visits.write")
def undo(encounter_id: str, version: int) -> Response:
    """Take the last step back."""
    pressed()
    transact(lambda store: service.undo(store, encounter_id, version=version))
    toast(_("Taken back"))
    return go(url_for("visits.flow" if request.args.get("back") == "flow" else "visits.today"))


@blueprint.get("/appointments/<appointment_id>/check-in")
@requires("visits.read")
def check_in(appointment_id: str) -> Response:
    """What must be asked today, and only that."""
    return page("visits/check_in.html", **look(lambda store: check_in_page(store, appointment_id)))


@blueprint.get("/patients/<patient_id>/check-in")
@requires("visits.write")
def check_in_patient(patient_id: str) -> Response:
    """The check-in of the visit this patient comes for today; somebody without one is a walk-in."""
    appointment_id = look(lambda store: visit_to_check_in(store, patient_id))
    if appointment_id:
        return go(url_for("visits.check_in", appointment_id=appointment_id))
    toast(_("No visit is booked for today: a walk-in?"))
    return go(url_for("visits.walk_in", patient=patient_id))


@blueprint.post("/appointments/<appointment_id>/check-in/begin")
@requires("visits.write")
def begin(appointment_id: str) -> Response:
    """Note the arrival and open the check-in."""
    pressed()
    transact(lambda store: service.begin_check_in(store, appointment_id))
    return go(url_for("visits.check_in", appointment_id=appointment_id))


@blueprint.post("/appointments/<appointment_id>/confirm")
@requires("visits.write")
def confirm(appointment_id: str) -> Response:
    """The patient said that it is still right."""
    form = ConfirmForm.of_request()
    require_valid(form)

    def note(store: Store) -> None:
        appointment = store.read("Appointment", appointment_id)
        service.begin_check_in(store, appointment_id)
        service.confirm(store, patient_of(appointment), str(form.kind.data))

    transact(note)
    return go(url_for("visits.check_in", appointment_id=appointment_id))


@blueprint.get("/patients/<patient_id>/face-sheet")
@requires("print.read")
def face_sheet(patient_id: str) -> Response:
    """Everything about one patient on one page, as a PDF."""

    def load(store: Store) -> tuple[FaceSheet, Printed]:
        sheet = face_sheet_of(store, patient_id)
        store.did("print", "face sheet", patient_id)
        whose = line_of(sheet.banner)
        return sheet, Printed(_("Face sheet"), by=store.actor.name, at=store.now, code=patient_id, patient_line=whose)

    sheet, printed = look(load)
    return pdf_response(print_pdf("face_sheet.html", printed, sheet=sheet), "face-sheet")


def pressed() -> StepForm:
    """The form of a button, whole. Raises Invalid."""
    form = StepForm.of_request()
    require_valid(form)
    return form


def require_valid(form: ScreenForm) -> None:
    """Refuse a form of buttons and hidden fields that is not whole. Raises Invalid."""
    from clinic.core.errors import Invalid

    if not form.validate():
        first = next((str(error) for field in form for error in field.errors), "")
        raise Invalid(first or "The request could not be understood. Nothing was changed.")


def to_check_out(encounter_id: str, error: StillOpen) -> Response:
    """Instead of the end of a visit: its check-out, and what is still open there."""
    toast(translated(error))
    return go(url_for("visits.check_out", encounter_id=encounter_id))


def _next(encounter_id: str) -> str:
    encounter = look(lambda store: store.read("Encounter", encounter_id))
    return next_station(mapping.station_of(encounter))


def say_moved(message: str, encounter: Json) -> None:
    """Say what happened to a visit, with the way back."""
    version = int(encounter["meta"]["versionId"])
    toast(message, undo_url=url_for("visits.undo", encounter_id=encounter["id"], version=version))


def name_of(encounter: Json) -> str:
    """The patient's name on a visit."""
    return str(encounter.get("subject", {}).get("display", "")) or reference_id(encounter.get("subject"), "Patient")
