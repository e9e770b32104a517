"""What a licence's barcode brings into a record, with its source, and how long the card holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from clinic.core import source
from clinic.core.days import local
from clinic.core.errors import Invalid
from clinic.core.json import Json
from clinic.core.source import Source
from clinic.fhir.store import Store
from clinic.regions import region_of
from clinic.registration.mapping.parts import keep, parts, text
from clinic.registration.rules.card import FIELDS, LICENCE, PLACE, entry_of_card, value_of
from clinic.registration.rules.checking import Desk, draft_of
from clinic.registration.rules.details import PatientDetails
from clinic.registration.rules.licence import Licence, plain_licence, read_licence


@dataclass(frozen=True)
class ReadCard:
    """A card as it was read: the barcode for the next form, what it says, and the form it would fill."""

    text: str
    card: Licence
    entry: dict[str, str]
    details: PatientDetails


def read_text(store: Store, text: str) -> ReadCard:
    """What a barcode says, as the form of this practice's country would say it. Raises Invalid."""
    card = read_licence(text)
    practice = store.practice
    desk = Desk(region_of(practice.region), local(store.now, practice.zone).date(), practice.date_order)
    entry = entry_of_card(card, desk.region)
    return ReadCard(plain_licence(text), card, entry, draft_of(entry, desk))


def told_by(store: Store, text: str, details: PatientDetails) -> tuple[Source, ...]:
    """The sources of what a form says that a card may have filled: `text` is the barcode it carries, or nothing."""
    try:
        read = read_text(store, text) if text else None
    except Invalid:
        read = None
    return (told_by_card(read.details, details, read.entry),) if read else ()


def keep_card(store: Store, patient_id: str, text: str) -> None:
    """After saving such a form: until when the card holds, with its number."""
    if text:
        read = read_text(store, text)
        note_term(store, patient_id, read.card, read.details.number(LICENCE))


def told_by_card(card: PatientDetails, details: PatientDetails, entry: Mapping[str, str]) -> Source:
    """The source of the values that are as the card says them; of those alone it speaks."""
    same = {name for name in FIELDS if name in entry and value_of(card, name) == value_of(details, name)}
    place = {name for name in PLACE if name in entry}
    named = (same - PLACE) | ({"address"} if place and place <= same else set())
    return Source(source.LICENCE, fields=frozenset(named or {"number_licence"}))


def note_term(store: Store, patient_id: str, card: Licence, value: str) -> Json:
    """Keep with the licence's number from when until when the card holds; nothing when the number is another."""
    patient = store.read("Patient", patient_id)
    kind = region_of(store.practice.region).kind(LICENCE)
    period: Json = {}
    keep(period, "start", card.issued)
    keep(period, "end", card.expires)
    if kind is None or not period:
        return patient
    numbers = [dict(part) for part in parts(patient, "identifier")]
    for part in numbers:
        if part.get("system") == kind.system and text(part.get("value")) == value:
            part["period"] = period
    return store.update({**patient, "identifier": numbers}, reason="licence read")
