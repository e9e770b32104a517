"""Whether two descriptions are one person: weights in the manner of Fellegi and Sunter, with reasons in words.

Each comparison adds about log2(m/u), where m is how often the values agree (or differ) when it is the same person
and u how often they do so by chance between strangers. The sum becomes a score from 0 to 100.

Two facts are not independent, and are not added as if they were: who shares a surname shares a house and its
telephone, so these weigh less together with it. Twins share all but the first name, a father and a son of one name
all but the birth date: where only that differs, the score stays below "probably".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp

from rapidfuzz.distance import OSA, JaroWinkler

from clinic.core.names import words
from clinic.registration.rules.faces import Face, Words
from clinic.registration.rules.nicknames import formal
from clinic.registration.rules.sound import sound

SHOWN = 60
"""The least score at which the desk is warned."""
LIKELY = 85
"""From here on the warning says "probably"."""
CERTAIN = 97
"""From here on, and with nothing that speaks against it, a program is told "certain"."""
EVEN = 18.6
"""The sum of weights at which it is as likely as not: about one in 400,000 strangers share that much by chance."""
_STEEP = 0.3
RULES = 2
"""Counts up when weights or blocks change, so that the list of likely pairs is made anew."""

_BIRTH, _BIRTH_SWAPPED, _BIRTH_NEAR, _BIRTH_OTHER = 14.5, 9.5, 4.6, -5.5
_FAMILY, _FAMILY_OTHER = 9.0, -4.0
_GIVEN, _GIVEN_OTHER = 6.5, -7.0
_WHOLE = 2


@dataclass(frozen=True)
class Reason:
    """One comparison in words: a msgid with its values, and whether it speaks for the same person."""

    message: str
    same: bool
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """How likely two descriptions are one person (0 to 100), and why, the weightiest reason first."""

    score: int
    reasons: tuple[Reason, ...]

    @property
    def grade(self) -> str:
        """FHIR's match-grade: certain, probable, possible or certainly-not."""
        if self.score >= CERTAIN and all(reason.same for reason in self.reasons):
            return "certain"
        if self.score >= LIKELY:
            return "probable"
        return "possible" if self.score >= SHOWN else "certainly-not"


_Finding = tuple[float, Reason | None]
_NOTHING: _Finding = (0.0, None)


def compare(new: Face, known: Face) -> Verdict:
    """Compare somebody being registered with somebody on file."""
    numbers = _numbers(new, known)
    named = _names(new, known)
    born = _birth(new, known)
    lives = _household(new, known, kin=named[0][0] > _FAMILY / 2)
    findings = [*named, born, *lives, _email(new, known), numbers, _sex(new, known)]
    total = sum(weight for weight, _ in findings)
    score = min(99, round(100 / (1 + exp(-(total - EVEN) * _STEEP))))
    if _only_one_thing_differs(named, born) and not numbers[0]:
        score = min(score, LIKELY - 5)
    findings.sort(key=lambda finding: -abs(finding[0]))
    reasons = [reason for _, reason in findings if reason]
    return Verdict(score, tuple(sorted(reasons, key=lambda reason: not reason.same)))


def _only_one_thing_differs(named: list[_Finding], born: _Finding) -> bool:
    """What tells twins apart, or a father and a son: never more than a maybe, however much else they share."""
    return born[0] == _BIRTH_OTHER or any(weight == _GIVEN_OTHER for weight, _ in named)


def _names(new: Face, known: Face) -> list[_Finding]:
    straight = [_family(new, known), _given(new, known)]
    if straight[0][0] + straight[1][0] > _FAMILY:
        return straight
    if _regrouped(new, known):
        return [(13.0, Reason("Same name, written otherwise", True))]
    crossed = _alike(new.given_words, known.surnames) + _alike(new.surnames, known.given_words)
    if crossed > _WHOLE:
        return [(10.5, Reason("First name and surname swapped", True))]
    if crossed == _WHOLE and straight[0][0] + straight[1][0] < 0:
        return [(1.0, Reason("First name stands where the surname was, or the reverse", True))]
    return straight


