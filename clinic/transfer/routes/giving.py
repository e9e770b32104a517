"""Giving a patient the record: all of it as a FHIR bundle or as a readable PDF, with what it is for, on record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Response as FlaskResponse
from flask import current_app, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import can, require_own_form, requires
from clinic.access.permissions import ROLES
from clinic.audit.reader import Wanted, search
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.management.routes.audit import VERBS
from clinic.pdf import Printed, print_pdf
from clinic.regions import region_of
from clinic.registration.banner import banner_of
from clinic.registration.mapping.own import own_of
from clinic.registration.printing import label_of, own_lines
from clinic.registration.queries.changes import past_of
from clinic.registration.routes.record import tabs_of
from clinic.registration.routes.shown import change_words
from clinic.transfer.forms import PURPOSES, RecordForm
from clinic.transfer.printing import Section, sections_of
from clinic.transfer.routes import blueprint
from clinic.transfer.routes.words import TYPES
from clinic.transfer.service.everything import Everything, bundle_of, everything_of
from clinic.web.filters import clock, day
from clinic.web.respond import page
from clinic.web.state import state_of
from clinic.web.transaction import look

MOST_LOOKS = 500


@blueprint.get("/patients/<patient_id>/record")
@requires("patients.export")
def record(patient_id: str) -> Response:
    """What can be given, and what for."""
    return _choose(patient_id, RecordForm.of_request())


@blueprint.post("/patients/<patient_id>/record")
@requires("patients.export")
def give_record(patient_id: str) -> Response:
    """The record as a file; that it was given, to whom and what for, is in the trail."""
    require_own_form()
    form = RecordForm.of_request()
    if not form.validate() or request.form.get("as") not in ("pdf", "fhir"):
        return _choose(patient_id, form, 422)
    if request.form.get("as") == "fhir":
        text, name = look(lambda store: _bundle(store, patient_id, form))
        return _file(text.encode(), "application/fhir+json", f"{name}.json")
    everything, printed, values, name = look(lambda store: _paper(store, patient_id, form))
    sections = [*sections_of(everything, values["own"]), *_history(values["steps"]), *_looks(values["looks"])]
    kinds = len({one["resourceType"] for one in everything.own})
    document = print_pdf("record.html", printed, sections=sections, count=len(everything.own), kinds=kinds)
    return _file(document, "application/pdf", f"{name}.pdf")


def _choose(patient_id: str, form: RecordForm, status: int = 200) -> Response:
    def load(store: Store) -> Json:
        everything = everything_of(store, patient_id, can)
        counts: dict[str, int] = {}
        for one in everything.own:
            counts[one["resourceType"]] = counts.get(one["resourceType"], 0) + 1
        banner = banner_of(store, patient_id, what="giving the record")
        return {"banner": banner, "counts": counts, "left_out": everything.left_out}

    return page(
        "transfer/record.html", status, form=form, types=TYPES, tabs=tabs_of(patient_id, "record"), **look(load)
    )


def _bundle(store: Store, patient_id: str, form: RecordForm) -> tuple[str, str]:
    everything = everything_of(store, patient_id, can)
    _note(store, patient_id, form, "FHIR")
    return bundle_of(everything, store, f"{request.url_root.rstrip('/')}/fhir"), _name(store)


def _paper(store: Store, patient_id: str, form: RecordForm) -> tuple[Everything, Printed, Json, str]:
    everything = everything_of(store, patient_id, can)
    _note(store, patient_id, form, "PDF")
    label = label_of(everything.patient, store)
    line = " · ".join(part for part in (label.name, label.birth_date, label.record_number) if part)
    printed = Printed(_("Patient record"), store.actor.name, store.now, patient_line=line)
    steps = past_of(store, patient_id).lines if form.history.data else []
    looks = search(store.conn, Wanted(patient_id=patient_id), limit=MOST_LOOKS) if form.audit.data else []
    own = own_lines(store, own_of(everything.patient))
    return everything, printed, {"steps": steps, "looks": looks, "own": own}, _name(store)


def _note(store: Store, patient_id: str, form: RecordForm, kind: str) -> None:
    """The act in the trail: what was given, what for, and to whom."""
    purpose = str(form.purpose.data or PURPOSES[0][0])
    receiver = " ".join(str(form.receiver.data or "").split())
    store.did("export", f"whole record, {kind}, {purpose}{': ' + receiver if receiver else ''}"[:200], patient_id)


def _name(store: Store) -> str:
    """A file name without the patient in it."""
    return f"record-{store.now:%Y-%m-%d-%H%M}"


def _file(data: bytes, mimetype: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return FlaskResponse(data, mimetype=mimetype, headers=headers)


def _history(lines: Iterable[Any]) -> list[Section]:
    said: Callable[[Any], tuple[str, Any, Any]] = change_words(region_of(state_of(current_app).practice.region))
    rows = []
    for line in lines:
        if line.kind == "changed" and line.change is not None:
            label, old, new = said(line.change)
            told = line.told.detail if line.told else ""
            rows.append((f"{day(line.at)} {clock(line.at)}", line.author, str(label), _text(old), _text(new), told))
    heads = (_("When"), _("Who"), _("Field"), _("Before"), _("After"), _("Source"))
    return [Section(_("History of changes"), heads, tuple(rows))] if rows else []


def _looks(lines: Iterable[Any]) -> list[Section]:
    rows = tuple(
        (f"{day(line.at)} {clock(line.at)}", line.actor_name, str(ROLES.get(line.role, line.role)),
         str(VERBS.get(line.verb, line.verb)), "; ".join(line.things)[:200])
        for line in lines
    )  # fmt: skip
    heads = (_("When"), _("Who"), _("Role"), _("Action"), _("What"))
    return [Section(_("Who looked at or changed this record"), heads, rows)] if rows else []


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value or "")
