"""Groups: one time of a provider for several patients, each of whom has an appointment of their own in it.

The appointment of the group claims the time; a seat claims one of the numbers 1 to n of its group, so that the
database, not a page, refuses one patient too many.
"""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from clinic.appointments.errors import (
    FULL,
    NO_GROUP,
    NO_SEATS,
    NO_TITLE,
    NOT_A_GROUP,
    OVER_SEATED,
    SEAT_STAYS,
    TWICE_SEATED,
)
from clinic.appointments.mapping.appointment import new_appointment, place_of, placed, span_of, timed_end
from clinic.appointments.mapping.bonds import MOST_SEATS, SEATS, WITH_GROUP, as_seat, host_of, seats_of
from clinic.appointments.mapping.extensions import with_extension
from clinic.appointments.mapping.patient import shown_name
from clinic.appointments.queries.board import HIDDEN
from clinic.appointments.queries.groups import in_group
from clinic.appointments.rules.booking import Booking, Group, Place
from clinic.appointments.rules.status import MOVABLE, holds_time
from clinic.appointments.service.booking import book, refuse_twice, require_living, require_patient
from clinic.appointments.tables import appointment_row
from clinic.core.errors import Conflict, Invalid, Missing, Taken
from clinic.core.ids import new_id
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.tables import unique_claim

SEAT = "group-seat"
_a, _u = appointment_row.c, unique_claim.c
_AWAY = (*HIDDEN, "noshow")


def open_group(store: Store, booking: Booking, *, title: str, seats: int) -> Json:
    """Book a time for a group; gives its Appointment, which has no patient yet.

    Raises what `book` raises, and Invalid without a title or with an odd number of seats.
    """
    group = Group(_title(title), _seats(seats))
    return book(store, replace(booking, patient_id="", group=group))


def change_group(store: Store, id_: str, *, title: str, seats: int, version: int | None = None) -> Json:
    """Give a group another title or number of seats. Raises Conflict for fewer seats than are taken, Stale."""
    host = _host(store, id_)
    wanted, words = _seats(seats), _title(title)
    for number in sorted(_taken(store, id_)):
        if number > wanted:
            _sit_lower(store, id_, number, wanted)
    after = with_extension(host | {"description": words}, SEATS, "valuePositiveInt", wanted)
    saved = store.update(after, version=version)
    if saved["meta"] != host["meta"]:
        store.fire("appointment_changed", saved)
    return saved


def join(store: Store, id_: str, patient_id: str, *, note: str = "", anyway: bool = False) -> Json:
    """Give a patient a seat, or a place on the group's waiting list when it is full; gives the Appointment.

    Raises Conflict for somebody who is in it already, SamePatient unless `anyway`, Invalid.
    """
    store.lock("Appointment", id_)
    host = _host(store, id_)
    if host.get("status") not in MOVABLE:
        raise Conflict(NO_GROUP)
    name, birth_date = shown_name(require_patient(store, patient_id))
    require_living(store, patient_id)
    if _is_in(store, id_, patient_id):
        raise Conflict(TWICE_SEATED, field="patient", patient=name)
    full = len(_taken(store, id_)) >= seats_of(host)
    place = replace(
        place_of(host), patient_id=patient_id, patient_name=name, birth_date=birth_date, note=note.strip()[:400],
        status="waitlist" if full else "booked", lane=0, overbook_reason="",
    )  # fmt: skip
    if not anyway:
        refuse_twice(store, place)
    return _seated(store, host, place)


def give_seat(store: Store, id_: str, *, version: int | None = None) -> Json:
    """Give a free seat to somebody who waits for it. Raises Conflict when the group is full, Stale."""
    before = store.read("Appointment", id_)
    store.lock("Appointment", host_of(before))
    saved = store.update(before | {"status": "booked"}, version=version)
    store.fire("appointment_changed", saved)
    return saved


def _seated(store: Store, host: Json, place: Place) -> Json:
    fresh = new_appointment(place, created=store.now, zone=store.practice.zone) | {"id": new_id()}
    made = store.create(as_seat(fresh, host), id=fresh["id"])
    store.fire("appointment_changed", made)
    return made


def keep_seats(store: Store, resource: Json) -> None:
    """What a changed appointment means for its group: a seat is taken or given back, and seats follow their group.

    Raises Conflict for a seat that would leave the time of its group, when every seat is taken, and for a group with
    fewer seats than people.
    """
    if seats_of(resource):
        _require_room(store, str(resource["id"]), seats_of(resource))
        _follow(store, resource)
    elif host_of(resource):
        _settle_seat(store, resource)


