"""Between a consent of the desk and FHIR Consent."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinic.core.days import instant_text, read_instant
from clinic.core.json import Json
from clinic.fhir.subject import reference_id
from clinic.registration.mapping.parts import extension, parts, put_extension, text
from clinic.registration.rules.consents import KINDS, ConsentText

KIND = "urn:clinic:consent"
TEXT = "urn:clinic:consent-text"
"""The exact text that was signed: kind, version, language, title, text, and the SHA-256 of its canonical form."""
HOW = "urn:clinic:consent-how"
SIGNER = "urn:clinic:consent-signer"
WITNESS = "urn:clinic:consent-witness"
WITHDRAWN = "urn:clinic:consent-withdrawn"
SCOPE_WORDS = "urn:clinic:consent-scope"
_SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope"
_SCOPES = {"treatment": ("treatment", "Treatment"), "telehealth": ("treatment", "Treatment")}
_PRIVACY = ("patient-privacy", "Privacy Consent")
_LOINC = {"system": "http://loinc.org", "code": "59284-0", "display": "Consent Document"}
_CATEGORIES = "http://terminology.hl7.org/CodeSystem/consentcategorycodes"
_CATEGORY = {
    "privacy": ("npp", "Notice of Privacy Practices"),
    "release": ("hipaa-auth", "HIPAA Authorization"),
}
_CODES = {kind.code for kind in KINDS}


@dataclass(frozen=True)
class Signed:
    """A consent as pages and prints show it."""

    id: str
    version: int
    kind: str
    status: str
    number: int
    language: str
    title: str
    text: str
    sha256: str
    signed: datetime | None
    ends: str
    how: str
    signer: str
    signer_name: str
    relation: str
    witness: str
    scope: str
    device: str
    deny: bool
    withdrawn: str
    reason: str
    source: str
    patient_id: str


@dataclass(frozen=True)
class Signature:
    """How a text was agreed to."""

    kind: str
    number: int
    language: str
    text: ConsentText
    sha256: str
    signed: datetime
    ends: str
    how: str
    signer: str
    signer_name: str = ""
    relation: str = ""
    witness: str = ""
    scope: str = ""
    device: str = ""
    source: str = ""
    """The signed form (QuestionnaireResponse/id/_history/n); without one the text itself is the source."""


def consent_resource(one: Signature, patient: Json, *, organization: str = "") -> Json:
    """The Consent to keep. `patient` is a reference with its display."""
    code, display = _SCOPES.get(one.kind, _PRIVACY)
    categories: list[Json] = [{"coding": [_LOINC]}]
    if one.kind in _CATEGORY:
        named = _CATEGORY[one.kind]
        categories.append({"coding": [{"system": _CATEGORIES, "code": named[0], "display": named[1]}]})
    resource: Json = {
        "resourceType": "Consent",
        "extension": _extensions(one),
        "status": "active",
        "scope": {"coding": [{"system": _SCOPE, "code": code, "display": display}]},
        "category": categories,
        "patient": dict(patient),
        "dateTime": instant_text(one.signed),
        "performer": [dict(patient) if one.signer == "self" else {"display": one.signer_name}],
        **_source(one),
        "policyRule": {"text": one.text.title},
        "verification": [_verification(one, patient)],
        "provision": {"type": "permit", "period": _period(one)},
    }
    if organization:
        resource["organization"] = [{"reference": f"Organization/{organization}"}]
    return resource


def withdrawn_resource(consent: Json, *, on: str, reason: str, by: str) -> Json:
    """The same consent, taken back on a day."""
    changed = {**consent, "status": "inactive", "provision": {**consent.get("provision", {}), "type": "deny"}}
    changed["extension"] = [dict(part) for part in parts(consent, "extension")]
    inside = [
        {"url": "on", "valueDate": on},
        {"url": "reason", "valueString": reason},
        {"url": "by", "valueString": by},
    ]
    put_extension(changed, WITHDRAWN, {"extension": inside})
    return changed


def signed_of(resource: Json) -> Signed:
    """A Consent as pages show it; one from elsewhere as far as it tells."""
    said, taken, signer = (_inside(extension(resource, url)) for url in (TEXT, WITHDRAWN, SIGNER))
    provision = resource.get("provision")
    provision = provision if isinstance(provision, dict) else {}
    device = _inside(extension(resource, HOW))
    return Signed(
        id=str(resource.get("id", "")),
        version=_number(resource.get("meta", {}).get("versionId")),
        kind=kind_of(resource),
        status=text(resource.get("status")),
        number=_number(said.get("version")),
        language=text(said.get("language")),
        title=text(said.get("title")) or text((resource.get("policyRule") or {}).get("text")),
        text=text(said.get("text")),
        sha256=text(said.get("sha256")),
        signed=_instant(resource.get("dateTime")),
        ends=text((provision.get("period") or {}).get("end"))[:10],
        how=text(device.get("how")),
        signer=text(signer.get("who")) or "self",
        signer_name=text(signer.get("name")),
        relation=text(signer.get("relation")),
        witness=text(extension(resource, WITNESS).get("valueString")),
        scope=text(extension(resource, SCOPE_WORDS).get("valueString")),
        device=text(device.get("device")),
        deny=provision.get("type") == "deny",
        withdrawn=text(taken.get("on")),
        reason=text(taken.get("reason")),
        source=text((resource.get("sourceReference") or {}).get("reference")),
        patient_id=reference_id(resource.get("patient"), "Patient"),
    )


def kind_of(resource: Json) -> str:
    """Our kind of a Consent; for one from elsewhere what its scope comes nearest to."""
    own = extension(resource, KIND).get("valueCode")
    if isinstance(own, str) and own:
        return own
    scope = resource.get("scope")
    codes = {coding.get("code") for coding in parts(scope, "coding")} if isinstance(scope, dict) else set()
    return "treatment" if "treatment" in codes else "privacy" if "patient-privacy" in codes else ""


def project_signed(resource: Json) -> list[dict[str, Any]]:
    """The row of a consent of a patient; drafts and mistakes count for nothing."""
    one = signed_of(resource)
    if not one.patient_id or not one.kind or one.status not in ("active", "inactive"):
        return []
    named = one.signer_name or text((resource.get("patient") or {}).get("display"))
    return [
        {
            "id": one.id,
            "patient_id": one.patient_id,
            "kind": one.kind[:60],
            "status": one.status,
            "number": one.number,
            "language": one.language[:8],
            "signed": one.signed,
            "ends": one.ends,
            "deny": one.deny,
            "signer": named[:200],
            "how": one.how[:20],
        }
    ]


def _extensions(one: Signature) -> list[Json]:
    inside: list[Json] = [
        {"url": "version", "valueInteger": one.number},
        {"url": "language", "valueCode": one.language},
        {"url": "title", "valueString": one.text.title},
        {"url": "text", "valueString": one.text.text},
        {"url": "sha256", "valueString": one.sha256},
    ]
    who: list[Json] = [{"url": "who", "valueCode": one.signer}]
    if one.signer_name:
        who.append({"url": "name", "valueString": one.signer_name})
    if one.relation:
        who.append({"url": "relation", "valueString": one.relation})
    how: list[Json] = [{"url": "how", "valueCode": one.how}]
    if one.device:
        how.append({"url": "device", "valueString": one.device})
    found: list[Json] = [
        {"url": KIND, "valueCode": one.kind},
        {"url": TEXT, "extension": inside},
        {"url": HOW, "extension": how},
        {"url": SIGNER, "extension": who},
    ]
    if one.witness:
        found.append({"url": WITNESS, "valueString": one.witness})
    if one.scope:
        found.append({"url": SCOPE_WORDS, "valueString": one.scope})
    return found


def _source(one: Signature) -> Json:
    if one.source:
        return {"sourceReference": {"reference": one.source}}
    data = one.text.canonical.encode()
    return {
        "sourceAttachment": {
            "contentType": "text/plain; charset=utf-8",
            "language": one.language,
            "data": base64.b64encode(data).decode(),
            "size": len(data),
            "hash": base64.b64encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode(),
            "title": one.text.title,
            "creation": instant_text(one.signed),
        }
    }


def _verification(one: Signature, patient: Json) -> Json:
    with_ = dict(patient) if one.signer == "self" else {"display": one.signer_name}
    return {"verified": True, "verifiedWith": with_, "verificationDate": instant_text(one.signed)}


def _period(one: Signature) -> Json:
    start = one.signed.date().isoformat()
    return {"start": min(start, one.ends), "end": one.ends} if one.ends else {"start": start}


def _inside(part: Json) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in parts(part, "extension"):
        value = next((one[name] for name in one if name.startswith("value")), None)
        found[text(one.get("url"))] = value
    return found


def _number(value: Any) -> int:
    digits = str(value or "")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 9 else 0


def _instant(value: Any) -> datetime | None:
    written = text(value)
    try:
        return read_instant(written if "T" in written else f"{written}T12:00:00Z") if written else None
    except ValueError:
        return None
