"""Going through answers: old beside new for each field of the record; what is accepted is written, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from clinic.core.days import instant_text, local
from clinic.core.errors import Conflict, Detail, Invalid
from clinic.core.json import Json
from clinic.core.source import LINK, TABLET, Source
from clinic.fhir.store import Store
from clinic.intake.mapping import REVIEW, came_by_link, is_reviewed, patient_of
from clinic.intake.questionnaire import Answers, Form, from_response, settle
from clinic.intake.questionnaire.messages import N_
from clinic.intake.record import ADDRESS, EMERGENCY, Given, given_answers, known_values, value_for
from clinic.intake.service.forms import form_for
from clinic.intake.wording import words_of
from clinic.regions import region_of
from clinic.registration.mapping import details_of
from clinic.registration.rules.checking import Desk, read_details
from clinic.registration.rules.details import PatientDetails
from clinic.registration.service.patients import amend_patient

HIGH_RISK = frozenset({"given", "middle", "family", "maiden", "birth_date", "sex"})
"""Who somebody is: never accepted in bulk."""

LABELS = {
    "given": N_("First name"), "middle": N_("Middle name"), "family": N_("Surname"), "preferred": N_("Preferred name"),
    "maiden": N_("Birth surname"), "birth_date": N_("Birth date"), "sex": N_("Administrative sex"),
    "pronouns": N_("Pronouns"), "gender_identity": N_("Gender identity"), "mobile": N_("Mobile phone"),
    "home_phone": N_("Home phone"), "work_phone": N_("Work phone"), "email": N_("E-mail"),
    "language": N_("Language"), "interpreter": N_("Interpreter"), "marital": N_("Marital status"),
    "contact_by": N_("Contact by"), "address": N_("Address"), "emergency": N_("Emergency contact"),
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One field of the record: what it says, and what the patient says."""

    key: str
    label: str
    old: str
    new: str
    state: str
    """same, new (nothing was on record), changed, or unreadable."""
    error: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        """Whether somebody has to decide."""
        return self.state != "same"

    @property
    def risky(self) -> bool:
        """Whether it must be looked at on its own."""
        return self.key in HIGH_RISK or self.state == "unreadable"


@dataclass(frozen=True)
class Review:
    """Answers beside the record."""

    response: Json
    form: Form
    answers: Answers
    patient: Json
    changes: tuple[Change, ...]

    @property
    def done(self) -> bool:
        """Whether it was gone through already."""
        return is_reviewed(self.response)

    @property
    def easy(self) -> int:
        """How many open changes may be accepted in bulk."""
        return sum(change.open and not change.risky for change in self.changes)


def review_of(store: Store, response_id: str) -> Review:
    """Answers beside the record as it is now. Raises Missing, Conflict when the form is unknown here."""
    response = store.read("QuestionnaireResponse", response_id)
    form = form_for(store, response)
    patient_id = patient_of(response)
    if form is None:
        raise Conflict(N_("The form that was answered is not here; its answers cannot be shown in order."))
    patient = store.read("Patient", patient_id) if patient_id else {}
    answers = from_response(form, response)
    given = given_answers(form, answers, settle(form, answers).names)
    store.saw(patient_id, "answers")
    changes = changes_of(store, given, patient) if patient and response.get("status") != "in-progress" else ()
    return Review(response, form, answers, patient, changes)


def changes_of(store: Store, given: list[Given], patient: Json) -> tuple[Change, ...]:
    """Answers beside the record, by field."""
    region = region_of(store.practice.region)
    details = details_of(patient, region)
    known = known_values(details, region)
    groups: dict[str, list[Given]] = {}
    for one in given:
        key = "address" if one.field in ADDRESS else "emergency" if one.field in EMERGENCY else one.field
        groups.setdefault(key, []).append(one)
    return tuple(_change(store, key, parts, details, known) for key, parts in groups.items())


