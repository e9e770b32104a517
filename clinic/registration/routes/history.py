"""The history of a record, and putting one value back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import can, requires
from clinic.core.errors import N_, ClinicError, Missing, Stale
from clinic.core.source import RESTORED, Source
from clinic.fhir.store import Store
from clinic.regions import Region, region_of
from clinic.registration.banner import banner_of
from clinic.registration.forms import desk_of, shown_entry
from clinic.registration.mapping import details_of
from clinic.registration.own_form import every_own_field
from clinic.registration.queries.changes import Line, Past, may_restore, past_of
from clinic.registration.queries.merges import merge_lines
from clinic.registration.routes import blueprint
from clinic.registration.routes.evidence import behind
from clinic.registration.routes.record import tabs_of
from clinic.registration.rules.checking import read_changes
from clinic.registration.rules.details import PatientDetails
from clinic.registration.service import change_patient, load_details
from clinic.registration.sources import field_label, source_text, value_words
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, transact

PAGE = 40
STALE = N_("Somebody else changed this record meanwhile, so nothing was restored. Below it is as it is now.")
NOTHING = N_("There is no such value to restore.")


@dataclass(frozen=True)
class Row:
    """A line in words."""

    line: Line
    label: str
    old: str
    new: str
    source: str
    behind: Any


@blueprint.get("/<patient_id>/history")
@requires("patients.read")
def history(patient_id: str) -> Response:
    """Every change of the record: old and new, who, when and from where; of one field when it is chosen."""
    return _page(patient_id)


@blueprint.post("/<patient_id>/history/<int:version>/restore/<field>")
@requires("patients.write")
def restore(patient_id: str, version: int, field: str) -> Response:
    """Put back the value that a field had in a version; `at` is the version of the record one looked at."""
    at = request.args.get("at", "")
    loaded = int(at) if at.isascii() and at.isdigit() and len(at) < 10 else None
    try:
        label, since = transact(lambda store: _restore(store, patient_id, (version, field), loaded))
    except Stale:
        return _page(patient_id, 409, error=_(STALE))
    except ClinicError as refused:
        if refused.kind in ("missing", "forbidden"):
            raise
        return _page(patient_id, 422, error=_why(refused))
    undo = url_for(".restore", patient_id=patient_id, version=since, field=field, at=since + 1)
    toast(_("Restored: %(what)s", what=label), undo_url=undo)
    return go(url_for(".history", patient_id=patient_id))


def _restore(store: Store, patient_id: str, wanted: tuple[int, str], loaded: int | None) -> tuple[str, int]:
    """Write the value; gives the name of the field and the version before."""
    version, field = wanted
    hidden = field.startswith("own:") and field.removeprefix("own:") not in every_own_field()
    if hidden or not may_restore(field):
        raise Missing(NOTHING)
    desk = desk_of(store)
    then = store.vread("Patient", patient_id, version)
    now = load_details(store, patient_id)
    since = int(store.read("Patient", patient_id)["meta"]["versionId"])
    details = _with(now, details_of(then.json, desk.region), field)
    # What is put back is read by the same rules as what is typed; the numbers as they are, the rest as it is shown.
    typed = shown_entry(details, desk.region) | {f"number_{one.kind}": one.value for one in details.numbers}
    known = shown_entry(now, desk.region) | {f"number_{one.kind}": one.value for one in now.numbers}
    read_changes(typed, known, now, desk)
    source = Source(RESTORED, document=f"Patient/{patient_id}/_history/{version}")
    with store.told_by(source):
        change_patient(store, patient_id, details, version=loaded or since)
    return field_label(field, desk.region), since


def _with(now: PatientDetails, then: PatientDetails, field: str) -> PatientDetails:
    """The person as now, with one value as it was then; with it goes what says why there is none, or about when."""
    if field.startswith("number_"):
        kind = field.removeprefix("number_")
        numbers = [one for one in now.numbers if one.kind != kind] + [one for one in then.numbers if one.kind == kind]
        return replace(now, numbers=tuple(numbers))
    if field.startswith("own:"):
        key = field.removeprefix("own:")
        own = [one for one in now.own if one.key != key] + [one for one in then.own if one.key == key]
        return replace(now, own=tuple(own))
    values: dict[str, Any] = {field: getattr(then, field)}
    if field == "birth_date":
        values["birth_estimated"] = then.birth_estimated
    others = [one for one in now.absent if one.field != field]
    values["absent"] = tuple(others + [one for one in then.absent if one.field == field])
    return replace(now, **values)


def _why(refused: ClinicError) -> str:
    said = [_(one.msgid, **one.params) if one.msgid else _(one.message) for one in refused.details]
    return "; ".join(said) or str(_(refused.message, **refused.params) if refused.params else _(refused.message))


def _page(patient_id: str, status: int = 200, error: str = "") -> Response:
    field = request.args.get("field", "")[:60] if request.method == "GET" else ""
    asked = request.args.get("page", "1")
    number = max(1, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1

    def load(store: Store) -> dict[str, Any]:
        region = region_of(store.practice.region)
        banner = banner_of(store, patient_id, what="history")
        past = past_of(store, patient_id, field)
        merges = merge_lines(store, patient_id)
        return {
            "banner": banner,
            "merges": merges,
            **_values(past, region, number),
            "fields": _choices(past, region, field),
        }

    tabs = tabs_of(patient_id, "history")
    values = look(load)
    return page("registration/history.html", status, tabs=tabs, field=field, error=error, number=number, **values)


def _values(past: Past, region: Region, number: int) -> dict[str, Any]:
    shown = past.lines[(number - 1) * PAGE : number * PAGE]
    return {
        "rows": [_row(line, region) for line in shown],
        "total": len(past.lines),
        "more": len(past.lines) > number * PAGE,
        "first": (number - 1) * PAGE + 1,
        "version": past.version,
        "may": can("patients.write"),
    }


def _row(line: Line, region: Region) -> Row:
    change, names = line.change, line.names or (line.field,)
    label = ", ".join(field_label(name, region) for name in names) if any(names) else ""
    if change is not None and change.field != line.field:
        part = field_label(change.field, region)
        label = part if line.field == "address" else _("%(whole)s: %(part)s", whole=label, part=part)
    old, new = (value_words(change.field, one, region) for one in (change.old, change.new)) if change else ("", "")
    source = source_text(line.told) if line.told else ""
    return Row(line, label, old, new, source, behind(line.told) if line.told else None)


def _choices(past: Past, region: Region, field: str) -> list[tuple[str, str]]:
    names = dict.fromkeys((*past.fields, *([field] if field else [])))
    return sorted(((name, field_label(name, region)) for name in names), key=lambda pair: pair[1].casefold())
