"""Merging two records: finding the other one, choosing field by field, and seeing beforehand what will move."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import HiddenField

from clinic.access.guard import requires
from clinic.core.errors import ClinicError, Moved
from clinic.core.json import Json
from clinic.core.merging import Hindrance
from clinic.fhir.store import Store
from clinic.regions import region_of
from clinic.registration.banner import banner_of, banners_of, photo_url_of
from clinic.registration.mapping import record_number
from clinic.registration.queries.duplicates import likely_duplicates
from clinic.registration.queries.merges import merge_by_id, unmoved
from clinic.registration.queries.pairs import said_different
from clinic.registration.routes import blueprint
from clinic.registration.routes.finding import search
from clinic.registration.routes.merge_words import dates_said, kinds_of, said_values, slot_label
from clinic.registration.routes.record import tabs_of
from clinic.registration.routes.words import open_url, reason_text, why
from clinic.registration.service import load_details
from clinic.registration.service.merging import (
    OTHER,
    SURVIVOR,
    MergeOrder,
    choices_of,
    hindrances_of,
    require_two,
)
from clinic.registration.service.merging import merge_patients as make_one
from clinic.web.errors import status_of
from clinic.web.forms import ScreenForm, translated
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, once, transact

_CHOICE, _ANSWER = "choice.", "answer."


class MergeForm(ScreenForm):
    """What is sent besides the choices: the versions of both records that were looked at."""

    other_version = HiddenField()

    @property
    def loaded_other(self) -> int | None:
        """The version of the other record that the page showed."""
        text = str(self.other_version.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


@blueprint.get("/<patient_id>/merge")
@requires("patients.merge")
def merge_with(patient_id: str) -> Response:
    """Find the record that is the same person: the likely ones are there already."""
    typed = request.args.get("q", "")

    def load(store: Store) -> dict[str, Any]:
        banner = banner_of(store, patient_id, what="merge")
        found = search(store, typed, "") if typed.strip() else None
        hits = [hit for hit in found.hits if hit.person.id != patient_id] if found else []
        likely = [] if found else likely_duplicates(store, load_details(store, patient_id), but=patient_id, limit=6)
        return {"banner": banner, "found": found, "hits": hits, "likely": likely}

    shown: dict[str, Any] = {"why": why, "reason_text": reason_text, "photo_url": photo_url_of, "typed": typed}
    tabs = tabs_of(patient_id, "merge_with")
    return page("registration/merge_with.html", patient_id=patient_id, tabs=tabs, **shown, **look(load))


@blueprint.get("/<survivor_id>/merge/<other_id>")
@requires("patients.merge")
def merge_patients(survivor_id: str, other_id: str) -> Response:
    """Both records side by side, and what will move; nothing is done yet."""
    return _page(survivor_id, other_id, MergeForm.of_request())


@blueprint.post("/<survivor_id>/merge/<other_id>")
@requires("patients.merge")
def merge_now(survivor_id: str, other_id: str) -> Response:
    """Make them one, and open what they are now."""
    form = MergeForm.of_request()
    if not form.validate():
        return _page(survivor_id, other_id, form, 422)
    order = MergeOrder(survivor_id, other_id, _sent(_CHOICE), _sent(_ANSWER), form.loaded_version, form.loaded_other)
    try:
        said = transact(lambda store: once(store, str(form.once.data), lambda: make_one(store, order)))
    except ClinicError as error:
        if isinstance(error, Moved) or error.kind in ("missing", "forbidden"):
            raise
        form.form_errors.append(translated(error))
        return _page(survivor_id, other_id, form, status_of(error))
    merge, other = look(lambda store: (merge_by_id(store, said["id"]), store.read("Patient", other_id)))
    if merge.busy:
        return go(url_for("registration.merge_event", patient_id=survivor_id, merge_id=merge.id))
    text = _("%(number)s is part of this record now", number=record_number(other) or _("The other record"))
    toast(text, undo_url=url_for("registration.undo_merge", patient_id=survivor_id, merge_id=merge.id))
    return go(url_for("registration.patient", patient_id=survivor_id))


def _sent(prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): value for name, value in request.form.items() if name.startswith(prefix)}


def _page(survivor_id: str, other_id: str, form: MergeForm, status: int = 200) -> Response:
    values = look(lambda store: _values(store, survivor_id, other_id, form))
    return page("registration/merge_patients.html", status, form=form, patient_id=survivor_id, **values)


def _values(store: Store, survivor_id: str, other_id: str, form: MergeForm) -> dict[str, Any]:
    survivor, other = require_two(store, survivor_id, other_id)
    for patient_id in (survivor_id, other_id):
        store.saw(patient_id, "merge")
    hindrances, questions = hindrances_of(store, survivor_id, other_id)
    form.version.data = survivor["meta"]["versionId"]
    form.other_version.data = other["meta"]["versionId"]
    region = region_of(store.practice.region)
    chosen, answered = _sent(_CHOICE), _sent(_ANSWER)
    rows = []
    for one in choices_of(store, survivor, other):
        said = said_values(one.key, region)
        rows.append({
            "name": f"{_CHOICE}{one.key}", "label": slot_label(one.key, region), "both": one.both,
            "survivor": said(one.survivor), "other": said(one.other), "one_sided": one.one_sided,
            "survivor_at": one.survivor_at, "other_at": one.other_at,
            "chosen": chosen.get(one.key, one.proposed),
        })  # fmt: skip
    banners = banners_of(store, [survivor_id, other_id])
    return {
        "different": said_different(store, survivor_id, other_id),
        "survivor": banners[survivor_id],
        "other": banners[other_id],
        "rows": sorted(rows, key=lambda row: bool(row["one_sided"])),
        "questions": [
            {"name": f"{_ANSWER}{one.key}", "label": _(one.message), "survivor": dates_said(one.survivor),
             "other": dates_said(one.other), "chosen": answered.get(one.key, one.default)}
            for one in questions
        ],
        "hindrances": [said_hindrance(one) for one in hindrances],
        "moving": kinds_of(type_ for type_, _id in unmoved(store, other_id)),
        "sides": (SURVIVOR, OTHER),
    }  # fmt: skip


def said_hindrance(hindrance: Hindrance) -> Json:
    """A reason in words, with the way to the screen that mends it when this person may open it."""
    url = open_url(hindrance.endpoint, **hindrance.values) if hindrance.endpoint else ""
    return {"text": translated(hindrance.error), "url": url}
