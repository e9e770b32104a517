"""The words of messages: those that come with the product, the practice's own, and how their places are filled."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

from babel.dates import format_date, format_datetime, format_time

from clinic.core.days import local
from clinic.core.errors import Detail, Invalid

LIBRARY = Path(__file__).resolve().parent.parent / "library" / "messages.json"
LANGUAGES: Final = ("en", "es", "nl", "ar")
PLACES: Final = ("name", "day", "time", "provider", "type", "site", "practice", "reply", "link", "video", "expires")
"""What may stand in braces. An unknown one is refused when the text is saved; one without a value is left out."""
NEEDED: Final = {
    "reminder": ("day", "time"),
    "confirmation": ("day", "time"),
    "moved": ("day", "time"),
    "offer": ("day", "time", "expires"),
    "link": ("link",),
}
"""What a text of a purpose must say."""
SHOWN_LINK: Final = "[link]"
LONGEST_WORDS: Final = 600
LONGEST_SUBJECT: Final = 120

_PLACE = re.compile(r"\{([a-z]*)\}")


@dataclass(frozen=True)
class Words:
    """One text in one language; the subject is for mail."""

    subject: str
    text: str


Texts = Mapping[tuple[str, str, str], Words]
"""The practice's own words by purpose, visit type (or empty for all) and language."""


@lru_cache(maxsize=1)
def shipped() -> Mapping[str, Mapping[str, Words]]:
    """The words that come with the product, by purpose and language."""
    found: dict[str, dict[str, dict[str, str]]] = json.loads(LIBRARY.read_text("utf-8"))
    return {
        purpose: {language: Words(one["subject"], one["text"]) for language, one in by_language.items()}
        for purpose, by_language in found.items()
    }


def chosen_language(spoken: str, practice: str) -> str:
    """The language of a message: the patient's when there are words in it, else the practice's, else English."""
    for code in (spoken, practice):
        base = code.replace("_", "-").split("-", maxsplit=1)[0].casefold()
        if base in LANGUAGES:
            return base
    return "en"


def words_for(texts: Texts, purpose: str, visit_type: str, language: str) -> Words:
    """The practice's words for this type of visit, for every type, or those that come with the product."""
    for type_ in (visit_type, ""):
        if (purpose, type_, language) in texts:
            return texts[purpose, type_, language]
    by_language = shipped().get(purpose, {})
    return by_language.get(language) or by_language.get("en") or Words("", "")


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its places filled; what has no value leaves no gap. Values are never read as places."""
    put = _PLACE.sub(lambda found: values.get(found[1], "") if found[1] in PLACES else found[0], text)
    return re.sub(r"[ \t]{2,}", " ", put).strip()


def moment_values(start: datetime, zone: str, language: str) -> dict[str, str]:
    """`{day}` and `{time}` of a visit as the language writes them, in the practice's own time."""
    wall = local(start, zone)
    return {
        "day": format_date(wall.date(), "EEEE d MMMM", locale=language),
        "time": format_time(wall.time(), "h:mm a" if language == "en" and zone.startswith("America/") else "HH:mm",
                            locale=language),
    }  # fmt: skip


def written_moment(at: datetime, zone: str, language: str) -> str:
    """A day and time in one, such as when an offer ends."""
    return str(format_datetime(local(at, zone).replace(tzinfo=None), "EEE d MMM HH:mm", locale=language))


def check_words(words: Words, *, purpose: str = "", language: str = "en") -> Words:
    """The words as they are kept; both empty means the product's own. Raises Invalid with each fault at its field."""
    subject, text = " ".join(words.subject.split()), words.text.replace("\r\n", "\n").strip()
    faults = []
    lacking = [place for place in NEEDED.get(purpose, ()) if text and f"{{{place}}}" not in text]
    if lacking:
        fault = "Without {%(name)s} the patient cannot know it; put it in."
        faults.append(Detail(f"text_{language}", fault % {"name": lacking[0]}, fault, {"name": lacking[0]}))
    for name, value, most in (("subject", subject, LONGEST_SUBJECT), ("text", text, LONGEST_WORDS)):
        if len(value) > most:
            faults.append(Detail(f"{name}_{language}", "This is too long."))
        unknown = [place for place in _PLACE.findall(value) if place not in PLACES]
        if unknown:
            fault = "There is no place called {%(name)s}."
            faults.append(Detail(f"{name}_{language}", fault % {"name": unknown[0]}, fault, {"name": unknown[0]}))
        elif set(_PLACE.sub("", value)) & set("{}"):
            faults.append(Detail(f"{name}_{language}", "Write a place as {day}: a brace alone would be sent as it is."))
    if subject and not text:
        faults.append(Detail(f"text_{language}", "A subject alone says nothing; write the text too."))
    if faults:
        raise Invalid("Please correct the marked fields.", details=tuple(faults))
    return Words(subject, text)


def parts_of(text: str) -> int:
    """How many text messages it takes: 160 of the plain alphabet, 70 of any other; 153 and 67 when joined."""
    plain = all(letter in _GSM for letter in text)
    one, joined = (160, 153) if plain else (70, 67)
    length = sum(2 if plain and letter in _TWICE else 1 for letter in text)
    if not plain:
        length = len(text.encode("utf-16-le")) // 2
    return 1 if length <= one else -(-length // joined)


_TWICE = frozenset("^{}\\[~]|€")
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
) | _TWICE  # fmt: skip
