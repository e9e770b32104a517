"""For which patient a program books: one on file, or one whom it describes."""

from __future__ import annotations

from clinic.core.ids import new_id
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir_api.call import Call
from clinic.fhir_api.errors import Refused
from clinic.registration.queries.duplicates import face_of_patient, matches
from clinic.registration.rules.matching import LIKELY


def patient_for(store: Store, call: Call, described: Json | None, reference: str) -> str:
    """The id of the patient: the one named, the one on file that is described, or a new record; empty for none.

    Raises Refused: 404 for one who is not here, 409 when the description may be several, 403 without the scope.
    """
    named = reference.rpartition("Patient/")[2] or str((described or {}).get("id") or "")
    if named and store.find("Patient", named) is not None:
        call.caller.need("Patient", "r")
        return named
    if reference:
        raise Refused(404, "There is no such patient here.", "Parameters.parameter.patient-reference")
    return _described(store, call, described) if described is not None else ""


def _described(store: Store, call: Call, described: Json) -> str:
    if described.get("resourceType") != "Patient":
        raise Refused(400, "patient-resource holds a Patient.", "Parameters.parameter.patient-resource", "structure")
    call.caller.need("Patient", "r")
    likely = [row["id"] for row, verdict in matches(store, face_of_patient(described)) if verdict.score >= LIKELY]
    if len(likely) > 1:
        raise Refused(
            409, "More than one patient on file may be meant; name one.", "Parameters.parameter.patient-resource"
        )
    if likely:
        return str(likely[0])
    call.caller.need("Patient", "c")
    call.caller.need_for_label(described)
    fresh = {**described, "id": new_id()}
    writer = store.registry.writers.get("Patient")
    made = writer.create(store, fresh) if writer and writer.create else store.create(fresh, id=fresh["id"])
    return str(made["id"])
