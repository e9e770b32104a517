"""A provider is out: the best new times for all visits of theirs at once.

Every visit has candidate times that were free when they were looked for; two visits may want the same one, the same
room or the same device. Which visit gets which time is decided for all of them together by a constraint solver
(OR-tools CP-SAT), so that an urgent visit is not placed last because somebody else came first in the list.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinic.appointments.rules.free import PartOfDay, in_part
from clinic.appointments.rules.spans import Span
from clinic.core.days import CELL, cells, local

URGENT, SOON, NORMAL = 1, 5, 9
"""Appointment.priority, as iCalendar counts it: 1 is the most urgent."""
_WEIGHT = {URGENT: 8, SOON: 3, NORMAL: 1}
_NOT_PLACED = 4_000
_OTHER_PROVIDER, _OTHER_SITE, _OTHER_PART, _OTHER_WEEKDAY, _OTHER_TONGUE = 60, 80, 25, 5, 120
_PER_DAY, _PER_HOUR = 20, 2
_PARTS: tuple[PartOfDay, ...] = ("morning", "afternoon", "evening")
SECONDS = 8.0
"""How long the solver may look for something better than what it has."""


@dataclass(frozen=True, slots=True)
class Affected:
    """A visit that cannot be as it was booked; `language` is the patient's where it is not the practice's."""

    id: str
    patient_id: str
    span: Span
    provider: str
    site: str = ""
    priority: int = NORMAL
    language: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A free time for one of them; `uses` is what it takes: what is claimed, and when."""

    span: Span
    provider: str
    uses: tuple[tuple[str, Span], ...]
    room: str = ""
    site: str = ""
    languages: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Reason:
    """Why a time suits or does not, for the person who agrees to it; `kind` is one of the words below."""

    kind: str
    number: int = 0


SAME_PROVIDER, OTHER_PROVIDER = "same-provider", "other-provider"
SAME_DAY, DAYS_LATER, DAYS_EARLIER = "same-day", "days-later", "days-earlier"
SAME_PART, OTHER_PART, OTHER_SITE, SPEAKS = "same-part", "other-part", "other-site", "speaks"


@dataclass(frozen=True)
class Plan:
    """Which candidate each visit gets (its place in the list); who is not in it has no time. `proven` means best."""

    chosen: dict[str, int]
    cost: int
    proven: bool


def cost_of(visit: Affected, candidate: Candidate, zone: str) -> int:
    """How much a time costs the patient: waiting counts most for the urgent, then language, place, person, hour."""
    days = (local(candidate.span.start, zone).date() - local(visit.span.start, zone).date()).days
    apart = abs(_minutes(candidate.span.start, zone) - _minutes(visit.span.start, zone)) // 60
    cost = abs(days) * _PER_DAY * (_WEIGHT.get(visit.priority, 1) if days > 0 else 1)
    cost += apart * _PER_HOUR * (_WEIGHT.get(visit.priority, 1) if days == 0 and _later(visit, candidate) else 1)
    cost += _OTHER_PROVIDER * (candidate.provider != visit.provider)
    cost += _OTHER_SITE * bool(visit.site and candidate.site and candidate.site != visit.site)
    cost += _OTHER_PART * (part_of(candidate.span.start, zone) != part_of(visit.span.start, zone))
    cost += _OTHER_WEEKDAY * (days % 7 != 0)
    return cost + _OTHER_TONGUE * bool(visit.language and visit.language not in candidate.languages)


def reasons_of(visit: Affected, candidate: Candidate, zone: str) -> tuple[Reason, ...]:
    """The cost in words, the most telling first."""
    days = (local(candidate.span.start, zone).date() - local(visit.span.start, zone).date()).days
    same_part = part_of(candidate.span.start, zone) == part_of(visit.span.start, zone)
    found = [Reason(SAME_PROVIDER if candidate.provider == visit.provider else OTHER_PROVIDER)]
    found.append(Reason(SAME_DAY) if not days else Reason(DAYS_LATER if days > 0 else DAYS_EARLIER, abs(days)))
    found.append(Reason(SAME_PART if same_part else OTHER_PART))
    if visit.site and candidate.site and candidate.site != visit.site:
        found.append(Reason(OTHER_SITE))
    if visit.language and visit.language in candidate.languages:
        found.append(Reason(SPEAKS))
    return tuple(found)


