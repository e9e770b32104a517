"""A family in one go: its members on file, times for all of them, and one booking for each."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.appointments.errors import NO_PATIENT
from clinic.appointments.forms import FamilyForm, known_instant, read_day, read_slot
from clinic.appointments.mapping.bonds import TOGETHER, tie_of
from clinic.appointments.queries.free import Search, find_times, preferred_first
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.routes import blueprint
from clinic.appointments.routes.booking import done
from clinic.appointments.routes.entering import practice
from clinic.appointments.routes.shown import choices, tools
from clinic.appointments.rules.booking import Booking
from clinic.appointments.rules.family import FamilyTime, at_once, in_turn, starts_of
from clinic.appointments.rules.setup import Setup
from clinic.appointments.service.family import book_family
from clinic.appointments.service.many import stamp_of, undo_many
from clinic.core.days import day_bounds, read_instant
from clinic.core.errors import ClinicError, Conflict, Invalid
from clinic.core.json import Json
from clinic.db.together import read_together
from clinic.fhir.store import Store
from clinic.registration.queries.merges import person_in_use
from clinic.registration.queries.people import people_list, people_of
from clinic.web.errors import status_of
from clinic.web.filters import now, today
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, once, transact

_MOST = 8
_TIMES = 6
_ONCE = "once"


@blueprint.get("/family/<patient_id>")
@requires("appointments.write")
def family(patient_id: str) -> Response:
    """Who of the family comes, and the times at which all of them can be seen."""
    args = request.args
    names = ("visit_type", "minutes", "provider", "day", "arranged")
    values: dict[str, Any] = {name: args[name] for name in names if name in args}
    if "members" in args:
        values["members"] = args.getlist("members")
    return _page(patient_id, FamilyForm.of_request(**values))


@blueprint.post("/family/<patient_id>")
@requires("appointments.write")
def book_family_now(patient_id: str) -> Response:
    """Book all of them, or none."""
    form = FamilyForm(request.form)
    try:
        bookings, key = _bookings(form), str(form.once.data or "")[:80]
        made = transact(lambda store: once(store, key, lambda: book_family(store, bookings)[0]))
    except ClinicError as error:
        form.show(error)
        return _page(patient_id, form, status=status_of(error))
    undo = url_for("appointments.undo_family", key=tie_of(made, TOGETHER), stamp=stamp_of(made))
    toast(ngettext("Booked: %(num)s visit.", "Booked: %(num)s visits in one go.", len(bookings)), undo)
    return done(read_instant(made["start"]))


@blueprint.post("/family/undo/<key>/<stamp>")
@requires("appointments.write")
def undo_family(key: str, stamp: str) -> Response:
    """Take the whole booking of a family back, within a minute of it."""
    moment = known_instant(stamp)
    if moment is None:
        raise Conflict(NO_PATIENT)
    back: list[Json] = transact(lambda store: undo_many(store, TOGETHER, key, moment))
    toast(ngettext("Taken back: %(num)s visit.", "Taken back: %(num)s visits.", len(back)))
    return go(url_for("appointments.day"))


def _bookings(form: FamilyForm) -> list[Booking]:
    members, slot = list(form.members.data or ())[:_MOST], read_slot(str(form.slot.data or ""))
    if slot is None or not members:
        raise Invalid("Choose a time.", field="slot")
    people = tuple(slot[1].split(","))
    if len(people) != len(members):
        raise Invalid("Choose a time for all of them.", field="slot")
    minutes = form.read_minutes() or 20
    starts = starts_of(FamilyTime(slot[0], people), minutes, together=form.arranged.data == _ONCE)
    kind = str(form.visit_type.data or "")
    return [
        Booking(member, provider, kind, start, minutes=minutes)
        for member, provider, start in zip(members, people, starts, strict=True)
    ]


def _page(patient_id: str, form: FamilyForm, *, status: int = 200) -> Response:
    values = look(lambda store: _read(store, patient_id, form))
    return page("appointments/family.html", status=status, form=form, patient_id=patient_id, **values, **tools())


def _read(store: Store, patient_id: str, form: FamilyForm) -> dict[str, Any]:
    person, setup = person_in_use(store, patient_id), calendar_setup(store)
    if person is None:
        raise Invalid(NO_PATIENT, field="patient")
    store.saw(person.id, "booking")
    rows = read_together(store.conn, (people_list(),), {"patient_id": person.id})[0]
    family = [one for one in people_of(rows) if one.patient_id and one.active and not one.deceased]
    members = [(person.id, person.display)]
    members += [(one.patient_id, one.name) for one in family if one.patient_id != person.id]
    known = choices(setup)
    arranged = [("turn", str(_("one after another, with one provider"))), (_ONCE, str(_("at the same time")))]
    if not form.members.data:
        form.members.data = [id_ for id_, _name in members]
    form.visit_type.data = form.visit_type.data or (known["visit_type"][0][0] if known["visit_type"] else "")
    kind = setup.visit_type(str(form.visit_type.data))
    form.minutes.data = form.minutes.data or str(kind.minutes if kind else 20)
    everybody = ("", str(_("Anybody")))
    form.place(
        members=members, arranged=arranged, visit_type=known["visit_type"], minutes=known["minutes"],
        provider=[everybody, *known["provider"]],
    )  # fmt: skip
    chosen = [id_ for id_, _name in members if id_ in form.members.data][:_MOST]
    return {"person": person, "setup": setup, "alone": len(members) == 1, "times": _times(store, setup, form, chosen)}


def _times(store: Store, setup: Setup, form: FamilyForm, chosen: list[str]) -> list[FamilyTime]:
    try:
        minutes = form.read_minutes() or 20
        day = read_day(str(form.day.data), today=today(), order=practice().date_order) if form.day.data else today()
    except (Invalid, ValueError):
        return []
    together, count = form.arranged.data == _ONCE, len(chosen)
    earliest = max(day_bounds(day, practice().zone)[0], now())
    one = str(form.provider.data or "")
    people = preferred_first(setup, str(form.visit_type.data or ""), one)
    if not count:
        return []
    if together:
        search = Search(minutes, earliest, people, limit=400, spread=99, type_id=str(form.visit_type.data or ""))
        return at_once(find_times(store, setup, search).offers, count)[:_TIMES]
    people = (one,) if one else people
    search = Search(min(minutes * count, 720), earliest, people, limit=_TIMES)
    return in_turn(find_times(store, setup, search).offers, count)
