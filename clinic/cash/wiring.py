"""What cash gives to the application."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l

from clinic.cash.mapping import READ_MODELS
from clinic.cash.queries import amounts_due
from clinic.cash.routes import blueprint
from clinic.fhir.store import Store
from clinic.web.slice import BannerFact, Nav, PatientPanel, Slice


def _amount_due(store: Store, patient_ids: Sequence[str]) -> Mapping[str, Any]:
    """The banner's and check-in's ask for the same patient is one statement."""
    return store.read_once(("due", *patient_ids), lambda: amounts_due(store, patient_ids))


def _money(_store: Store, patient_id: str) -> dict[str, Any]:
    return {"patient_id": patient_id}


slice_ = Slice(
    "cash",
    blueprint=blueprint,
    read_models=READ_MODELS,
    banner=(BannerFact("amount_due", _amount_due, "cash.read"),),
    panels=(PatientPanel("money", 25, 2, "cash/_panel.html", _money, "cash.read"),),
    nav=(Nav("cash.till", _l("Till"), "till", "t", 60, "cash.read"),),
    actions=((_l("Close my till"), "cash.close", "till", "cash.write"),),
)
