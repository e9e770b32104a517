"""Taking back what was done to several appointments in one go."""

from __future__ import annotations

from datetime import datetime, timedelta

from clinic.appointments.errors import GIVEN_AWAY, TOO_LATE_TO_UNDO, TimeTaken
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.booking import UNDO_FOR
from clinic.appointments.service.changes import require_same_patient
from clinic.appointments.service.claims import settle
from clinic.appointments.service.series import visits_of
from clinic.core.days import instant_text
from clinic.core.errors import Conflict
from clinic.core.json import Json
from clinic.fhir.store import Store

_GRACE = timedelta(seconds=15)


def stamp_of(resource: Json) -> str:
    """The moment of the change that made this version, as an address can carry it."""
    return str(resource["meta"]["lastUpdated"])


def undo_many(store: Store, system: str, key: str, stamp: datetime) -> list[Json]:
    """Take back what was done at that moment to the appointments of a series or family, for a minute after it.

    All of them or none: raises Conflict when the minute is over, TimeTaken when a time that one of them had is
    somebody else's by now. One that was changed again since stays as it is.
    """
    text = instant_text(stamp)
    changed = [one for one in visits_of(store, key, system) if stamp_of(one) == text]
    if not changed or store.now - stamp > UNDO_FOR + _GRACE:
        raise Conflict(TOO_LATE_TO_UNDO)
    for one in changed:
        store.free_cells(str(one["id"]))
    return [_back(store, one, text) for one in changed]


def _back(store: Store, present: Json, text: str) -> Json:
    history = store.history("Appointment", str(present["id"]))
    older = next((version.json for version in history if stamp_of(version.json) != text), None)
    back = older if older is not None else present | {"status": "entered-in-error"}
    require_same_patient(present, back)
    try:
        settle(store, calendar_setup(store), None, back)
    except TimeTaken as taken:
        raise TimeTaken(GIVEN_AWAY, offers=taken.offers) from taken
    saved = store.update(back, version=int(present["meta"]["versionId"]), reason="undo")
    store.fire("appointment_changed", saved)
    return saved
