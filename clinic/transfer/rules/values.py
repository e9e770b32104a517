"""What a value of an old system means here: words for sex or language; dates; whole names and addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import cache

from babel import Locale

from clinic.core.names import fold
from clinic.registration.rules.details import CHANNELS, MARITAL, RELATIONS, SEXES

LEAVE = "-"
"""The choice for a word that is to be left out."""
ORDERS = ("dmy", "mdy", "ymd", "serial")
"""How a date may be written; `serial` is Excel's count of days."""

_SEX = {
    "female": "f female woman girl v vrouw vrouwelijk mujer femenino fem hembra 2 w",
    "male": "m male man boy mannelijk hombre h masculino masc varon 1",
    "other": "o x other nonbinary non-binary anders otro otra overig",
    "unknown": "u un unk unknown onbekend desconocido ? 0 9 n/a",
}
_MARITAL = {
    "S": "s single|never married|never|ongehuwd|ongetrouwd|alleenstaand|soltero|soltera|unmarried|1",
    "M": "m married|gehuwd|getrouwd|casado|casada|2",
    "T": "t domestic partner|partner|partnered|samenwonend|geregistreerd partnerschap|partnerschap|pareja|"
         "pareja de hecho|union libre|living together|p",
    "D": "d divorced|gescheiden|divorciado|divorciada|3",
    "L": "l separated|legally separated|gescheiden van tafel en bed|separado|separada|x",
    "W": "w widowed|widow|widower|weduwe|weduwnaar|verweduwd|viudo|viuda|4",
    "UNK": "u unknown|onbekend|desconocido|declined|unk|o|other",
}  # fmt: skip
_YES = {
    "1": "y yes true 1 j ja si s x on ok t",
    "": "n no nee false 0 off f nein",
}
_CONTACT = {
    "phone": "phone|telephone|call|telefoon|bellen|telefono|llamada",
    "sms": "sms|text|text message|texts|sms bericht|mensaje|mensaje de texto",
    "email": "email|e-mail|mail|correo|correo electronico",
    "letter": "letter|post|brief|per post|carta|postal",
}
_RELATION = {
    "SPS": "spouse|husband|wife|echtgenoot|echtgenote|man|vrouw|esposo|esposa|conyuge|marido|mujer",
    "DOMPART": "partner|domestic partner|pareja|vriend|vriendin",
    "MTH": "mother|moeder|madre|mom", "FTH": "father|vader|padre|dad", "PRN": "parent|ouder|progenitor",
    "CHILD": "child|kind|hijo/a", "DAU": "daughter|dochter|hija", "SON": "son|zoon|hijo",
    "SIB": "sibling|brother|sister|broer|zus|zuster|hermano|hermana",
    "GRPRN": "grandparent|grandmother|grandfather|oma|opa|abuelo|abuela",
    "GRNDCHILD": "grandchild|kleinkind|nieto|nieta", "FAMMEMB": "family|relative|familie|familiar|aunt|uncle|tio|tia",
    "GUARD": "guardian|voogd|tutor|tutora|legal guardian", "FRND": "friend|vriend|amigo|amiga",
    "NBOR": "neighbor|neighbour|buur|buurman|buurvrouw|vecino|vecina", "ROOM": "roommate|huisgenoot|companero",
    "O": "other|anders|overig|otro|otra|caregiver|mantelzorger",
}  # fmt: skip
_ISO3 = {
    "eng": "en", "spa": "es", "nld": "nl", "dut": "nl", "fra": "fr", "fre": "fr", "deu": "de", "ger": "de", "por": "pt",
    "ara": "ar", "tur": "tr", "pol": "pl", "rus": "ru", "ukr": "uk", "zho": "zh", "chi": "zh", "vie": "vi", "kor": "ko",
    "hin": "hi", "ita": "it", "tgl": "tl", "hat": "ht", "fas": "fa", "per": "fa", "pap": "pap", "tir": "ti",
}  # fmt: skip
CHOICES: dict[str, tuple[str, ...]] = {
    "sex": tuple(SEXES), "marital": MARITAL[1:], "contact": CHANNELS[1:], "relation": RELATIONS, "yes": ("1", ""),
}  # fmt: skip
"""The codes that a word of each kind may become; a language may become any."""
KINDS = (*CHOICES, "language")


