"""A document of a patient as a DocumentReference, its content in a Binary, and the row that lists show."""

from __future__ import annotations

from typing import Any

from clinic.core.days import instant_text, read_instant
from clinic.core.json import Json
from clinic.core.names import fold
from clinic.fhir.subject import patient_of
from clinic.registration.mapping.parts import coded, extension, keep, parts, put_extension, text
from clinic.registration.rules.documents import BY_CODE, BY_LOINC, LOINC, OWN, Described

ENDS = "urn:clinic:document-ends"
PAGES = "urn:clinic:document-pages"
RETIRED = "urn:clinic:retired-because"
_STATES = {"current": "current", "superseded": "superseded", "entered-in-error": "retired"}


def with_description(document: Json, said: Described) -> Json:
    """The document with this kind, title and dates; the rest stays."""
    kind = BY_CODE[said.kind]
    codings = [{"system": LOINC, "code": kind.loinc}] if kind.loinc else []
    made = {**document, "type": {"coding": [*codings, {"system": OWN, "code": kind.code}], "text": kind.word}}
    keep(made, "description", said.title)
    attachment = dict(attachment_of(made))
    keep(attachment, "creation", said.dated)
    keep(attachment, "title", said.title or kind.word)
    made["content"] = [{**(parts(made, "content") or [{}])[0], "attachment": attachment}]
    put_extension(made, ENDS, {"valueDate": said.ends} if said.ends else None)
    return made


def with_content(document: Json, binary_id: str, content_type: str, *, size: int, pages: int) -> Json:
    """The document whose content is this Binary."""
    kept = {name: value for name, value in attachment_of(document).items() if name in ("title", "creation")}
    attachment = {"contentType": content_type, "url": f"Binary/{binary_id}", "size": size, **kept}
    made = {**document, "content": [{"attachment": attachment}]}
    put_extension(made, PAGES, {"valueInteger": pages})
    return made


def new_document(patient_id: str, now: Any) -> Json:
    """The beginning of a document that came in now."""
    return {
        "resourceType": "DocumentReference",
        "status": "current",
        "subject": {"reference": f"Patient/{patient_id}"},
        "date": instant_text(now),
    }


def description_of(document: Json) -> Described:
    """What is said of a document, ours or from elsewhere."""
    attachment = attachment_of(document)
    return Described(
        kind=kind_of(document),
        title=text(document.get("description")),
        dated=text(attachment.get("creation"))[:10],
        ends=text(extension(document, ENDS).get("valueDate")),
    )


def kind_of(document: Json) -> str:
    """The code of its kind in our list; other for what is not in it."""
    concept = document.get("type")
    if not isinstance(concept, dict):
        return "other"
    own = coded(concept, OWN)
    if own in BY_CODE:
        return own
    found = BY_LOINC.get(coded(concept, LOINC))
    return found.code if found else "other"


def attachment_of(document: Json) -> Json:
    """The first content of a document; empty when there is none."""
    for part in parts(document, "content"):
        if isinstance(part.get("attachment"), dict):
            return part["attachment"]  # type: ignore[no-any-return]
    return {}


def binary_id_of(document: Json) -> str:
    """The id of the Binary that holds the content here; empty when it lies elsewhere."""
    kind, _, binary_id = text(attachment_of(document).get("url")).partition("/")
    return binary_id.split("/")[0] if kind == "Binary" else ""


def document_rows(document: Json) -> list[Json]:
    """The one row of a document that is about a patient."""
    patient = patient_of(document)
    if not patient:
        return []
    said, attachment = description_of(document), attachment_of(document)
    concept = document.get("type")
    named = text(concept.get("text")) if isinstance(concept, dict) else ""
    title = said.title or text(attachment.get("title")) or named
    try:
        added = read_instant(text(document.get("date")) or document["meta"]["lastUpdated"])
    except ValueError:
        added = read_instant(document["meta"]["lastUpdated"])
    pages = extension(document, PAGES).get("valueInteger")
    return [
        {
            "id": document["id"],
            "patient_id": patient,
            "state": _STATES.get(text(document.get("status")), "current"),
            "kind": said.kind,
            "title": said.title[:200],
            "folded": fold(f"{title} {named}")[:400],
            "dated": said.dated[:10],
            "ends": said.ends[:10],
            "pages": pages if isinstance(pages, int) else 1,
            "content_type": text(attachment.get("contentType"))[:80],
            "content": text(attachment.get("url"))[:80],
            "added": added,
        }
    ]
