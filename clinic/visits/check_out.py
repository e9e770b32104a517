"""The check-out panel: everything to see to before somebody goes home, and the words for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from clinic.cash.queries import amounts_due
from clinic.core.ids import new_token
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.subject import patient_of
from clinic.registration.banner import Banner, banner_of
from clinic.visits import mapping
from clinic.visits.forms import LeaveForm, SayForm, StepForm
from clinic.visits.mapping.leaving import said_of
from clinic.visits.queries.leaving import AtCheckOut, arrived_at, at_check_out
from clinic.visits.rules import CHECK_OUT, LEFT, PROVIDER
from clinic.visits.rules.leaving import (
    CHARGES,
    FORMS,
    GIVEN,
    LEFT_OPEN,
    MONEY,
    NEXT,
    NOT_WANTED,
    PAPERS,
    Item,
    Said,
    items_of,
    open_items,
    seconds_of,
)
from clinic.visits.screens import WORDS
from clinic.visits.service import move_to
from clinic.visits.service.leaving import Ending, finish

_AT_THE_DESK = (PROVIDER, CHECK_OUT)
"""From here on a visit does not end unseen: what is open is asked first."""


def labels() -> dict[str, str]:
    """The things at check-out by their names."""
    return {
        NEXT: _("Next visit"),
        CHARGES: _("Charges"),
        MONEY: _("Amount due"),
        FORMS: _("Forms and consents"),
        PAPERS: _("Papers to hand over"),
    }


def said_word(said: Said) -> str:
    """What was said of a thing, in words."""
    if said.how == NOT_WANTED and said.item == NEXT:
        return _("No further visit is wanted.")
    if said.how == NOT_WANTED:
        return _("Nothing is charged: %(why)s", why=said.reason)
    if said.how == GIVEN:
        return _("Handed over.")
    if said.how == LEFT_OPEN:
        return _("Left: %(why)s", why=said.reason)
    return _("A task waits at the billing desk.")


def check_out_page(store: Store, encounter_id: str) -> dict[str, Any]:
    """The whole panel of one visit; noted in the audit trail as seen."""
    encounter = store.read("Encounter", encounter_id)
    patient_id = patient_of(encounter)
    banner = banner_of(store, patient_id, what="check-out")
    found = at_check_out(store, encounter)
    due = _due(store, banner)
    items = items_of(found.leaving(due), said_of(encounter))
    log = mapping.log_of(encounter)
    return {
        "encounter": encounter,
        "appointment_id": mapping.appointment_of(encounter),
        "what": [mapping.type_of(encounter)[1], mapping.provider_of(encounter)[1]],
        "station": mapping.station_of(encounter),
        "log": log,
        "since": log[-1][1] if log else arrived_at(encounter, store.now),
        "took": seconds_of(log, CHECK_OUT),
        "banner": banner,
        "patient_id": patient_id,
        "found": found,
        "due": due,
        "items": items,
        "left": len(open_items(items)),
        "steps": _steps(items, found),
        "labels": labels(),
        "said_word": said_word,
        "pay_once": new_token(),
        "step_form": StepForm(),
        "say_form": SayForm(),
        "leave_form": LeaveForm(),
        **WORDS,
    }


def _due(store: Store, banner: Banner) -> int:
    """What the patient owes, also for somebody who may not see how much: that something is open they must know."""
    if isinstance(banner.amount_due, int):
        return banner.amount_due
    return amounts_due(store, [banner.id])[banner.id]


def _steps(items: Sequence[Item], found: AtCheckOut) -> list[dict[str, Any]]:
    """The procedure at the side: each thing, when it was seen to, and which one is in hand."""
    current = next((item.name for item in items if item.open), "")
    at = {MONEY: found.paid[-1].at if found.paid else None}
    return [_step(item, current, at.get(item.name)) for item in items]


def _step(item: Item, current: str, at: datetime | None) -> dict[str, Any]:
    state = "done" if not item.open else ("current" if item.name == current else "")
    return {"name": item.name, "state": state, "at": item.said.at if item.said else at}


def _items(store: Store, encounter: Json) -> tuple[Item, ...]:
    due = amounts_due(store, [patient_of(encounter)])[patient_of(encounter)]
    return items_of(at_check_out(store, encounter).leaving(due), said_of(encounter))


def leave_the_desk(store: Store, encounter_id: str, *, reason: str = "", version: int | None = None) -> Json:
    """End a visit as its things stand now, read in the same transaction; gives the visit.

    Who never came to the end of their visit may go at once. Raises StillOpen beside the reason, Stale, Missing.
    """
    encounter = store.read("Encounter", encounter_id)
    if mapping.station_of(encounter) not in _AT_THE_DESK:
        return move_to(store, encounter_id, LEFT, version=version)
    store.saw(patient_of(encounter), "check-out")
    return finish(store, encounter_id, Ending(_items(store, encounter), reason, labels()), version=version)
