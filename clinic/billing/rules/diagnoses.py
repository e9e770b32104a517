"""Checks of the diagnoses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from clinic.billing.rules.facts import AgeSexNote, CodeFact, Facts, Person
from clinic.billing.rules.findings import N_, Finding, Level, Repair
from clinic.billing.rules.sheet import MOST_DIAGNOSES, Diagnosis, Sheet, letter

_OFFERED = 3
_MISSING = {
    "side": N_("The side is missing. Choose left or right."),
    "ending": N_("The 7th character is missing: first care, later care or after-effect."),
    "detail": N_("This is a heading. A claim needs one of the codes beneath it."),
    "": N_("This is a heading without codes beneath it."),
}


def check_diagnoses(sheet: Sheet, facts: Facts) -> Iterator[Finding]:
    """How many there are, each by itself, and each beside the others."""
    yield from _how_many(sheet)
    for place, diagnosis in enumerate(sheet.diagnoses, 1):
        yield from _code(place, diagnosis, facts)
        yield from _person(place, diagnosis, facts)
    yield from _repeated(sheet)
    yield from _apart(sheet, facts)
    yield from _cause_first(sheet)
    yield from _unused(sheet)


def _how_many(sheet: Sheet) -> Iterator[Finding]:
    if not sheet.diagnoses:
        yield Finding(
            "DX_REQUIRED",
            Level.STOP,
            "dx-1",
            N_("No diagnosis yet"),
            N_("A claim needs at least one: the reason for the visit."),
        )
    for place in range(MOST_DIAGNOSES + 1, len(sheet.diagnoses) + 1):
        yield Finding(
            "DX_MAX_12",
            Level.STOP,
            f"dx-{place}",
            N_("More than 12 diagnoses"),
            N_("A claim has room for 12. Take away %(code)s or another one."),
            {"code": sheet.diagnoses[place - 1].code},
            (Repair(f"drop-dx:{place}", N_("Remove")),),
        )


def _code(place: int, diagnosis: Diagnosis, facts: Facts) -> Iterator[Finding]:
    fact = facts.diagnoses.get(diagnosis.code)
    values = {"letter": letter(place), "code": diagnosis.code}
    remove = Repair(f"drop-dx:{place}", N_("Remove"))
    where = f"dx-{place}"
    if fact is None:
        reason = N_("The list of diagnoses does not have it. Look for it by words.")
        yield Finding(
            "DX_NOT_BILLABLE",
            Level.STOP,
            where,
            N_("%(letter)s: %(code)s is not known"),
            reason,
            values,
            (remove,),
        )
    elif not fact.billable:
        yield Finding(
            "DX_7TH" if fact.missing == "ending" else "DX_NOT_BILLABLE",
            Level.STOP,
            where,
            N_("%(letter)s: %(code)s is not complete"),
            _MISSING[fact.missing],
            values,
            _choices(place, fact) or (remove,),
        )
    elif not _in_force(fact, facts.day):
        reason = N_("It may not be used for a visit of this day. Choose the code that took its place.")
        title = N_("%(letter)s: %(code)s is not valid on the visit date")
        yield Finding("DX_RELEASE", Level.STOP, where, title, reason, values, (remove,))


def _choices(place: int, fact: CodeFact) -> tuple[Repair, ...]:
    return tuple(
        Repair(f"dx:{place}:{code}", N_("Use %(code)s"), {"code": code, "display": display})
        for code, display in fact.choices[:_OFFERED]
    )


def _in_force(fact: CodeFact, on: date) -> bool:
    return (fact.starts is None or fact.starts <= on) and (fact.ends is None or on <= fact.ends)


def _person(place: int, diagnosis: Diagnosis, facts: Facts) -> Iterator[Finding]:
    values = {"letter": letter(place), "code": diagnosis.code}
    for note in facts.notes.get(diagnosis.code, ()):
        if _other_sex(note, facts.person):
            yield Finding(
                "DX_SEX_WARNING",
                Level.LOOK,
                f"dx-{place}",
                N_("%(letter)s: does not fit the sex on record"),
                N_("%(code)s is refused by many payers for this administrative sex. Keep it if it is right."),
                values,
            )
        if _other_age(note, facts.person, facts.day):
            yield Finding(
                "DX_AGE_WARNING",
                Level.LOOK,
                f"dx-{place}",
                N_("%(letter)s: does not fit the age"),
                N_("%(code)s is meant for other ages. Keep it if it is right."),
                values,
            )


def _other_sex(note: AgeSexNote, person: Person) -> bool:
    told = {"male": "M", "female": "F"}.get(person.sex)
    return bool(note.sex and told and note.sex != told)


def _other_age(note: AgeSexNote, person: Person, on: date) -> bool:
    if person.birth is None or person.birth > on:
        return False
    years = on.year - person.birth.year - ((on.month, on.day) < (person.birth.month, person.birth.day))
    too_young = note.least_years is not None and years < note.least_years
    return too_young or (note.most_years is not None and years > note.most_years)


def _repeated(sheet: Sheet) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for place, diagnosis in enumerate(sheet.diagnoses, 1):
        before = first.setdefault(diagnosis.code, place)
        if before != place:
            yield Finding(
                "DX_DUPLICATE",
                Level.STOP,
                f"dx-{place}",
                N_("%(letter)s repeats %(other)s"),
                N_("A diagnosis is reported once. Its lines keep their link."),
                {"letter": letter(place), "other": letter(before)},
                (Repair(f"same-dx:{place}:{before}", N_("Remove %(letter)s"), {"letter": letter(place)}),),
            )


def _apart(sheet: Sheet, facts: Facts) -> Iterator[Finding]:
    for place, diagnosis in enumerate(sheet.diagnoses, 1):
        for before, other in enumerate(sheet.diagnoses[: place - 1], 1):
            note = facts.apart.get((other.code, diagnosis.code))
            if note is not None:
                yield Finding(
                    "DX_EXCLUDES1",
                    Level.LOOK,
                    f"dx-{place}",
                    N_("%(other)s and %(letter)s exclude each other"),
                    N_("The classification says so (%(note)s). Keep both only if they are unrelated."),
                    {"letter": letter(place), "other": letter(before), "note": note},
                    (Repair(f"drop-dx:{place}", N_("Remove %(letter)s"), {"letter": letter(place)}),),
                )


def _cause_first(sheet: Sheet) -> Iterator[Finding]:
    if sheet.diagnoses and sheet.diagnoses[0].code[:1] in "VWXY":
        better = next((p for p, d in enumerate(sheet.diagnoses, 1) if d.code[:1] not in "VWXY"), None)
        yield Finding(
            "DX_EXTERNAL_CAUSE_FIRST",
            Level.STOP,
            "dx-1",
            N_("A says how it happened, not what it is"),
            N_("Causes (V00 to Y99) never stand first. Put the injury or illness first."),
            {},
            ((Repair(f"first-dx:{better}", N_("Put %(letter)s first"), {"letter": letter(better)}),) if better else ()),
        )


def _unused(sheet: Sheet) -> Iterator[Finding]:
    """Diagnoses that no line is linked to, told together; one alone can be linked by a press."""
    used = {pointer for line in sheet.lines for pointer in line.pointers}
    free = [place for place in range(1, min(len(sheet.diagnoses), MOST_DIAGNOSES) + 1) if place not in used]
    if not sheet.lines or not free:
        return
    link = (Repair(f"link:1:{free[0]}", N_("Link to line 1")),) if len(free) == 1 and _has_room(sheet, 1) else ()
    yield Finding(
        "DX_UNUSED",
        Level.TOLD,
        f"dx-{free[0]}",
        N_("No line is linked to %(letters)s"),
        N_("It is reported, but it explains no charge."),
        {"letters": ", ".join(letter(place) for place in free)},
        link,
    )


def _has_room(sheet: Sheet, line: int) -> bool:
    return len(sheet.lines[line - 1].pointers) < 4