def _change(store: Store, key: str, parts: list[Given], details: PatientDetails, known: Mapping[str, str]) -> Change:
    values = {one.field: one.text for one in parts}
    language = store.practice.language
    new = _joined(key, [words_of(one.item, _value(one), language) for one in parts])
    old = _joined(key, [_old(one, known.get(one.field, ""), language) for one in parts])
    error = ""
    try:
        wanted = read_values(store, details, known, values)
        now = {name: getattr(details, name) for name in wanted}
        state = "same" if wanted == now else "changed" if old else "new"
    except Invalid as refused:
        error = next((detail.message for detail in refused.details), refused.message)
        state = "same" if new == old else "unreadable"
    return Change(key, LABELS.get(key, key), old, new, state, error if state == "unreadable" else "", values)


def _value(one: Given) -> Any:
    found = value_for(one.item, one.text)
    return found[0] if found else one.text


def _old(one: Given, text: str, language: str) -> str:
    found = value_for(one.item, text)
    return words_of(one.item, found[0], language) if found else text


def _joined(key: str, words: list[str]) -> str:
    if key == "emergency" and len(words) > 1:
        return ", ".join(part for part in (" ".join(words[:2]).strip(), *words[2:]) if part)
    return ", ".join(word for word in words if word)


def read_values(
    store: Store, details: PatientDetails, known: Mapping[str, str], values: Mapping[str, str]
) -> dict[str, Any]:
    """Answered texts as checked attributes of PatientDetails, by the same rules as the desk's own form.

    Raises Invalid with a Detail for each text that is not accepted.
    """
    entry = {"given": "A", "family": "A", "sex": "unknown", "birth_date": "2000-01-01"}
    entry |= {name: known[name] for name in (*ADDRESS, *EMERGENCY)}
    entry |= values
    if values.get("line", known["line"]) == known["line"]:
        entry |= {"line": details.address.line, "line2": details.address.line2}
    else:
        entry |= {"line2": ""}
    today = local(store.now, store.practice.zone).date()
    checked = read_details(entry, Desk(region_of(store.practice.region), today, store.practice.date_order))
    names = {"address" if n in ADDRESS else "emergency" if n in EMERGENCY else n for n in values}
    return {name: getattr(checked, name) for name in sorted(names)}


def decide(store: Store, response_id: str, accepted: frozenset[str], *, patient_version: int | None = None) -> Json:
    """Write the accepted fields to the record, note what was refused, and close the review.

    A second click finds it closed and changes nothing. Raises Stale when the record changed since it was
    shown, Invalid with a Detail for a field that cannot be written.
    """
    review = review_of(store, response_id)
    if review.done:
        return review.response
    open_changes = [change for change in review.changes if change.open]
    chosen = [change for change in open_changes if change.key in accepted]
    unreadable = tuple(Detail(change.key, change.error) for change in chosen if change.state == "unreadable")
    if unreadable:
        raise Invalid(N_("Some answers cannot be written to the record as they are."), details=unreadable)
    if chosen:
        _apply(store, review, chosen, patient_version)
    refused = [change.key for change in open_changes if change.key not in accepted]
    return _close(store, review.response, [change.key for change in chosen], refused)


def _apply(store: Store, review: Review, chosen: list[Change], version: int | None) -> None:
    region = region_of(store.practice.region)
    details = details_of(review.patient, region)
    values = {name: text for change in chosen for name, text in change.values.items()}
    changes = read_values(store, details, known_values(details, region), values)
    response = review.response
    answers = f"QuestionnaireResponse/{response['id']}/_history/{response['meta']['versionId']}"
    with store.told_by(Source(LINK if came_by_link(response) else TABLET, document=answers)):
        amend_patient(store, review.patient["id"], changes, version=version)


def _close(store: Store, response: Json, accepted: list[str], refused: list[str]) -> Json:
    parts: list[Json] = [
        {"url": "at", "valueDateTime": instant_text(store.now)},
        {"url": "by", "valueString": store.actor.name or "Clinic"},
        *({"url": "accepted", "valueString": key} for key in accepted),
        *({"url": "refused", "valueString": key} for key in refused),
    ]
    extensions = [*response.get("extension", []), {"url": REVIEW, "extension": parts}]
    return store.update({**response, "extension": extensions}, reason="reviewed")
