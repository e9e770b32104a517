"""A licence's barcode: read by the camera, from a picture or by a hand scanner; compared; taken over field by field."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import require_own_form, requires
from clinic.core.errors import N_, ClinicError, Invalid
from clinic.core.ids import new_token
from clinic.fhir.store import Store
from clinic.regions import Region
from clinic.registration.banner import banner_of
from clinic.registration.forms import desk_of, patient_form, shown_entry
from clinic.registration.queries.duplicates import Candidate, likely_duplicates
from clinic.registration.routes import blueprint
from clinic.registration.routes.registering import dup_values
from clinic.registration.routes.shown import label_text, value_text
from clinic.registration.rules.card import LICENCE, compared, value_of
from clinic.registration.rules.checking import Desk, draft_of, read_changes
from clinic.registration.rules.details import Number, PatientDetails
from clinic.registration.rules.licence import LONGEST, Licence, plain_licence
from clinic.registration.service import change_patient, load_details
from clinic.registration.service.cards import ReadCard, note_term, read_text, told_by_card
from clinic.registration.service.evidence import confirm_values
from clinic.registration.service.numbers import holder_of_number
from clinic.web.barcodes import read_card
from clinic.web.filters import day
from clinic.web.forms import said, translated
from clinic.web.images import MOST_BYTES
from clinic.web.respond import go, is_fragment, page, toast
from clinic.web.transaction import look, transact

NOTHING_SENT = N_("Show the card to the camera, choose a picture of it, or scan it into the field.")
_SURE = 95
"""A score from which the one candidate is taken to be the holder of the card."""


@blueprint.get("/scan")
@requires("patients.write")
def scan() -> Response:
    """The camera, a picture, or a hand scanner."""
    return _scanner(request.args.get("patient", ""))


@blueprint.post("/scan")
@requires("patients.write")
def read_scan() -> Response:
    """What the card says: beside a form that is being filled (as a fragment), or beside who is on file."""
    require_own_form()
    patient_id = request.form.get("patient_id", "")
    try:
        text = _sent()
        if is_fragment():
            return page("registration/_compare.html", **look(lambda store: _beside_form(store, text)))
        values = look(lambda store: _found(store, text, patient_id))
    except ClinicError as error:
        if error.kind in ("missing", "forbidden"):
            raise
        if is_fragment():
            return page("registration/_unread.html", 422, fault=translated(error))
        return _scanner(patient_id, translated(error), 422)
    return page("registration/scanned.html", **values)


@blueprint.post("/scan/new")
@requires("patients.write")
def new_from_card() -> Response:
    """The form for a new patient, filled from the card."""
    require_own_form()

    def load(store: Store) -> dict[str, Any]:
        read = read_text(store, request.form.get("card", ""))
        shown = {**read.entry, "birth_date": day(read.card.birth_date)} if read.card.birth_date else read.entry
        searched = " ".join(filter(None, (read.card.given, read.card.family))) or read.card.number
        form = patient_form(store.practice, {**shown, "searched": searched, "card": read.text, "once": new_token()})
        form.texts.data = True
        return {"form": form, **dup_values(likely_duplicates(store, read.details))}

    return page("registration/new_patient.html", **look(load))


@blueprint.post("/<patient_id>/scan")
@requires("patients.write")
def take_card(patient_id: str) -> Response:
    """Take over what was ticked, with the licence as its source; the rest that agrees counts as confirmed."""
    require_own_form()
    text, ticked = request.form.get("card", ""), frozenset(request.form.getlist("take"))
    try:
        changed = transact(lambda store: _take(store, patient_id, text, ticked))
    except ClinicError as error:
        if error.kind in ("missing", "forbidden"):
            raise
        fault = said(error.details[0]) if error.details else translated(error)
        return _scanner(patient_id, fault, 409 if error.kind == "conflict" else 422)
    toast(_("What was ticked is taken over from the card") if changed else _("The card is noted as seen"))
    return go(url_for("registration.patient", patient_id=patient_id))


def _sent() -> str:
    """The barcode of this request: typed by a scanner, read by the browser, or in a picture. Raises Invalid."""
    typed = request.form.get("text", "").strip() or request.form.get("card", "").strip()
    if typed:
        return plain_licence(typed[: LONGEST + 1])
    file = request.files.get("photo")
    if file is None or not file.filename:
        raise Invalid(NOTHING_SENT)
    return plain_licence(read_card(file.stream.read(MOST_BYTES + 1)))


def _beside_form(store: Store, text: str) -> dict[str, Any]:
    """The card beside what is typed in a form, to be taken over there."""
    desk = desk_of(store)
    read = read_text(store, text)
    typed = patient_form(store.practice).entry
    patient_id = typed.get("patient_id", "") or request.form.get("patient_id", "")
    present = draft_of(typed, desk)
    if patient_id:
        store.saw(patient_id, "licence scanned")
        present = _unmasked(typed, present, load_details(store, patient_id), desk)
    return {
        **_shown(store, read, present, typing=not patient_id),
        "fill": True,
        "filled": _fill(read),
        "text": read.text,
    }


def _unmasked(typed: dict[str, str], present: PatientDetails, known: PatientDetails, desk: Desk) -> PatientDetails:
    """A form about somebody on file holds masked numbers: what was not touched is as on file."""
    try:
        return read_changes(typed, shown_entry(known, desk.region), known, desk)
    except Invalid:
        return present


def _fill(read: ReadCard) -> dict[str, str]:
    return {**read.entry, "birth_date": day(read.card.birth_date)} if read.card.birth_date else read.entry


def _found(store: Store, text: str, patient_id: str) -> dict[str, Any]:
    """Whose card it is: the patient asked about, the holder of its number, the one likely candidate, or several."""
    read = read_text(store, text)
    holder = holder_of_number(store, Number(LICENCE, read.details.number(LICENCE)))
    candidates = [] if patient_id else likely_duplicates(store, read.details)
    chosen = patient_id or holder or _certain(candidates)
    values: dict[str, Any] = {"card": read.card, "text": read.text, "chosen": chosen, "asked": patient_id}
    for one in candidates:
        store.saw_in_list(one.id, "likely duplicate")
    if chosen:
        other = holder if holder and holder != chosen else ""
        values |= {"banner": banner_of(store, chosen, what="licence scanned"), "other": other}
        values["by_number"] = holder == chosen
        values |= _shown(store, read, load_details(store, chosen), typing=False)
    else:
        values |= _shown(store, read, draft_of({}, desk_of(store)), typing=True)
    return {**values, **dup_values([one for one in candidates if one.id != chosen])}


def _certain(candidates: list[Candidate]) -> str:
    return candidates[0].id if len(candidates) == 1 and candidates[0].score >= _SURE else ""


def _take(store: Store, patient_id: str, text: str, ticked: frozenset[str]) -> bool:
    desk, known = desk_of(store), load_details(store, patient_id)
    read = read_text(store, text)
    shown = shown_entry(known, desk.region)
    taken = {name: value for name, value in read.entry.items() if name in ticked}
    details = read_changes({**shown, **taken}, shown, known, desk)
    with store.told_by(told_by_card(read.details, details, read.entry)):
        if taken:
            change_patient(store, patient_id, details)
        same = [line.field for line in compared(read.entry, read.details, known) if line.verdict == "same"]
        named = told_by_card(read.details, known, {name: read.entry[name] for name in same}).fields
        if same:
            confirm_values(store, patient_id, sorted(named))
        note_term(store, patient_id, read.card, details.number(LICENCE))
    return bool(taken)


def _shown(store: Store, read: ReadCard, present: PatientDetails, *, typing: bool) -> dict[str, Any]:
    region = desk_of(store).region
    lines = compared(read.entry, read.details, present, read.card.cut)
    return {
        "card": read.card,
        "lines": lines,
        "typing": typing,
        "label": lambda line: label_text(line.field, region),
        "card_text": lambda line: value_text(line.field, line.card, region),
        "present_text": lambda line: value_text(line.field, line.present, region),
        "expired": read.card.expired(desk_of(store).today),
        "cut_words": _cut_words(read.card, region),
        "unread": _unread(read),
    }


def _unread(read: ReadCard) -> list[str]:
    """What the card says and no rule here takes: said, and left out."""
    return [value for name, value in read.entry.items() if not value_of(read.details, name)]


def _cut_words(card: Licence, region: Region) -> str:
    return ", ".join(label_text(name, region) for name in ("given", "middle", "family") if name in card.cut)


def _scanner(patient_id: str, fault: str = "", status: int = 200) -> Response:
    banner = look(lambda store: banner_of(store, patient_id, what="licence scan")) if patient_id else None
    return page("registration/scan.html", status, banner=banner, patient_id=patient_id, fault=fault)
