"""Moving, resizing, cancelling, no-shows, states, and taking each of them back for a minute."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from clinic.appointments.errors import (
    BEGUN,
    GIVEN_AWAY,
    NO_PROVIDER,
    NO_TIME,
    NO_TYPE,
    STEP,
    TOO_LATE_TO_UNDO,
    UNDO_OVERTAKEN,
    InThePast,
    TimeTaken,
)
from clinic.appointments.mapping.appointment import (
    NO_SHOW,
    place_of,
    placed,
    references,
    service_types,
    span_of,
    visit_type_of,
)
from clinic.appointments.mapping.extensions import with_extension
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.booking import UNDO_FOR, Change, Place, asked_span, is_past
from clinic.appointments.rules.setup import Setup
from clinic.appointments.rules.status import MOVABLE, holds_time, may_step
from clinic.appointments.service.booking import allowed_place, needs_reason, refuse_twice
from clinic.appointments.service.claims import settle
from clinic.appointments.service.holds import keep_for_undo
from clinic.appointments.service.offering import withdraw_unsent
from clinic.appointments.service.seats import in_usual_room, settle_seats, with_room
from clinic.core.errors import Conflict, Invalid, Stale
from clinic.core.json import Json
from clinic.fhir.store import STALE, Store

_GRACE = timedelta(seconds=15)
"""The toast counts 60 seconds; the click may travel a little longer."""


def move(store: Store, id_: str, change: Change) -> Json:
    """Give an appointment another time, person, room, length or type; gives the changed Appointment.

    The new time, and all that its type needs, is claimed and the old given back in one transaction; the old stays
    kept for a minute
    for undo. Raises TimeTaken or OutsideHours with the nearest free times, Stale when `version` is no longer
    the current one, InThePast, Conflict once the visit has begun, SamePatient unless `anyway`.
    """
    setup, before = calendar_setup(store), locked(store, id_, change.version)
    if before.get("status") not in MOVABLE:
        raise Conflict(BEGUN)
    if span_of(before) is None:
        raise Invalid(NO_TIME)
    old = place_of(before)
    new = _changed(store, setup, old, change)
    if is_past(new.span.start, store.now) and new.span.start != old.span.start:
        raise InThePast
    if _what(new) != _what(old):
        if not change.anyway:
            refuse_twice(store, new, except_for=id_)
        wanted = (*(part.actor for part in old.parts), *([f"Location/{new.room_id}"] if new.room_id else []))
        reason = change.overbook_reason
        new = allowed_place(store, setup, new, reason=reason, except_for=id_, wanted=wanted)
    after = settle_seats(store, setup, before, new, lambda place: _typed(placed(before, place), place))
    saved = _written(store, before, after)
    if holds_time(old.status) and saved["meta"] != before["meta"]:
        keep_for_undo(store, setup, before)
    return saved


def resize(store: Store, id_: str, *, minutes: int, version: int | None = None) -> Json:
    """Make an appointment longer or shorter, in steps of five minutes."""
    return move(store, id_, Change(minutes=minutes, version=version))


def locked(store: Store, id_: str, version: int | None) -> Json:
    """The appointment as it is now, kept from others who change it until this transaction ends. Raises Stale."""
    store.lock("Appointment", id_)
    present = store.read("Appointment", id_)
    if version is not None and version != int(present["meta"]["versionId"]):
        raise Stale(STALE, current=present)
    return present


def _changed(store: Store, setup: Setup, old: Place, change: Change) -> Place:
    minutes = change.minutes or (old.span.end - old.span.start) // timedelta(minutes=1)
    new = _of_type(setup, old, change.visit_type).at(asked_span(change.start or old.span.start, minutes))
    if change.provider_id is None or change.provider_id == old.provider_id:
        return _same_provider(store, setup, new, change)
    provider = setup.provider(change.provider_id)
    if provider is None or not provider.active:
        raise Invalid(NO_PROVIDER, field="provider")
    new = replace(new, provider_id=provider.id, provider_name=provider.name)
    if change.room_id is None:
        return in_usual_room(store, setup, new)
    return with_room(setup, new, change.room_id)


def _what(place: Place) -> tuple[object, ...]:
    """What a move may change, and what is needed depends on."""
    return place.span, place.provider_id, place.room_id, place.type_id


def _of_type(setup: Setup, place: Place, type_id: str | None) -> Place:
    if type_id is None or type_id == place.type_id:
        return place
    kind = setup.visit_type(type_id)
    if kind is None or not kind.active:
        raise Invalid(NO_TYPE, field="visit_type")
    return replace(place, type_id=kind.id, type_name=kind.name)


def _typed(resource: Json, place: Place) -> Json:
    """The appointment with the type of its place, which a move leaves as a program wrote it unless it is another."""
    same = visit_type_of(resource)[0] == place.type_id
    return resource if same else resource | {"serviceType": service_types(place)}


def _same_provider(store: Store, setup: Setup, new: Place, change: Change) -> Place:
    """The room stays, unless another is named or the provider sits at another site at the new time."""
    if change.room_id is not None:
        return with_room(setup, new, change.room_id)
    there = in_usual_room(store, setup, new)
    return there if there.site_id != new.site_id and there.site_id else new


def cancel(store: Store, id_: str, *, reason: str, version: int | None = None) -> Json:
    """Cancel an appointment with a reason; its time is free for others after a minute."""
    words = needs_reason(reason)
    before = locked(store, id_, version)
    after = before | {"status": "cancelled", "cancelationReason": {"text": words}}
    return _leave(store, before, after, reason=words)


def no_show(store: Store, id_: str, *, reason: str = "", version: int | None = None) -> Json:
    """Note that the patient did not come; the reason, when one is known, is kept with the appointment.

    Raises Conflict before the visit's time has come.
    """
    before = locked(store, id_, version)
    span = span_of(before)
    if span is not None and span.start > store.now:
        raise Conflict("This visit is still to come. Cancel it instead.")
    words = " ".join(reason.split())[:200] or None
    after = with_extension(before | {"status": "noshow"}, NO_SHOW, "valueString", words)
    return _leave(store, before, after, reason=words or "")


def set_status(store: Store, id_: str, status: str, *, version: int | None = None) -> Json:
    """Take an appointment to another state: arrived, checked-in, fulfilled, booked again.

    Raises Conflict for a step that does not exist, TimeTaken when it comes back and its time is gone.
    """
    before = locked(store, id_, version)
    after = {key: value for key, value in before.items() if key != "cancelationReason"} | {"status": status}
    after = with_extension(after, NO_SHOW, "valueString", None)
    return _save(store, calendar_setup(store), before, after)


def save_changed(store: Store, before: Json, after: Json) -> Json:
    """Keep an appointment that another service changed, by the same steps and claims. Raises Conflict, TimeTaken."""
    store.lock("Appointment", str(before["id"]))
    return _save(store, calendar_setup(store), before, after)


def undo(store: Store, id_: str, *, version: int) -> Json:
    """Take back the last change of an appointment, within a minute of it.

    `version` is the one that the change made. A booking that is taken back is marked as a mistake. Raises
    Conflict when the minute is over, when somebody changed it since, when its old time is gone, or when the change
    was that of a merge: that is taken back as a whole.
    """
    setup, now_ = calendar_setup(store), locked(store, id_, None)
    if int(now_["meta"]["versionId"]) != version:
        raise Conflict(UNDO_OVERTAKEN)
    last = store.vread("Appointment", id_, version)
    if store.now - last.at > UNDO_FOR + _GRACE:
        raise Conflict(TOO_LATE_TO_UNDO)
    back = _before(store, now_, version)
    require_same_patient(now_, back)
    wanted_back = span_of(back)
    if wanted_back is not None and holds_time(str(back.get("status"))):
        withdraw_unsent(store, place_of(back).provider_id, wanted_back)
    try:
        back = settle(store, setup, now_, back)
    except TimeTaken as taken:
        raise TimeTaken(GIVEN_AWAY, offers=taken.offers) from taken
    saved = store.update(back, version=version, reason="undo")
    store.fire("appointment_changed", saved)
    return saved


def require_same_patient(present: Json, back: Json) -> None:
    """Refuse to give a visit back to a record that was merged into another one since. Raises Conflict."""
    if references(present, "Patient") != references(back, "Patient"):
        raise Conflict(UNDO_OVERTAKEN)


def _before(store: Store, resource: Json, version: int) -> Json:
    if version == 1:
        return resource | {"status": "entered-in-error"}
    return store.vread("Appointment", resource["id"], version - 1).json


def _leave(store: Store, before: Json, after: Json, *, reason: str) -> Json:
    setup = calendar_setup(store)
    saved = _save(store, setup, before, after, reason=reason)
    if holds_time(str(before.get("status"))) and span_of(before) is not None:
        keep_for_undo(store, setup, before)
    return saved


def _save(store: Store, setup: Setup, before: Json, after: Json, *, reason: str = "") -> Json:
    old, new = str(before.get("status")), str(after.get("status"))
    if not may_step(old, new):
        raise Conflict(STEP, before=old, after=new, field="status")
    return _written(store, before, settle(store, setup, before, after), reason=reason)


def _written(store: Store, before: Json, after: Json, *, reason: str = "") -> Json:
    saved = store.update(after, reason=reason)
    if saved["meta"] != before["meta"]:
        store.fire("appointment_changed", saved)
    return saved
