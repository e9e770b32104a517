"""Pronouns, gender identity, sexual orientation and the sex at birth in FHIR, coded where the words are known."""

from __future__ import annotations

import re
from typing import Any

from clinic.core.json import Json
from clinic.core.names import fold
from clinic.registration.mapping import systems as s
from clinic.registration.mapping.parts import extension, parts, put_extension, text
from clinic.registration.rules.details import BIRTH_SEXES, PatientDetails

_SHE, _HE, _THEY = "LA29519-8", "LA29518-0", "LA29520-6"
_PRONOUNS = {
    "she": _SHE, "ella": _SHE, "zij": _SHE, "he": _HE, "el": _HE, "hij": _HE, "they": _THEY, "elle": _THEY,
    "hen": _THEY, "die": _THEY,
}  # fmt: skip
"""The answers of LOINC's list for pronouns by the word they begin with, in the languages of the desk."""

_IDENTITIES = {
    "446151000124109": ("male", "man", "hombre", "boy"),
    "446141000124107": ("female", "woman", "mujer", "vrouw", "girl"),
    "407377005": ("trans man", "transgender man", "hombre trans", "hombre transgenero"),
    "407376001": ("trans woman", "transgender woman", "mujer trans", "mujer transgenero", "trans vrouw"),
    "446131000124102": ("non-binary", "nonbinary", "non binary", "no binario", "no binaria", "non-binair"),
}  # fmt: skip
"""US Core's list for gender identity, by the words people use."""
_IDENTITY_CODES = {word: code for code, words in _IDENTITIES.items() for word in words}

_ORIENTATIONS = {
    "20430005": ("straight", "heterosexual", "hetero"),
    "38628009": ("gay", "lesbian", "homosexual", "lesbiana", "lesbisch", "homo", "homoseksueel"),
    "42035005": ("bisexual", "biseksueel", "bi"),
}
"""US Core's list for sexual orientation, by the words people use; other words stay as they were said."""
_ORIENTATION_CODES = {word: code for code, words in _ORIENTATIONS.items() for word in words}


def gender_values(patient: Json) -> dict[str, Any]:
    """Pronouns, identity, orientation and sex at birth by the fields of PatientDetails."""
    sex = text(extension(patient, s.BIRTH_SEX).get("valueCode"))
    return {
        "pronouns": pronouns_of(patient),
        "gender_identity": identity_of(patient),
        "orientation": _words(extension(patient, s.ORIENTATION).get("valueCodeableConcept")),
        "birth_sex": sex if sex in BIRTH_SEXES else "",
    }


def pronouns_of(patient: Json) -> str:
    """The pronouns as they were said."""
    said = _words(_inner(extension(patient, s.PRONOUNS)))
    return said or text(extension(patient, s.OLD_PRONOUNS).get("valueString"))


def identity_of(patient: Json) -> str:
    """The gender identity as it was said."""
    for concept in (
        extension(patient, s.US_IDENTITY).get("valueCodeableConcept"),
        _inner(extension(patient, s.IDENTITY)),
    ):
        said = _words(concept)
        if said:
            return said
    return text(extension(patient, s.OLD_IDENTITY).get("valueString"))


def put_gender(patient: Json, details: PatientDetails, before: PatientDetails, country: str) -> None:
    """Write what changed; the United States have an extension of their own for the identity."""
    if details.pronouns != before.pronouns:
        put_extension(patient, s.OLD_PRONOUNS, None)
        coded = _concept(s.LOINC, pronoun_code(details.pronouns), details.pronouns)
        put_extension(patient, s.PRONOUNS, _outer(coded))
    if details.gender_identity != before.gender_identity:
        for url in (s.OLD_IDENTITY, s.US_IDENTITY, s.IDENTITY):
            put_extension(patient, url, None)
        coded = _concept(s.SNOMED, identity_code(details.gender_identity), details.gender_identity)
        if country == "US":
            put_extension(patient, s.US_IDENTITY, {"valueCodeableConcept": coded} if coded else None)
        else:
            put_extension(patient, s.IDENTITY, _outer(coded))
    if details.orientation != before.orientation:
        coded = _concept(s.SNOMED, orientation_code(details.orientation), details.orientation)
        put_extension(patient, s.ORIENTATION, {"valueCodeableConcept": coded} if coded else None)
    if details.birth_sex != before.birth_sex:
        put_extension(patient, s.BIRTH_SEX, {"valueCode": details.birth_sex} if details.birth_sex else None)


def pronoun_code(said: str) -> str:
    """LOINC's code for pronouns, or nothing for those it has none for."""
    found = re.split(r"[\s,/]+", fold(said).strip())
    return _PRONOUNS.get(found[0], "") if found else ""


def identity_code(said: str) -> str:
    """The SNOMED code of a gender identity, or nothing for words that have none."""
    return _IDENTITY_CODES.get(fold(said).strip(), "")


def orientation_code(said: str) -> str:
    """The SNOMED code of a sexual orientation, or nothing for words that have none."""
    return _ORIENTATION_CODES.get(fold(said).strip(), "")


def _concept(system: str, code: str, said: str) -> Json | None:
    if not said:
        return None
    return {"coding": [{"system": system, "code": code}], "text": said} if code else {"text": said}


def _outer(concept: Json | None) -> Json | None:
    return {"extension": [{"url": "value", "valueCodeableConcept": concept}]} if concept else None


def _inner(part: Json) -> Any:
    return extension(part, "value").get("valueCodeableConcept")


def _words(concept: Any) -> str:
    """The words of a concept; a null flavor alone is no words but a reason why there are none."""
    if not isinstance(concept, dict):
        return ""
    coding = parts(concept, "coding")
    if any(code.get("system") == s.NULL_FLAVOR for code in coding):
        return ""
    return text(concept.get("text")) or next((text(code.get("display")) for code in coding), "")
