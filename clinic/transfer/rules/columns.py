"""What a column of an old system may become here, and the guess by its name and by what stands in it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from clinic.core.errors import N_
from clinic.core.names import fold
from clinic.regions import Region
from clinic.registration.rules.own import OwnField
from clinic.registration.rules.own_entry import PREFIX
from clinic.transfer.rules.values import split_address

KEY, FULL_NAME, FULL_ADDRESS, HOUSE = "key", "full_name", "full_address", "house"
"""Targets that are no field of the form: the old number, a whole name, a whole address, a house number."""
REASON = "Why (Clinic)"
"""The head of the column that a file of faults has in addition."""


@dataclass(frozen=True)
class Target:
    """One thing that a column may hold. `kind`: text, date, phone, or the set of words that its values come from."""

    code: str
    label: str
    words: str
    kind: str = "text"
    group: str = ""


PERSON, REACH, HOME, BESIDE, NUMBERS, OWN = (
    N_("Person"), N_("Ways to reach"), N_("Address"), N_("People beside the patient"), N_("Numbers"),
    N_("The practice's own fields"),
)  # fmt: skip

TARGETS = (
    Target(KEY, N_("Number in the old system"),
           "id|patient id|patientid|chart|chart number|chart no|mrn|record|record number|account|account number|patnr|"
           "patientnummer|patientnr|dossiernummer|nummer|no|nr|historia|numero de historia|expediente|codigo",
           group=NUMBERS),
    Target(FULL_NAME, N_("Whole name, to be split"),
           "name|full name|patient name|patient|naam|volledige naam|patientnaam|nombre completo|nombre y apellidos",
           group=PERSON),
    Target("given", N_("First name"),
           "first|first name|firstname|given|given name|fname|voornaam|roepnaam|voornamen|nombre|nombres|primer nombre",
           group=PERSON),
    Target("middle", N_("Middle names"),
           "middle|middle name|middlename|mi|middle initial|tussennaam|segundo nombre", group=PERSON),
    Target("family", N_("Surname"),
           "last|last name|lastname|surname|family|family name|lname|achternaam|geslachtsnaam|tussenvoegsel|"
           "voorvoegsel|"
           "apellido|apellidos|primer apellido|segundo apellido|apellido paterno|apellido materno", group=PERSON),
    Target("prefix", N_("Title"), "title|prefix|salutation|titel|aanhef|tratamiento|titulo", group=PERSON),
    Target("suffix", N_("Suffix"), "suffix|generation|achtervoegsel|sufijo", group=PERSON),
    Target("preferred", N_("Preferred name"),
           "preferred|preferred name|nickname|known as|goes by|bijnaam|apodo|nombre preferido", group=PERSON),
    Target("maiden", N_("Birth surname"),
           "maiden|maiden name|birth name|birth surname|meisjesnaam|geboortenaam|apellido de soltera", group=PERSON),
    Target("birth_date", N_("Birth date"),
           "dob|birth|birthdate|birth date|date of birth|birthday|geboortedatum|geb datum|gebdatum|geboren|"
           "fecha de nacimiento|fecha nacimiento|fechanacimiento|nacimiento|f nacimiento", "date", PERSON),
    Target("sex", N_("Administrative sex"), "sex|gender|geslacht|sexo|genero", "sex", PERSON),
    Target("pronouns", N_("Pronouns"), "pronouns|voornaamwoorden|pronombres", group=PERSON),
    Target("gender_identity", N_("Gender identity"), "gender identity|genderidentiteit|identidad de genero",
           group=PERSON),
    Target("orientation", N_("Sexual orientation"), "sexual orientation|seksuele gerichtheid|orientacion sexual",
           group=PERSON),
    Target("language", N_("Language"), "language|preferred language|lang|taal|voorkeurstaal|idioma|lengua", "language",
           PERSON),
    Target("interpreter", N_("Interpreter needed"), "interpreter|interpreter needed|tolk|interprete", "yes", PERSON),
    Target("marital", N_("Marital status"), "marital|marital status|maritalstatus|burgerlijke staat|burgerlijkestaat|"
           "estado civil", "marital", PERSON),
    Target("general_practitioner", N_("Family doctor"),
           "pcp|family doctor|primary care|primary care provider|gp|huisarts|medico de cabecera|medico", group=PERSON),
    Target("pharmacy", N_("Pharmacy"), "pharmacy|drugstore|apotheek|farmacia", group=PERSON),
    Target("employer", N_("Employer"), "employer|work place|werkgever|empresa|empleador", group=PERSON),
    Target("occupation", N_("Occupation"), "occupation|job|beroep|profesion|ocupacion", group=PERSON),
    Target("deceased", N_("Died"), "deceased|date of death|died|dod|overleden|overlijdensdatum|fallecido|fecha de "
           "fallecimiento", "date", PERSON),
    Target("mobile", N_("Mobile"),
           "mobile|cell|cell phone|cellphone|cellular|mobile phone|mobiel|mobielnummer|gsm|06|movil|celular|"
           "telefono movil", "phone", REACH),
    Target("home_phone", N_("Home telephone"),
           "phone|home phone|homephone|telephone|tel|phone number|phone home|telefoon|telefoonnummer|tel thuis|"
           "telefono|"
           "telefono casa|telefono fijo", "phone", REACH),
    Target("work_phone", N_("Work telephone"),
           "work phone|workphone|phone work|business phone|office phone|telefoon werk|tel werk|telefono trabajo",
           "phone", REACH),
    Target("email", N_("E-mail"),
           "email|e mail|mail|email address|e mailadres|emailadres|mailadres|correo|correo electronico", group=REACH),
    Target("texts", N_("Text messages may be sent"), "sms|texts|text ok|sms ok|sms consent|sms toegestaan|acepta sms",
           "yes", REACH),
    Target("contact_by", N_("Reach by"), "preferred contact|contact method|contact preference|reach by|contactvoorkeur|"
           "medio de contacto", "contact", REACH),
    Target("line", N_("Street"),
           "address|address 1|address1|addr1|street|street address|address line 1|adres|straat|straatnaam|straat en "
           "huisnummer|direccion|calle|domicilio", group=HOME),
    Target(HOUSE, N_("House number"),
           "house|house number|number|huisnummer|huisnr|toevoeging|huisnummertoevoeging|numero", group=HOME),
    Target("line2", N_("Second line"),
           "address 2|address2|addr2|apt|apartment|suite|unit|address line 2|adres 2|piso|departamento", group=HOME),
    Target("city", N_("Town"), "city|town|plaats|woonplaats|stad|ciudad|poblacion|localidad|municipio", group=HOME),
    Target("state", N_("State"), "state|province|region|st|provincie|provincia|estado", group=HOME),
    Target("postal_code", N_("Postcode"),
           "zip|zip code|zipcode|postal|postal code|postcode|postalcode|codigo postal|cp|c p", group=HOME),
    Target("country", N_("Country"), "country|land|pais", group=HOME),
    Target(FULL_ADDRESS, N_("Whole address, to be split"),
           "full address|whole address|volledig adres|direccion completa", group=HOME),
    Target("emergency_given", N_("Emergency contact: first name"),
           "emergency contact|emergency name|emergency contact name|contactpersoon|contacto de emergencia",
           group=BESIDE),
    Target("emergency_family", N_("Emergency contact: surname"), "emergency surname|emergency last name", group=BESIDE),
    Target("emergency_phone", N_("Emergency contact: telephone"),
           "emergency phone|emergency contact phone|telefoon contactpersoon|telefono de emergencia", "phone", BESIDE),
    Target("emergency_relation", N_("Emergency contact: relation"),
           "emergency relation|emergency relationship|emergency contact relationship|relatie contactpersoon|parentesco",
           "relation", BESIDE),
    Target("guarantor_given", N_("Who pays: first name"), "guarantor|guarantor name|guarantor first name",
           group=BESIDE),
    Target("guarantor_family", N_("Who pays: surname"), "guarantor surname|guarantor last name", group=BESIDE),
    Target("guarantor_phone", N_("Who pays: telephone"), "guarantor phone", "phone", BESIDE),
    Target("guarantor_relation", N_("Who pays: relation"), "guarantor relation|guarantor relationship", "relation",
           BESIDE),
)  # fmt: skip

_NUMBER_WORDS = {
    "ssn": "ssn|social security|social security number|soc sec|ss", "itin": "itin",
    "mbi": "mbi|medicare|medicare number",
    "licence": "license|driver license|drivers license|dl|licence", "passport": "passport|paspoort|pasaporte",
    "bsn": "bsn|burgerservicenummer|sofinummer|sofi", "national": "national id|national number|dni|nie|cedula|curp",
}  # fmt: skip
_LONGEST = 64
_KNOWN_LONG = 4


def targets_of(region: Region, own: Sequence[OwnField] = ()) -> tuple[Target, ...]:
    """Everything a column may become here: the numbers of the country's people and the practice's own fields too."""
    numbers = tuple(
        Target(f"number_{kind.code}", kind.name, _NUMBER_WORDS.get(kind.code, kind.code), group=NUMBERS)
        for kind in region.person_identifiers()
    )
    mine = tuple(
        Target(PREFIX + one.key, one.label("en"), "|".join({one.key, *map(plain, one.labels.values())}), group=OWN)
        for one in own
    )
    return TARGETS + numbers + mine


def plain(head: str) -> str:
    """The head of a column as it is compared: `FirstName`, `first_name` and `First name:` are one."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", head[:200])
    return " ".join(re.findall(r"[^\W_]+", fold(parted)))


