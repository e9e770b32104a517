"""The portrait: a Binary that the patient's record points to."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime

from clinic.core.errors import N_, Missing
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.registration.mapping.parts import parts, text
from clinic.registration.queries.merges import require_in_use

NO_PHOTO = N_("There is no photo of this patient.")
_MOST = 24
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
    binary_id = current_photo(store, patient_id)
    binary = store.find("Binary", binary_id) if binary_id else None
    return binary if binary and binary.get("contentType") in SERVED else None


@dataclass(frozen=True)
class PastPhoto:
    """A photo that was kept before: its Binary, and since when it stood in the record."""

    binary_id: str
    since: datetime
    current: bool


def photos_of(store: Store, patient_id: str) -> list[PastPhoto]:
    """Every photo that ever stood in the record and is kept here, newest first, the present one marked."""
    found: dict[str, PastPhoto] = {}
    now = _binary_id(store.read("Patient", patient_id))
    for version in store.history("Patient", patient_id):
        binary_id = _binary_id(version.json)
        if binary_id:
            found[binary_id] = PastPhoto(binary_id, version.at, binary_id == now)
    newest = sorted(found.values(), key=lambda one: one.since, reverse=True)
    return newest[:_MOST]


def past_photo(store: Store, patient_id: str, binary_id: str) -> Json:
    """A photo of this patient, present or past. Raises Missing for any other Binary."""
    known = any(one.binary_id == binary_id for one in photos_of(store, patient_id))
    binary = store.find("Binary", binary_id) if known else None
    if binary is None or binary.get("contentType") not in SERVED:
        raise Missing(NO_PHOTO)
    return binary


def use_photo(store: Store, patient_id: str, binary_id: str) -> Json:
    """Put a photo that stood in the record before back into it. Raises Missing."""
    patient = require_in_use(store, patient_id)
    binary = past_photo(store, patient_id, binary_id)
    attachment = {"contentType": binary["contentType"], "url": f"Binary/{binary_id}"}
    return store.update({**patient, "photo": [attachment]}, reason="earlier photo")


def remove_photo(store: Store, patient_id: str) -> Json:
    """Take the photo out of the record; it stays among the earlier ones."""
    patient = require_in_use(store, patient_id)
    return store.update({name: value for name, value in patient.items() if name != "photo"}, reason="photo removed")


def current_photo(store: Store, patient_id: str) -> str:
    """The id of the Binary of the present photo; empty when there is none here."""
    return _binary_id(store.read("Patient", patient_id))


def _binary_id(patient: Json) -> str:
    photos = parts(patient, "photo")
    kind, _, binary_id = text(photos[0].get("url")).partition("/") if photos else ("", "", "")
    return binary_id if kind == "Binary" and "/" not in binary_id else ""
