"""Under which keys people are filed, so that who may be one person meets without comparing everybody with everybody.

Each key joins two facts that rarely meet by chance, and the keys cover for each other: whatever one or two errors a
description has (a name misspelt, day and month swapped, a figure off, a new surname, another house), some key is
left that both descriptions share. Common names alone or a birth date alone are no key: their blocks would hold
thousands.
"""

from __future__ import annotations

from collections.abc import Iterable

from clinic.core.keyed import keyed_hash
from clinic.registration.rules.faces import PARTICLES, Face
from clinic.registration.rules.nicknames import main_forms
from clinic.registration.rules.sound import sound

DAY, GIVEN_YEAR, GIVEN_DAY, FAMILY_YEAR, FAMILY_DAY, HOUSE = "d", "g", "h", "f", "e", "a"
"""Birth date with an initial; the sound of a first name with the surname's first sound and the year, or the month
and day; the same the other way round; the street with the sound of the first name."""
LINE, MAIL, NUMBER = "p", "q", "u"
"""The end of a telephone number backwards; keyed hashes of the e-mail address and of each identity number."""
KINDS = (DAY, GIVEN_YEAR, GIVEN_DAY, FAMILY_YEAR, FAMILY_DAY, HOUSE, LINE, MAIL, NUMBER)

_LONGEST = 48
_WORDS = 3
_GUESS = 2
_SOUND = 32
_SHORTEST_LINE = 6
Key = tuple[str, str]


def blocks(face: Face) -> set[Key]:
    """The keys under which somebody is filed."""
    given, families, others = _sounds(face)
    return _keys(face, _pairs(given, [*families, *others]) + _pairs(others, families), _years(face))


def wanted_blocks(face: Face) -> set[Key]:
    """The keys under which somebody is looked for: those of filing, and those of an entry that may be wrong.

    Day and month may be swapped, first name and surname may be, and a guessed birth year is two years wide.
    """
    given, families, _ = _sounds(face)
    swapped = _keys(face, _pairs(families, given), _years(face, about=_GUESS if face.estimated else 0))
    return blocks(face) | swapped | _other_day(face)


def _keys(face: Face, named: list[tuple[str, str]], years: Iterable[str]) -> set[Key]:
    keys = _of_day(face, face.birth_date)
    for one, two in named:
        for year in years:
            keys.add((GIVEN_YEAR, f"{one}|{two[:1]}|{year}"))
            keys.add((FAMILY_YEAR, f"{two}|{one[:1]}|{year}"))
        if len(face.birth_date) == 10 and not face.estimated:
            keys.add((GIVEN_DAY, f"{one}|{two[:1]}|{face.birth_date[5:]}"))
            keys.add((FAMILY_DAY, f"{two}|{one[:1]}|{face.birth_date[5:]}"))
    if face.house:
        keys |= {(HOUSE, f"{one}|{face.house}"[:_LONGEST]) for one in dict.fromkeys(one for one, _ in named)}
    keys |= {(LINE, end) for end in face.phone_ends if len(end) >= _SHORTEST_LINE}
    keys |= {(NUMBER, number) for number in face.numbers}
    return keys | ({(MAIL, keyed_hash(face.email.casefold()))} if face.email else set())


def _of_day(face: Face, day: str) -> set[Key]:
    if len(day) != 10 or face.estimated:
        return set()
    words = {*face.given_words[:1], *_firsts(face), *face.surnames[:_WORDS]}
    words |= {*face.given_words[1:_WORDS], *face.other_words} - PARTICLES
    return {(DAY, f"{day}{(sound(word) or word)[:1]}") for word in words}


def _other_day(face: Face) -> set[Key]:
    born = face.birth_date
    return _of_day(face, f"{born[:4]}-{born[8:]}-{born[5:7]}") if len(born) == 10 and born[8:] <= "12" else set()


def _pairs(some: list[str], others: list[str]) -> list[tuple[str, str]]:
    return [(one, two) for one in some for two in others]


def _years(face: Face, *, about: int = 0) -> list[str]:
    year = face.birth_date[:4]
    if not (year.isascii() and year.isdigit()):
        return []
    return [f"{int(year) + away:04}" for away in range(-about, about + 1)]


def _firsts(face: Face) -> tuple[str, ...]:
    """The first given name in its full forms."""
    return main_forms(face.given_words[0]) if face.given_words else ()


def _sounds(face: Face) -> tuple[list[str], list[str], list[str]]:
    """How the first given name, the surnames and other names sound."""
    groups = (_firsts(face), face.surnames[:_WORDS], sorted(face.other_words - PARTICLES)[:_WORDS])
    given, families, others = ([sound(word)[:_SOUND] for word in group] for group in groups)
    return given, families, [one for one in others if one not in given and one not in families]
