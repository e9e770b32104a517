"""A patient says no to a way of being reached, by the way itself: "STOP" in a text."""

from __future__ import annotations

from clinic.core.errors import Missing
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.registration.mapping.consents import Signature, consent_resource, withdrawn_resource
from clinic.registration.queries.consents import book_of, text_of
from clinic.registration.queries.finder import today_of
from clinic.registration.service.consents import withdraw


def refuse(store: Store, patient_id: str, kind: str, *, reason: str) -> Json | None:
    """Take back the consent of this kind, or keep a no where none was given; None when it is refused already.

    Raises Missing for an unknown patient or kind.
    """
    store.read("Patient", patient_id)
    today = today_of(store)
    state = book_of(store, [patient_id]).state(patient_id, kind, today)
    if state.state == "withdrawn":
        return None
    if state.held is not None:
        return withdraw(store, state.held.id, on=today, reason=reason)
    found = text_of(store, kind, store.practice.language)
    if found is None:
        raise Missing("There is no consent of this kind.")
    number, text, language = found
    signature = Signature(kind, number, language, text, text.sha256, signed=store.now, ends="", how="verbal",
                          signer="self", witness=store.actor.name or "Clinic")  # fmt: skip
    given = consent_resource(signature, {"reference": f"Patient/{patient_id}"})
    by = store.actor.name or "Clinic"
    return store.create(withdrawn_resource(given, on=today.isoformat(), reason=reason, by=by))
