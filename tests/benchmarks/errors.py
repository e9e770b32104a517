"""How descriptions of one person differ: the error model of the duplicate figures.

A person who is on file says who they are again, with one or two different errors, each drawn with the same chance
from those that this person can have:

- `misspelt first name`, `misspelt surname`: one letter put in, left out, replaced, or two neighbours swapped;
- `spelt by ear`: one of the spellings that sound alike (ph and f, c and k, y and i, a double letter single) in the
  first name or the surname;
- `day and month swapped` (only where the day can be a month);
- `birth date a figure off`: one figure of day, month or year is another, and it is still a date before 2027;
- `another surname`: the birth surname instead of the one on file; where none is on file, a surname taken since, for
  every second one with the old one given as birth surname;
- `moved house`, `another telephone`;
- `names swapped`: first name in the surname's field and the reverse;
- `pet name`: the first three or four letters of a first name of six or more, some with an `-y` or `-ie`, as most
  short forms are made; not taken from the list of short forms that the product uses;
- `marks dropped` (only where the name has any);
- `one surname of two` (only where there are two).

The e-mail address, where one is on file, is not said again. Nothing else is known of the entry: no identity number,
no record number. Everything is drawn from one seed.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from random import Random

from clinic.core.names import fold
from tests.benchmarks.people import Someone, moved, renumbered, surname

Error = Callable[[Random, Someone], Someone]
_BY_EAR = (("ph", "f"), ("f", "ph"), ("c", "k"), ("k", "c"), ("y", "i"), ("i", "y"), ("ck", "k"), ("z", "s"),
           ("s", "z"), ("ee", "ea"), ("ea", "ee"), ("ai", "ay"), ("ou", "oo"), ("ie", "y"))  # fmt: skip
_TRIES = 20


def again(random: Random, one: Someone) -> tuple[Someone, tuple[str, ...]]:
    """The person described anew with one or two errors, and which they are."""
    said, made = replace(one, email=""), []
    for name in random.sample(list(ERRORS), len(ERRORS)):
        changed = ERRORS[name](random, said)
        if changed != said:
            said = changed
            made.append(name)
        if len(made) == 2 or (made and random.random() < 0.5):
            break
    return said, tuple(made)


def _typo(random: Random, name: str) -> str:
    if len(name) < 3:
        return name
    at, letter = random.randrange(len(name) - 1), random.choice(string.ascii_lowercase)
    way = random.randrange(4)
    if way == 0:
        return name[:at] + letter + name[at:]
    if way == 1:
        return name[:at] + name[at + 1 :]
    if way == 2:
        return name[:at] + letter + name[at + 1 :]
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def _misspelt(field: str) -> Error:
    def error(random: Random, one: Someone) -> Someone:
        known = str(getattr(one, field))
        for _ in range(_TRIES):
            wrong = _typo(random, known)
            if fold(wrong) != fold(known) and wrong.strip():
                return replace(one, **{field: wrong})
        return one

    return error


def _by_ear(random: Random, one: Someone) -> Someone:
    field = random.choice(("given", "family"))
    known = str(getattr(one, field))
    ways = [known.replace(a, b, 1) for a, b in _BY_EAR if a in known]
    ways += [known.replace(pair * 2, pair, 1) for pair in "lnrtsm" if pair * 2 in known]
    return replace(one, **{field: random.choice(ways)}) if ways else one


def _swapped_day(_random: Random, one: Someone) -> Someone:
    if one.born.day > 12 or one.born.day == one.born.month:
        return one
    return replace(one, born=one.born.replace(month=one.born.day, day=one.born.month))


def _figure_off(random: Random, one: Someone) -> Someone:
    known = one.born.isoformat()
    for _ in range(_TRIES):
        at = random.choice((2, 3, 5, 6, 8, 9))
        wrong = known[:at] + random.choice(string.digits) + known[at + 1 :]
        try:
            born = date.fromisoformat(wrong)
        except ValueError:
            continue
        if born != one.born and born.year < 2027:
            return replace(one, born=born)
    return one


def _other_surname(random: Random, one: Someone) -> Someone:
    if one.maiden:
        return replace(one, family=one.maiden, maiden="")
    return replace(one, family=surname(random), maiden=one.family if random.random() < 0.5 else "")


def _pet_name(random: Random, one: Someone) -> Someone:
    word = one.given
    if len(word) < 6 or not word.isalpha():
        return one
    return replace(one, given=word[: random.choice((3, 4))] + random.choice(("", "", "y", "ie")))


def _marks_dropped(_random: Random, one: Someone) -> Someone:
    plain = (fold(one.given).title(), fold(one.family).title())
    marked = (one.given + one.family).isascii()
    return one if marked else replace(one, given=plain[0], family=plain[1])


def _one_of_two(random: Random, one: Someone) -> Someone:
    words = one.family.split()
    two = len(words) == 2 and min(map(len, words)) > 3
    return replace(one, family=random.choice(words)) if two else one


ERRORS: dict[str, Error] = {
    "misspelt first name": _misspelt("given"),
    "misspelt surname": _misspelt("family"),
    "spelt by ear": _by_ear,
    "day and month swapped": _swapped_day,
    "birth date a figure off": _figure_off,
    "another surname": _other_surname,
    "moved house": moved,
    "another telephone": renumbered,
    "names swapped": lambda _random, one: replace(one, given=one.family, family=one.given),
    "pet name": _pet_name,
    "marks dropped": _marks_dropped,
    "one surname of two": _one_of_two,
}