def _regrouped(new: Face, known: Face) -> bool:
    """The same names with other gaps or in another order: Le Thi Hoa and Le-Thi, Hoa; 李小龍 in one field or two."""
    mine, theirs = ((*one.given_words, *one.family_words) for one in (new, known))
    if sum(map(len, mine)) != sum(map(len, theirs)):
        return False
    if new.given_words == known.family_words:
        return False
    if sorted(mine) == sorted(theirs):
        return bool(mine)
    return not _joined(new).isdisjoint(_joined(known))


def _joined(face: Face) -> set[str]:
    return {"".join((*face.given_words, *face.family_words)), "".join((*face.family_words, *face.given_words))}


def _alike(some: Words, others: Words) -> int:
    """2 for a shared word, 1 for one that is a letter off or sounds alike."""
    if not set(some).isdisjoint(others):
        return _WHOLE
    near = (
        min(len(a), len(b)) > 3 and (OSA.distance(a, b, score_cutoff=1) == 1 or sound(a) == sound(b))
        for a in some
        for b in others
    )
    return int(any(near))


def _family(new: Face, known: Face) -> _Finding:
    mine, theirs = new.surnames, known.surnames
    if not mine or not theirs:
        return _NOTHING
    if mine == theirs or "".join(new.family_words) == "".join(known.family_words):
        return _FAMILY, Reason("Same surname", True)
    shared = set(mine) & set(theirs)
    if shared and len(shared) == min(len(set(mine)), len(set(theirs))):
        return 7.0, Reason("One surname shared: %(name)s", True, {"name": _shown(known.family, shared)})
    before = new.family if known.other_words.intersection(mine) else ""
    before = before or (known.family if new.other_words.intersection(theirs) else "")
    if before:
        return 6.5, Reason("Surname used before: %(name)s", True, {"name": before})
    found = _near("Surname", (new.family, known.family), "".join(mine), "".join(theirs))
    if found is None and (len(mine) > 1 or len(theirs) > 1):
        found = next((near for a in mine for b in theirs if (near := _near_word(new, known, a, b))), None)
    if shared and not found:
        return -0.5, Reason("One surname shared: %(name)s", True, {"name": _shown(known.family, shared)})
    return found or (_FAMILY_OTHER, _differs("Surname differs: %(new)s, %(known)s", new.family, known.family))


def _near_word(new: Face, known: Face, mine: str, theirs: str) -> _Finding | None:
    if min(len(mine), len(theirs)) > 3 and OSA.distance(mine, theirs, score_cutoff=1) == 1:
        return 4.5, _alike_words("Surname close: %(new)s, %(known)s", new.family, known.family)
    return None


def _given(new: Face, known: Face) -> _Finding:
    mine, theirs = new.given_words, known.given_words
    if not mine or not theirs:
        return _NOTHING
    one, other = mine[0], theirs[0]
    if one == other or "".join(mine) == "".join(theirs):
        return _GIVEN, Reason("Same first name", True)
    if one in known.other_words or other in new.other_words or one in theirs or other in mine:
        return 5.0, Reason("First name also in use: %(name)s", True, {"name": new.given})
    if not formal(one).isdisjoint(formal(other)):
        return 5.0, _alike_words("First name short or in full: %(new)s, %(known)s", new.given, known.given)
    if min(len(one), len(other)) >= 3 and (one.startswith(other) or other.startswith(one)):
        return 4.0, _alike_words("First name close: %(new)s, %(known)s", new.given, known.given)
    found = _near("First name", (new.given, known.given), one, other)
    return found or (_GIVEN_OTHER, _differs("First name differs: %(new)s, %(known)s", new.given, known.given))


def _near(part: str, shown: tuple[str, str], mine: str, theirs: str) -> _Finding | None:
    """How near two names are that are not the same; None when they are simply other names."""
    shorter, longer = sorted((len(mine), len(theirs)))
    if shorter == 1 and mine[0] == theirs[0]:
        return 1.5, _alike_words(f"{part} fits its initial: %(new)s, %(known)s", *shown)
    off = OSA.distance(mine, theirs, score_cutoff=2)
    if off == 1 and shorter > 2:
        return 5.0, _alike_words(f"{part} one letter off: %(new)s, %(known)s", *shown)
    if shorter > 1 and mine.isascii() and sound(mine) == sound(theirs):
        return 4.0, _alike_words(f"{part} sounds alike: %(new)s, %(known)s", *shown)
    if (off == 2 and shorter > 5) or (longer > 4 and JaroWinkler.similarity(mine, theirs) >= 0.9):
        return 3.0, _alike_words(f"{part} close: %(new)s, %(known)s", *shown)
    return None


