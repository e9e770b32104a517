"""Whether two descriptions are one person: weights in the manner of Fellegi and Sunter, with reasons in words.

Each comparison adds log2(m/u), where m is how often the values agree (or differ) when it is the same person and
u how often they do so by chance between strangers. The sum becomes a score from 0 to 100.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

from clinic.core import names
from clinic.registration.rules.sound import sound

SHOWN = 60
"""The least score at which the desk is warned."""
LIKELY = 85
"""From here on the warning says "probably"."""
EVEN = 12.0
"""The sum of weights at which it is as likely as not: about one in 4,000 of an index shares that much by chance."""


@dataclass(frozen=True)
class Face:
    """What is compared of one person. Phones are E.164; `numbers` and `email` are folded; dates are FHIR dates."""

    given: str = ""
    family: str = ""
    other_names: tuple[str, ...] = ()
    birth_date: str = ""
    sex: str = ""
    phones: tuple[str, ...] = ()
    email: str = ""
    street: str = ""
    postal_code: str = ""
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reason:
    """One comparison in words: a msgid with its values, and whether it speaks for the same person."""

    message: str
    same: bool
    values: dict[str, str]


@dataclass(frozen=True)
class Verdict:
    """How likely two descriptions are one person (0 to 100), and why, the weightiest reason first."""

    score: int
    reasons: tuple[Reason, ...]


_Finding = tuple[float, Reason | None]


def compare(new: Face, known: Face) -> Verdict:
    """Compare somebody being registered with somebody on file."""
    findings = [
        *_names(new, known),
        _birth(new, known),
        _phones(new, known),
        _email(new, known),
        _numbers(new, known),
        _home(new, known),
        _sex(new, known),
    ]
    findings.sort(key=lambda finding: -abs(finding[0]))
    total = sum(weight for weight, _ in findings)
    reasons = tuple(reason for _, reason in findings if reason)
    score = min(99, round(100 / (1 + exp(-(total - EVEN) * 0.45))))
    return Verdict(score, tuple(sorted(reasons, key=lambda reason: not reason.same)))


def _reason(message: str, same: bool, **values: str) -> Reason:
    return Reason(message, same, values)


def _names(new: Face, known: Face) -> list[_Finding]:
    crossed = set(names.words(new.given)) & set(names.words(known.family))
    if crossed and set(names.words(new.family)) & set(names.words(known.given)):
        return [(8.0, _reason("First name and surname swapped", True))]
    return [_family(new, known), _given(new, known)]


def _family(new: Face, known: Face) -> _Finding:
    mine, theirs = names.words(new.family), names.words(known.family)
    if not mine or not theirs:
        return 0.0, None
    if mine == theirs:
        return 6.5, _reason("Same surname", True)
    shared = set(mine) & set(theirs)
    if shared:
        return 4.5, _reason("One surname shared: %(name)s", True, name=_shown(known.family, shared))
    others = {word for name in known.other_names for word in names.words(name)}
    if others & set(mine):
        return 4.0, _reason("Surname used before: %(name)s", True, name=new.family)
    return _near(new.family, known.family, "".join(mine), "".join(theirs), surname=True)


def _given(new: Face, known: Face) -> _Finding:
    mine, theirs = names.words(new.given), names.words(known.given)
    if not mine or not theirs:
        return 0.0, None
    if mine[0] == theirs[0]:
        return 5.0, _reason("Same first name", True)
    others = {word for name in known.other_names for word in names.words(name)}
    if mine[0] in others or mine[0] in theirs or theirs[0] in mine:
        return 3.5, _reason("First name also in use: %(name)s", True, name=new.given)
    if min(len(mine[0]), len(theirs[0])) >= 3 and (mine[0].startswith(theirs[0]) or theirs[0].startswith(mine[0])):
        return 3.0, _reason("First name close: %(new)s, %(known)s", True, new=new.given, known=known.given)
    return _near(new.given, known.given, mine[0], theirs[0], surname=False)


def _near(new: str, known: str, mine: str, theirs: str, *, surname: bool) -> _Finding:
    part = "Surname" if surname else "First name"
    values = {"new": new, "known": known}
    if min(len(mine), len(theirs)) == 1 and mine[0] == theirs[0]:
        return 1.0, None
    off = DamerauLevenshtein.distance(mine, theirs)
    if off == 1 and min(len(mine), len(theirs)) > 2:
        return 3.8, _reason(f"{part} one letter off: %(new)s, %(known)s", True, **values)
    if sound(mine) == sound(theirs):
        return 3.0, _reason(f"{part} sounds alike: %(new)s, %(known)s", True, **values)
    if JaroWinkler.similarity(mine, theirs) >= 0.88:
        return 2.5, _reason(f"{part} close: %(new)s, %(known)s", True, **values)
    return (-3.0 if surname else -7.0), _reason(f"{part} differs: %(new)s, %(known)s", False, **values)


def _birth(new: Face, known: Face) -> _Finding:
    mine, theirs = new.birth_date, known.birth_date
    if not mine or not theirs:
        return 0.0, None
    values = {"new": mine, "known": theirs}
    if mine == theirs:
        return (8.5 if len(mine) == 10 else 2.5), _reason("Same birth date, %(known)s", True, known=theirs)
    if mine.startswith(theirs) or theirs.startswith(mine):
        return 2.5, _reason("Birth dates fit: %(new)s, %(known)s", True, **values)
    if len(mine) == len(theirs) == 10:
        if mine[:4] == theirs[:4] and mine[5:7] == theirs[8:] and mine[8:] == theirs[5:7]:
            return 6.0, _reason("Day and month swapped: %(new)s, %(known)s", True, **values)
        if DamerauLevenshtein.distance(mine, theirs) == 1:
            return 3.0, _reason("Birth date one figure off: %(new)s, %(known)s", True, **values)
    return -5.5, _reason("Birth date differs: %(new)s, %(known)s", False, **values)


def _phones(new: Face, known: Face) -> _Finding:
    if not new.phones or not known.phones:
        return 0.0, None
    shared = set(new.phones) & set(known.phones)
    if shared:
        return 5.5, _reason("Same telephone, ending %(end)s", True, end=min(shared)[-4:])
    return -0.6, _reason(
        "Telephone differs: ending %(new)s, %(known)s", False, new=new.phones[0][-4:], known=known.phones[0][-4:]
    )


def _email(new: Face, known: Face) -> _Finding:
    if not new.email or not known.email:
        return 0.0, None
    if new.email.casefold() == known.email.casefold():
        return 5.0, _reason("Same e-mail", True)
    return -0.4, None


def _numbers(new: Face, known: Face) -> _Finding:
    if set(new.numbers) & set(known.numbers):
        return 18.0, _reason("Same identity or insurance number", True)
    return 0.0, None


def _home(new: Face, known: Face) -> _Finding:
    mine, theirs = names.fold(new.street), names.fold(known.street)
    if mine and theirs:
        if mine == theirs:
            return 4.0, _reason("Same street: %(known)s", True, known=known.street)
        return -0.5, _reason("Street differs: %(new)s, %(known)s", False, new=new.street, known=known.street)
    if new.postal_code and new.postal_code == known.postal_code:
        return 2.0, _reason("Same postcode, %(known)s", True, known=known.postal_code)
    return 0.0, None


def _sex(new: Face, known: Face) -> _Finding:
    if {new.sex, known.sex} == {"female", "male"}:
        return -2.5, _reason("Administrative sex differs", False)
    return 0.0, None


def _shown(text: str, shared: set[str]) -> str:
    return next((word for word in text.replace("-", " ").split() if set(names.words(word)) & shared), text)