def fingerprint(heads: Iterable[str]) -> str:
    """What an export of one program has in common from one time to the next: its columns, in any order."""
    names = sorted(plain(head) for head in heads if head != REASON)
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:_LONGEST]


def header_row(rows: Sequence[Sequence[str]], region: Region) -> int:
    """Which of the first rows is the header, counted from 0; -1 when none is, because people begin at once."""
    known = {word for target in targets_of(region) for word in target.words.split("|")}
    widest = max((sum(map(bool, row)) for row in rows), default=0)
    best, found = 0.0, -1
    for place, row in enumerate(rows[:15]):
        filled = [cell for cell in row if cell]
        if not filled or len(filled) < 0.6 * widest:
            continue
        heads = sum(plain(cell) in known for cell in filled)
        data = sum(bool(re.search(r"\d{3}|@|\d[/.-]\d", cell)) for cell in filled)
        names = len(set(filled)) == len(filled) and not data
        score = heads * 2 + (1 if names and place == 0 else 0) - data * 2
        if score > best:
            best, found = score, place
    return found


def guess(
    heads: Sequence[str], samples: Sequence[Sequence[str]], region: Region, own: Sequence[OwnField] = ()
) -> list[str]:
    """A target for each column; empty for one that nothing here fits. Only names, numbers and streets come twice."""
    targets = targets_of(region, own)
    found = ["" if head == REASON else _by_head(head, targets) for head in heads]
    found = [code or _by_values(values) for code, values in zip(found, samples, strict=True)]
    seen: set[str] = set()
    for place, code in enumerate(found):
        if code in seen and code not in ("family", "line", HOUSE):
            found[place] = ""
        seen.add(code)
    parts = {"city", "postal_code", HOUSE} & set(found)
    for place, code in enumerate(found):
        if code == "line" and not parts and _are_whole(samples[place]):
            found[place] = FULL_ADDRESS
    return _without_overlap(found)