def plan(
    visits: Sequence[Affected],
    candidates: Mapping[str, Sequence[Candidate]],
    zone: str,
    *,
    seconds: float = SECONDS,
    beat: Callable[[int], None] | None = None,
) -> Plan:
    """The assignment that costs all patients together least; no two visits share a person, room or device.

    A patient with several visits is at one of them at a time. `beat` hears how many are placed in the best plan so
    far, whenever a better one is found. The result is the same for the same question unless the time runs out.
    """
    from ortools.sat.python import cp_model  # 0.3 s and 90 MiB: only the worker that plans pays for it

    options = {one.id: candidates.get(one.id, ()) for one in visits}
    model = cp_model.CpModel()
    takes = _model(model, visits, options, zone)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    status = solver.solve(model, _told(cp_model, takes, beat) if beat else None)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Plan({}, 0, proven=False)
    chosen = {id_: at for id_, some in takes.items() for at, one in enumerate(some) if solver.boolean_value(one)}
    total = sum(cost_of(one, options[one.id][chosen[one.id]], zone) for one in visits if one.id in chosen)
    return Plan(chosen, total, proven=status == cp_model.OPTIMAL)


def _model(
    model: Any, visits: Sequence[Affected], options: Mapping[str, Sequence[Candidate]], zone: str
) -> dict[str, list[Any]]:
    """One yes or no for each visit and candidate, at most one for a visit and for each five minutes of anybody."""
    takes: dict[str, list[Any]] = {}
    wanted: dict[tuple[str, int], list[Any]] = defaultdict(list)
    worth = []
    for visit in visits:
        takes[visit.id] = [model.new_bool_var("") for _ in options[visit.id]]
        model.add_at_most_one(takes[visit.id])
        for variable, candidate in zip(takes[visit.id], options[visit.id], strict=True):
            placed = _NOT_PLACED * _WEIGHT.get(visit.priority, 1)
            worth.append((placed - min(cost_of(visit, candidate, zone), _NOT_PLACED - 1)) * variable)
            for cell in _cells(visit, candidate):
                wanted[cell].append(variable)
    for rivals in wanted.values():
        if len(rivals) > 1:
            model.add_at_most_one(rivals)
    model.maximize(sum(worth))
    return takes


def asking_words(language: str) -> str:
    """The words with which a patient is asked to choose another time; places in braces are filled when they leave."""
    return _ASKING.get(language.replace("_", "-").split("-", maxsplit=1)[0].casefold(), _ASKING["en"])


_ASKING = {
    "en": "{practice}: {name}, your visit on {day} at {time} cannot take place as planned. Times are kept for you; "
    "please choose one: {link}",
    "es": "{practice}: {name}, su visita del {day} a las {time} no puede ser como estaba previsto. Le guardamos horas; "
    "elija una: {link}",
    "nl": "{practice}: {name}, uw bezoek op {day} om {time} kan niet doorgaan zoals gepland. Er zijn tijden voor u "
    "vastgehouden; kies er een: {link}",
    "ar": "{practice}: {name}، لا يمكن أن تتم زيارتك يوم {day} الساعة {time} كما كان مقرراً. حجزنا لك مواعيد؛ "
    "اختر واحداً منها: {link}",
}


def part_of(instant: datetime, zone: str) -> PartOfDay:
    """The part of the day in which a visit begins."""
    return next(part for part in _PARTS if in_part(instant, part, zone))


def _minutes(instant: datetime, zone: str) -> int:
    wall = local(instant, zone)
    return wall.hour * 60 + wall.minute


def _later(visit: Affected, candidate: Candidate) -> bool:
    return candidate.span.start > visit.span.start


def _cells(visit: Affected, candidate: Candidate) -> list[tuple[str, int]]:
    """What a candidate takes, five minutes each: of people, rooms, devices, and of the patient."""
    whose = ((f"Patient/{visit.patient_id}", candidate.span),) if visit.patient_id else ()
    uses = (*candidate.uses, *whose)
    return [(key, cell) for key, span in uses for cell in cells(span.start, max(span.end, span.start + CELL))]


def _told(cp_model: Any, takes: Mapping[str, Sequence[Any]], beat: Callable[[int], None]) -> Any:
    class Told(cp_model.CpSolverSolutionCallback):  # type: ignore[misc]
        """Says how many visits the best plan so far has placed."""

        def on_solution_callback(self) -> None:
            """A better plan was found."""
            beat(sum(any(self.boolean_value(one) for one in some) for some in takes.values()))

    return Told()
