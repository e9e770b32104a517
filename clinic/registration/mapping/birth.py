"""Birth and death in FHIR."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from clinic.core.json import Json
from clinic.registration.mapping import systems as s
from clinic.registration.mapping.parts import extension, keep, put_extension, text
from clinic.registration.rules.details import PatientDetails


def birth_values(patient: Json) -> dict[str, Any]:
    """When somebody was born and died, by the fields of PatientDetails."""
    born = _born(patient)
    order = patient.get("multipleBirthInteger")
    return {
        "birth_date": text(patient.get("birthDate")),
        "birth_estimated": extension(born, s.ESTIMATED).get("valueBoolean") is True,
        "birth_time": text(extension(born, s.BIRTH_TIME).get("valueDateTime"))[11:16],
        "birth_order": str(order) if isinstance(order, int) and order > 0 else "",
        "deceased": deceased_of(patient),
    }


def deceased_of(patient: Json) -> str:
    """The day of death, "yes" when only that much is known, or nothing."""
    day = text(patient.get("deceasedDateTime"))[:10]
    return day or ("yes" if patient.get("deceasedBoolean") is True else "")


def put_birth(patient: Json, details: PatientDetails, before: PatientDetails, zone: str) -> None:
    """Write what changed of birth and death; the time of birth is told in the practice's time zone."""
    date = (details.birth_date, details.birth_estimated)
    if date != (before.birth_date, before.birth_estimated) or details.birth_time != before.birth_time:
        keep(patient, "birthDate", details.birth_date)
        born = dict(_born(patient))
        put_extension(born, s.ESTIMATED, {"valueBoolean": True} if details.birth_estimated else None)
        put_extension(born, s.BIRTH_TIME, _time(details, zone))
        keep(patient, "_birthDate", born)
    if details.birth_order != before.birth_order:
        patient.pop("multipleBirthBoolean", None)
        keep(patient, "multipleBirthInteger", int(details.birth_order) if details.birth_order else None)
    if details.deceased != before.deceased:
        patient.pop("deceasedBoolean", None)
        keep(patient, "deceasedDateTime", "" if details.deceased == "yes" else details.deceased)
        if details.deceased == "yes":
            patient["deceasedBoolean"] = True


def _born(patient: Json) -> Json:
    born = patient.get("_birthDate")
    return born if isinstance(born, dict) else {}


def _time(details: PatientDetails, zone: str) -> Json | None:
    if not details.birth_time or len(details.birth_date) != 10:
        return None
    moment = datetime.fromisoformat(f"{details.birth_date}T{details.birth_time}:00").replace(tzinfo=ZoneInfo(zone))
    return {"valueDateTime": moment.isoformat()}
