"""Check-in in one act: they are here, they are who they are, and nothing else has to be asked."""

from __future__ import annotations

from collections.abc import Sequence

from clinic.core.errors import Conflict
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.subject import patient_of
from clinic.visits import mapping
from clinic.visits.errors import GATED, OPEN_NEEDS
from clinic.visits.rules import ARRIVED, CHECK_IN, WAITING
from clinic.visits.rules.needs import Need, is_fresh
from clinic.visits.service import arrive, confirm, save_visit


def check_in_at_once(store: Store, appointment_id: str, needs: Sequence[Need]) -> Json:
    """Note the arrival, that the patient was identified, and send them to the waiting room; gives the visit.

    It is one step, and is taken back as one. Who is checked in already stays where they are. Raises Conflict when
    something is open, NotNow, Missing.
    """
    if not is_fresh(needs):
        raise Conflict(OPEN_NEEDS)
    encounter = arrive(store, appointment_id)
    station = mapping.station_of(encounter)
    if station not in (ARRIVED, CHECK_IN):
        return encounter
    identified(store, patient_of(encounter), needs)
    if station == ARRIVED:
        encounter = mapping.at_station(encounter, CHECK_IN, store.now)
    return save_visit(store, mapping.at_station(encounter, WAITING, store.now))


def require_gates_open(gates: Sequence[str], *, override: bool) -> None:
    """Refuse to go on while something is missing without which nobody is seen; `gates` names it. Raises Conflict."""
    if gates and not override:
        raise Conflict(GATED, field="reason", names=", ".join(gates))


def identified(store: Store, patient_id: str, needs: Sequence[Need]) -> None:
    """Confirm who the patient is, where that was still to be done at the desk."""
    if any(need.name == "identity" and need.state == "todo" for need in needs):
        confirm(store, patient_id, "identity")
