"""Groups: opened at a time with seats, filled one patient after another, printed as a list."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import current_actor, requires
from clinic.appointments.errors import SamePatient
from clinic.appointments.forms import GroupForm, JoinForm, local_parts, read_slot
from clinic.appointments.queries.groups import GroupPage, group_page
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.routes import blueprint
from clinic.appointments.routes.entering import practice, start_of
from clinic.appointments.routes.shown import choices, tools
from clinic.appointments.rules.booking import Booking
from clinic.appointments.rules.status import MOVABLE
from clinic.appointments.service.groups import change_group, give_seat, join, open_group
from clinic.core.errors import ClinicError
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.pdf import Printed, print_pdf
from clinic.pdf.render import pdf_response
from clinic.registration.queries.finder import find_patients
from clinic.registration.queries.merges import person_in_use
from clinic.registration.rules.query import read_query
from clinic.web.errors import status_of
from clinic.web.filters import now, today
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, once, transact

_HITS = 6


@blueprint.get("/groups/new")
@requires("appointments.write")
def new_group() -> Response:
    """The form of a group, filled from the address."""
    args = request.args
    values = {name: args[name] for name in ("day", "time", "provider", "title", "visit_type") if name in args}
    slot = read_slot(args.get("slot", ""))
    if slot:
        values["day"], values["time"] = local_parts(slot[0], practice().zone)
        values["provider"] = slot[1]
    return _form_page(GroupForm.of_request(**values))


@blueprint.post("/groups/new")
@requires("appointments.write")
def open_group_now() -> Response:
    """Book the time for a group."""
    form = GroupForm(request.form)
    try:
        booking, title, seats = _booking(form), str(form.title.data or ""), form.read_seats()
        key = str(form.once.data or "")[:80]
        work = lambda store: once(store, key, lambda: open_group(store, booking, title=title, seats=seats))  # noqa: E731
        made: Json = transact(work)
    except ClinicError as error:
        form.show(error)
        return _form_page(form, status=status_of(error))
    undo = url_for("appointments.undo", appointment_id=made["id"], version=made["meta"]["versionId"])
    toast(_("Booked: %(name)s.", name=made["description"]), undo)
    return go(url_for("appointments.group", group_id=made["id"]))


@blueprint.get("/groups/<group_id>")
@requires("appointments.read")
def group(group_id: str) -> Response:
    """Who takes part, who waits, and how many seats are left."""
    names = ("patient", "q")
    form = JoinForm.of_request(**{name: request.args[name] for name in names if name in request.args})
    return _page(group_id, form)


@blueprint.post("/groups/<group_id>/join")
@requires("appointments.write")
def join_group(group_id: str) -> Response:
    """Give somebody a seat, or a place among those who wait when it is full."""
    form = JoinForm(request.form)
    patient, anyway, key = str(form.patient.data or ""), bool(form.anyway.data), str(form.once.data or "")[:80]
    try:
        made = transact(lambda store: once(store, key, lambda: join(store, group_id, patient, anyway=anyway)))
    except ClinicError as error:
        form.show(error)
        return _page(group_id, form, twice=isinstance(error, SamePatient), status=status_of(error))
    name = made["participant"][0]["actor"]["display"]
    undo = url_for("appointments.undo", appointment_id=made["id"], version=made["meta"]["versionId"])
    toast(
        _("%(name)s waits for a seat.", name=name)
        if made["status"] == "waitlist"
        else _("%(name)s has a seat.", name=name),
        undo,
    )
    return go(url_for("appointments.group", group_id=group_id))


@blueprint.post("/groups/<group_id>/seat/<appointment_id>")
@requires("appointments.write")
def seat_in_group(group_id: str, appointment_id: str) -> Response:
    """Give a free seat to somebody who waits for it."""
    try:
        made = transact(lambda store: give_seat(store, appointment_id))
    except ClinicError as error:
        form = JoinForm(request.form)
        form.show(error)
        return _page(group_id, form, status=status_of(error))
    toast(_("%(name)s has a seat.", name=made["participant"][0]["actor"]["display"]))
    return go(url_for("appointments.group", group_id=group_id))


@blueprint.post("/groups/<group_id>/change")
@requires("appointments.write")
def change_group_now(group_id: str) -> Response:
    """Another title or number of seats."""
    form = GroupForm(request.form)
    title, seats, version = str(form.title.data or ""), form.read_seats(), form.loaded_version
    try:
        transact(lambda store: change_group(store, group_id, title=title, seats=seats, version=version))
    except ClinicError as error:
        shown = JoinForm(None)
        shown.show(error)
        return _page(group_id, shown, status=status_of(error))
    return go(url_for("appointments.group", group_id=group_id))


@blueprint.get("/groups/<group_id>/print")
@requires("print.read")
def print_group(group_id: str) -> Response:
    """The list of those who take part, on paper."""

    def read(store: Store) -> GroupPage:
        found = group_page(store, group_id)
        store.did("print", f"group {group_id}")
        return found

    found = look(read)
    printed = Printed(found.title, by=current_actor().name, at=now())
    return pdf_response(print_pdf("group.html", printed, group=found), "group")


def _booking(form: GroupForm) -> Booking:
    return Booking(
        patient_id="",
        provider_id=str(form.provider.data or ""),
        visit_type=str(form.visit_type.data or ""),
        start=start_of(form),
        minutes=form.read_minutes(),
        room_id=str(form.room.data or ""),
        note=str(form.note.data or ""),
        overbook_reason=str(form.overbook_reason.data or ""),
    )


def _form_page(form: GroupForm, *, status: int = 200) -> Response:
    setup = look(calendar_setup)
    known = choices(setup)
    form.seats.data = form.seats.data or "8"
    form.minutes.data = form.minutes.data or "60"
    form.place(**{name: known[name] for name in ("provider", "visit_type", "room", "minutes")})
    return page("appointments/group_new.html", status=status, form=form, **tools())


def _page(group_id: str, form: JoinForm, *, twice: bool = False, status: int = 200) -> Response:
    values = look(lambda store: _read(store, group_id, form))
    found: GroupPage = values["group"]
    change = GroupForm(None, title=found.title, seats=str(found.seats), version=str(found.version))
    entered = {"twice": twice}
    opened = found.status in MOVABLE and found.end > now()
    return page(
        "appointments/group.html", status=status, form=form, change=change, entered=entered, opened=opened, **values,
        **tools(),
    )  # fmt: skip


def _read(store: Store, group_id: str, form: JoinForm) -> dict[str, Any]:
    found = group_page(store, group_id)
    for one in (*found.seated, *found.waiting):
        store.saw_in_list(one.patient_id, "group")
    person = person_in_use(store, str(form.patient.data or "")[:64])
    text = "" if person else str(form.q.data or "")[:120]
    hits = []
    if text:
        query = read_query(text, today=today(), order=practice().date_order)
        hits = [hit for hit in find_patients(store, query, limit=_HITS) if not hit.person.deceased]
    return {"group": found, "advice": {"patient": person}, "hits": hits, "q": text}
