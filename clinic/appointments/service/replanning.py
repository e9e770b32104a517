"""A provider is out: all their visits in one plan, with the best new times; nothing moves before a person agrees."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from clinic.appointments.mapping.appointment import place_of, placed
from clinic.appointments.queries.closing import slot_over
from clinic.appointments.queries.free import claim_keys, taken_cells
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.queries.replanning import (
    OPEN,
    OVER,
    PLANNING,
    WAITING,
    Offered,
    Replan,
    ReplanVisit,
    offered_json,
    plan_of_slot,
    replan_of,
    seated_in,
    visits_of,
)
from clinic.appointments.replan_tables import replan, replan_visit
from clinic.appointments.rules.booking import UNDO_FOR, Change
from clinic.appointments.rules.replanning import asking_words
from clinic.appointments.rules.spans import Span
from clinic.appointments.service.absences import add_absence, remove_absence
from clinic.appointments.service.booking import needs_reason
from clinic.appointments.service.changes import cancel, move, save_changed
from clinic.appointments.service.holds import keep_for_offer, let_go
from clinic.appointments.service.links import REPLAN, end_links, make_link
from clinic.core.days import instant_text
from clinic.core.errors import N_, Conflict, Invalid, Missing, Taken
from clinic.core.ids import new_id
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.registration.mapping.patient import language_of

JOB: Final = "replan"
EXPIRE: Final = "replan-expire"
KEPT_FOR: Final = timedelta(hours=24)
_LEAST: Final = timedelta(minutes=30)
_BEFORE: Final = timedelta(hours=2)
"""A patient must have chosen so long before the first of the times that are kept."""
LONGEST: Final = timedelta(days=60)
ASKED: Final = 3
"""How many times are kept for a patient who chooses."""
NO_ANSWER: Final = "No answer in time"
NO_PLAN = N_("This plan is not there.")
DECIDED = N_("Somebody has decided on this visit already.")
BUSY = N_("The best times are still being looked for. Wait a moment.")
CHANGED = N_("This visit was changed since the plan was made. Look at the visit itself.")
NO_TIMES = N_("There is no free time to offer. Call the patient.")
GROUP = N_("A group is not asked. Agree to a time, and those who take part are told.")
OVER_ALREADY = N_("This time is over. Give a last day that is still to come.")
LONG = N_("Plan at most sixty days at once.")
_p, _v = replan.c, replan_visit.c


def begin(store: Store, provider_id: str, span: Span, *, reason: str) -> Json:
    """Say that a provider is out: nobody is booked with them from now on, and a plan for their visits is made.

    The visits stay as they are until somebody agrees to a new time. Gives the Slot that keeps the provider unbookable;
    the plan is found by it. Time that is closed already for exactly as long is not closed twice. Raises Invalid.
    """
    words = needs_reason(reason)
    if span.end <= store.now:
        raise Invalid(OVER_ALREADY, field="last")
    if span.end - span.start > LONGEST:
        raise Invalid(LONG, field="last")
    setup = calendar_setup(store)
    closed = slot_over(store, setup, provider_id, span)
    if closed and plan_of_slot(store, closed):
        return store.read("Slot", closed)
    slot = store.read("Slot", closed) if closed else add_absence(store, [provider_id], span, reason=words)[0]
    provider = setup.provider(provider_id)
    row = {
        "id": new_id(), "provider": provider_id, "provider_name": provider.name[:200] if provider else "",
        "start": span.start, "end": span.end, "reason": words, "state": PLANNING, "slot": slot["id"], "round": 1,
        "done": 0, "total": 0, "proven": False, "made": store.now, "by_name": store.actor.name[:200],
    }  # fmt: skip
    store.conn.execute(sa.insert(replan), [row])
    _look(store, str(row["id"]), 1)
    return slot


def look_again(store: Store, id_: str) -> None:
    """Find new times for the visits that nobody has decided on. Raises Conflict while they are looked for."""
    known = _open_plan(store, id_)
    change_plan(store, id_, state=PLANNING, round=known.round + 1, done=0)
    _look(store, id_, known.round + 1)


def _look(store: Store, id_: str, number: int) -> None:
    store.enqueue(JOB, {"replan": id_, "round": number}, f"{JOB}:{id_}:{number}")


def change_plan(store: Store, id_: str, **values: object) -> None:
    """Note how a plan stands."""
    store.conn.execute(sa.update(replan).where(_p.id == id_).values(**values))


def agree(store: Store, id_: str, appointment_id: str, at: int = 0) -> Json:
    """Move a visit to one of the times of its plan; the patient is told. Gives the appointment.

    Raises TimeTaken when somebody else has that time by now: nothing is changed then, and another can be tried.
    Raises Conflict when it was decided on, or when the visit itself was changed.
    """
    line = _undecided(store, id_, appointment_id)
    if not 0 <= at < len(line.offers):
        raise Invalid(NO_TIMES)
    offer = line.offers[at]
    _give_back(store, id_, line)
    _require_same(store, line)
    change = Change(
        start=offer.start, provider_id=offer.provider, room_id=offer.room or None,
        minutes=(offer.end - offer.start) // timedelta(minutes=1), version=line.version,
    )  # fmt: skip
    moved = move(store, appointment_id, change)
    version = int(moved["meta"]["versionId"])
    _decide(store, id_, line, state="moved", version=version, offers=_in_order(line, [at]))
    _say(store, id_, line, {"purpose": "moved", "fits_start": instant_text(offer.start)})
    _close_when_done(store, id_)
    return moved


def ask(store: Store, id_: str, appointment_id: str) -> int:
    """Keep up to three times for a patient, who chooses by a link or on the telephone; gives how many are kept.

    Raises Invalid when none is free any more.
    """
    line = _undecided(store, id_, appointment_id)
    if not line.patient_id:
        raise Invalid(GROUP)
    _give_back(store, id_, line)
    _require_same(store, line)
    until = answer_by(line.offers, store.now)
    kept = _keep_times(store, line, until)
    if not kept:
        raise Invalid(NO_TIMES)
    holds = list(kept.values())
    _decide(store, id_, line, state="asked", offers=_in_order(line, list(kept)), holds=holds, until=until)
    store.enqueue(EXPIRE, {"replan": id_, "appointment": appointment_id}, f"{EXPIRE}:{holds[0]}", not_before=until)
    _ask_patient(store, id_, line, until)
    return len(kept)


def _keep_times(store: Store, line: ReplanVisit, until: datetime) -> dict[int, str]:
    """Hold up to three of the times that can still be answered before; gives the holder of each."""
    kept: dict[int, str] = {}
    type_id = place_of(store.read("Appointment", line.appointment)).type_id
    for at, offer in enumerate(line.offers):
        span = Span(offer.start, offer.end)
        if len(kept) == ASKED or span.start <= until:
            continue
        if taken_cells(store, claim_keys(offer.provider, offer.room), span):
            continue
        step = store.conn.begin_nested()
        try:
            kept[at] = keep_for_offer(
                store, span, provider=offer.provider, room=offer.room, until=until, type_id=type_id
            )
            step.commit()
        except Taken:
            step.rollback()
    return kept


def _ask_patient(store: Store, id_: str, line: ReplanVisit, until: datetime) -> None:
    token = make_link(store, REPLAN, _target(id_, line.appointment), expires=until)
    words = asking_words(language_of(store.read("Patient", line.patient_id)))
    links = {"path": f"/appointments/own/{token}"}
    _say(store, id_, line, {"purpose": "own", "words": words, "links": links, "until": instant_text(until)})


def choose(store: Store, id_: str, appointment_id: str, at: int) -> Json:
    """The patient takes one of the times that are kept for them. Raises Conflict, TimeTaken, Invalid."""
    line = _undecided(store, id_, appointment_id)
    if line.state != "asked" or at >= len(line.holds):
        raise Conflict(DECIDED)
    return agree(store, id_, appointment_id, at)


def leave(store: Store, id_: str, appointment_id: str) -> None:
    """Take a visit off the plan: the desk settles it otherwise."""
    line = _undecided(store, id_, appointment_id)
    _give_back(store, id_, line)
    _decide(store, id_, line, state="left")
    _close_when_done(store, id_)


def call_off(store: Store, id_: str, appointment_id: str) -> Json:
    """Cancel a visit for which there is no time, with the reason of the plan; the patient is told."""
    line = _undecided(store, id_, appointment_id)
    _give_back(store, id_, line)
    _require_same(store, line)
    gone = cancel(store, appointment_id, reason=require_plan(store, id_).reason, version=line.version)
    _decide(store, id_, line, state="cancelled", version=int(gone["meta"]["versionId"]))
    _say(store, id_, line, {"purpose": "cancelled"})
    _close_when_done(store, id_)
    return gone


def put_back(store: Store, id_: str, appointment_id: str) -> Json:
    """Give a visit that was moved or cancelled its old time again, provider and room too.

    What the patient was to be told of it is taken back. Raises TimeTaken when the old time is gone, Conflict when the
    visit was changed since.
    """
    require_plan(store, id_, lock=True)
    line = require_line(store, id_, appointment_id)
    before = store.read("Appointment", appointment_id)
    if line.state not in ("moved", "cancelled") or int(before["meta"]["versionId"]) != line.version:
        raise Conflict(CHANGED)
    then = _as_planned(store, line)
    after = {key: value for key, value in placed(before, place_of(then)).items() if key != "cancelationReason"}
    back = save_changed(store, before, after | {"status": then["status"]})
    _decide(store, id_, line, state="back", version=int(back["meta"]["versionId"]))
    _unsay(store, id_, line)
    if store.now - store.vread("Appointment", appointment_id, line.version).at > UNDO_FOR:
        _say(store, id_, line, {"purpose": "moved", "fits_start": instant_text(line.old.start)})
    return back


def take_back(store: Store, id_: str) -> list[str]:
    """The provider comes after all: they can be booked again, and visits without a decision stay where they are.

    Gives the visits that were moved or cancelled: they are put back one by one (`put_back`), each in a transaction of
    its own, since the old time of one may be gone.
    """
    plan = require_plan(store, id_, lock=True)
    if plan.slot and store.find("Slot", plan.slot):
        remove_absence(store, plan.slot)
    lines = visits_of(store, id_)
    for line in lines:
        if line.state in WAITING:
            _give_back(store, id_, line)
            _decide(store, id_, line, state="left")
    change_plan(store, id_, state=OVER, slot="")
    return [line.appointment for line in lines if line.state in ("moved", "cancelled")]


def end_asking(store: Store, id_: str, appointment_id: str) -> None:
    """The patient did not choose in time: the times are free again, and the desk decides."""
    replan_of(store, id_, lock=True)
    line = next(iter(visits_of(store, id_, only=appointment_id)), None)
    if line is None or line.state != "asked" or line.until is None or line.until > store.now:
        return
    _give_back(store, id_, line)
    _decide(store, id_, line, state="open", note=NO_ANSWER)


def require_plan(store: Store, id_: str, *, lock: bool = False) -> Replan:
    """One plan. Raises Missing."""
    found = replan_of(store, id_, lock=lock)
    if found is None:
        raise Missing(NO_PLAN)
    return found


def require_line(store: Store, id_: str, appointment_id: str) -> ReplanVisit:
    """One visit of a plan. Raises Missing."""
    found = next(iter(visits_of(store, id_, only=appointment_id)), None)
    if found is None:
        raise Missing(NO_PLAN)
    return found


def answer_by(offers: Sequence[Offered], now: datetime) -> datetime:
    """Until when times are kept for a patient: a day, but two hours before the first of them; half an hour at least."""
    first = min((offer.start for offer in offers if offer.start > now + _LEAST), default=now + KEPT_FOR + _BEFORE)
    return min(now + KEPT_FOR, max(first - _BEFORE, now + _LEAST))


def _open_plan(store: Store, id_: str) -> Replan:
    known = require_plan(store, id_, lock=True)
    if known.busy:
        raise Conflict(BUSY)
    if known.state != OPEN:
        raise Conflict(DECIDED)
    return known


def _undecided(store: Store, id_: str, appointment_id: str) -> ReplanVisit:
    _open_plan(store, id_)
    line = require_line(store, id_, appointment_id)
    if line.state not in WAITING:
        raise Conflict(DECIDED)
    return line


def _require_same(store: Store, line: ReplanVisit) -> None:
    if int(store.read("Appointment", line.appointment)["meta"]["versionId"]) != line.version:
        raise Conflict(CHANGED)


def _as_planned(store: Store, line: ReplanVisit) -> Json:
    """The visit as it was before the plan changed it."""
    return store.vread("Appointment", line.appointment, line.version - 1).json


def _target(id_: str, appointment_id: str) -> str:
    return f"{id_}:{appointment_id}"


def _give_back(store: Store, id_: str, line: ReplanVisit) -> None:
    for holder in line.holds:
        let_go(store, holder)
    if line.holds:
        end_links(store, _target(id_, line.appointment))
        _unsay(store, id_, line)


def _in_order(line: ReplanVisit, first: Sequence[int]) -> list[Json]:
    """The times with these in front, as they are kept."""
    rest = [at for at in range(len(line.offers)) if at not in first]
    return [offered_json(line.offers[at]) for at in (*first, *rest)]


def _decide(store: Store, id_: str, line: ReplanVisit, **values: object) -> None:
    mine = sa.and_(_v.replan == id_, _v.appointment == line.appointment)
    kept = {"holds": [], "until": None, "note": "", **values}
    store.conn.execute(sa.update(replan_visit).where(mine).values(**kept))


def _close_when_done(store: Store, id_: str) -> None:
    if not require_plan(store, id_).left:
        change_plan(store, id_, state=OVER)


def _key(id_: str, appointment_id: str) -> str:
    return f"replan:{id_}:{appointment_id}:"


def _unsay(store: Store, id_: str, line: ReplanVisit) -> None:
    news = {"key": _key(id_, line.appointment), "why": "It was decided otherwise."}
    store.fire("message_unwanted", news)


def _say(store: Store, id_: str, line: ReplanVisit, news: Json) -> None:
    """Let the patient, or everybody who has a seat, be told; how it leaves is decided by whoever sends."""
    key = _key(id_, line.appointment) + f"{news['purpose']}:{line.version}"
    own = [(line.appointment, line.patient_id)] if line.patient_id else seated_in(store, line.appointment)
    for appointment_id, patient_id in own:
        whom = f"{key}:{appointment_id}" if not line.patient_id else key
        store.fire("message_wanted", {"patient": patient_id, "appointment": appointment_id, "key": whom, **news})