def guess_words(kind: str, given: Iterable[str]) -> dict[str, str]:
    """The code for each word that an old system uses; words that nobody knows are left out of the answer."""
    known = known_words(kind)
    found = {word: known[fold(word.strip())] for word in given if fold(word.strip()) in known}
    spoken = {fold(word.strip()) for word in given}
    if kind == "sex" and "h" in spoken and "m" in spoken and not spoken & {"f", "v"}:
        found |= {word: "female" for word in given if fold(word.strip()) == "m"}
    return found


@cache
def known_words(kind: str) -> dict[str, str]:
    """Every folded word of a kind, in English, Spanish and Dutch, with its code."""
    if kind == "language":
        return _languages()
    if kind in ("contact", "relation"):
        lists = {code: text.split("|") for code, text in (_CONTACT if kind == "contact" else _RELATION).items()}
    elif kind == "marital":
        lists = {code: [text[: text.index(" ")], *text[text.index(" ") + 1 :].split("|")]
                 for code, text in _MARITAL.items()}  # fmt: skip
    else:
        lists = {code: text.split() for code, text in (_SEX if kind == "sex" else _YES).items()}
    codes = {fold(code): code for code in lists if code}
    return {fold(word): code for code, words in lists.items() for word in words} | codes


def _languages() -> dict[str, str]:
    found: dict[str, str] = {}
    for screen in ("nl", "es", "en"):
        found |= {fold(name): code.replace("_", "-") for code, name in Locale(screen).languages.items()}
    for code in ("en", "es", "nl", "fr", "de", "pt", "ar", "tr", "pl", "ru", "uk", "zh", "vi", "ko", "hi", "it", "fa"):
        found[fold(Locale(code).get_language_name(code) or code)] = code
    found |= {code: code for code in list(found.values()) if code == code.lower()}
    return found | _ISO3


# -- dates


def order_of(values: Iterable[str], usual: str) -> tuple[str, bool]:
    """How the dates of a column are written, and whether the values prove it; without proof as is usual here."""
    seen = {"dmy": 0, "mdy": 0, "ymd": 0, "serial": 0}
    both = 0
    for value in values:
        fits = [order for order in ORDERS if read_day(value, order)]
        if len(fits) == 1:
            seen[fits[0]] += 1
        both += len(fits) > 1
    best = max(seen, key=lambda order: seen[order])
    return (best, seen[best] > 0) if seen[best] else (usual, not both)


def read_day(value: str, order: str) -> date | None:
    """A date strictly in one order; None for what is none. Two figures of a year are in the past."""
    text = re.sub(r"[T ]\d{1,2}:\d\d.*$", "", value.strip())
    if order == "serial":
        if not re.fullmatch(r"\d{1,5}(\.\d+)?", text, re.ASCII):
            return None
        return date(1899, 12, 30) + timedelta(days=int(float(text)))
    run = re.fullmatch(r"\d{8}", text, re.ASCII)
    if run:
        cut = {"ymd": (4, 6), "dmy": (2, 4), "mdy": (2, 4)}[order]
        parts = [text[: cut[0]], text[cut[0] : cut[1]], text[cut[1] :]]
    else:
        found = re.fullmatch(r"(\d{1,4})[-/. ]+(\d{1,2})[-/. ]+(\d{1,4})", text, re.ASCII)
        if not found:
            return None
        parts = list(found.groups())
    return _day(dict(zip(order, parts, strict=True)))


def _day(parts: dict[str, str]) -> date | None:
    year = parts["y"]
    if len(year) not in (2, 4) or len(parts["d"]) > 2 or len(parts["m"]) > 2:
        return None
    for number in (int(year),) if len(year) == 4 else (1900 + int(year), 2000 + int(year)):
        try:
            return date(number, int(parts["m"]), int(parts["d"]))
        except ValueError:
            continue
    return None


