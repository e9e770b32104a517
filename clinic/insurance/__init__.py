"""Insurance: the policies of a patient, and the one that counts on a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from clinic.core.days import local
from clinic.fhir.registry import ReadModel, Writer
from clinic.fhir.store import Store
from clinic.insurance.mapping import coverage_rows
from clinic.insurance.merging import MERGING
from clinic.insurance.queries import Cover, covers_on
from clinic.insurance.routes import blueprint
from clinic.insurance.service import record_coverage, rewrite_coverage
from clinic.insurance.tables import coverage_row
from clinic.web.slice import BannerFact, PatientPanel, Slice


def _words(state: str) -> tuple[str, str]:
    return {
        "active": ("ok", _("Active")),
        "self": ("info", _("Pays alone")),
        "ended": ("danger", _("Ended")),
        "future": ("warn", _("Not yet in force")),
    }[state]


def _covers(store: Store, patient_ids: Sequence[str]) -> dict[str, Cover]:
    """The banner and the tile of one page share what was read."""
    today = local(store.now, store.practice.zone).date()
    return store.read_once(("covers", *patient_ids, today), lambda: covers_on(store, patient_ids, today))


def _banner(store: Store, patient_ids: Sequence[str]) -> Mapping[str, Any]:
    found = {}
    for patient_id, cover in _covers(store, patient_ids).items():
        state, word = _words(cover.state)
        name = _("Self-pay") if cover.state == "self" else cover.payer
        found[patient_id] = {"name": name, "state": state, "word": word}
    return found


def _panel(store: Store, patient_id: str) -> dict[str, Any]:
    cover = _covers(store, [patient_id]).get(patient_id)
    return {"cover": cover, "cover_word": _words(cover.state) if cover else None}


slice_ = Slice(
    "insurance",
    blueprint,
    read_models=(ReadModel(coverage_row, ("Coverage",), coverage_rows),),
    writers={"Coverage": Writer(create=record_coverage, update=rewrite_coverage)},
    merging=MERGING,
    panels=(PatientPanel("coverage", 20, 2, "insurance/_panel.html", _panel, "insurance.read"),),
    banner=(BannerFact("coverage", _banner, "insurance.read"),),
)
