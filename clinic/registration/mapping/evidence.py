"""Where values come from, as FHIR Provenance: one for each act and source, which names the fields it speaks of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import MISSING, Field, dataclass, fields
from datetime import datetime
from typing import Any

from clinic.core.actor import Actor
from clinic.core.days import instant_text, read_instant
from clinic.core.json import Json
from clinic.core.source import IN_PERSON, LINK, PHONE, TABLET, UNKNOWN, Source
from clinic.fhir.subject import reference_id
from clinic.regions import Region
from clinic.registration.mapping.parts import extension, parts, text
from clinic.registration.mapping.patient import details_of
from clinic.registration.rules.details import PatientDetails
from clinic.registration.rules.evidence import CONTACT, SET, VERIFY
from clinic.registration.rules.own import grouped

FIELD = "urn:clinic:field"
EMPTIED = "urn:clinic:emptied"
SOURCE = "urn:clinic:source"
CONFIRMED = "urn:clinic:confirmed"
"""What check-in confirmed, in records made before confirmations named their fields."""
RESERVED = frozenset({FIELD, EMPTIED, SOURCE, CONFIRMED})

_ROLES = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
_OPERATIONS = "http://terminology.hl7.org/CodeSystem/v3-DataOperation"
_LIFECYCLE = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle"
_CREATE = {"system": _OPERATIONS, "code": "CREATE", "display": "create"}
_UPDATE = {"system": _OPERATIONS, "code": "UPDATE", "display": "revise"}
_VERIFIED = {"system": _LIFECYCLE, "code": "verify", "display": "Verify Record Lifecycle Event"}
_BY_PATIENT = frozenset({IN_PERSON, PHONE, TABLET, LINK})


@dataclass(frozen=True)
class Act:
    """One thing done to values of a record: set (or emptied), or verified; all from one source."""

    patient_id: str
    version: int
    source: Source
    fields: tuple[str, ...] = ()
    emptied: tuple[str, ...] = ()
    verified: bool = False


def values_of(patient: Json, region: Region, details: PatientDetails | None = None) -> dict[str, Any]:
    """Every value that has evidence of its own, by field; what is not there or as usual is left out.

    An answer such as "asked, declined" counts as the value of its field. `details` are those of the record, where
    they are at hand already.
    """
    details = details or details_of(patient, region)
    found: dict[str, Any] = {}
    for entry in fields(PatientDetails):
        value = getattr(details, entry.name)
        if entry.name == "numbers":
            found |= {f"number_{number.kind}": number.value for number in value}
        elif entry.name == "own":
            found |= {f"own:{key}": some for key, some in grouped(value).items()}
        elif entry.name == "absent":
            found |= {one.field: one for one in value}
        elif value and value != _usual(entry):
            found[entry.name] = value
    if not details.texts:
        found["texts"] = False
    photo = text(next(iter(parts(patient, "photo")), {}).get("url"))
    return found | {"photo": photo} if photo else found


def changes(before: Json | None, after: Json, region: Region) -> tuple[list[str], list[str]]:
    """The fields that a version set, and those that it emptied."""
    old, new = values_of(before, region) if before else {}, values_of(after, region)
    return [name for name in new if old.get(name) != new[name]], [name for name in old if name not in new]


def provenance_of(act: Act, actor: Actor, at: datetime) -> Json:
    """The Provenance of an act."""
    named = [{"url": FIELD, "valueString": name} for name in act.fields]
    named += [{"url": EMPTIED, "valueString": name} for name in act.emptied]
    made: Json = {
        "resourceType": "Provenance",
        "extension": [{"url": SOURCE, "valueCode": act.source.kind}],
        "target": [{"extension": named, "reference": f"Patient/{act.patient_id}/_history/{act.version}"}],
        "recorded": instant_text(at),
        "activity": {"coding": [_activity(act)]},
        "agent": _agents(act, actor),
    }
    behind = _behind(act.source)
    if behind:
        made["entity"] = [{"role": "source", "what": behind}]
    return made


def _activity(act: Act) -> Json:
    if act.verified:
        return _VERIFIED
    return _CREATE if act.version == 1 else _UPDATE


def _agents(act: Act, actor: Actor) -> list[Json]:
    who: Json = {"display": actor.name or "Clinic"}
    if actor.reference:
        who["reference"] = actor.reference
    patient = {"reference": f"Patient/{act.patient_id}"}
    agents = [{"type": _role("verifier" if act.verified else "enterer"), "who": who}]
    if act.source.kind in _BY_PATIENT:
        agents.append({"type": _role("informant"), "who": patient})
    return agents


def _role(code: str) -> Json:
    return {"coding": [{"system": _ROLES, "code": code}]}


def _behind(source: Source) -> Json:
    found: Json = {}
    if source.document:
        found["reference"] = source.document
    if source.detail:
        found["display"] = source.detail
    return found


def evidence_rows(provenance: Json) -> list[dict[str, Any]]:
    """The row of an act on a patient's values; none for any other Provenance."""
    targets = [part for part in parts(provenance, "target") if reference_id(part, "Patient")]
    if not targets:
        return []
    target = targets[0]
    old = text(extension(provenance, CONFIRMED).get("valueCode"))
    named = list(CONTACT) if old == "contact" else _texts(target, FIELD)
    emptied = _texts(target, EMPTIED)
    if not named and not emptied:
        return []
    agents = parts(provenance, "agent")
    behind = next(iter(parts(provenance, "entity")), {}).get("what") or {}
    version = text(target["reference"]).partition("/_history/")[2]
    return [
        {
            "id": provenance["id"],
            "patient_id": reference_id(target, "Patient"),
            "version": int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0,
            "at": read_instant(provenance["recorded"]),
            "act": VERIFY if is_confirmation(provenance) else SET,
            "source": (text(extension(provenance, SOURCE).get("valueCode")) or ("desk" if old else UNKNOWN))[:20],
            "fields": _joined(named),
            "emptied": _joined(emptied),
            "by_name": text((agents[0].get("who") or {}).get("display"))[:200] if agents else "",
            "document": text(behind.get("reference"))[:200],
            "detail": text(behind.get("display"))[:200],
        }
    ]


def is_confirmation(provenance: Json) -> bool:
    """Whether it says that values are right, and changed none."""
    coded = parts(provenance.get("activity") or {}, "coding")
    return bool(extension(provenance, CONFIRMED)) or any(one.get("code") == "verify" for one in coded)


def reserved_in(provenance: Json) -> bool:
    """Whether it speaks as this system's own evidence does."""
    told = [provenance, *parts(provenance, "target")]
    return any(one.get("url") in RESERVED for part in told for one in parts(part, "extension"))


def by_source(names: Iterable[str], source_of: Any) -> dict[Source, list[str]]:
    """Fields put together by where they come from."""
    found: dict[Source, list[str]] = {}
    for name in names:
        found.setdefault(source_of(name), []).append(name)
    return found


def _texts(part: Json, url: str) -> list[str]:
    return [text(one.get("valueString")) for one in parts(part, "extension") if one.get("url") == url]


def _joined(names: Sequence[str]) -> str:
    return " ".join(name for name in names if name and " " not in name and "|" not in name)


def _usual(entry: Field[Any]) -> Any:
    if entry.default_factory is not MISSING:
        return entry.default_factory()
    return None if entry.default is MISSING else entry.default
