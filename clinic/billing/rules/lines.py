"""Checks of the charge lines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from clinic.billing.rules.facts import CodeFact, Facts
from clinic.billing.rules.findings import N_, Finding, Level, Repair
from clinic.billing.rules.sheet import MOST_LINES, MOST_MODIFIERS, MOST_POINTERS, ChargeLine, Sheet, letter

_NOT_TOGETHER = (
    ({"LT"}, {"RT"}),
    ({"GA"}, {"GZ"}),
    ({"GY"}, {"GA"}),
    ({"26"}, {"TC"}),
    ({"50"}, {"LT", "RT"}),
    ({"59"}, {"XE", "XP", "XS", "XU"}),
)
_SAYS_AGAIN = {"76", "77", "91"}
_PLACES_OF_UNITS = 3


def check_lines(sheet: Sheet, facts: Facts) -> Iterator[Finding]:
    """How many there are, each by itself, and lines that repeat another."""
    yield from _how_many(sheet)
    for number, line in enumerate(sheet.lines, 1):
        yield from _code(number, line, facts)
        yield from _pointers(number, line, sheet)
        yield from _modifiers(number, line, facts)
        yield from _amounts(number, line, facts)
        yield from _day(number, line, facts)
    yield from _repeated(sheet)


def _how_many(sheet: Sheet) -> Iterator[Finding]:
    if not sheet.lines:
        yield Finding(
            "LINES_REQUIRED",
            Level.STOP,
            "line-1-code",
            N_("Nothing is charged yet"),
            N_("A claim needs at least one line: what was done."),
        )
    if len(sheet.lines) > MOST_LINES:
        yield Finding(
            "LINES_MAX_50",
            Level.STOP,
            f"line-{MOST_LINES + 1}-code",
            N_("More than 50 lines"),
            N_("A claim has room for 50. Put the rest on a second visit sheet."),
        )


def _code(number: int, line: ChargeLine, facts: Facts) -> Iterator[Finding]:
    fact = facts.procedures.get(line.code)
    day = line.day or facts.day
    rule, title, reason = "", "", ""
    if fact is None:
        rule, title = "CODE_UNKNOWN", N_("Line %(line)s: %(code)s is not known")
        reason = N_("Neither the practice's own list nor HCPCS has this code.")
    elif fact.ends is not None and fact.ends < day:
        rule, title = "CODE_TERMINATED", N_("Line %(line)s: %(code)s has ended")
        reason = N_("It may not be used for services after %(day)s.")
    elif fact.starts is not None and fact.starts > day:
        rule, title = "CODE_DATES", N_("Line %(line)s: %(code)s is not in force yet")
        reason = N_("It may be used for services from %(day)s on.")
    if rule:
        edge = fact and (fact.ends if rule == "CODE_TERMINATED" else fact.starts)
        values = {"line": number, "code": line.code, "day": edge.isoformat() if edge else ""}
        remove = Repair(f"drop-line:{number}", N_("Remove line"))
        yield Finding(rule, Level.STOP, f"line-{number}-code", title, reason, values, (remove,))


def _pointers(number: int, line: ChargeLine, sheet: Sheet) -> Iterator[Finding]:
    where = f"line-{number}-pointers"
    if not line.pointers:
        first = _fitting(number, sheet)
        links = (Repair(f"link:{number}:{first}", N_("Link %(letter)s"), {"letter": letter(first)}),)
        yield Finding(
            "PTR_REQUIRED",
            Level.STOP,
            where,
            N_("Line %(line)s has no diagnosis"),
            N_("A charge is paid only together with its cause."),
            {"line": number},
            links if sheet.diagnoses else (),
        )
    if len(line.pointers) > MOST_POINTERS:
        yield Finding(
            "PTR_MAX_4",
            Level.STOP,
            where,
            N_("Line %(line)s has more than 4 diagnoses"),
            N_("A line may be linked to four at most. Keep those that explain it best."),
            {"line": number},
            (Repair(f"four:{number}", N_("Keep %(letters)s"), {"letters": line.letters[:MOST_POINTERS]}),),
        )
    beyond = [each for each in line.pointers if not 1 <= each <= len(sheet.diagnoses)]
    if beyond or len(set(line.pointers)) != len(line.pointers):
        yield Finding(
            "PTR_RANGE",
            Level.STOP,
            where,
            N_("Line %(line)s is linked to a diagnosis that is not there"),
            N_("The diagnosis was taken away, or is named twice."),
            {"line": number},
            (Repair(f"tidy:{number}", N_("Remove the link")),),
        )


def _fitting(number: int, sheet: Sheet) -> int:
    """The diagnosis that no other line explains yet, else the first."""
    used = {each for line in sheet.lines for each in line.pointers}
    free = [place for place in range(1, len(sheet.diagnoses) + 1) if place not in used]
    return free[0] if free and number > 1 else 1


def _modifiers(number: int, line: ChargeLine, facts: Facts) -> Iterator[Finding]:
    where = f"line-{number}-modifiers"
    if len(line.modifiers) > MOST_MODIFIERS:
        yield Finding(
            "MOD_MAX_4",
            Level.STOP,
            where,
            N_("Line %(line)s has more than 4 modifiers"),
            N_("A line has room for four."),
            {"line": number},
            (Repair(f"drop-mod:{number}:{line.modifiers[-1]}", N_("Remove the last")),),
        )
    for each in sorted({name for name in line.modifiers if line.modifiers.count(name) > 1}):
        yield Finding(
            "MOD_DUPLICATE",
            Level.STOP,
            where,
            N_("Line %(line)s has modifier %(modifier)s twice"),
            N_("A modifier stands once on a line."),
            {"line": number, "modifier": each},
            (Repair(f"one-mod:{number}:{each}", N_("Keep one")),),
        )
    yield from _unknown_modifiers(number, line, facts)
    yield from _conflicts(number, line)


def _unknown_modifiers(number: int, line: ChargeLine, facts: Facts) -> Iterator[Finding]:
    day = line.day or facts.day
    for each in dict.fromkeys(line.modifiers):
        fact = facts.modifiers.get(each)
        if fact is None or not _in_force(fact, day):
            yield Finding(
                "MOD_KNOWN",
                Level.LOOK,
                f"line-{number}-modifiers",
                N_("Line %(line)s: modifier %(modifier)s is not in the list"),
                N_("The shipped list has the modifiers of HCPCS. Keep it if the payer knows it."),
                {"line": number, "modifier": each},
                (Repair(f"drop-mod:{number}:{each}", N_("Remove %(modifier)s"), {"modifier": each}),),
            )


def _conflicts(number: int, line: ChargeLine) -> Iterator[Finding]:
    has = set(line.modifiers)
    for one, others in _NOT_TOGETHER:
        if has & one and has & others:
            pair = (min(has & one), min(has & others))
            yield Finding(
                "MOD_CONFLICT",
                Level.STOP,
                f"line-{number}-modifiers",
                N_("Line %(line)s: %(one)s and %(other)s contradict each other"),
                N_("Only one of the two can be true for one line."),
                {"line": number, "one": pair[0], "other": pair[1]},
                tuple(
                    Repair(f"drop-mod:{number}:{each}", N_("Remove %(modifier)s"), {"modifier": each}) for each in pair
                ),
            )


def _in_force(fact: CodeFact, on: date) -> bool:
    return (fact.starts is None or fact.starts <= on) and (fact.ends is None or on <= fact.ends)


def _amounts(number: int, line: ChargeLine, facts: Facts) -> Iterator[Finding]:
    values = {"line": number}
    exponent = line.units.as_tuple().exponent
    fine_units = isinstance(exponent, int) and -exponent <= _PLACES_OF_UNITS and line.units > 0
    if not fine_units:
        yield Finding(
            "UNITS_POSITIVE",
            Level.STOP,
            f"line-{number}-units",
            N_("Line %(line)s: units must be above 0"),
            N_("Whole numbers, or at most three decimal places."),
            values,
            (Repair(f"units:{number}:1", N_("Set to 1")),),
        )
    usual = facts.fees.get(line.code)
    to_usual = (Repair(f"fee:{number}:{usual}", N_("Use the list fee")),) if usual else ()
    if line.fee < 0:
        title = N_("Line %(line)s: the fee is below 0")
        reason = N_("A charge is 0 or more; money given back is a payment, not a charge.")
        yield Finding("CHARGE_NOT_NEGATIVE", Level.STOP, f"line-{number}-fee", title, reason, values, to_usual)
    elif line.fee == 0:
        title = N_("Line %(line)s: the fee is 0")
        reason = N_("Most payers refuse a line without a charge.")
        yield Finding("CHARGE_ZERO", Level.LOOK, f"line-{number}-fee", title, reason, values, to_usual)


def _day(number: int, line: ChargeLine, facts: Facts) -> Iterator[Finding]:
    day = line.day or facts.day
    values = {"line": number}
    where = f"line-{number}-code"
    if day > facts.today:
        reason = N_("Only what has been done can be charged.")
        yield Finding("DOS_FUTURE", Level.STOP, where, N_("Line %(line)s lies in the future"), reason, values)
    born, died = facts.person.birth, facts.person.died
    if (born is not None and day < born) or (died is not None and day > died):
        title = N_("Line %(line)s lies outside the patient's life")
        reason = N_("Check the visit date and the dates on the patient's record.")
        yield Finding("DOS_BEFORE_BIRTH", Level.STOP, where, title, reason, values)


def _repeated(sheet: Sheet) -> Iterator[Finding]:
    first: dict[tuple[str, frozenset[str], date | None], int] = {}
    for number, line in enumerate(sheet.lines, 1):
        if _SAYS_AGAIN & set(line.modifiers):
            continue
        before = first.setdefault((line.code, frozenset(line.modifiers), line.day), number)
        if before != number:
            yield Finding(
                "LINE_DUPLICATE",
                Level.STOP,
                f"line-{number}-code",
                N_("Line %(line)s repeats line %(other)s"),
                N_("The second is refused as a copy. Raise the units of the first, or take this one away."),
                {"line": number, "other": before},
                (
                    Repair(f"merge:{number}:{before}", N_("Add the units")),
                    Repair(f"drop-line:{number}", N_("Remove")),
                ),
            )
