"""Papers of a patient: kept, replaced, described, put in order, retired and brought back."""

from __future__ import annotations

import base64
import binascii
from typing import Protocol

from clinic.core.errors import N_, Conflict, Invalid, Missing
from clinic.core.json import Json
from clinic.fhir.registry import Writer
from clinic.fhir.store import Store
from clinic.fhir.subject import patient_of
from clinic.registration.mapping.documents import (
    RETIRED,
    binary_id_of,
    new_document,
    with_content,
    with_description,
)
from clinic.registration.mapping.parts import parts, put_extension, text
from clinic.registration.rules.documents import LONGEST_REASON, Described
from clinic.web.images import clean_image
from clinic.web.papers import Part, clean_paper

NO_DOCUMENT = N_("This patient has no such document.")
NO_CONTENT = N_("The content of this document is not kept here.")
NOT_CURRENT = N_("Only a document in use can be changed. Bring it back first.")
SAY_WHY = N_("Say in a few words why, for example “scanned for the wrong patient”.")
SERVED = ("application/pdf", "image/jpeg", "image/png", "image/webp")


class Content(Protocol):
    """A cleaned file."""

    @property
    def data(self) -> bytes:
        """Its bytes."""

    @property
    def content_type(self) -> str:
        """What it is."""

    @property
    def pages(self) -> int:
        """How many pages it has."""


def add_document(store: Store, patient_id: str, said: Described, content: Content) -> Json:
    """Keep a new document of a patient. Raises Missing when there is no such patient."""
    store.read("Patient", patient_id)
    return store.create(_filled(store, new_document(patient_id, store.now), said, content), reason="added")


def replace_document(store: Store, patient_id: str, document_id: str, *, said: Described, content: Content) -> Json:
    """Keep a newer one in its place; the old one stays as superseded. Raises Missing, Conflict."""
    old = _current(store, patient_id, document_id)
    fresh = _filled(store, new_document(patient_id, store.now), said, content)
    fresh["relatesTo"] = [{"code": "replaces", "target": {"reference": f"DocumentReference/{document_id}"}}]
    kept = store.create(fresh, reason="replaces an older one")
    store.update({**old, "status": "superseded"}, reason="replaced")
    return kept


def describe_document(
    store: Store, patient_id: str, document_id: str, *, said: Described, version: int | None = None
) -> Json:
    """Change what is said of a document. Raises Missing, Conflict, Stale."""
    known = _current(store, patient_id, document_id)
    return store.update(with_description(known, said), version=version, reason="described anew")


def arrange_document(
    store: Store, patient_id: str, document_id: str, *, content: Content, version: int | None = None
) -> Json:
    """Keep the same document with its pages in another order. The pages as they were stay in its history."""
    known = _current(store, patient_id, document_id)
    return store.update(_with(store, known, content), version=version, reason="pages put in order")


def take_back_pages(store: Store, patient_id: str, document_id: str, version: int) -> Json:
    """The pages as they were in an earlier version."""
    known = _current(store, patient_id, document_id)
    before = store.vread("DocumentReference", document_id, version).json
    return store.update(
        {**known, "content": before["content"], "extension": parts(before, "extension")}, reason="pages put back"
    )


def retire_document(store: Store, patient_id: str, document_id: str, reason: str) -> Json:
    """Take a document out of use, with the reason; nothing is lost. Raises Missing, Invalid."""
    known = document_of(store, patient_id, document_id)
    plain = " ".join(reason.split())[:LONGEST_REASON]
    if len(plain) < 3:
        raise Invalid(SAY_WHY, field="reason")
    put_extension(known, RETIRED, {"valueString": plain})
    return store.update({**known, "status": "entered-in-error"}, reason="retired")


def restore_document(store: Store, patient_id: str, document_id: str) -> Json:
    """Bring a retired document back; one that has been replaced comes back as superseded."""
    known = document_of(store, patient_id, document_id)
    if known.get("status") != "entered-in-error":
        return known
    put_extension(known, RETIRED, None)
    newer = store.search("DocumentReference", [("relatesto", f"DocumentReference/{document_id}")], limit=1)
    return store.update({**known, "status": "superseded" if newer else "current"}, reason="brought back")


def document_of(store: Store, patient_id: str, document_id: str) -> Json:
    """A document of this patient and of no other. Raises Missing."""
    document = store.find("DocumentReference", document_id)
    if document is None or patient_of(document) != patient_id:
        raise Missing(NO_DOCUMENT)
    return document


