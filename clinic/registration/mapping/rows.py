"""From a record to the rows that it is found by."""

from __future__ import annotations

import re
from itertools import permutations
from typing import Any

from clinic.core.days import read_instant
from clinic.core.json import Json
from clinic.core.keyed import keyed_hash
from clinic.core.names import fold, words
from clinic.fhir.subject import patient_of
from clinic.registration.mapping import names
from clinic.registration.mapping import systems as s
from clinic.registration.mapping.birth import deceased_of
from clinic.registration.mapping.contact import address_of, mail_of, phones_of
from clinic.registration.mapping.faces import project_blocks
from clinic.registration.mapping.gender import pronouns_of
from clinic.registration.mapping.parts import extension, parts, text
from clinic.registration.mapping.patient import language_of, merged_into, record_number, record_numbers
from clinic.registration.rules.lines import dialled
from clinic.registration.rules.sound import opening, sound

TWO_NAMES, YEAR, BORN, SOUND, PHONE, RECORD, NUMBER, MAIL = "n", "y", "b", "s", "t", "r", "i", "m"
DIALLED = "l"
"""Kinds of key. Two names: the opening of one word and the whole other, in both orders, joined by `|`; sound: two
words in both orders. Year: opening and birth year. Born: the birth date. Phone: its digits backwards, so that an
ending is a beginning. Dialled: its digits as one dials them. Record: the number compact, and its figures alone.
Number: keyed hash of an identifier. Mail: keyed hash of the address. The kinds by which likely duplicates meet are in
`rules/blocking.py`."""

_WORD, _KEY = 40, 48
Row = dict[str, Any]


def compact(value: str) -> str:
    """A number without the signs people put between its figures, letters in capitals."""
    return re.sub(r"[\s.\-–/]", "", value).upper()


def project_row(patient: Json) -> list[Row]:
    """The one row of a patient that lists and banners show."""
    legal = names.official(patient)
    address = address_of(patient)
    photo = parts(patient, "photo")
    born = patient.get("_birthDate")
    row = {
        "id": patient["id"],
        "record_number": record_number(patient)[:64],
        "display": names.display_name(patient),
        "legal": names.legal_name(patient),
        "preferred": names.preferred_name(patient),
        "given": " ".join(names.given_names(legal)),
        "family": _surname(legal),
        "others": "|".join(_other_names(patient, legal)),
        "family_words": " ".join(words(_surname(legal))),
        "given_words": " ".join(words(" ".join(names.given_names(legal)))),
        "other_words": " ".join(words(" ".join([names.preferred_name(patient), *_other_names(patient, legal)]))),
        "birth_date": text(patient.get("birthDate"))[:10],
        "birth_estimated": bool(extension(born if isinstance(born, dict) else {}, s.ESTIMATED)),
        "sex": text(patient.get("gender"))[:12],
        "pronouns": pronouns_of(patient),
        "phones": " ".join(dict.fromkeys(re.sub(r"[^\d+]", "", phone) for phone in phones_of(patient))),
        "email": mail_of(patient),
        "street": address.line,
        "postal_code": address.postal_code,
        "language": language_of(patient)[:40],
        "interpreter": extension(patient, s.INTERPRETER).get("valueBoolean") is True,
        "contact_by": text(extension(patient, s.CONTACT_BY).get("valueCode"))[:40],
        "numbers": " ".join(_numbers(patient)),
        "photo": text(photo[0].get("url"))[:80] if photo else "",
        "active": patient.get("active") is not False,
        "deceased": bool(deceased_of(patient)),
        "version": int(patient["meta"]["versionId"]),
    }
    return [row]


def project_words(patient: Json) -> list[Row]:
    """Every word of every name; none of a merged record, whose names are those of the one it lives on in."""
    return [] if merged_into(patient) else [{"word": word, "id": patient["id"]} for word in _all_words(patient)]


