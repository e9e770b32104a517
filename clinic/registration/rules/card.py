"""A card beside what is typed or on file: what the form would say, and where the two differ."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from clinic.core.names import fold
from clinic.regions import Region
from clinic.registration.rules.details import PatientDetails
from clinic.registration.rules.licence import Licence

LICENCE = "licence"
FIELDS = (
    "given", "middle", "family", "suffix", "birth_date", "sex", "line", "line2", "city", "state", "postal_code",
    "country", f"number_{LICENCE}",
)  # fmt: skip
"""The fields of the form that a card can fill, in the order in which they are compared."""

PLACE = frozenset({"line", "line2", "city", "state", "postal_code", "country"})
_SHORT = frozenset({"NE", "NW", "SE", "SW", "PO", "II", "III", "IV", "US", "RR", "APO", "FPO", "N", "S", "E", "W"})
_SMALL = frozenset({"de", "del", "la", "las", "los", "van", "von", "der", "den", "da", "dos", "du", "y", "e"})

Verdict = Literal["same", "new", "differs"]


@dataclass(frozen=True)
class Line:
    """One field: what the card says, what is typed or on file, and how the two stand to each other."""

    field: str
    card: str
    present: str
    verdict: Verdict
    cut: bool = False

    def ticked(self, *, typing: bool) -> bool:
        """Whether it is taken over unless somebody says else: into an empty field, and over what is being typed.

        What is on file and differs waits for a decision: a card may be older than the record.
        """
        return self.verdict == "new" or (typing and self.verdict == "differs" and not self.cut)


def entry_of_card(card: Licence, region: Region) -> dict[str, str]:
    """What the form's fields would say, in the spelling people use; nothing for what the card does not say."""
    home = region.address.country
    entry = {
        "given": spelled(card.given),
        "middle": spelled(card.middle),
        "family": spelled(card.family),
        "suffix": spelled(card.suffix),
        "birth_date": card.birth_date,
        "sex": card.sex,
        "line": spelled(card.line),
        "line2": spelled(card.line2),
        "city": spelled(card.city),
        "state": card.state,
        "postal_code": card.postal_code,
        "country": card.country if card.country != home else "",
    }
    if region.kind(LICENCE) and card.number:
        entry[f"number_{LICENCE}"] = licence_number(card)
    return {name: value for name, value in entry.items() if value}


def licence_number(card: Licence) -> str:
    """State and number, as the desk writes a licence: `NY 123 456 789`."""
    number = re.sub(r"[^0-9A-Z -]", "", card.number.upper()).strip(" -")
    return f"{card.issuer} {number}".strip()[:40]


def compared(
    entry: Mapping[str, str], card: PatientDetails, present: PatientDetails, cut: frozenset[str] = frozenset()
) -> list[Line]:
    """Each field that the card fills beside what there is. `card` and `present` are read forms of both."""
    lines = []
    for name in FIELDS:
        if name not in entry:
            continue
        said, known = value_of(card, name), value_of(present, name)
        verdict: Verdict = "same" if _alike(name, said, known) else ("differs" if known else "new")
        if name in cut and known and fold(known).startswith(fold(said)):
            verdict = "same"
        if said:
            lines.append(Line(name, said, known, verdict, name in cut))
    return lines


def value_of(details: PatientDetails, name: str) -> str:
    """The kept value of a field of the form."""
    if name in PLACE:
        return str(getattr(details.address, name))
    if name.startswith("number_"):
        return details.number(name.removeprefix("number_"))
    return str(getattr(details, name))


def spelled(text: str) -> str:
    """A name or address in capitals as people write it: `MARIA DEL CARMEN O'BRIEN` is Maria del Carmen O'Brien.

    What holds a small letter already stays as it is.
    """
    if not text.isupper():
        return text
    words = [_word(word, first=place == 0) for place, word in enumerate(text.split())]
    return " ".join(words)


def _word(word: str, *, first: bool) -> str:
    if word in _SHORT or re.fullmatch(r"#?\d+[A-Z]?", word):
        return word
    if re.fullmatch(r"\d+(ST|ND|RD|TH)", word) or (not first and word.lower() in _SMALL):
        return word.lower()
    return "-".join(_part(part) for part in word.split("-"))


def _part(part: str) -> str:
    made = "'".join(piece[:1] + piece[1:].lower() for piece in part.split("'"))
    if re.fullmatch(r"Mc[a-z]{3,}", made):
        return f"Mc{made[2].upper()}{made[3:]}"
    return made[:-2] + "'s" if made.endswith("'S") else made


def _alike(name: str, said: str, known: str) -> bool:
    clean: Callable[[str], str] = lambda text: re.sub(r"[^\w]", "", fold(text))  # noqa: E731 a short name for one rule
    if name == "postal_code":
        return (
            bool(known) and clean(said)[:5] == clean(known)[:5] and (len(said) <= 5 or len(known) <= 5 or said == known)
        )
    return clean(said) == clean(known)
