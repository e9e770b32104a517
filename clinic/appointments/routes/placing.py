"""A visit that is dropped on the calendar: moved, made longer or copied, and refused beside the place."""

from __future__ import annotations

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.access.users import get_user
from clinic.appointments.errors import OutsideHours, SamePatient, TimeTaken
from clinic.appointments.forms import PlaceForm, read_slot
from clinic.appointments.queries.listing import Visit
from clinic.appointments.queries.listing import visit as find_visit
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.routes import blueprint
from clinic.appointments.routes.shown import tools
from clinic.appointments.routes.visit import moved_words
from clinic.appointments.rules.booking import Change
from clinic.appointments.rules.setup import Setup
from clinic.appointments.service.changes import move as move_visit
from clinic.appointments.service.copying import copy_visit
from clinic.core.errors import N_, ClinicError, Invalid, Missing, Stale, Taken
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.web.errors import status_of
from clinic.web.forms import translated
from clinic.web.respond import page, toast
from clinic.web.transaction import look, once, transact

_NO_SLOT = N_("Choose a time.")


@blueprint.post("/<appointment_id>/place")
@requires("appointments.write")
def place(appointment_id: str) -> Response:
    """Put the visit (or a copy of it) at a time of the calendar.

    The one-time key makes a request that is sent again after a lost network the same request. A refusal is a small
    page with the reason and the nearest free times.
    """
    form = PlaceForm(request.form)
    copying, key = bool(form.copy.data), str(form.once.data or "")[:80]
    try:
        change = _change(form)
        made = transact(lambda store: once(store, key, lambda: _put(store, appointment_id, change, form)))
    except ClinicError as error:
        return _refused(appointment_id, form, error)
    version = made["meta"]["versionId"]
    undo = url_for("appointments.undo", appointment_id=made["id"], version=version)
    toast(
        _("Copied: %(what)s", what=moved_words(made)) if copying else _("Moved: %(what)s", what=moved_words(made)), undo
    )
    return Response(status=204, headers={"X-Visit": made["id"], "X-Version": str(version)})


def _put(store: Store, id_: str, change: Change, form: PlaceForm) -> Json:
    if form.copy.data:
        return copy_visit(store, id_, change, anyway=bool(form.anyway.data))
    return move_visit(store, id_, change)


def _change(form: PlaceForm) -> Change:
    slot = read_slot(str(form.slot.data or ""))
    if slot is None:
        raise Invalid(_NO_SLOT, field="slot")
    start, provider = slot
    return Change(
        start=start,
        provider_id=provider or None,
        minutes=form.read_minutes(),
        room_id=str(form.room.data or "")[:64] or None,
        version=None if form.copy.data else form.loaded_version,
        overbook_reason=str(form.overbook_reason.data or "")[:200],
        anyway=bool(form.anyway.data),
    )


def _name(store: Store, author: str) -> str:
    try:
        return get_user(store.conn, author).name
    except Missing:
        return ""


def _refused(id_: str, form: PlaceForm, error: ClinicError) -> Response:
    """Why it stays where it was, in place: the nearest free times, or what somebody else made of it meanwhile."""

    def read(store: Store) -> tuple[Visit | None, Setup, str]:
        found = find_visit(store, id_)
        if found is not None:
            store.saw(found.patient_id, "appointment")
        last = store.history("Appointment", id_)[:1] if isinstance(error, Stale) else []
        return found, calendar_setup(store), _name(store, last[0].author) if last else ""

    visit, setup, who = look(read)
    return page(
        "appointments/_refused.html",
        status=status_of(error),
        visit=visit,
        setup=setup,
        who=who,
        stale=isinstance(error, Stale),
        twice=isinstance(error, SamePatient),
        closed=isinstance(error, Taken | OutsideHours),
        offers=error.offers if isinstance(error, TimeTaken | OutsideHours) else (),
        said=translated(error),
        copying=bool(form.copy.data),
        **tools(),
    )
