"""One merge as an event: how far it is, what undoing it would do, and undoing it."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.core.days import read_instant
from clinic.core.errors import ClinicError, Missing
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.regions import region_of
from clinic.registration.banner import banner_of
from clinic.registration.mapping import display_name, record_number
from clinic.registration.queries.merges import Merge, merge_by_id
from clinic.registration.queries.parting import Added
from clinic.registration.routes import blueprint
from clinic.registration.routes.merge_words import kind_text, kinds_of, said_values, slot_label
from clinic.registration.routes.merging import said_hindrance
from clinic.registration.routes.record import tabs_of
from clinic.registration.service.merging import OTHER, SURVIVOR
from clinic.registration.service.parting import Parting, PartingOrder, look_at_parting, unmerge_patients
from clinic.web.errors import status_of
from clinic.web.filters import when
from clinic.web.forms import ScreenForm, translated
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, once, transact

_SIDE, _CHANGE = "side.", "change."


@blueprint.get("/<patient_id>/merges/<merge_id>")
@requires("patients.merge")
def merge_event(patient_id: str, merge_id: str) -> Response:
    """What the merge did, what came since, and the way back."""
    return _page(patient_id, merge_id, ScreenForm.of_request())


@blueprint.post("/<patient_id>/merges/<merge_id>")
@requires("patients.merge")
def part_records(patient_id: str, merge_id: str) -> Response:
    """Undo the merge as it was chosen on the screen."""
    form = ScreenForm.of_request()
    if not form.validate():
        return _page(patient_id, merge_id, form, 422)
    sides = {name.removeprefix(_SIDE): value for name, value in request.form.items() if name.startswith(_SIDE)}
    dropped = {name.removeprefix(_CHANGE) for name, value in request.form.items() if value == "drop"}
    return _part(patient_id, form, PartingOrder(merge_id, frozenset(dropped), sides, form.loaded_version))


@blueprint.post("/<patient_id>/merges/<merge_id>/undo")
@requires("patients.merge")
def undo_merge(patient_id: str, merge_id: str) -> Response:
    """Undo from the toast: what came since stays with the record that one looks at."""
    return _part(patient_id, ScreenForm.of_request(), PartingOrder(merge_id))


@blueprint.get("/<patient_id>/merges/<merge_id>/progress")
@requires("patients.merge")
def merge_progress(patient_id: str, merge_id: str) -> Response:
    """How far the work is."""
    merge = look(lambda store: _merge(store, patient_id, merge_id))
    return page("registration/_merge_progress.html", merge=merge, patient_id=patient_id)


def _part(patient_id: str, form: ScreenForm, order: PartingOrder) -> Response:
    def work(store: Store) -> Json:
        _merge(store, patient_id, order.merge_id)
        return once(store, str(form.once.data or ""), lambda: unmerge_patients(store, order))

    try:
        transact(work)
    except ClinicError as error:
        if error.kind in ("missing", "forbidden"):
            raise
        form.form_errors.append(translated(error))
        return _page(patient_id, order.merge_id, form, status_of(error))
    merge = look(lambda store: merge_by_id(store, order.merge_id))
    if merge.busy:
        return go(url_for("registration.merge_event", patient_id=patient_id, merge_id=merge.id))
    toast(_("Both records stand by themselves again"))
    return go(url_for("registration.patient", patient_id=patient_id))


def _merge(store: Store, patient_id: str, merge_id: str) -> Merge:
    """The merge into this patient's record; of any other record there is none here. Raises Missing."""
    merge = merge_by_id(store, merge_id)
    if merge.survivor_id != patient_id:
        raise Missing("There is no such merge.")
    store.require_open(patient_id)
    return merge


def _page(patient_id: str, merge_id: str, form: ScreenForm, status: int = 200) -> Response:
    values = look(lambda store: _values(store, patient_id, merge_id, form))
    tabs = tabs_of(patient_id, "history")
    return page("registration/merge_event.html", status, form=form, tabs=tabs, patient_id=patient_id, **values)


def _values(store: Store, patient_id: str, merge_id: str, form: ScreenForm) -> dict[str, Any]:
    merge = _merge(store, patient_id, merge_id)
    banner = banner_of(store, patient_id, what="merge")
    store.saw(merge.other_id, "merge")
    seen = look_at_parting(store, merge_id)
    form.version.data = str(banner.version)
    return {
        "banner": banner,
        "merge": merge,
        "other": {"name": display_name(seen.other), "number": record_number(seen.other)},
        "moved": kinds_of(item.type for item in seen.items),
        "following": kinds_of(type_ for type_, _id in seen.since.following),
        "added": [_added(one, request.form.get(f"{_SIDE}{one.key}", SURVIVOR)) for one in seen.since.asked],
        "changes": _changes(store, seen),
        "hindrances": [said_hindrance(one) for one in seen.hindrances],
        "sides": (SURVIVOR, OTHER),
    }


def _added(one: Added, side: str) -> Json:
    beside = kinds_of(type_ for type_, id_ in one.members if f"{type_}/{id_}" != one.key)
    return {
        "name": f"{_SIDE}{one.key}", "kind": kind_text(one.type), "at": one.at, "words": _words(one.record),
        "with": beside, "side": side,
    }  # fmt: skip


def _words(record: Json) -> str:
    """A few words that tell one record of a kind from the next."""
    actors = [part.get("actor", {}) for part in record.get("participant", []) if isinstance(part, dict)]
    people = [one.get("display", "") for one in actors if str(one.get("reference", "")).startswith("Practitioner/")]
    amount = record.get("amount")
    money = f"{amount.get('value')} {amount.get('currency', '')}" if isinstance(amount, dict) else ""
    receipt = next((one.get("value", "") for one in record.get("identifier", []) if isinstance(one, dict)), "")
    payor = next((one.get("display", "") for one in record.get("payor", []) if isinstance(one, dict)), "")
    note = next((one.get("contentString", "") for one in record.get("payload", []) if isinstance(one, dict)), "")
    said = [
        when(read_instant(record["start"])) if people and record.get("start") else "",
        *people[:1],
        money,
        receipt if money else "",
        payor,
        str(note)[:60],
    ]
    return ", ".join(filter(None, said))


def _changes(store: Store, seen: Parting) -> list[Json]:
    region = region_of(store.practice.region)
    found = []
    for change in seen.changes:
        said = said_values(change.key, region)
        found.append({
            "name": f"{_CHANGE}{change.key}", "label": slot_label(change.key, region),
            "before": said(change.after), "now": said(change.now),
            "drop": request.form.get(f"{_CHANGE}{change.key}") == "drop",
        })  # fmt: skip
    return found
