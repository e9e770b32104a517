"""The CapabilityStatement: what this interface does, and nothing that it does not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from clinic.core.days import instant_text
from clinic.core.json import Json, dumps
from clinic.fhir.params import Param, resource_types
from clinic.fhir.registry import Registry
from clinic.fhir_api.trail import PARAMS as TRAIL_PARAMS
from clinic.fhir_api.writing import READ_ONLY

SOFTWARE_VERSION = "0.1.0"
_DATE = instant_text(datetime(2026, 11, 23, tzinfo=UTC))
_READS = ("read", "vread", "history-instance", "history-type", "search-type")
_WRITES = {"create": "c", "update": "u", "patch": "u", "delete": "d"}
_KINDS = {"token", "string", "date", "reference", "quantity", "uri", "number"}
_EVERY = (
    Param("", "_id", "token", "id"),
    Param("", "_lastUpdated", "date", "meta.lastUpdated"),
)
_OPERATION = "http://hl7.org/fhir/OperationDefinition/"
_SCHEDULING = "https://profiles.ihe.net/ITI/Scheduling/OperationDefinition/appointment-"
_PUBLISH = "http://hl7.org/fhir/uv/smart-scheduling-links/OperationDefinition/bulk-publish"
_OPERATIONS = {
    "Patient": [(name, f"{_OPERATION}Patient-{name}") for name in ("everything", "match")],
    "Appointment": [(name, f"{_SCHEDULING}{name}") for name in ("find", "hold", "book")],
}
_GUIDES = ("https://profiles.ihe.net/ITI/Scheduling/ImplementationGuide/ihe.iti.scheduling",)
_COMPUTED = (
    "Beside the records that are kept, free and busy time is computed from hours and bookings at the moment of asking. "
    "It is found by schedule, schedule.actor, start, status and service-type; free times have the length of the visit "
    "type that service-type names, else twenty minutes."
)


def statement(registry: Registry, base: str) -> str:
    """The CapabilityStatement as JSON text."""
    resource: Json = {
        "resourceType": "CapabilityStatement",
        "id": "clinic",
        "meta": {"lastUpdated": _DATE},
        "url": f"{base}/metadata",
        "version": SOFTWARE_VERSION,
        "name": "Clinic",
        "title": "Clinic, the front desk of a medical practice",
        "status": "active",
        "date": _DATE,
        "kind": "instance",
        "software": {"name": "Clinic", "version": SOFTWARE_VERSION},
        "implementation": {"description": "The FHIR interface of this practice", "url": base},
        "fhirVersion": "4.0.1",
        "implementationGuide": list(_GUIDES),
        "format": ["application/fhir+json", "json"],
        "patchFormat": ["application/json-patch+json"],
        "rest": [_rest(registry, base)],
    }
    return dumps(resource)


def _rest(registry: Registry, base: str) -> Json:
    token = base.removesuffix("/fhir") + "/oauth/token"
    return {
        "mode": "server",
        "security": {
            "service": [
                {
                    "coding": [
                        {
                            "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
                            "code": "SMART-on-FHIR",
                        }
                    ]
                }
            ],
            "description": f"OAuth 2 client credentials with HTTP Basic at {token}; scopes system/Type.cruds",
        },
        "resource": [_resource(registry, type_) for type_ in sorted(resource_types())],
        "interaction": [{"code": code} for code in ("transaction", "batch", "history-system")],
        "operation": [
            {"name": "validate", "definition": _OPERATION + "Resource-validate"},
            {"name": "bulk-publish", "definition": _PUBLISH},
        ],
    }


def _resource(registry: Registry, type_: str) -> Json:
    params = [*_EVERY, *sorted(registry.params_of(type_).values(), key=lambda one: one.name)]
    allowed = READ_ONLY.get(type_, "cud")
    writes = [code for code, letter in _WRITES.items() if letter in allowed]
    reads: tuple[str, ...] = _READS
    if type_ == "AuditEvent":
        params = [one for one in params if one.name in TRAIL_PARAMS]
        reads = ("read", "search-type")
    references = [f"{type_}:{one.name}" for one in params if one.kind == "reference"]
    made: dict[str, Any] = {
        "type": type_,
        "interaction": [{"code": code} for code in (*reads, *writes)],
        "versioning": "versioned-update" if writes else "versioned",
        "readHistory": type_ != "AuditEvent",
        "updateCreate": "update" in writes,
        "conditionalCreate": "create" in writes,
        "conditionalRead": "full-support",
        "conditionalUpdate": "update" in writes,
        "conditionalDelete": "single" if "delete" in writes else "not-supported",
    }
    if type_ in ("Slot", "Schedule"):
        made["documentation"] = _COMPUTED
    if references and type_ != "AuditEvent":
        made["searchInclude"] = ["*", *references]
    made["searchParam"] = [{"name": one.name, "type": one.kind} for one in params if one.kind in _KINDS]
    operations = [{"name": name, "definition": address} for name, address in _OPERATIONS.get(type_, ())]
    if operations:
        made["operation"] = operations
    return made