def content_of(store: Store, document: Json) -> tuple[bytes, str]:
    """The bytes of a document and what they are. Raises Missing when they lie elsewhere or may not be shown."""
    binary = store.find("Binary", binary_id_of(document)) if binary_id_of(document) else None
    if binary is None or binary.get("contentType") not in SERVED:
        raise Missing(NO_CONTENT)
    return base64.b64decode(text(binary.get("data"))), str(binary["contentType"])


def _current(store: Store, patient_id: str, document_id: str) -> Json:
    known = document_of(store, patient_id, document_id)
    if known.get("status") != "current":
        raise Conflict(NOT_CURRENT)
    return known


def _filled(store: Store, document: Json, said: Described, content: Content) -> Json:
    return with_description(_with(store, document, content), said)


def _with(store: Store, document: Json, content: Content) -> Json:
    binary = _binary(store, patient_of(document), content.data, content.content_type)
    size, pages = len(content.data), content.pages
    return with_content(document, binary["id"], content.content_type, size=size, pages=pages)


def _binary(store: Store, patient_id: str, data: bytes, content_type: str) -> Json:
    return store.create(
        {
            "resourceType": "Binary",
            "contentType": content_type,
            "securityContext": {"reference": f"Patient/{patient_id}"},
            "data": base64.b64encode(data).decode("ascii"),
        }
    )


def record_document(store: Store, document: Json) -> Json:
    """Keep a document that a program sends: what it brings or points to here is cleaned like an upload."""
    return store.create(_cleaned(store, document, {}), id=text(document.get("id")) or None)


def rewrite_document(store: Store, document: Json, version: int | None) -> Json:
    """Keep a document that a program changed, by the same rule for what is new in it."""
    known = store.find("DocumentReference", text(document.get("id"))) or {}
    return store.update(_cleaned(store, document, known), version=version)


def _cleaned(store: Store, document: Json, known: Json) -> Json:
    before = {text(part.get("attachment", {}).get("url")) for part in parts(known, "content")}
    contents = []
    for part in parts(document, "content"):
        attachment = part.get("attachment")
        if isinstance(attachment, dict) and (attachment.get("data") or attachment.get("url") not in before):
            contents.append({**part, "attachment": _clean_attachment(store, document, attachment)})
        else:
            contents.append(part)
    return {**document, "content": contents} if contents else document


def _clean_attachment(store: Store, document: Json, attachment: Json) -> Json:
    coded, patient = text(attachment.get("data")), patient_of(document)
    given = {} if coded else (store.find("Binary", binary_id_of({"content": [{"attachment": attachment}]})) or {})
    kind = text(attachment.get("contentType")) or text(given.get("contentType"))
    coded = coded or text(given.get("data"))
    if not coded or not (kind == "application/pdf" or kind.startswith("image/")):
        return attachment
    _require_same_patient(given, patient)
    try:
        data = base64.b64decode(coded, validate=True)
    except (binascii.Error, ValueError) as fault:
        raise Invalid("This is not base64.", field="DocumentReference.content.attachment.data") from fault
    clean = _clean(data, pdf=kind == "application/pdf")
    binary = (
        _binary(store, patient, *clean)
        if patient
        else store.create(
            {"resourceType": "Binary", "contentType": clean[1], "data": base64.b64encode(clean[0]).decode("ascii")}
        )
    )
    rest = {name: value for name, value in attachment.items() if name not in ("data", "hash", "url", "size")}
    return {**rest, "contentType": clean[1], "url": f"Binary/{binary['id']}", "size": len(clean[0])}


def _clean(data: bytes, *, pdf: bool) -> tuple[bytes, str]:
    field = "DocumentReference.content.attachment"
    if pdf:
        made = clean_paper([Part(data)], field=field)
        return made.data, made.content_type
    picture = clean_image(data, longest=2000, field=field)
    return picture.data, picture.content_type


def _require_same_patient(binary: Json, patient: str) -> None:
    owner = text((binary.get("securityContext") or {}).get("reference"))
    if owner.startswith("Patient/") and owner != f"Patient/{patient}":
        raise Invalid("This content belongs to another patient.", field="DocumentReference.content.attachment.url")


writers = {"DocumentReference": Writer(create=record_document, update=rewrite_document)}