def _are_whole(values: Sequence[str]) -> bool:
    """Whether addresses hold the town and the postcode too."""
    given = [value for value in values if value]
    return bool(given) and sum(len(split_address(value)) > 2 for value in given) * 2 > len(given)


def _by_head(head: str, targets: Sequence[Target]) -> str:
    name = plain(head)
    for target in targets:
        if name in target.words.split("|"):
            return target.code
    bare = re.sub(r"\b(patient|pat|patients|paciente|de|del|la|el|the|of|s)\b", "", name)
    bare = " ".join(bare.split())
    for target in targets:
        if bare and bare in target.words.split("|"):
            return target.code
    close = [
        (len(word), target.code)
        for target in targets
        for word in target.words.split("|")
        if len(word) > _KNOWN_LONG and word in name and len(word) >= 0.6 * len(name)
    ]
    return max(close)[1] if close else ""


def _by_values(values: Sequence[str]) -> str:
    given = [value for value in values if value]
    if len(given) < 2:
        return ""
    if all(re.fullmatch(r"\S+@\S+\.\w+", value) for value in given):
        return "email"
    if {value.casefold() for value in given} <= {"m", "f", "v", "x", "male", "female", "man", "vrouw", "h"}:
        return "sex"
    dates = [re.search(r"(?<!\d)(19\d\d|20[01]\d)(?!\d)", value) for value in given]
    if all(dates) and all(re.fullmatch(r"[\d/.\- :T]{8,19}", value) for value in given):
        return "birth_date"
    return ""


def _without_overlap(found: list[str]) -> list[str]:
    """A whole name beside its parts is left out, and so is a whole address."""
    parts = set(found)
    if FULL_NAME in parts and {"given", "family"} <= parts:
        found = ["" if code == FULL_NAME else code for code in found]
    if "family" in parts and FULL_NAME in found and "given" not in parts:
        found = ["given" if code == FULL_NAME else code for code in found]
    if FULL_ADDRESS in parts and "line" in parts:
        found = ["" if code == FULL_ADDRESS else code for code in found]
    return found
