"""Photos of an insurance card: DocumentReference (LOINC 64290-0) with the picture in a Binary."""

from __future__ import annotations

import base64

from clinic.core.days import instant_text
from clinic.core.errors import Invalid, Missing
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.subject import reference_id

SIDES = ("front", "back")
SIDE = "urn:clinic:card-side"
CARD = {
    "coding": [{"system": "http://loinc.org", "code": "64290-0", "display": "Health insurance card"}],
    "text": "Health insurance card",
}


def keep_card(store: Store, coverage_id: str, side: str, *, data: bytes, content_type: str) -> Json:
    """Keep a cleaned photo of one side; an earlier one stays in the record, superseded. Raises Invalid, Missing."""
    if side not in SIDES:
        raise Invalid("A card has a front and a back.", field="side")
    coverage = store.read("Coverage", coverage_id)
    patient = coverage["beneficiary"]["reference"]
    for old in cards_of(store, coverage_id):
        if side_of(old) == side:
            store.update({**old, "status": "superseded"})
    binary = store.create(
        {
            "resourceType": "Binary",
            "contentType": content_type,
            "securityContext": {"reference": patient},
            "data": base64.b64encode(data).decode(),
        }
    )
    return store.create(
        {
            "resourceType": "DocumentReference",
            "extension": [{"url": SIDE, "valueCode": side}],
            "status": "current",
            "type": CARD,
            "subject": {"reference": patient},
            "date": instant_text(store.now),
            "content": [{"attachment": {"contentType": content_type, "url": f"Binary/{binary['id']}", "title": side}}],
            "context": {"related": [{"reference": f"Coverage/{coverage_id}"}]},
        }
    )


def cards_of(store: Store, coverage_id: str) -> list[Json]:
    """The current photos of a policy's card."""
    query = [("related", f"Coverage/{coverage_id}"), ("status", "current")]
    return store.search("DocumentReference", query, limit=10)


def cards_of_many(store: Store, coverage_ids: list[str]) -> dict[str, dict[str, str]]:
    """For each policy, the document of each side; one statement."""
    if not coverage_ids:
        return {}
    query = [("related", ",".join(f"Coverage/{one}" for one in coverage_ids)), ("status", "current")]
    found: dict[str, dict[str, str]] = {}
    for document in store.search("DocumentReference", query, limit=200):
        related = document.get("context", {}).get("related", [{}])[0]
        found.setdefault(reference_id(related, "Coverage"), {})[side_of(document)] = document["id"]
    return found


def picture(store: Store, coverage_id: str, side: str) -> Json:
    """The Binary of one side. Raises Missing."""
    for document in cards_of(store, coverage_id):
        if side_of(document) == side:
            url = str(document["content"][0]["attachment"]["url"])
            return store.read("Binary", url.removeprefix("Binary/"))
    raise Missing("There is no photo of this side.")


def side_of(document: Json) -> str:
    """Which side a photo shows."""
    found = [one.get("valueCode") for one in document.get("extension", []) if one.get("url") == SIDE]
    return str(found[0]) if found else ""
