"""The deeds behind the buttons of the checks, and the small moves of the sheet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from clinic.billing.rules.sheet import MOST_POINTERS, ChargeLine, Diagnosis, Sheet
from clinic.core.errors import N_, Invalid

_LONGEST_NUMBER = 8
UNKNOWN = N_("This repair does not fit the sheet any more.")


def apply(sheet: Sheet, deed: str) -> Sheet:
    """The sheet after one deed such as "link:3:4". Raises Invalid when it does not fit the sheet."""
    name, *words = deed.split(":")
    try:
        if name == "dx" and len(words) == 2:
            return set_code(sheet, _number(words[0]), words[1])
        if name in _MODIFIER_DEEDS and len(words) == 2:
            number = _number(words[0])
            return _with_line(sheet, number, _MODIFIER_DEEDS[name](_line(sheet, number), words[1]))
        if name in _DEEDS:
            return _DEEDS[name](sheet, *map(_number, words))
    except (ValueError, TypeError, IndexError, InvalidOperation) as error:
        raise Invalid(UNKNOWN) from error
    raise Invalid(UNKNOWN)


def _number(word: str) -> int:
    if len(word) > _LONGEST_NUMBER:
        raise ValueError(word)
    return int(word)


def drop_diagnosis(sheet: Sheet, place: int) -> Sheet:
    """Without the diagnosis at this place; links to it go, links to later ones follow their diagnosis."""
    _there(place, len(sheet.diagnoses))
    order = [each for each in range(1, len(sheet.diagnoses) + 1) if each != place]
    return reorder(sheet, order)


def same_diagnosis(sheet: Sheet, place: int, kept: int) -> Sheet:
    """Without a repeated diagnosis; lines linked to it are linked to the one that is kept."""
    _there(kept, len(sheet.diagnoses))
    lines = tuple(
        replace(line, pointers=tuple(sorted({kept if p == place else p for p in line.pointers})))
        for line in sheet.lines
    )
    return drop_diagnosis(replace(sheet, lines=lines), place)


def first_diagnosis(sheet: Sheet, place: int) -> Sheet:
    """With this diagnosis as A."""
    _there(place, len(sheet.diagnoses))
    return reorder(sheet, [place, *(p for p in range(1, len(sheet.diagnoses) + 1) if p != place)])


def move_diagnosis(sheet: Sheet, place: int, to: int) -> Sheet:
    """With the diagnosis moved to another place; those between make room."""
    _there(place, len(sheet.diagnoses))
    _there(to, len(sheet.diagnoses))
    order = [each for each in range(1, len(sheet.diagnoses) + 1) if each != place]
    return reorder(sheet, [*order[: to - 1], place, *order[to - 1 :]])


def reorder(sheet: Sheet, order: list[int]) -> Sheet:
    """Diagnoses in this order of their present places; links follow, those to a left-out one go."""
    now = {old: new for new, old in enumerate(order, 1)}
    return replace(
        sheet,
        diagnoses=tuple(sheet.diagnoses[old - 1] for old in order),
        lines=tuple(
            replace(line, pointers=tuple(sorted(now[p] for p in line.pointers if p in now))) for line in sheet.lines
        ),
    )


def set_code(sheet: Sheet, place: int, code: str) -> Sheet:
    """With another code at this place."""
    _there(place, len(sheet.diagnoses))
    diagnoses = list(sheet.diagnoses)
    diagnoses[place - 1] = Diagnosis(code[:24])
    return replace(sheet, diagnoses=tuple(diagnoses))


def link(sheet: Sheet, number: int, place: int) -> Sheet:
    """With the line linked to the diagnosis."""
    _there(place, len(sheet.diagnoses))
    line = _line(sheet, number)
    return _with_line(sheet, number, replace(line, pointers=tuple(sorted({*line.pointers, place}))))


def tidy_links(sheet: Sheet, number: int) -> Sheet:
    """With only links to diagnoses that are there, each once."""
    line = _line(sheet, number)
    there = {each for each in line.pointers if 1 <= each <= len(sheet.diagnoses)}
    return _with_line(sheet, number, replace(line, pointers=tuple(sorted(there))))


def four_links(sheet: Sheet, number: int) -> Sheet:
    """With the first four links only."""
    line = _line(sheet, number)
    return _with_line(sheet, number, replace(line, pointers=line.pointers[:MOST_POINTERS]))


def drop_line(sheet: Sheet, number: int) -> Sheet:
    """Without this line."""
    _there(number, len(sheet.lines))
    return replace(sheet, lines=sheet.lines[: number - 1] + sheet.lines[number:])


def merge_lines(sheet: Sheet, number: int, kept: int) -> Sheet:
    """Without the second of two equal lines; its units and links go to the first."""
    extra, line = _line(sheet, number), _line(sheet, kept)
    pointers = tuple(sorted({*line.pointers, *extra.pointers}))[:MOST_POINTERS]
    merged = replace(line, units=line.units + extra.units, pointers=pointers)
    return drop_line(_with_line(sheet, kept, merged), number)


def set_fee(sheet: Sheet, number: int, cents: int) -> Sheet:
    """With this fee."""
    return _with_line(sheet, number, replace(_line(sheet, number), fee=cents))


def set_units(sheet: Sheet, number: int, units: int) -> Sheet:
    """With this number of units."""
    return _with_line(sheet, number, replace(_line(sheet, number), units=Decimal(units)))


def _drop_modifier(line: ChargeLine, name: str) -> ChargeLine:
    last = len(line.modifiers) - 1 - line.modifiers[::-1].index(name)
    return replace(line, modifiers=line.modifiers[:last] + line.modifiers[last + 1 :])


def _one_modifier(line: ChargeLine, name: str) -> ChargeLine:
    first = line.modifiers.index(name)
    kept = tuple(each for place, each in enumerate(line.modifiers) if each != name or place == first)
    return replace(line, modifiers=kept)


def _line(sheet: Sheet, number: int) -> ChargeLine:
    _there(number, len(sheet.lines))
    return sheet.lines[number - 1]


def _with_line(sheet: Sheet, number: int, line: ChargeLine) -> Sheet:
    return replace(sheet, lines=(*sheet.lines[: number - 1], line, *sheet.lines[number:]))


def _there(place: int, most: int) -> None:
    if not 1 <= place <= most:
        raise IndexError(place)


_MODIFIER_DEEDS: dict[str, Callable[[ChargeLine, str], ChargeLine]] = {
    "drop-mod": _drop_modifier,
    "one-mod": _one_modifier,
}
_DEEDS: dict[str, Callable[..., Sheet]] = {
    "drop-dx": drop_diagnosis,
    "same-dx": same_diagnosis,
    "first-dx": first_diagnosis,
    "move-dx": move_diagnosis,
    "link": link,
    "tidy": tidy_links,
    "four": four_links,
    "drop-line": drop_line,
    "merge": merge_lines,
    "fee": set_fee,
    "units": set_units,
}
