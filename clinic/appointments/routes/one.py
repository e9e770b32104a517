"""The page (or dialog) of one appointment."""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.wrappers import Response

from clinic.appointments.errors import OutsideHours, SamePatient
from clinic.appointments.forms import MoveForm, ReasonForm, local_parts
from clinic.appointments.mapping.appointment import reason_of, visit_type_of
from clinic.appointments.mapping.bonds import SERIES, group_of, host_of, tie_of
from clinic.appointments.queries.listing import Visit
from clinic.appointments.queries.listing import visit as find_visit
from clinic.appointments.queries.policy import reasons_and_video
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.routes.entering import practice
from clinic.appointments.routes.shown import choices, reason_words, tools
from clinic.appointments.rules.free import Offer
from clinic.appointments.rules.setup import Setup
from clinic.appointments.rules.status import HOLDING, MOVABLE, next_steps
from clinic.appointments.service.telehealth import in_room
from clinic.core.errors import ClinicError, Missing, Taken
from clinic.fhir.store import Store, Version
from clinic.registration.queries.finder import people
from clinic.registration.rules.ranking import Person
from clinic.web.filters import now
from clinic.web.forms import translated
from clinic.web.respond import is_fragment, page
from clinic.web.transaction import look


@dataclass(frozen=True)
class Refusal:
    """What was sent and why it was refused."""

    form: MoveForm | None = None
    error: ClinicError | None = None
    offers: tuple[Offer, ...] = ()
    about: str = "move"


@dataclass(frozen=True)
class One:
    """All that the page shows."""

    visit: Visit
    person: Person | None
    history: list[Version]
    setup: Setup
    reasons: dict[str, list[str]]
    video: str
    """Where it takes place when it is by video; empty for a visit in the practice."""


def visit_page(id_: str, refusal: Refusal | None = None, *, status: int = 200) -> Response:
    """The appointment with its forms; a refusal stands where it belongs."""
    refusal = refusal or Refusal()
    one = look(lambda store: _read(store, id_))
    form = _form(one, refusal)
    return page(
        "appointments/_visit.html" if is_fragment() else "appointments/appointment.html",
        status=status,
        one=one,
        visit=one.visit,
        form=form,
        reason_form=ReasonForm(None, version=form.version.data),
        refusal=refusal,
        said=translated(refusal.error) if refusal.error else "",
        closed=isinstance(refusal.error, Taken | OutsideHours),
        twice=isinstance(refusal.error, SamePatient),
        movable=one.visit.status in MOVABLE and not host_of(one.history[0].json),
        steps=next_steps(one.visit.status),
        begun=one.visit.start <= now(),
        cancel_reasons=one.reasons["cancel"],
        no_show_reasons=one.reasons["noshow"],
        reason_of=reason_of,
        group_id=group_of(one.history[0].json),
        is_seat=bool(host_of(one.history[0].json)),
        series_id=tie_of(one.history[0].json, SERIES),
        **tools(),
    )


def _read(store: Store, id_: str) -> One:
    visit = find_visit(store, id_)
    if visit is None:
        store.read("Appointment", id_)
        raise Missing("This appointment has no time yet.")
    store.saw(visit.patient_id, "appointment")
    history = store.history("Appointment", id_)
    reasons, video = reasons_and_video(store, visit_type_of(history[0].json)[0])
    return One(
        visit,
        people(store, [visit.patient_id]).get(visit.patient_id),
        history,
        calendar_setup(store),
        reason_words(reasons),
        in_room(video, id_) if visit.status in HOLDING else "",
    )


def _form(one: One, refusal: Refusal) -> MoveForm:
    visit = one.visit
    day, time = local_parts(visit.start, practice().zone)
    minutes = str(int((visit.end - visit.start).total_seconds()) // 60)
    form = refusal.form or MoveForm.of_request(day=day, time=time, minutes=minutes, provider=visit.provider)
    if not form.day.data:
        form.day.data, form.time.data = day, time
    form.minutes.data = form.minutes.data or minutes
    form.provider.data = form.provider.data or visit.provider
    form.version.data = str(visit.version)
    known = choices(one.setup)
    form.place(provider=known["provider"], minutes=known["minutes"])
    return form