def project_keys(patient: Json) -> list[Row]:
    """Every other key; none of a merged record."""
    if merged_into(patient):
        return []
    born = text(patient.get("birthDate"))[:10]
    keys = _name_keys(patient, born[:4])
    if born:
        keys.add((BORN, born))
    for phone in phones_of(patient):
        digits = re.sub(r"\D", "", phone, flags=re.ASCII)
        if len(digits) >= 4:
            keys |= {(PHONE, digits[::-1][:20]), (DIALLED, dialled(phone)[:20])}
    for number in filter(None, map(compact, record_numbers(patient))):
        keys.add((RECORD, number[:_KEY]))
        keys.add((RECORD, re.sub(r"^[^\d]*0*", "", number)[:_KEY] or number[:_KEY]))
    keys.update((NUMBER, hashed) for hashed in _numbers(patient))
    if mail_of(patient):
        keys.add((MAIL, keyed_hash(mail_of(patient).casefold())))
    keys |= project_blocks(patient, project_row(patient)[0])
    return [{"kind": kind, "key": key, "id": patient["id"]} for kind, key in sorted(keys)]


def project_coverage(coverage: Json) -> list[Row]:
    """The hash of each insurance number on a policy."""
    patient = patient_of(coverage)
    given = [text(coverage.get("subscriberId")), *(text(part.get("value")) for part in parts(coverage, "identifier"))]
    hashes = {keyed_hash(compact(value)) for value in given if value}
    return [{"number": one, "id": coverage["id"], "patient_id": patient} for one in sorted(hashes) if patient]


def project_visit(appointment: Json) -> list[Row]:
    """When this appointment brought or brings its patient here; nothing for one that does not count."""
    status, patient = appointment.get("status"), patient_of(appointment)
    if not patient or status in ("cancelled", "noshow", "entered-in-error", "waitlist", "proposed"):
        return []
    try:
        start = read_instant(text(appointment.get("start")))
    except ValueError:
        return []
    came = status in ("arrived", "checked-in", "fulfilled")
    return [{"id": appointment["id"], "patient_id": patient, "start": start, "came": came}]


def _surname(name: Json) -> str:
    return names.family_name(name) or ("" if names.given_names(name) else text(name.get("text")))


def _name_keys(patient: Json, year: str) -> set[tuple[str, str]]:
    legal = names.official(patient)
    family = words(_surname(legal))[:3]
    given = [*words(" ".join(names.given_names(legal)))[:2], *words(names.preferred_name(patient))[:1]]
    for other in _other_names(patient, legal):
        family += words(other)[:1]
    keys: set[tuple[str, str]] = set()
    for one, two in permutations(dict.fromkeys([*family, *given]), 2):
        keys.add((TWO_NAMES, f"{opening(one)}|{two}"[:_KEY]))
        if (one in family) != (two in family) or not given:
            keys.add((SOUND, f"{sound(one)}|{sound(two)}"[:_KEY]))
    if year:
        keys.update((YEAR, f"{opening(word)}{year}") for word in {*family, *given})
    return keys


def _all_words(patient: Json) -> list[str]:
    found: dict[str, None] = {}
    for name in parts(patient, "name"):
        said = [names.family_name(name), *names.given_names(name)]
        for part in said if any(said) else [text(name.get("text"))]:
            found.update(dict.fromkeys(word[:_WORD] for word in words(part)))
    return list(found)


def _other_names(patient: Json, legal: Json) -> list[str]:
    found: dict[str, None] = {}
    for name in parts(patient, "name"):
        if name is legal:
            continue
        for part in (names.family_name(name), *names.given_names(name)):
            if part and fold(part) != fold(names.family_name(legal)):
                found[part.replace("|", " ")] = None
    return list(found)


def _numbers(patient: Json) -> list[str]:
    own = {compact(record_number(patient))}
    given = {compact(text(part.get("value"))) for part in parts(patient, "identifier")}
    return sorted(keyed_hash(value) for value in given - own if value)
