"""What the desk writes down about a person."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Literal

Sex = Literal["female", "male", "other", "unknown"]
SEXES: tuple[Sex, ...] = ("female", "male", "other", "unknown")

MARITAL = ("", "S", "M", "T", "D", "L", "W", "UNK")
"""Codes of http://terminology.hl7.org/CodeSystem/v3-MaritalStatus that the form offers."""

CHANNELS = ("", "phone", "sms", "email", "letter")

RELATIONS = (
    "SPS", "DOMPART", "MTH", "FTH", "PRN", "CHILD", "DAU", "SON", "SIB", "GRPRN", "GRNDCHILD", "FAMMEMB",
    "GUARD", "FRND", "NBOR", "ROOM", "O",
)  # fmt: skip
"""Codes of http://terminology.hl7.org/CodeSystem/v3-RoleCode that the form offers; O is any other."""


@dataclass(frozen=True)
class Address:
    """Where someone lives; `line` is the street with its number."""

    line: str = ""
    line2: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""

    def __bool__(self) -> bool:
        return any((self.line, self.line2, self.city, self.state, self.postal_code, self.country))


@dataclass(frozen=True)
class Relative:
    """Somebody beside the patient: whom to call in an emergency, or who pays. The phone is E.164."""

    given: str = ""
    family: str = ""
    relation: str = ""
    phone: str = ""

    def __bool__(self) -> bool:
        return any((self.given, self.family, self.phone))


@dataclass(frozen=True)
class Number:
    """An identifier: its kind in the region pack ("ssn") and its kept form."""

    kind: str
    value: str


@dataclass(frozen=True)
class PatientDetails:
    """One person as the desk knows them. Phones are E.164, `birth_date` a full or partial FHIR date."""

    given: str
    family: str
    birth_date: str
    sex: str
    birth_estimated: bool = False
    middle: str = ""
    prefix: str = ""
    suffix: str = ""
    preferred: str = ""
    maiden: str = ""
    pronouns: str = ""
    gender_identity: str = ""
    mobile: str = ""
    texts: bool = True
    home_phone: str = ""
    work_phone: str = ""
    email: str = ""
    address: Address = field(default_factory=Address)
    language: str = ""
    interpreter: bool = False
    marital: str = ""
    emergency: Relative = field(default_factory=Relative)
    guarantor: Relative = field(default_factory=Relative)
    numbers: tuple[Number, ...] = ()
    general_practitioner: str = ""
    contact_by: str = ""

    @property
    def phones(self) -> tuple[str, ...]:
        """Every telephone number there is, the one to try first in front."""
        return tuple(phone for phone in (self.mobile, self.home_phone, self.work_phone) if phone)

    def number(self, kind: str) -> str:
        """The number of this kind, or nothing."""
        return next((number.value for number in self.numbers if number.kind == kind), "")


DETAIL_FIELDS = tuple(entry.name for entry in fields(PatientDetails))