def is_figures(value: str) -> bool:
    """Whether a date is written in figures only, so that its order matters."""
    return re.fullmatch(r"[\d\s/.\-:T]+Z?", value.strip(), re.ASCII) is not None


def day_text(value: str, order: str, today: date) -> str:
    """A date of a column as 1980-02-03; empty when it does not fit the order. Two-figure years are not ahead."""
    day = read_day(value, order)
    if day is None:
        return ""
    short = re.search(r"(?<!\d)\d{4}(?!\d)|\d{8}", value) is None and order != "serial"
    later = f"{day.year + 100}{day.isoformat()[4:]}"
    if short and later <= today.isoformat():
        return later
    return day.isoformat()


# -- whole names and addresses

_TITLES = re.compile(
    r"(?:mr|mrs|ms|miss|dr|prof|sr|sra|srta|don|dona|dhr|mevr|mw|hr|drs|ir|heer|mevrouw)\.?", re.IGNORECASE
)
_SUFFIXES = re.compile(r"(?:jr|sr|ii|iii|iv|md|phd|esq)\.?", re.IGNORECASE)
_PARTICLES = frozenset(
    (
        "van", "von", "der", "den", "de", "del", "della", "di", "da", "das", "dos", "du", "la", "las", "los", "le",
        "el", "al", "bin", "ibn", "ten", "ter", "te", "op", "in", "'t", "y", "mac", "mc", "st",
    )
)  # fmt: skip


def split_name(text: str, order: str = "given") -> dict[str, str]:
    """A whole name as its parts. `order`: which comes first without a comma, given or family."""
    before, comma, after = (part.strip() for part in text.partition(","))
    parts: dict[str, str] = {}
    if comma and not _SUFFIXES.fullmatch(after):
        family, given = before.split(), after.split()
    else:
        family, given = [], before.split()
        if comma:
            parts["suffix"] = after
    given = _without_title(given, parts)
    if len(given) > 1 and _SUFFIXES.fullmatch(given[-1]):
        parts["suffix"] = given.pop()
    if not family and len(given) > 1:
        given, family = _parted(given, order)
    parts |= {"given": given[0] if given else "", "middle": " ".join(given[1:]), "family": " ".join(family)}
    return {name: value for name, value in parts.items() if value}


def _without_title(words: list[str], parts: dict[str, str]) -> list[str]:
    if len(words) > 1 and _TITLES.fullmatch(words[0]):
        parts["prefix"] = words[0]
        return words[1:]
    return words


def _parted(words: Sequence[str], order: str) -> tuple[list[str], list[str]]:
    """(given names, surname): the surname begins with its first particle, else it is one word at the end."""
    if order == "family":
        at = next((place for place, word in enumerate(words) if word.casefold() not in _PARTICLES), 0) + 1
        return list(words[at:]), list(words[:at])
    lead = next((place for place, word in enumerate(words) if place and word.casefold() in _PARTICLES), 0)
    at = lead or len(words) - 1
    return list(words[:at]), list(words[at:])


_WHOLE = (
    re.compile(r"(?P<line>.+?)[,\n]\s*(?P<city>[^,\n\d]+?)[,\n]\s*"
               r"(?P<state>[A-Za-z]{2})\.?,?\s+(?P<postal_code>\d{5}(?:-\d{4})?)"),
    re.compile(r"(?P<line>.+?)[,\n]?\s+(?P<postal_code>\d{4}\s?[A-Za-z]{2})[,\s]\s*(?P<city>[^,\n\d]+)"),
    re.compile(r"(?P<line>.+?)[,\n]\s*(?P<postal_code>\d{4,5})\s+(?P<city>[^,\n\d]+?)"
               r"(?:[,\n(]\s*(?P<state>[^,\n\d)]+)\)?)?"),
)  # fmt: skip


def split_address(text: str) -> dict[str, str]:
    """A whole address as its parts, as the US, the Netherlands and Spain write it; else all of it as the street."""
    for shape in _WHOLE:
        found = shape.fullmatch(text.strip())
        if found:
            return {name: " ".join(value.split()) for name, value in found.groupdict().items() if value}
    return {"line": " ".join(text.split())} if text.strip() else {}
