"""`Patient/$match`: who on file may be the person described, by the desk's own matcher."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from clinic.core.json import Json, dumps
from clinic.fhir.search import Found
from clinic.fhir.store import Store
from clinic.fhir.tables import resource as resource_table
from clinic.fhir.validate import check
from clinic.fhir_api.bundle_text import Link, bundle
from clinic.fhir_api.call import Call, Reply
from clinic.fhir_api.errors import Fault, Refused
from clinic.fhir_api.seen import note_read
from clinic.registration.queries.duplicates import face_of_patient, matches
from clinic.registration.rules.blocking import wanted_blocks
from clinic.registration.rules.matching import Verdict

GRADE = "http://hl7.org/fhir/StructureDefinition/match-grade"
USUAL, MOST = 10, 50
_r = resource_table.c
_TOO_LITTLE = (
    "Too little to compare by: give a name with a birth date, or a telephone number, an e-mail address, a street or "
    "an identifier."
)


@dataclass(frozen=True)
class Asked:
    """What a program asks: the person described, and how sure and how many the answers shall be."""

    patient: Json
    certain: bool = False
    count: int = USUAL


def match(store: Store, call: Call) -> Reply:
    """A searchset, likeliest first, each with a score from 0 to 1 and its match-grade.

    With onlyCertainMatches there is one match, or none when nobody is certain or more than one is.
    """
    call.caller.need("Patient", "s")
    asked = read_asked(call.body)
    face = face_of_patient(asked.patient)
    if not wanted_blocks(face):
        raise Refused(422, _TOO_LITTLE, "Patient", "incomplete")
    found = [(row["id"], verdict) for row, verdict in matches(store, face) if not store.is_closed(row["id"])]
    if asked.certain:
        found = [one for one in found if one[1].grade == "certain"]
        found = found if len(found) == 1 else []
    found = found[: asked.count]
    records = _records(store, [id_ for id_, _ in found])
    note_read(store, records.values())
    shown = [(records[id_], verdict) for id_, verdict in found if id_ in records]
    links = [Link("self", f"{call.base}/Patient/$match")]
    return Reply(200, bundle("searchset", links, _entries(call.base, shown), total=len(shown)))


def read_asked(body: Any) -> Asked:
    """The content of the call: Parameters, or the Patient alone. Raises Refused (400, 422)."""
    if isinstance(body, dict) and body.get("resourceType") == "Patient":
        return Asked(_checked(body))
    if not isinstance(body, dict) or body.get("resourceType") != "Parameters":
        raise Refused(400, "Send Parameters with a parameter named resource.", "Parameters", "structure")
    given = body.get("parameter")
    named = [part for part in given if isinstance(part, dict)] if isinstance(given, list) else []
    parts = {str(part.get("name")): part for part in named}
    patient = parts.get("resource", {}).get("resource")
    if not isinstance(patient, dict) or patient.get("resourceType") != "Patient":
        raise Refused(
            400, "The parameter named resource holds the Patient to compare.", "Parameters.parameter", "required"
        )
    certain = _value(parts, "onlyCertainMatches", "valueBoolean", False)
    count = _value(parts, "count", "valueInteger", USUAL)
    if count < 1:
        raise Refused(400, "count is a whole number above zero.", "Parameters.parameter.valueInteger", "value")
    return Asked(_checked(patient), certain, min(count, MOST))


def _value(parts: dict[str, Json], name: str, element: str, usual: Any) -> Any:
    if name not in parts:
        return usual
    value = parts[name].get(element)
    if type(value) is not type(usual):
        raise Refused(400, f"{name} is given as {element}.", f"Parameters.parameter.{element}", "value")
    return value


def _checked(patient: Json) -> Json:
    """The description may lack what a record has, but what is there must be read as everybody reads it."""
    faults = [
        Fault(one.code, one.diagnostics, one.expression, one.severity)
        for one in check({key: value for key, value in patient.items() if key not in ("id", "meta", "text")})
        if one.severity in ("error", "fatal")
    ]
    if faults:
        refused = Refused(422, "The Patient is not valid.", "Patient")
        refused.faults = tuple(faults)
        raise refused
    return patient


def _records(store: Store, ids: list[str]) -> dict[str, Found]:
    wanted = sa.select(_r.type, _r.id, _r.version, _r.updated, _r.json).where(_r.type == "Patient", _r.id.in_(ids))
    return {row.id: Found(*row) for row in store.conn.execute(wanted.where(~_r.deleted))} if ids else {}


def _entries(base: str, shown: Iterable[tuple[Found, Verdict]]) -> list[str]:
    return [
        f'{{"fullUrl":{dumps(f"{base}/Patient/{record.id}")},"resource":{record.text},"search":{dumps(_how(verdict))}}}'
        for record, verdict in shown
    ]


def _how(verdict: Verdict) -> Json:
    graded = [{"url": GRADE, "valueCode": verdict.grade}]
    return {"extension": graded, "mode": "match", "score": Decimal(verdict.score) / 100}
