"""Valid resources to plant faults in; nobody in them is real."""

from __future__ import annotations

from typing import Any

from clinic.core.json import loads

Json = dict[str, Any]

_SAMPLES = {
    "Patient": """{"resourceType": "Patient", "id": "p1", "meta": {"versionId": "1"},
        "text": {"status": "generated", "div": "<div xmlns='http://www.w3.org/1999/xhtml'><p>Ada</p></div>"},
        "contained": [{"resourceType": "Organization", "id": "gp", "name": "Elm Street Practice"}],
        "extension": [{"url": "urn:clinic:pronouns", "valueString": "she/her"}],
        "identifier": [{"system": "urn:clinic:record-number", "value": "HS-00001"}],
        "active": true,
        "name": [{"use": "official", "family": "Example", "given": ["Ada", "M."],
                  "_given": [null, {"extension": [{"url": "urn:clinic:initial", "valueBoolean": true}]}]}],
        "telecom": [{"system": "phone", "value": "+12125550100", "use": "mobile"}],
        "gender": "female", "birthDate": "1988-02-29", "deceasedBoolean": false,
        "photo": [{"contentType": "image/png", "data": "QUJD"}],
        "contact": [{"name": {"text": "Bo Example"}, "period": {"start": "2027-01-01", "end": "2027-02-01"}}],
        "communication": [{"language": {"text": "English"}, "preferred": true}],
        "managingOrganization": {"reference": "#gp"},
        "generalPractitioner": [{"reference": "Practitioner/d1"}]}""",
    "Appointment": """{"resourceType": "Appointment", "status": "booked",
        "start": "2027-03-09T15:30:00Z", "end": "2027-03-09T15:50:00Z", "minutesDuration": 20, "priority": 0,
        "created": "2027-03-01",
        "participant": [{"actor": {"reference": "Patient/p1", "display": "Ada Example"}, "status": "accepted"},
                        {"actor": {"reference": "Practitioner/d1"}, "required": "required",
                         "status": "accepted"}]}""",
    "Coverage": """{"resourceType": "Coverage", "status": "active", "beneficiary": {"reference": "Patient/p1"},
        "payor": [{"reference": "Organization/o1"}], "order": 1, "period": {"start": "2027-01"},
        "costToBeneficiary": [{"valueMoney": {"value": 25.00, "currency": "USD"}}]}""",
    "Observation": """{"resourceType": "Observation", "status": "final", "code": {"text": "Body weight"},
        "subject": {"reference": "Patient/p1"}, "effectiveDateTime": "2027-03-09T10:24:00-05:00",
        "valueQuantity": {"value": 70.50, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"},
        "referenceRange": [{"low": {"value": 50, "unit": "kg"}, "high": {"value": 90, "unit": "kg"}}]}""",
    "Condition": """{"resourceType": "Condition", "subject": {"reference": "Patient/p1"},
        "clinicalStatus": {"coding": [{"code": "active",
            "system": "http://terminology.hl7.org/CodeSystem/condition-clinical"}]}}""",
    "Questionnaire": """{"resourceType": "Questionnaire", "status": "active", "name": "Intake",
        "item": [{"linkId": "1", "type": "group", "item": [
            {"linkId": "1.1", "type": "string", "text": "Name", "maxLength": 80},
            {"linkId": "1.2", "type": "choice", "answerOption": [{"valueString": "a"}]},
            {"linkId": "1.3", "type": "boolean", "enableWhen": [
                {"question": "1.1", "operator": "exists", "answerBoolean": true}]}]}]}""",
    "Bundle": """{"resourceType": "Bundle", "type": "transaction", "entry": [
        {"fullUrl": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
         "resource": {"resourceType": "Patient", "active": true},
         "request": {"method": "POST", "url": "Patient"}},
        {"fullUrl": "https://clinic.example.org/fhir/Patient/p2",
         "resource": {"resourceType": "Patient", "id": "p2", "active": true},
         "request": {"method": "PUT", "url": "Patient/p2"}}]}""",
    "Task": """{"resourceType": "Task", "status": "requested", "intent": "order",
        "authoredOn": "2027-03-01T10:00:00Z", "lastModified": "2027-03-02T10:00:00Z"}""",
    "Timing": """{"resourceType": "MedicationRequest", "status": "active", "intent": "order",
        "medicationCodeableConcept": {"text": "x"}, "subject": {"reference": "Patient/p1"},
        "dosageInstruction": [{"timing": {"repeat": {"period": 1, "periodUnit": "d"}}}]}""",
    "List": """{"resourceType": "List", "status": "current", "mode": "working",
        "entry": [{"item": {"reference": "Patient/p1"}}]}""",
}


def a_sample(name: str) -> Json:
    """Give a fresh copy of a valid resource."""
    sample: Json = loads(_SAMPLES[name])
    return sample


def names() -> list[str]:
    """Give the names of all samples."""
    return list(_SAMPLES)


def plant(resource: Json, place: str, value: Any) -> Json:
    """Put a value (or nothing, with the value `GONE`) at a dotted place such as name.0.family."""
    *way, last = [int(step) if step.isdecimal() else step for step in place.split(".")]
    spot: Any = resource
    for step in way:
        spot = spot[step]
    if value is GONE:
        del spot[last]
    elif isinstance(spot, list) and last == len(spot):
        spot.append(value)
    else:
        spot[last] = value
    return resource


GONE = object()