def require_seats(store: Store, before: Json, after: Json) -> None:
    """Refuse to make something else of a group in which people have seats. Raises Conflict."""
    if seats_of(before) and not seats_of(after):
        _require_room(store, str(before["id"]), 0)


def _require_room(store: Store, id_: str, seats: int) -> None:
    taken = _taken(store, id_)
    if taken and max(taken) > seats:
        raise Conflict(OVER_SEATED, field="seats", count=len(taken))


def _settle_seat(store: Store, seat: Json) -> None:
    group, holder = host_of(seat), f"Appointment/{seat['id']}"
    mine = sa.and_(_u.kind == SEAT, _u.holder == holder)
    if not holds_time(str(seat.get("status"))):
        store.conn.execute(sa.delete(unique_claim).where(mine))
        return
    host = store.find("Appointment", group)
    if host is None or span_of(host) != span_of(seat):
        raise Conflict(SEAT_STAYS, field="start")
    if store.conn.execute(sa.select(_u.key).where(mine)).first() is None:
        _sit(store, group, holder, range(1, seats_of(host) + 1))


def _sit(store: Store, group: str, holder: str, numbers: range) -> None:
    taken = _taken(store, group)
    for number in numbers:
        if number in taken:
            continue
        try:
            store.claim(SEAT, f"{group}:{number}", holder)
        except Taken:
            continue
        return
    raise Conflict(FULL, field="status")


def _sit_lower(store: Store, group: str, number: int, seats: int) -> None:
    holder = store.holder(SEAT, f"{group}:{number}") or ""
    store.release(SEAT, f"{group}:{number}", holder)
    try:
        _sit(store, group, holder, range(1, seats + 1))
    except Conflict as error:
        raise Conflict(OVER_SEATED, field="seats", count=len(_taken(store, group)) + 1) from error


def _taken(store: Store, group: str) -> set[int]:
    possible = [f"{group}:{number}" for number in range(1, MOST_SEATS + 1)]
    keys = store.conn.execute(sa.select(_u.key).where(_u.kind == SEAT, _u.key.in_(possible))).scalars()
    return {int(key.rpartition(":")[2]) for key in keys}


def _follow(store: Store, host: Json) -> None:
    """Bring every seat to the time, people and state of its group."""
    ids = store.conn.execute(sa.select(_a.id).where(in_group(host["id"]), _a.seats == 0).distinct()).scalars()
    with store.on_behalf_of_all():
        found = store.read_many([f"Appointment/{id_}" for id_ in ids])
        for key in sorted(found):
            seat = found[key]
            saved = store.update(timed_end(_with_host(seat, host), store.now), reason="group")
            if saved["meta"] != seat["meta"]:
                store.fire("appointment_changed", saved)


def _with_host(seat: Json, host: Json) -> Json:
    """The seat as its group now is: cancelled with it and back with it; who left it alone stays away."""
    status, gone = str(seat.get("status")), host.get("status") in ("cancelled", "entered-in-error")
    with_it = any(item.get("url") == WITH_GROUP for item in seat.get("extension", []))
    if gone and status in ("booked", "pending", "waitlist"):
        reason = host.get("cancelationReason") or {"text": str(host.get("description", ""))}
        left = seat | {"status": "cancelled", "cancelationReason": reason}
        return with_extension(left, WITH_GROUP, "valueCode", status)
    if gone or (status not in MOVABLE and not with_it):
        return seat
    mine, time = place_of(seat), place_of(host)
    if with_it:
        status = next(str(item["valueCode"]) for item in seat["extension"] if item.get("url") == WITH_GROUP)
        seat = {key: value for key, value in seat.items() if key != "cancelationReason"}
    there = replace(
        time, status=status, patient_id=mine.patient_id, patient_name=mine.patient_name, birth_date=mine.birth_date,
        lane=0, overbook_reason="",
    )  # fmt: skip
    return as_seat(with_extension(placed(seat, there), WITH_GROUP, "valueCode", None), host)


def _is_in(store: Store, group: str, patient_id: str) -> bool:
    wanted = sa.select(_a.id).where(_a.patient_id == patient_id, _a.group_id == group)
    there = wanted.where(_a.status.not_in(("cancelled", "entered-in-error", "noshow")))
    return store.conn.execute(there.limit(1)).first() is not None


def _host(store: Store, id_: str) -> Json:
    host = store.read("Appointment", id_)
    if not seats_of(host):
        raise Missing(NOT_A_GROUP)
    return host


def _title(title: str) -> str:
    words = " ".join(title.split())[:200]
    if not words:
        raise Invalid(NO_TITLE, field="title")
    return words


def _seats(seats: int) -> int:
    if not 2 <= seats <= MOST_SEATS:
        raise Invalid(NO_SEATS, field="seats", most=MOST_SEATS)
    return seats
