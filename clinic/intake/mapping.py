"""Packets and answers as FHIR resources: what is written around a form, its signature and its consent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from clinic.core.days import instant_text, read_instant
from clinic.core.json import Json
from clinic.core.names import fold
from clinic.intake.questionnaire import Signature
from clinic.intake.questionnaire import extensions as ext
from clinic.intake.questionnaire.response import SIGNATURE_TYPE

LANGUAGE = "urn:clinic:language"
APPOINTMENT = "urn:clinic:appointment"
FILLER = "urn:clinic:filled-by"
REVIEW = "urn:clinic:review"
TITLE = "urn:clinic:form-title"
THROUGH = "urn:clinic:through"


def canonical_of(questionnaire: Json) -> str:
    """How answers name their form: its address and version, or its record when it has no address."""
    url, version = questionnaire.get("url"), questionnaire.get("version")
    if not url:
        return f"Questionnaire/{questionnaire['id']}"
    return f"{url}|{version}" if version else str(url)


def subject(patient_id: str, name: str) -> Json:
    """A reference to a patient that carries the name."""
    return {"reference": f"Patient/{patient_id}", "display": name}


def patient_of(response: Json) -> str:
    """The id of the patient that answers are about; empty when there is none."""
    reference = str(response.get("subject", {}).get("reference", ""))
    return reference.removeprefix("Patient/") if reference.startswith("Patient/") else ""


def title_of(response: Json) -> str:
    """The title of the form that was answered."""
    return str(ext.first(response, TITLE) or response.get("questionnaire") or "")


def language_of(response: Json) -> str:
    """The language in which the form was read."""
    return str(ext.first(response, LANGUAGE) or "en")


def came_by_link(response: Json) -> bool:
    """Whether it was answered through a link on the patient's own phone, not on a tablet of the practice."""
    return ext.first(response, THROUGH) == "link"


def is_reviewed(response: Json) -> bool:
    """Whether the desk has gone through the answers."""
    return any(True for _ in ext.every(response, REVIEW))


def signature_of(signature: Signature, patient_id: str) -> Json:
    """One signature as Provenance keeps it; a typed name has no picture."""
    value: Json = {
        "extension": [
            {"url": ext.TEXT_HASH, "valueString": signature.text_hash},
            {"url": "urn:clinic:signed-language", "valueCode": signature.language},
            {"url": "urn:clinic:signed-by", "valueCode": signature.who},
        ],
        "type": [SIGNATURE_TYPE],
        "when": signature.when,
        "who": {"reference": f"Patient/{patient_id}", "display": signature.signer or "Patient"},
        "targetFormat": "application/fhir+json",
    }
    if signature.svg:
        import base64

        value["sigFormat"] = "image/svg+xml"
        value["data"] = base64.b64encode(signature.svg.encode()).decode()
    return value


def provenance(response: Json, signatures: list[Json], *, hash_of_answers: str, device: str, now: datetime) -> Json:
    """Who signed which version of which answers, with the hash of everything that was in them."""
    patient = response["subject"]
    version = response["meta"]["versionId"]
    role = {"system": "http://terminology.hl7.org/CodeSystem/provenance-participant-type", "code": "author"}
    return {
        "resourceType": "Provenance",
        "extension": [
            {"url": "urn:clinic:content-sha256", "valueString": hash_of_answers},
            {"url": "urn:clinic:device", "valueString": device},
        ],
        "target": [{"reference": f"QuestionnaireResponse/{response['id']}/_history/{version}"}],
        "recorded": instant_text(now),
        "agent": [{"type": {"coding": [role]}, "who": dict(patient)}],
        "signature": signatures,
    }


def answered(response: Json) -> int:
    """How many questions have an answer."""

    def count(items: Any) -> int:
        found = items if isinstance(items, list) else []
        return sum(bool(item.get("answer")) + count(item.get("item")) for item in found)

    return count(response.get("item"))


def _instant(value: Any) -> datetime | None:
    try:
        return read_instant(str(value)) if value and "T" in str(value) else None
    except ValueError:
        return None


def project_response(response: Json) -> list[Json]:
    """The line of the list of answers."""
    name, title = str(response.get("subject", {}).get("display", "")), title_of(response)
    done = response.get("status") in ("completed", "amended")
    return [
        {
            "id": response["id"],
            "questionnaire": str(response.get("questionnaire", ""))[:300],
            "title": title[:200],
            "patient_id": patient_of(response)[:64],
            "patient_name": name[:200],
            "search": fold(f"{name} {title}")[:400],
            "status": str(response.get("status", ""))[:20],
            "review": ("done" if is_reviewed(response) else "open") if done else "none",
            "authored": _instant(response.get("authored")),
            "answered": answered(response),
        }
    ]


def project_consent(resource: Json) -> list[Json]:
    """Which consents a patient has signed."""
    patient = str(resource.get("patient", {}).get("reference", ""))
    kind = ext.code_of(ext.first(resource, ext.CONSENT)) or ext.code_of(resource.get("scope"))
    return [
        {
            "id": resource["id"],
            "patient_id": patient.removeprefix("Patient/")[:64],
            "kind": kind[:60],
            "status": str(resource.get("status", ""))[:20],
            "signed": _instant(resource.get("dateTime")),
        }
    ]
