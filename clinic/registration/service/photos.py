"""The portrait: a Binary that the patient's record points to."""

from __future__ import annotations

import base64

from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.registration.mapping.parts import parts, text
from clinic.registration.queries.merges import require_in_use

SERVED = ("image/jpeg", "image/png", "image/webp")


def put_photo(store: Store, patient_id: str, data: bytes, content_type: str) -> Json:
    """Keep a cleaned picture as the patient's portrait; the one before stays in the history."""
    patient = require_in_use(store, patient_id)
    picture = store.create(
        {
            "resourceType": "Binary",
            "contentType": content_type,
            "securityContext": {"reference": f"Patient/{patient_id}"},
            "data": base64.b64encode(data).decode("ascii"),
        }
    )
    attachment = {
        "contentType": content_type,
        "url": f"Binary/{picture['id']}",
        "creation": store.now.date().isoformat(),
    }
    version = int(patient["meta"]["versionId"])
    return store.update({**patient, "photo": [attachment]}, version=version, reason="new photo")


def photo_of(store: Store, patient_id: str) -> Json | None:
    """The picture of a patient that is kept here; nothing when there is none or it lies elsewhere."""
    photos = parts(store.read("Patient", patient_id), "photo")
    kind, _, binary_id = text(photos[0].get("url")).partition("/") if photos else ("", "", "")
    if kind != "Binary" or "/" in binary_id:
        return None
    binary = store.find("Binary", binary_id)
    return binary if binary and binary.get("contentType") in SERVED else None
