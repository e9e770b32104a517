"""Visits: arrival, the board of today, check-in, check-out."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from clinic.core.merging import MergePart
from clinic.fhir.params import Param
from clinic.fhir.registry import ReadModel, Upkeep
from clinic.visits import walk_in
from clinic.visits.mapping import confirmation_rows, station_rows, time_rows, visit_rows
from clinic.visits.queries.ready import to_fix_today
from clinic.visits.routes import (
    blueprint,
    checking_in,
    flow,
    here,
    leaving,
    next_visit,
    ready,
    ready_rules,
    stations,
    tickets,
    waiting_room,
    waits,
)
from clinic.visits.service import hinder_merge
from clinic.visits.service.arriving import arrive_by_link
from clinic.visits.service.waits import learn_earlier
from clinic.visits.tables import confirmation_row, station_time, visit_row, visit_time
from clinic.web.slice import Nav, Slice

slice_ = Slice(
    "visits",
    blueprint,
    params=(Param("Encounter", "appointment", "reference", "appointment"),),
    read_models=(
        ReadModel(visit_row, ("Encounter",), visit_rows),
        ReadModel(station_time, ("Encounter",), station_rows),
        ReadModel(visit_time, ("Encounter",), time_rows),
        ReadModel(confirmation_row, ("Provenance",), confirmation_rows),
    ),
    upkeep=(Upkeep("waits", lambda _store: (), learn_earlier, ("wait_told",)),),
    merging=MergePart(examine=hinder_merge),
    listeners={"patient_here": arrive_by_link},
    nav=(Nav("visits.today", _l("Today"), "today", "h", 10, "visits.read", to_fix_today, seconds=60),),
    actions=(
        (_l("Walk-in"), "visits.walk_in", "plus", "visits.write"),
        (_l("Today's board"), "visits.today", "today", "visits.read"),
        (_l("Fix before they come"), "visits.ready", "warn", "visits.read"),
        (_l("Flow board"), "visits.flow", "list", "visits.read"),
        (_l("Waits that were told, and kept"), "visits.waits", "clock", "visits.read"),
    ),
)
__all__ = [
    "checking_in",
    "flow",
    "here",
    "leaving",
    "next_visit",
    "ready",
    "ready_rules",
    "slice_",
    "stations",
    "tickets",
    "waiting_room",
    "waits",
    "walk_in",
]
