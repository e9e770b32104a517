"""What is compared of one person, with the folded words that comparing and filing need."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from clinic.core import names

_PARTICLES = """
van von der den de het ter ten te la las le les los el al du des di da do dos das del della bin bint ibn abu ben
mac mc o st san y e und zu
"""
PARTICLES = frozenset(_PARTICLES.split())
"""Little words of surnames: two people do not share a surname because both have a `van`."""

_PHONE_END = 9
Words = tuple[str, ...]


@dataclass(frozen=True)
class Face:
    """What is compared of one person. Phones are E.164; `numbers` and `email` are folded; dates are FHIR dates.

    `other_names` are those of daily use, of birth and of before; `estimated` says that the birth date is a guess.
    """

    given: str = ""
    family: str = ""
    other_names: tuple[str, ...] = ()
    birth_date: str = ""
    estimated: bool = False
    sex: str = ""
    phones: tuple[str, ...] = ()
    email: str = ""
    street: str = ""
    postal_code: str = ""
    numbers: tuple[str, ...] = ()

    @cached_property
    def given_words(self) -> Words:
        """The folded words of the given names."""
        return tuple(names.words(self.given))

    @cached_property
    def family_words(self) -> Words:
        """The folded words of the surname."""
        return tuple(names.words(self.family))

    @cached_property
    def surnames(self) -> Words:
        """The words of the surname that tell somebody apart: without particles, unless there is nothing else."""
        return tuple(word for word in self.family_words if word not in PARTICLES) or self.family_words

    @cached_property
    def other_words(self) -> frozenset[str]:
        """The folded words of every other name."""
        return frozenset(word for name in self.other_names for word in names.words(name))

    @cached_property
    def house(self) -> str:
        """The street with its number, folded, in one order of its words."""
        return " ".join(sorted(names.words(self.street)))

    @cached_property
    def phone_ends(self) -> frozenset[str]:
        """The last figures of each telephone, backwards: the same with and without a country code."""
        return frozenset(phone_end(phone) for phone in self.phones)


def phone_end(phone: str) -> str:
    """The last nine figures of a telephone number, backwards."""
    return re.sub(r"\D", "", phone, flags=re.ASCII)[::-1][:_PHONE_END]