def _birth(new: Face, known: Face) -> _Finding:
    mine, theirs = new.birth_date, known.birth_date
    if not mine or not theirs:
        return _NOTHING
    if new.estimated or known.estimated:
        return _guessed(mine, theirs)
    if mine == theirs:
        weight = _BIRTH if len(mine) == 10 else 3.0
        return weight, Reason("Same birth date, %(known)s", True, {"known": theirs})
    if mine.startswith(theirs) or theirs.startswith(mine):
        return 3.0, _alike_words("Birth dates fit: %(new)s, %(known)s", mine, theirs)
    return _near_birth(mine, theirs)


def _near_birth(mine: str, theirs: str) -> _Finding:
    if len(mine) == len(theirs) == 10:
        if mine[:4] == theirs[:4] and mine[5:7] == theirs[8:] and mine[8:] == theirs[5:7]:
            return _BIRTH_SWAPPED, _alike_words("Day and month swapped: %(new)s, %(known)s", mine, theirs)
        if OSA.distance(mine, theirs, score_cutoff=1) == 1:
            return _BIRTH_NEAR, _alike_words("Birth date one figure off: %(new)s, %(known)s", mine, theirs)
    return _BIRTH_OTHER, _differs("Birth date differs: %(new)s, %(known)s", mine, theirs)


def _guessed(mine: str, theirs: str) -> _Finding:
    apart = abs(int(mine[:4]) - int(theirs[:4]))
    if apart <= 2:
        return 2.0, _alike_words("Birth dates fit: %(new)s, %(known)s", mine, theirs)
    return _NOTHING if apart < 8 else (-3.0, _differs("Birth date differs: %(new)s, %(known)s", mine, theirs))


def _household(new: Face, known: Face, *, kin: bool) -> list[_Finding]:
    """Telephone and street: each says less when the surname said already that it is one family."""
    phone, home = _phones(new, known), _home(new, known)
    if not kin:
        phone, home = ((weight * 1.3 if weight > 0 else weight, why) for weight, why in (phone, home))
    elif phone[0] > 0 and home[0] > 2:
        home = home[0] - 2, home[1]
    return [phone, home]


def _phones(new: Face, known: Face) -> _Finding:
    if not new.phones or not known.phones:
        return _NOTHING
    shared = new.phone_ends & known.phone_ends
    if shared:
        return 7.0, Reason("Same telephone, ending %(end)s", True, {"end": min(shared)[:4][::-1]})
    ends = new.phones[0][-4:], known.phones[0][-4:]
    return -0.8, _differs("Telephone differs: ending %(new)s, %(known)s", *ends)


def _email(new: Face, known: Face) -> _Finding:
    if not new.email or not known.email:
        return _NOTHING
    if new.email.casefold() == known.email.casefold():
        return 6.0, Reason("Same e-mail", True)
    return -0.5, None


def _numbers(new: Face, known: Face) -> _Finding:
    if set(new.numbers) & set(known.numbers):
        return 25.0, Reason("Same identity or insurance number", True)
    return _NOTHING


def _home(new: Face, known: Face) -> _Finding:
    if new.house and known.house:
        if new.house == known.house:
            return 5.0, Reason("Same street: %(known)s", True, {"known": known.street})
        return -0.8, _differs("Street differs: %(new)s, %(known)s", new.street, known.street)
    if new.postal_code and new.postal_code == known.postal_code:
        return 2.0, Reason("Same postcode, %(known)s", True, {"known": known.postal_code})
    return _NOTHING


def _sex(new: Face, known: Face) -> _Finding:
    if {new.sex, known.sex} == {"female", "male"}:
        return -3.0, Reason("Administrative sex differs", False)
    return _NOTHING


def _alike_words(message: str, new: str, known: str) -> Reason:
    return Reason(message, True, {"new": new, "known": known})


def _differs(message: str, new: str, known: str) -> Reason:
    return Reason(message, False, {"new": new, "known": known})


def _shown(text: str, shared: set[str]) -> str:
    return next((word for word in text.replace("-", " ").split() if set(words(word)) & shared), text)
