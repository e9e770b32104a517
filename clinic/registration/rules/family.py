"""Who stands beside whom: relations seen from both sides, and who may decide for a patient."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from clinic.core import names
from clinic.core.days import age
from clinic.core.errors import Detail, Invalid
from clinic.registration.rules.birth import birth_day
from clinic.registration.rules.details import RELATIONS, Address

OF_AGE = 18
PARENTS = frozenset({"MTH", "FTH", "PRN"})
CHILDREN = frozenset({"CHILD", "DAU", "SON"})
_BACK = {
    "MTH": "CHILD", "FTH": "CHILD", "PRN": "CHILD", "CHILD": "PRN", "DAU": "PRN", "SON": "PRN", "GRPRN": "GRNDCHILD",
    "GRNDCHILD": "GRPRN", "GUARD": "WARD", "WARD": "GUARD",
}  # fmt: skip
_BY_SEX = {
    ("PRN", "female"): "MTH", ("PRN", "male"): "FTH", ("CHILD", "female"): "DAU", ("CHILD", "male"): "SON",
    ("SPS", "female"): "WIFE", ("SPS", "male"): "HUSB", ("SIB", "female"): "SIS", ("SIB", "male"): "BRO",
    ("GRPRN", "female"): "GRMTH", ("GRPRN", "male"): "GRFTH", ("GRNDCHILD", "female"): "GRNDDAU",
    ("GRNDCHILD", "male"): "GRNDSON",
}  # fmt: skip
_COMMON = {code: general for (general, _sex), code in _BY_SEX.items()}
ROLES = ("emergency", "guardian", "attorney")


@dataclass(frozen=True)
class Facts:
    """What is the same about a person wherever they are named. Phones are E.164."""

    given: str = ""
    family: str = ""
    mobile: str = ""
    home_phone: str = ""
    email: str = ""
    address: Address = field(default_factory=Address)
    birth_date: str = ""
    sex: str = ""

    @property
    def name(self) -> str:
        """The whole name."""
        return " ".join(filter(None, (self.given, self.family)))


@dataclass(frozen=True)
class Bond:
    """What one person is to a patient. `attorney` decides by a power of attorney; `follows` lives at the
    patient's address, which is kept as a link and not as a copy.
    """

    relation: str = ""
    emergency: bool = False
    guardian: bool = False
    attorney: bool = False
    pays: bool = False
    follows: bool = False


@dataclass(frozen=True)
class Decider:
    """Somebody who may consent for a patient: `why` is self, guardian or attorney; `id` a RelatedPerson's, or the
    patient's own.
    """

    id: str
    name: str
    why: str
    relation: str = ""
    phone: str = ""
    patient_id: str = ""


def general(code: str) -> str:
    """A relation without the sex in it: wife is spouse."""
    return _COMMON.get(code, code)


def told(code: str, sex: str) -> str:
    """A relation as it is said of a person of this sex: parent is mother."""
    return _BY_SEX.get((general(code), sex), code)


def inverse(code: str) -> str:
    """The same relation seen from the other side; friends and spouses are the same to each other."""
    plain = general(code)
    return _BACK.get(plain, plain)


def is_minor(birth_date: str, today: date) -> bool:
    """Whether somebody else decides for this person; an unknown birth date counts as of age."""
    try:
        return age(birth_day(birth_date), today) < OF_AGE
    except ValueError:
        return False


def guards(bond: Bond, *, minor: bool) -> bool:
    """Whether a guardian still is one: a parent's part ends when the child is of age, a court's guardian stays."""
    return bond.guardian and (minor or bond.relation == "GUARD")


def check_bond(bond: Bond) -> None:
    """Raises Invalid beside the field for a relation that the form does not offer."""
    if bond.relation and bond.relation not in RELATIONS:
        raise Invalid("Choose one from the list", details=(Detail("relation", "Choose one from the list"),))


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same but for case and accents."""
    return bool(names.words(one)) and names.words(one) == names.words(other)


def still_the_same(before: Facts, now: Facts) -> bool:
    """Whether a retyped name is a correction of the old one and not another person: they share a word."""
    old, new = set(names.words(before.name)), set(names.words(now.name))
    given = set(names.words(before.given)) & set(names.words(now.given))
    return bool(given) or (before.given == "" and bool(old & new)) or not old


def moved(before: Facts, now: Facts) -> bool:
    """Whether the address or the home telephone is another."""
    return (before.address, before.home_phone) != (now.address, now.home_phone)


def deciders(patient: Decider, others: Iterable[tuple[Decider, Bond]], *, minor: bool) -> tuple[Decider, ...]:
    """Who may consent: the patient when of age, the guardians, and who has a power of attorney."""
    found = [] if minor else [patient]
    for other, bond in others:
        if guards(bond, minor=minor):
            found.append(other)
        elif bond.attorney:
            found.append(Decider(other.id, other.name, "attorney", other.relation, other.phone, other.patient_id))
    return tuple(found)
