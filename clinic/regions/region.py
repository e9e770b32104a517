"""What differs by country, as values: which numbers a person carries, how an address is written, how a
telephone is dialled, how a date is read aloud and what paper lies in the printer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Check = Callable[[str], str]
"""Takes a number as typed, gives it back in its kept form, or raises ValueError with a plain reason."""

Bearer = Literal["person", "practitioner", "organization", "coverage"]


REGIONAL = ("birth_sex", "race", "race_detail", "ethnicity", "ethnicity_detail", "tribes")
"""Fields that one country asks for and another may not."""


@dataclass(frozen=True)
class IdentifierKind:
    """One kind of number that a person, a doctor or a policy carries."""

    code: str
    name: str
    system: str
    check: Check
    bearer: Bearer = "person"
    masked: bool = False
    unique: bool = True
    type_code: str = ""
    hint: str = ""

    def mask(self, value: str) -> str:
        """Hides all but the last four characters, as a number is shown until someone asks to see it."""
        if not self.masked or len(value) <= 4:
            return value
        return "•" * (len(value) - 4) + value[-4:]


@dataclass(frozen=True)
class AddressForm:
    """The order and the names of the lines of an address, and what its postcode looks like."""

    fields: tuple[str, ...]
    labels: dict[str, str]
    check_postcode: Check
    country: str
    states: tuple[tuple[str, str], ...] = ()

    def lines(self, address: dict[str, str]) -> list[str]:
        """The printed lines of an address, town line last, empty ones left out."""
        street = [address.get("line", ""), address.get("line2", "")]
        town_fields = [name for name in self.fields if name in ("city", "state", "postal_code")]
        if self.country == "NL":
            town = "  ".join(filter(None, [address.get("postal_code", ""), address.get("city", "")]))
        else:
            order = sorted(town_fields, key=("city", "state", "postal_code").index)
            town = " ".join(filter(None, (address.get(name, "") for name in order)))
        country = address.get("country", "")
        abroad = country if country and country != self.country else ""
        return [line for line in (*street, town, abroad) if line]


@dataclass(frozen=True)
class Region:
    """Everything the desk needs to know about the country it stands in."""

    code: str
    name: str
    country: str
    date_order: Literal["mdy", "dmy", "ymd"]
    currency: str
    paper: Literal["letter", "a4"]
    address: AddressForm
    identifiers: tuple[IdentifierKind, ...]
    language: str = "en"
    languages: tuple[str, ...] = ("en",)
    signed: tuple[str, ...] = ("sgn",)
    """The sign languages an interpreter may be asked for."""
    asks: tuple[str, ...] = ()
    """What only this country asks of a person, of the fields in `REGIONAL`."""

    def person_identifiers(self) -> tuple[IdentifierKind, ...]:
        """The kinds of number that a patient may carry here, in the order the form offers them."""
        return tuple(kind for kind in self.identifiers if kind.bearer == "person")

    def kind(self, code: str) -> IdentifierKind | None:
        """The kind of number with this short name, if the region knows it."""
        return next((kind for kind in self.identifiers if kind.code == code), None)

    def kind_of_system(self, system: str) -> IdentifierKind | None:
        """The kind of number that FHIR files under this system, if the region knows it."""
        return next((kind for kind in self.identifiers if kind.system == system), None)
