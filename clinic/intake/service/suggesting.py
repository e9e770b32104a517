"""Which forms a visit usually needs: a check of what is on record, questions, and what is to be signed."""

from __future__ import annotations

from clinic.fhir.store import Store
from clinic.intake.queries import has_answered
from clinic.intake.service.forms import FormRow, list_forms
from clinic.registration.queries.consents import book_of
from clinic.registration.queries.finder import today_of


def forms_for(store: Store, patient_id: str) -> tuple[list[FormRow], list[str]]:
    """Every form in use in the order in which it is asked, and the ids of those that this patient usually gets."""
    listed = sorted(list_forms(store, active=True), key=_order)
    signed, known = _settled(store, patient_id), has_answered(store, patient_id)
    return listed, [row.id for row in listed if _suggest(row, signed, known=known)]


def _settled(store: Store, patient_id: str) -> frozenset[str]:
    """The kinds of consent that nobody has to be asked for: signed and in force, refused, or not needed here."""
    book, today = book_of(store, [patient_id]), today_of(store)
    states = book.states(patient_id, today)
    return frozenset(one.kind.code for one in states if not one.open or one.kind.need == "no")


def _order(row: FormRow) -> tuple[bool, bool]:
    """First what is on record, then questions, last what is to be signed."""
    return not row.is_contact_check, bool(row.consent)


def _suggest(row: FormRow, signed: frozenset[str], *, known: bool) -> bool:
    """What a visit usually needs: a consent not signed yet, a check for the known, history for the new."""
    if row.consent:
        return row.consent not in signed
    if row.is_contact_check:
        return known
    return row.id == "intake-new-patient" and not known
