"""Which of the people that might be meant comes first, and why, in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import DamerauLevenshtein

from clinic.core.days import age
from clinic.core.names import words
from clinic.registration.rules.birth import birth_day
from clinic.registration.rules.flags import Shown
from clinic.registration.rules.lines import is_line
from clinic.registration.rules.query import Query
from clinic.registration.rules.sound import sound


class Person(NamedTuple):
    """One row of the finder: what is shown of a patient, and what it is found by.

    A tuple, since a hundred of them are made at each key that is struck.
    """

    id: str
    record_number: str
    display: str
    legal: str
    family_words: str
    given_words: str
    other_words: str
    birth_date: str
    birth_estimated: bool
    sex: str
    phones: tuple[str, ...]
    photo: str
    active: bool
    deceased: bool
    last_visit: object = None
    next_visit: object = None
    closed: bool = False
    """A restricted record that is closed to whoever looks: the rest is left out."""
    flags: tuple[Shown, ...] = ()

    def years(self, today: date) -> int | None:
        """Whole years of age today; nothing when the birth date is not known."""
        try:
            return age(birth_day(self.birth_date), today)
        except ValueError:
            return None


class Hit(NamedTuple):
    """A person found, how well (100 is sure), why in words (msgids), and what of the query fits their name."""

    person: Person
    score: float
    why: tuple[str, ...]
    marked: tuple[str, ...] = ()
    born_marked: bool = False
    age_marked: bool = False


SURNAME, GIVEN, NAME, OTHER, ALIKE, LETTER = (
    "Surname matches",
    "First name matches",
    "Both names match",
    "Goes by another name",
    "Sounds alike",
    "One letter off",
)
BORN, YEAR, AGE, YEAR_OFF = "birth date matches", "birth year matches", "age matches", "born one year off"
NUMBER, PHONE = "Number matches", "Telephone matches"
OWN_FIELD = "Own field matches"


def rank(query: Query, people: Iterable[Person], *, today: date, by_number: frozenset[str]) -> list[Hit]:
    """The people who fit, best first. `by_number` holds the ids that a number found already."""
    hits = [hit for person in people if (hit := _judge(query, person, today, person.id in by_number))]
    hits.sort(key=lambda hit: (-hit.score, not hit.person.active, hit.person.display, hit.person.id))
    return hits


def _judge(query: Query, person: Person, today: date, numbered: bool) -> Hit | None:
    if numbered:
        return Hit(person, 100.0, (NUMBER,))
    named = _names(query, person)
    if query.words and named is None:
        return None
    score, why, marked = named or (0.0, (), ())
    phone = bool(query.digits) and any(is_line(number, query.digits) for number in person.phones)
    born = _born(query, person, today)
    if not query.words and not phone and born is None:
        return None
    if query.words and query.digits and not phone and not query.years:
        score -= 30
    reasons = [*why, *([PHONE] if phone else []), *([born[1]] if born else [])]
    told = bool(query.births or query.years or query.age is not None)
    score += (25 if phone else 0) + (born[0] if born else (-40 if told else 0))
    if query.words and told and born is None and len(query.words) == 1 and not phone:
        return None
    right = born[1] if born else ""
    return Hit(person, score, tuple(reasons), marked, right in (BORN, YEAR), right == AGE)


def _names(query: Query, person: Person) -> tuple[float, tuple[str, ...], tuple[str, ...]] | None:
    family, given = person.family_words.split(), person.given_words.split()
    others = person.other_words.split()
    score, kinds, marked = 0.0, set(), []
    for word in query.words:
        found = _word(word, family, given, others)
        if found is None:
            return None
        score += found[0] / len(query.words)
        kinds.add(found[1])
        marked.append(found[2])
    if kinds & {ALIKE, LETTER}:
        why: tuple[str, ...] = (min(kinds & {ALIKE, LETTER}),)
    elif {SURNAME, GIVEN} <= kinds:
        why = (NAME,)
    else:
        why = tuple(sorted(kinds))[:1]
    return score, why, tuple(marked)


def _word(word: str, family: list[str], given: list[str], others: list[str]) -> tuple[float, str, str] | None:
    best: tuple[float, str, str] | None = None
    for kind, known, weight in ((SURNAME, family, 3.0), (GIVEN, given, 1.0), (OTHER, others, 0.0)):
        for one in known:
            score = _closeness(word, one)
            if score and (best is None or score + weight > best[0]):
                best = (score + weight, _MANNER.get(score, kind), one)
    return best


_SOUNDS_CLOSE, _OFF, _SOUNDS = 45.0, 43.0, 40.0
_MANNER = {_SOUNDS_CLOSE: ALIKE, _OFF: LETTER, _SOUNDS: ALIKE}


@lru_cache(maxsize=65536)
def _closeness(word: str, known: str) -> float:
    """How close two words are; kept, as the same surnames are compared at every key that is struck."""
    if word == known:
        return 70.0
    if known.startswith(word):
        return 60.0
    if len(word) < 3 or len(known) < 3:
        return 0.0
    near = abs(len(word) - len(known)) < 2 and DamerauLevenshtein.distance(word, known, score_cutoff=1) <= 1
    if word.isascii() and known.isascii() and (sound(word) == sound(known) or (near and _softly(word, known))):
        return _SOUNDS_CLOSE if near else _SOUNDS
    return _OFF if near else 0.0


_SOFTLY = ("csz", "bvw", "ijy", "ckq", "dt", "gj", "mn")


def _softly(word: str, known: str) -> bool:
    """Whether two words of one length differ in two letters that are often heard as one."""
    pairs = [{one, two} for one, two in zip(word, known, strict=False) if one != two]
    return len(word) == len(known) and len(pairs) == 1 and any(pairs[0] <= set(group) for group in _SOFTLY)


def _born(query: Query, person: Person, today: date) -> tuple[float, str] | None:
    known = person.birth_date
    if not known:
        return None
    if any(known.startswith(one) for one in query.births):
        return 30.0, BORN
    year = int(known[:4])
    if year in query.years:
        return 25.0, YEAR
    if query.age is not None and person.years(today) == query.age:
        return 22.0, AGE
    if any(abs(year - one) == 1 for one in query.years):
        return -8.0, YEAR_OFF
    return None


def pieces(display: str, marked: Iterable[str]) -> list[tuple[str, bool]]:
    """The name cut into pieces, each with whether it is what was searched for."""
    wanted = set(marked)
    return [(token, bool(wanted & set(words(token)))) for token in _tokens(display)]


def _tokens(display: str) -> list[str]:
    tokens, current = [], ""
    for character in display:
        if character in " -":
            tokens += [current, character] if current else [character]
            current = ""
        else:
            current += character
    return [*tokens, current] if current else tokens
