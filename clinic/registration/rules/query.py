"""What a person typed into the finder, read as names, birth dates, ages, telephones and numbers, in any order."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from clinic.core import names
from clinic.core.errors import Invalid
from clinic.registration.rules.birth import read_birth

LONGEST = 200
WORDS = 6
SHORTEST = 2
_IDEOGRAPHS = 0x2E80
_SEPARATED = re.compile(r"\d{1,4}[/.\-]\d{1,2}[/.\-]\d{1,4}|\d{1,2}[/.\-]\d{4}|\d{4}-\d{2}", re.ASCII)
_RUN = re.compile(r"\d{6}|\d{8}", re.ASCII)
_FILLER = frozenset({"age", "aged", "born", "about", "dob", "tel", "phone", "record", "de", "of"})


@dataclass(frozen=True)
class Query:
    """One search, read. Empty parts were not said; a figure may be read in several ways at once.

    `words` are folded names; `births` full or partial FHIR dates; `years` birth years; `age` in years;
    `digits` the end (or all) of a telephone number;
    `number` a record, insurance or other number, compact. `own` holds (field, value) pairs of the practice's own
    fields, `loose` the keys of those whose value alone finds somebody.
    """

    text: str = ""
    words: tuple[str, ...] = ()
    births: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    age: int | None = None
    digits: str = ""
    number: str = ""
    own: tuple[tuple[str, str], ...] = ()
    loose: tuple[str, ...] = ()

    @property
    def too_short(self) -> bool:
        """Whether this would fish through the index: one letter or two figures find nobody."""
        told = self.births or self.digits or self.number or self.own
        return not (told or any(len(word) >= SHORTEST or ord(word[0]) >= _IDEOGRAPHS for word in self.words))

    @property
    def empty(self) -> bool:
        """Whether nothing was typed."""
        return not self.text


def read_query(text: str, *, today: date, order: str = "mdy") -> Query:
    """Read one line of the finder: `garcia 80`, `14/8/79 ana`, `0177`, `HS-20418`, `3 feb 1980`. Never raises."""
    typed = " ".join(text[:LONGEST].split())
    births, rest = _take_births(typed.split(" ") if typed else [], today, order)
    query = Query(text=typed, births=births)
    figures = [part for part in rest if re.search(r"\d", part)]
    spoken = [word for part in rest if part not in figures for word in names.words(part)]
    keep = tuple(word for word in spoken if word not in _FILLER or len(spoken) == 1)[:WORDS]
    query = replace(query, words=keep)
    return _with_number(_with_figures(query, figures, today), typed)


def carried_over(query: Query) -> dict[str, str]:
    """What a search tells about a person who was not found: the fields of a new record, as typed.

    One word is a surname; of several the first is the first name, unless a comma says `surname, first name`.
    """
    entry: dict[str, str] = {}
    said = [part for part in query.text.split(" ") if set(names.words(part)) & set(query.words)]
    spoken = " ".join(said)
    if "," in spoken:
        family, _, given = spoken.partition(",")
    else:
        given, family = " ".join(said[:1]) if len(said) > 1 else "", " ".join(said[1:] or said)
    entry |= {"given": _capital(given), "family": _capital(family)}
    if query.births:
        entry["birth_date"] = query.births[0]
    elif len(query.years) == 1 and query.age is None:
        entry["birth_date"] = str(query.years[0])
    if len(query.digits) >= 7 and not query.births:
        entry["mobile"] = query.digits
    return {name: value for name, value in entry.items() if value}


def _capital(text: str) -> str:
    name = text.strip(" ,")
    return name.title() if name.islower() and name.isascii() and "'" not in name else name


def _take_births(parts: list[str], today: date, order: str) -> tuple[tuple[str, ...], list[str]]:
    for size in (3, 2, 1):
        for start in range(len(parts) - size + 1):
            window = parts[start : start + size]
            if not _may_be_date(window):
                continue
            found = _births(" ".join(window), today, order)
            if found:
                keep = window if size == 1 and _RUN.fullmatch(window[0]) else []
                return found, parts[:start] + keep + parts[start + size :]
    return (), parts


def _may_be_date(window: list[str]) -> bool:
    if len(window) == 1:
        return bool(_SEPARATED.fullmatch(window[0]) or _RUN.fullmatch(window[0]))
    figures = [part for part in window if re.fullmatch(r"\d{1,4}(st|nd|rd|th)?[.,]?", part, re.ASCII)]
    others = [part for part in window if part not in figures]
    if len(window) == 3:
        short = all(len(part.strip(".,")) in (1, 2, 4) for part in figures)
        return short and (len(figures) == 3 or (len(figures) == 2 and _month(others[0])))
    return len(figures) == 1 and len(figures[0]) == 4 and bool(others) and _month(others[0])


def _month(word: str) -> bool:
    if len(word.strip(".,")) < 3:
        return False
    try:
        return bool(read_birth(f"1 {word} 1980", today=date(2100, 1, 1)))
    except Invalid:
        return False


def _births(text: str, today: date, order: str) -> tuple[str, ...]:
    found: list[str] = []
    orders = [order] if not re.fullmatch(r"\d{1,2}[/.\- ]\d{1,2}[/.\- ]\d{2,4}", text) else [order, "dmy", "mdy"]
    for attempt in orders:
        try:
            value = read_birth(re.sub(r"(\d)(st|nd|rd|th)\b", r"\1", text), today=today, order=attempt).value
        except Invalid:
            continue
        if value not in found:
            found.append(value)
    return tuple(found)


def _with_figures(query: Query, figures: list[str], today: date) -> Query:
    loose: list[str] = []
    for part in figures:
        bare = part.strip(".,;")
        if query.words and re.fullmatch(r"\d{1,3}y?", bare, re.ASCII) and int(bare.rstrip("y")) <= 120:
            query = _year_or_age(query, int(bare.rstrip("y")), today)
        elif re.fullmatch(r"(18|19|20)\d\d", bare, re.ASCII) and int(bare) <= today.year and len(figures) == 1:
            query = replace(query, years=(*query.years, int(bare)), digits=bare)
        else:
            loose.append(part)
    digits = re.sub(r"\D", "", "".join(loose), flags=re.ASCII)
    letters = re.search(r"[^\W\d_]", "".join(loose))
    return replace(query, digits=digits) if 3 <= len(digits) <= 15 and not letters else query


def _year_or_age(query: Query, figure: int, today: date) -> Query:
    years = query.years
    if figure < 100:
        year = today.year // 100 * 100 + figure
        years = (*years, year if year <= today.year else year - 100)
    return replace(query, years=years, age=figure)


def _with_number(query: Query, typed: str) -> Query:
    compact = re.sub(r"[\s.\-–/]", "", typed).upper()
    digits = sum(character.isdigit() for character in compact)
    if compact.isalnum() and digits >= 3 and len(compact) <= 40:
        return replace(query, number=compact)
    return query
