"""One appointment: what it is, moving, cancelling, not coming, and taking it back."""

from __future__ import annotations

from datetime import datetime

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.appointments.errors import OutsideHours, TimeTaken
from clinic.appointments.forms import MoveForm, ReasonForm, read_slot
from clinic.appointments.routes import blueprint
from clinic.appointments.routes.booking import done
from clinic.appointments.routes.entering import start_of
from clinic.appointments.routes.one import Refusal, visit_page
from clinic.appointments.rules.booking import Change
from clinic.appointments.service.changes import cancel as cancel_visit
from clinic.appointments.service.changes import move as move_visit
from clinic.appointments.service.changes import no_show as miss_visit
from clinic.appointments.service.changes import undo as undo_change
from clinic.core.days import read_instant
from clinic.core.errors import ClinicError
from clinic.core.json import Json
from clinic.web.errors import status_of
from clinic.web.filters import clock, weekday
from clinic.web.respond import toast
from clinic.web.transaction import transact


@blueprint.get("/<appointment_id>")
@requires("appointments.read")
def appointment(appointment_id: str) -> Response:
    """What the appointment is, what can be done with it, and its history."""
    return visit_page(appointment_id)


@blueprint.post("/<appointment_id>/move")
@requires("appointments.write")
def move(appointment_id: str) -> Response:
    """Give it another time, person or length; refusals come back with the nearest free times."""
    form = MoveForm(request.form)
    if not form.validate():
        return visit_page(appointment_id, Refusal(form), status=422)
    try:
        change = _change(form)
        moved = transact(lambda store: move_visit(store, appointment_id, change))
    except ClinicError as error:
        offers = error.offers if isinstance(error, TimeTaken | OutsideHours) else ()
        refusal = Refusal(form, error, offers)
        return visit_page(appointment_id, refusal, status=status_of(error))
    return _changed(moved, _("Moved: %(what)s", what=moved_words(moved)))


def moved_words(moved: Json) -> str:
    """Who has which time now, as a sentence goes on."""
    start = read_instant(moved["start"])
    named = {**_named(moved), "day": weekday(start), "time": clock(start)}
    length = moved.get("minutesDuration", 0)
    return str(_("%(name)s, %(day)s at %(time)s for %(length)s min.", **named, length=length))


def _change(form: MoveForm) -> Change:
    chosen = read_slot(str(form.slot.data or ""))
    start: datetime | None
    if chosen:
        start, provider = chosen
    elif form.day.data or form.time.data:
        start, provider = start_of(form), str(form.provider.data or "")
    else:
        start, provider = None, str(form.provider.data or "")
    return Change(
        start=start,
        provider_id=provider or None,
        minutes=form.read_minutes(),
        version=form.loaded_version,
        overbook_reason=str(form.overbook_reason.data or ""),
        anyway=bool(form.anyway.data),
    )


@blueprint.post("/<appointment_id>/cancel")
@requires("appointments.write")
def cancel(appointment_id: str) -> Response:
    """Cancel it, with a reason."""
    form = ReasonForm(request.form)
    reason, version = str(form.reason.data or ""), form.loaded_version
    try:
        gone = transact(lambda store: cancel_visit(store, appointment_id, reason=reason, version=version))
    except ClinicError as error:
        return visit_page(appointment_id, Refusal(error=error, about="cancel"), status=status_of(error))
    return _changed(gone, _("Cancelled: %(name)s.", **_named(gone)))


@blueprint.post("/<appointment_id>/no-show")
@requires("appointments.write")
def no_show(appointment_id: str) -> Response:
    """Note that the patient did not come."""
    form = ReasonForm(request.form)
    reason, version = str(form.reason.data or ""), form.loaded_version
    try:
        missed = transact(lambda store: miss_visit(store, appointment_id, reason=reason, version=version))
    except ClinicError as error:
        return visit_page(appointment_id, Refusal(error=error, about="no-show"), status=status_of(error))
    return _changed(missed, _("Did not come: %(name)s.", **_named(missed)))


@blueprint.post("/<appointment_id>/undo/<int:version>")
@requires("appointments.write")
def undo(appointment_id: str, version: int) -> Response:
    """Take the last change back, within a minute of it."""
    try:
        back = transact(lambda store: undo_change(store, appointment_id, version=version))
    except ClinicError as error:
        return visit_page(appointment_id, Refusal(error=error), status=status_of(error))
    toast(_("Taken back: %(name)s.", **_named(back)))
    return done(read_instant(back["start"]))


def _named(resource: Json) -> dict[str, str]:
    displays = [part["actor"].get("display", "") for part in resource.get("participant", []) if "actor" in part]
    return {"name": displays[0] if displays else ""}


def _changed(resource: Json, said: str) -> Response:
    version = resource["meta"]["versionId"]
    toast(said, url_for("appointments.undo", appointment_id=resource["id"], version=version))
    return done(read_instant(resource["start"]))
