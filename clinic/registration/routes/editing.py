"""Changing a record that somebody else may be changing too: both versions are shown, neither is lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.core.errors import N_, ClinicError, Stale
from clinic.fhir.store import Store
from clinic.regions import region_of
from clinic.registration.banner import banner_of
from clinic.registration.forms import PatientForm, desk_of, entry_of, patient_form, shown_entry
from clinic.registration.mapping import details_of
from clinic.registration.routes import blueprint
from clinic.registration.routes.evidence import told_here
from clinic.registration.routes.moving import onward
from clinic.registration.routes.record import tabs_of
from clinic.registration.routes.registering import practice, show_faults, told_apart
from clinic.registration.routes.shown import label_text
from clinic.registration.rules.checking import read_changes
from clinic.registration.service import change_patient, load_details
from clinic.registration.service.cards import keep_card, told_by
from clinic.registration.service.duplicates import say_someone_else
from clinic.web.forms import ScreenForm
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, transact

STALE = N_("Somebody else changed this record meanwhile. Choose below, then save again; nothing is lost.")


@dataclass(frozen=True)
class Clash:
    """One field that both changed: what one typed, and what stands in the record now."""

    name: str
    label: str
    mine: str
    theirs: str
    shown_mine: str = ""
    shown_theirs: str = ""


@dataclass(frozen=True)
class Merged:
    """A stale form after comparing: clashes to choose from, and fields that only the other person changed."""

    clashes: tuple[Clash, ...] = ()
    taken_over: tuple[Clash, ...] = ()


@blueprint.get("/<patient_id>/edit")
@requires("patients.write")
def edit_patient(patient_id: str) -> Response:
    """The whole form, filled from the record."""

    def load(store: Store) -> dict[str, Any]:
        banner = banner_of(store, patient_id, what="details")
        entry = entry_of(load_details(store, patient_id), region_of(store.practice.region))
        return {"banner": banner, "form": patient_form(store.practice, {**entry, "version": str(banner.version)})}

    return _page(patient_id, look(load), Merged())


@blueprint.post("/<patient_id>/edit")
@requires("patients.write")
def save_patient(patient_id: str) -> Response:
    """Save the changes, or show what is wrong or what somebody else changed."""
    form, merged = patient_form(practice()), Merged()
    try:
        if form.validate():
            _choose(form)
            since = transact(lambda store: _save(store, patient_id, form))
            toast(_("The record is saved"))
            return go(onward(patient_id, since))
    except Stale:
        merged = look(lambda store: _merge(store, patient_id, form))
    except ClinicError as error:
        if error.kind in ("missing", "forbidden"):
            raise
        show_faults(form, error)
    banner = look(lambda store: banner_of(store, patient_id, what="details"))
    return _page(patient_id, {"banner": banner, "form": form}, merged, 409 if merged != Merged() else 422)


def _page(patient_id: str, values: dict[str, Any], merged: Merged, status: int = 200) -> Response:
    tabs = tabs_of(patient_id, "edit_patient")
    return page("registration/edit_patient.html", status, patient_id=patient_id, tabs=tabs, merged=merged, **values)


def _save(store: Store, patient_id: str, form: PatientForm) -> int:
    """Save the changes; gives the version that they changed."""
    desk = desk_of(store)
    known = load_details(store, patient_id)
    since = int(store.read("Patient", patient_id)["meta"]["versionId"])
    details = read_changes(form.entry, shown_entry(known, desk.region), known, desk)
    card = str(form.card.data or "")
    with store.told_by(*told_by(store, card, details), *told_here()):
        change_patient(store, patient_id, details, version=form.loaded_version, moved=_left_behind(form))
        keep_card(store, patient_id, card)
    say_someone_else(store, patient_id, told_apart())
    return since


def _left_behind(form: PatientForm) -> set[str]:
    """What of the record before stays on file with today as its last day."""
    kept = {"name"} if form.was_name.data else set()
    return kept if form.was_typo.data else kept | {"address"}


def _choose(form: ScreenForm) -> None:
    """Take the other person's value where one chose it: `choose_<field>` is "mine" or "theirs"."""
    for name, field in form._fields.items():
        if request.form.get(f"choose_{name}") == "theirs":
            field.process_data(request.form.get(f"theirs_{name}", ""))


def _merge(store: Store, patient_id: str, form: PatientForm) -> Merged:
    """Bring a stale form up to the present record: three versions, field by field."""
    region = region_of(store.practice.region)
    present = store.read("Patient", patient_id)
    now = entry_of(load_details(store, patient_id), region)
    loaded = store.vread("Patient", patient_id, form.loaded_version or 1).json
    base = entry_of(details_of(loaded, region), region)
    clashes, taken = [], []
    entry = form.entry
    for name in form._fields:
        theirs, before = _plain(now.get(name)), _plain(base.get(name))
        typed = entry.get(name, before)
        if name.startswith("guarantor_") or theirs in (before, typed):
            continue
        clash = Clash(name, label_text(name, region), typed, theirs)
        if typed == before:
            form._fields[name].process_data(now.get(name, ""))
            taken.append(clash)
        elif name in now:
            clashes.append(clash)
    form.version.data = present["meta"]["versionId"]
    form.form_errors.append(str(_(STALE)))
    return Merged(tuple(clashes), tuple(taken))


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else ""
    return str(value or "")
