"""What the desk writes down about a person."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Literal

from clinic.registration.rules.own import OwnValue

Sex = Literal["female", "male", "other", "unknown"]
SEXES: tuple[Sex, ...] = ("female", "male", "other", "unknown")

MARITAL = ("", "S", "M", "T", "D", "L", "W", "UNK")
"""Codes of http://terminology.hl7.org/CodeSystem/v3-MaritalStatus that the form offers."""

BIRTH_SEXES = ("", "F", "M", "OTH")
"""The sex written down at birth; "not told" and "not known" are reasons for no answer."""

CHANNELS = ("", "phone", "sms", "email", "letter")

RACES = ("1002-5", "2028-9", "2054-5", "2076-8", "2106-3")
"""The five race categories of the Office of Management and Budget."""
ETHNICITIES = ("", "2135-2", "2186-5")

RELATIONS = (
    "SPS", "DOMPART", "MTH", "FTH", "PRN", "CHILD", "DAU", "SON", "SIB", "GRPRN", "GRNDCHILD", "FAMMEMB",
    "GUARD", "FRND", "NBOR", "ROOM", "O",
)  # fmt: skip
"""Codes of http://terminology.hl7.org/CodeSystem/v3-RoleCode that the form offers; O is any other."""

DECLINED, UNKNOWN = "declined", "unknown"
REASONS = ("", DECLINED, UNKNOWN)
"""Why there is no answer: asked and not told, or asked and not known. Neither is the same as never asked."""

ASKABLE = (
    "mobile", "home_phone", "email", "address", "birth_sex", "gender_identity", "orientation", "pronouns", "race",
    "ethnicity", "tribes", "language", "marital", "emergency", "general_practitioner", "pharmacy", "employer",
)  # fmt: skip
"""Fields that may be answered by a reason; so may every identity number (`number_ssn`)."""


@dataclass(frozen=True)
class Address:
    """Where someone lives or gets mail; `line` is the street with its number."""

    line: str = ""
    line2: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""

    def __bool__(self) -> bool:
        return any((self.line, self.line2, self.city, self.state, self.postal_code, self.country))


@dataclass(frozen=True)
class PastAddress:
    """Where someone lived before, with the days on which that began and ended as far as they are known."""

    address: Address
    start: str = ""
    end: str = ""


@dataclass(frozen=True)
class FormerName:
    """A name once used, with the days on which its use began and ended as far as they are known (FHIR dates)."""

    given: str = ""
    family: str = ""
    start: str = ""
    end: str = ""

    def __bool__(self) -> bool:
        return any((self.given, self.family))


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
class Absent:
    """A field without a value, and why: `declined` or `unknown`."""

    field: str
    reason: str


@dataclass(frozen=True)
class PatientDetails:
    """One person as the desk knows them. Phones are E.164, `birth_date` a full or partial FHIR date.

    `*_hours` are the hours at which one may call, such as "17:00-24:00"; `deceased` is "yes" or a FHIR date;
    `race`, `ethnicity`, `tribes` and their details are codes; `absent` says why an answer is missing.
    """

    given: str
    family: str
    birth_date: str
    sex: str
    birth_estimated: bool = False
    birth_time: str = ""
    birth_order: str = ""
    middle: str = ""
    prefix: str = ""
    suffix: str = ""
    preferred: str = ""
    nick: str = ""
    maiden: str = ""
    former: FormerName = field(default_factory=FormerName)
    former2: FormerName = field(default_factory=FormerName)
    former3: FormerName = field(default_factory=FormerName)
    pronouns: str = ""
    birth_sex: str = ""
    gender_identity: str = ""
    orientation: str = ""
    mobile: str = ""
    texts: bool = True
    mobile_hours: str = ""
    home_phone: str = ""
    home_texts: bool = False
    home_hours: str = ""
    work_phone: str = ""
    work_texts: bool = False
    work_hours: str = ""
    email: str = ""
    address: Address = field(default_factory=Address)
    mailing: Address = field(default_factory=Address)
    temporary: Address = field(default_factory=Address)
    temporary_end: str = ""
    past_addresses: tuple[PastAddress, ...] = ()
    language: str = ""
    interpreter: bool = False
    interpreter_language: str = ""
    marital: str = ""
    race: tuple[str, ...] = ()
    race_detail: tuple[str, ...] = ()
    ethnicity: str = ""
    ethnicity_detail: tuple[str, ...] = ()
    tribes: tuple[str, ...] = ()
    emergency: Relative = field(default_factory=Relative)
    emergency2: Relative = field(default_factory=Relative)
    emergency3: Relative = field(default_factory=Relative)
    guarantor: Relative = field(default_factory=Relative)
    numbers: tuple[Number, ...] = ()
    general_practitioner: str = ""
    pharmacy: str = ""
    employer: str = ""
    occupation: str = ""
    contact_by: str = ""
    never_by: tuple[str, ...] = ()
    deceased: str = ""
    known_of: str = ""
    absent: tuple[Absent, ...] = ()
    own: tuple[OwnValue, ...] = ()

    @property
    def phones(self) -> tuple[str, ...]:
        """Every telephone number there is, the one to try first in front."""
        return tuple(phone for phone in (self.mobile, self.home_phone, self.work_phone) if phone)

    def number(self, kind: str) -> str:
        """The number of this kind, or nothing."""
        return next((number.value for number in self.numbers if number.kind == kind), "")

    def why_absent(self, name: str) -> str:
        """Why a field has no value: `declined`, `unknown`, or nothing when that was never asked."""
        return next((one.reason for one in self.absent if one.field == name), "")

    def answered(self, name: str) -> bool:
        """Whether a field holds a value, or a reason why it cannot: both count as an answer."""
        return bool(self.value(name)) or bool(self.why_absent(name))

    def value(self, name: str) -> Any:
        """What stands in a field, by the name it has in the form: `city`, `emergency_phone`, `number_ssn`."""
        if name.startswith("number_"):
            return self.number(name.removeprefix("number_"))
        if name in DETAIL_FIELDS:
            return getattr(self, name)
        for part, prefix in PREFIXES.items():
            rest = name.removeprefix(prefix)
            if name.startswith(prefix) and rest in PARTS[part]:
                return getattr(getattr(self, part), rest)
        return ""


DETAIL_FIELDS = tuple(entry.name for entry in fields(PatientDetails))

PREFIXES = {
    "address": "", "mailing": "mailing_", "temporary": "temporary_", "former": "former_", "former2": "former2_",
    "former3": "former3_", "emergency": "emergency_", "emergency2": "emergency2_", "emergency3": "emergency3_",
    "guarantor": "guarantor_",
}  # fmt: skip
"""The compound fields of a person, and how the form names their parts: `mailing_city`, but `city` at home."""

_EMPTY = PatientDetails("", "", "", "")
PARTS = {name: tuple(entry.name for entry in fields(getattr(_EMPTY, name))) for name in PREFIXES}
"""The parts of each compound field."""

ADDRESSES = ("address", "mailing", "temporary")
RELATIVES = ("emergency", "emergency2", "emergency3", "guarantor")
FORMER_NAMES = ("former", "former2", "former3")
