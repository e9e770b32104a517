"""The values of each screen of this slice."""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import get_locale

from clinic.access.guard import current_principal
from clinic.appointments.mapping.appointment import place_of
from clinic.appointments.queries.listing import visits_near
from clinic.core import days
from clinic.fhir.store import Store
from clinic.fhir.subject import patient_of
from clinic.regions import region_of
from clinic.registration.banner import banner_of
from clinic.registration.own_form import now_own_fields
from clinic.registration.rules.own import NEVER
from clinic.registration.sources import shown
from clinic.visits import words
from clinic.visits.forms import ConfirmForm, FinishForm, MoveForm, StepForm
from clinic.visits.queries import AtCheckIn, Line, Today, at_check_in, todays_board
from clinic.visits.queries.flow_board import flow_mark
from clinic.visits.rules.needs import in_columns, left_to_do, shut_gates
from clinic.visits.rules.stations import limits_of

_MOST_FIXES = 8
_TO_CHECK_IN = (("booked", "pending"), ("arrived", "checked-in"))
WORDS = {
    "station_word": words.station_word,
    "need_word": words.need_word,
    "need_name": words.need_name,
    "need_line": words.need_line,
    "minutes_word": words.minutes_word,
}


def today_of(store: Store) -> date:
    """The day it is in the practice."""
    return days.local(store.now, store.practice.zone).date()


def visit_to_check_in(store: Store, patient_id: str) -> str:
    """The appointment of today to check this patient in for: the next expected, else one arrived; "" for none."""
    today = today_of(store)
    near = [one for one in visits_near(store, patient_id, store.now) if _day_of(store, one.start) == today]
    due = [one.id for status in _TO_CHECK_IN for one in near if one.status in status]
    return due[0] if due else ""


def _day_of(store: Store, instant: datetime) -> date:
    return days.local(instant, store.practice.zone).date()


def _mine() -> str:
    principal = current_principal()
    return principal.reference.removeprefix("Practitioner/") if principal else ""


def board_mark(store: Store, asked: Mapping[str, str]) -> str:
    """The mark of what `board_page` would draw now; one cheap statement."""
    show = asked.get("show", "")
    provider = _mine() if show == "mine" else ""
    return flow_mark(store, today_of(store), f"today {show}", provider=provider, beside=True)


def board_page(store: Store, asked: Mapping[str, str], known: Container[str] = ()) -> dict[str, Any]:
    """Everything on Today; `show` is all, mine, open or gone.

    Who is `known` was on this screen already, and is not noted again in the audit trail.
    """
    show, mine = asked.get("show", ""), _mine()
    day = today_of(store)
    board = todays_board(store, day, provider=mine if show == "mine" else "")
    for line in board.lines:
        if line.appointment.patient_id and line.appointment.patient_id not in known:
            store.saw_in_list(line.appointment.patient_id, "today")
    return {
        "board": board,
        "mark": board.drawn.mark(store, day, f"today {show}"),
        "show": show,
        "mine": mine,
        "groups": _groups(board, show),
        "flow": words.flow_strip(board, limits_of(store.practice.stations)),
        "fix": _fix(board),
        "form": MoveForm(),
        **WORDS,
    }


def _groups(board: Today, show: str) -> list[tuple[str, list[Line]]]:
    here, to_come, gone = board.here, board.to_come, board.gone
    if show == "open":
        here, to_come, gone = [x for x in here if x.open], [x for x in to_come if x.open], []
    groups = [("here", here), ("to_come", to_come)]
    if show == "gone" or not (here or to_come):
        groups.append(("gone", gone))
    return [(name, lines) for name, lines in groups if lines]


def _fix(board: Today) -> list[Line]:
    """What to mend before they come, once for each patient: the worst first, then by time."""
    lines = [line for line in board.to_come if line.open and line.worst]
    lines.sort(key=lambda x: (x.worst.state != "danger" if x.worst else True, x.appointment.start))
    first = {line.appointment.patient_id: line for line in reversed(lines)}
    return [line for line in lines if first[line.appointment.patient_id] is line][:_MOST_FIXES]


def check_in_page(store: Store, appointment_id: str) -> dict[str, Any]:
    """What the desk asks at check-in: only what is open, and what is fine below it."""
    appointment = store.read("Appointment", appointment_id)
    patient_id = patient_of(appointment)
    place = place_of(appointment)
    visit = at_check_in(store, patient_id, appointment_id, today_of(store), visit_type=place.type_id)
    banner = banner_of(store, patient_id, what="check-in")
    lacking = [one for one in now_own_fields() if one.need != NEVER and f"own:{one.key}" not in visit.known]
    return {
        "lacking": [one.label(str(get_locale() or "en")) for one in lacking],
        "appointment": appointment,
        "place": place,
        "unsigned": visit.missing,
        "station": visit.station,
        "encounter_id": visit.encounter_id,
        "arrived": visit.arrived,
        "banner": banner,
        "patient_id": patient_id,
        "needs": visit.needs,
        "stale": [shown(evidence, value, region_of(store.practice.region)) for evidence, value in visit.stale],
        "left": left_to_do(visit.needs) + bool(lacking),
        "in_hands": visit.in_hands,
        "steps": _steps(visit, banner.amount_due),
        "gates": shut_gates(visit.needs),
        "confirm_form": ConfirmForm(),
        "finish_form": FinishForm(),
        "step_form": StepForm(),
        **WORDS,
    }


def _steps(visit: AtCheckIn, due: Any) -> list[dict[str, Any]]:
    """The procedure at the side, ticked by what happens on the screen."""
    items: list[dict[str, Any]] = [{"name": "greet", "at": visit.arrived, "done": visit.arrived is not None}]
    for need in in_columns(visit.needs):
        now = need.at is not None and visit.arrived is not None and need.at >= visit.arrived
        items.append({"name": need.name, "at": need.at if now else None, "done": need.state in ("ok", "off", "told")})
    items.append({"name": "payment", "at": None, "done": not due})
    items.append({"name": "seat", "at": None, "done": visit.station not in ("", "arrived", "check-in")})
    current = next((item for item in items if not item["done"]), None)
    for item in items:
        item["state"] = "done" if item["done"] else ("current" if item is current else "")
    return items
