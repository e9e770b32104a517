"""What happened, as one value, and as the FHIR R4 AuditEvent that is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from clinic.core.actor import BREAK_GLASS, Actor
from clinic.core.days import instant_text
from clinic.core.json import Json

DONE: Final = "0"
REFUSED: Final = "4"

_DCM: Final = "http://dicom.nema.org/resources/ontology/DCM"
_TYPE: Final = "http://terminology.hl7.org/CodeSystem/audit-event-type"
_REST: Final = "http://hl7.org/fhir/restful-interaction"
_ENTITY: Final = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_ROLE: Final = "http://terminology.hl7.org/CodeSystem/object-role"
_OWN: Final = "urn:clinic:audit"

Coding = tuple[str, str, str]

_REST_TYPE: Final[Coding] = (_TYPE, "rest", "RESTful Operation")
_SIGN: Final[Coding] = (_DCM, "110114", "User Authentication")
_SECURITY: Final[Coding] = (_DCM, "110113", "Security Alert")
_RIGHTS: Final[Coding] = (_DCM, "110137", "User Security Attributes Changed")
_EMERGENCY: Final[Coding] = (_DCM, "110127", "Emergency Override Started")
_BREAK_GLASS: Final[Coding] = ("http://terminology.hl7.org/CodeSystem/v3-ActReason", "BTG", "break the glass")
_EXPORT: Final[Coding] = (_DCM, "110106", "Export")
_IMPORT: Final[Coding] = (_DCM, "110107", "Import")

_KINDS: Final[dict[str, tuple[str, Coding, Coding]]] = {
    "read": ("R", _REST_TYPE, (_REST, "read", "read")),
    "create": ("C", _REST_TYPE, (_REST, "create", "create")),
    "update": ("U", _REST_TYPE, (_REST, "update", "update")),
    "delete": ("D", _REST_TYPE, (_REST, "delete", "delete")),
    "search": ("E", _REST_TYPE, (_REST, "search", "search")),
    "sign-in": ("E", _SIGN, (_DCM, "110122", "Login")),
    "sign-out": ("E", _SIGN, (_DCM, "110123", "Logout")),
    "export": ("E", _EXPORT, (_OWN, "export", "Export")),
    "import": ("E", _IMPORT, (_OWN, "import", "Import")),
    "import-undone": ("E", _IMPORT, (_OWN, "import-undone", "Import taken back")),
    "print": ("E", _EXPORT, (_OWN, "print", "Print")),
}
_OTHERS: Final = {
    "lock": _SIGN,
    "unlock": _SIGN,
    BREAK_GLASS: _EMERGENCY,
    "audit-search": (_DCM, "110101", "Audit Log Used"),
    "practice-changed": (_DCM, "110100", "Application Activity"),
}
_ABOUT_RIGHTS: Final = ("user-", "password-", "sessions-", "client-", "record-")
LETTERS: Final = {"C": "create", "R": "read", "U": "update", "D": "delete"}


@dataclass(frozen=True)
class Entity:
    """One thing that was seen or changed: a reference with its version, or words for what was shown."""

    reference: str = ""
    name: str = ""
    action: str = ""


@dataclass(frozen=True)
class Event:
    """One act of one actor, about one patient at most."""

    verb: str
    at: datetime
    actor: Actor
    patient_id: str = ""
    entities: tuple[Entity, ...] = ()
    outcome: str = DONE
    note: str = ""

    @property
    def action(self) -> str:
        """The FHIR letter."""
        return _KINDS[self.verb][0] if self.verb in _KINDS else "E"


def to_fhir(event: Event, event_id: str) -> Json:
    """The event as a valid R4 AuditEvent."""
    own: Coding = (_OWN, event.verb, event.verb.replace("-", " ").capitalize())
    other = _OTHERS.get(event.verb, _RIGHTS if event.verb.startswith(_ABOUT_RIGHTS) else _SECURITY)
    _, kind, subtype = _KINDS.get(event.verb, ("E", other, own))
    resource: Json = {
        "resourceType": "AuditEvent",
        "id": event_id,
        "type": _coding(kind),
        "subtype": [_coding(subtype)],
        "action": event.action,
        "recorded": instant_text(event.at),
        "outcome": event.outcome,
    }
    if event.note:
        resource["outcomeDesc"] = event.note
    if event.verb == BREAK_GLASS:
        resource["purposeOfEvent"] = [{"coding": [_coding(_BREAK_GLASS)]}]
    resource["agent"] = [_agent(event.actor)]
    resource["source"] = {"observer": {"display": "Clinic"}}
    entities = [_patient(event.patient_id)] if event.patient_id else []
    entities += [_entity(entity) for entity in event.entities]
    if entities:
        resource["entity"] = entities
    return resource


def _agent(actor: Actor) -> Json:
    name = actor.name or "Visitor"
    who: Json = {"display": name}
    if actor.reference:
        who["reference"] = actor.reference
    if actor.id:
        who["identifier"] = {"system": f"urn:clinic:{actor.kind}", "value": actor.id}
    agent: Json = {"who": who, "name": name, "requestor": True}
    if actor.role:
        agent["role"] = [{"coding": [{"system": "urn:clinic:role", "code": actor.role}]}]
    if actor.network:
        agent["network"] = {"address": actor.network, "type": "2"}
    return agent


def _patient(patient_id: str) -> Json:
    return {
        "what": {"reference": f"Patient/{patient_id}"},
        "type": {"system": _ENTITY, "code": "1", "display": "Person"},
        "role": {"system": _ROLE, "code": "1", "display": "Patient"},
    }


def _entity(entity: Entity) -> Json:
    found: dict[str, Any] = {}
    if entity.reference:
        found["what"] = {"reference": entity.reference}
    found["type"] = {"system": _ENTITY, "code": "2", "display": "System Object"}
    if entity.name:
        found["name"] = entity.name
    if entity.action:
        found["detail"] = [{"type": "action", "valueString": entity.action}]
    return found


def _coding(coding: Coding) -> Json:
    system, code, display = coding
    return {"system": system, "code": code, "display": display}
