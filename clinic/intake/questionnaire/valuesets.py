"""Lists of answers that forms name by address, and how to open one that a form carries inside."""

from __future__ import annotations

from typing import Any

from clinic.core.json import Json
from clinic.intake.questionnaire.model import Option, Text

_GENDER = "http://hl7.org/fhir/administrative-gender"
_CONTACT = "http://terminology.hl7.org/CodeSystem/v2-0131"
_MARRIED = "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus"
_YESNO = "http://terminology.hl7.org/CodeSystem/v2-0136"
_UNKNOWN = "http://terminology.hl7.org/CodeSystem/data-absent-reason"

_Row = tuple[str, str, str, dict[str, str]]


def _t(es: str, nl: str, ar: str) -> dict[str, str]:
    return {"es": es, "nl": nl, "ar": ar}


_KNOWN: dict[str, tuple[_Row, ...]] = {
    "http://hl7.org/fhir/ValueSet/administrative-gender": (
        (_GENDER, "female", "Female", _t("Femenino", "Vrouw", "أنثى")),
        (_GENDER, "male", "Male", _t("Masculino", "Man", "ذكر")),
        (_GENDER, "other", "Other", _t("Otro", "Anders", "آخر")),
        (_GENDER, "unknown", "Unknown", _t("Desconocido", "Onbekend", "غير معروف")),
    ),
    "http://hl7.org/fhir/ValueSet/patient-contactrelationship": (
        (
            _CONTACT,
            "C",
            "Emergency contact",
            _t("Contacto de emergencia", "Contact bij nood", "جهة اتصال للطوارئ"),
        ),
        (_CONTACT, "E", "Employer", _t("Empleador", "Werkgever", "جهة العمل")),
        (_CONTACT, "F", "Federal agency", _t("Agencia federal", "Overheidsdienst", "جهة حكومية")),
        (_CONTACT, "I", "Insurance company", _t("Aseguradora", "Verzekeraar", "شركة تأمين")),
        (_CONTACT, "N", "Next of kin", _t("Familiar más cercano", "Naaste familie", "أقرب الأقارب")),
        (_CONTACT, "S", "State agency", _t("Agencia estatal", "Regionale dienst", "جهة محلية")),
        (_CONTACT, "U", "Unknown", _t("Desconocido", "Onbekend", "غير معروف")),
    ),
    "http://hl7.org/fhir/ValueSet/marital-status": (
        (_MARRIED, "S", "Never married", _t("Nunca casado", "Nooit gehuwd", "لم يسبق الزواج")),
        (_MARRIED, "M", "Married", _t("Casado", "Gehuwd", "متزوج")),
        (_MARRIED, "T", "Domestic partner", _t("Pareja de hecho", "Samenwonend", "شريك حياة")),
        (_MARRIED, "D", "Divorced", _t("Divorciado", "Gescheiden", "مطلق")),
        (_MARRIED, "W", "Widowed", _t("Viudo", "Verweduwd", "أرمل")),
        (_MARRIED, "UNK", "Unknown", _t("Desconocido", "Onbekend", "غير معروف")),
    ),
    "http://hl7.org/fhir/ValueSet/yesnodontknow": (
        (_YESNO, "Y", "Yes", _t("Sí", "Ja", "نعم")),
        (_YESNO, "N", "No", _t("No", "Nee", "لا")),
        (_UNKNOWN, "asked-unknown", "Don't know", _t("No lo sé", "Weet ik niet", "لا أعرف")),
    ),
}
"""Relationship words and codes follow the R4 value sets of these addresses."""


def _known(rows: tuple[_Row, ...]) -> tuple[Option, ...]:
    return tuple(
        Option({"system": system, "code": code, "display": display}, Text(display, words))
        for system, code, display, words in rows
    )


def options_of(address: str, contained: dict[str, Json]) -> tuple[Option, ...] | None:
    """The answers of a value set, or None when nobody here knows it.

    `#id` is one carried inside the form: its expansion, or its codes when they are listed one by one.
    """
    if address.startswith("#"):
        found = contained.get(address[1:])
        return _listed(found) if found else None
    rows = _KNOWN.get(address.split("|", maxsplit=1)[0])
    return _known(rows) if rows else None


def _listed(value_set: Json) -> tuple[Option, ...] | None:
    expansion = value_set.get("expansion", {}).get("contains")
    if isinstance(expansion, list):
        return _codings(expansion, "")
    found: list[Option] = []
    includes: list[Any] = value_set.get("compose", {}).get("include", [])
    for include in includes:
        if "concept" not in include:
            return None
        found += _codings(include["concept"], include.get("system", ""))
    return tuple(found) or None


def _codings(concepts: list[Any], system: str) -> tuple[Option, ...]:
    found: list[Option] = []
    for concept in concepts:
        if not isinstance(concept, dict) or not concept.get("code"):
            continue
        coding = {"system": concept.get("system", system), "code": concept["code"]}
        display = str(concept.get("display") or concept["code"])
        words = {
            str(named["language"]): str(named["value"])
            for named in concept.get("designation", [])
            if named.get("language") and named.get("value")
        }
        found.append(Option({**{k: v for k, v in coding.items() if v}, "display": display}, Text(display, words)))
    return tuple(found)
