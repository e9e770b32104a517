"""Finding conditions that wait for each other."""

from __future__ import annotations

from dataclasses import dataclass

from clinic.intake.questionnaire.messages import N_
from clinic.intake.questionnaire.model import Form, Notice


@dataclass(frozen=True)
class Loops:
    """The items whose condition cannot be decided."""

    numbers: frozenset[int]
    notices: tuple[Notice, ...]


def looping(form: Form) -> Loops:
    """Items whose being asked depends on themselves, through enableWhen and the groups around them."""
    waits: dict[int, set[int]] = {}
    for item in form.every:
        named = (form.by_link.get(condition.question) for condition in item.logic.conditions)
        waits[item.number] = {found.number for found in named if found}
        around = form.parents.get(item.number)
        if around:
            waits[item.number].add(around.number)
    caught = _on_a_loop(waits)
    told = [item for item in form.every if item.number in caught and item.logic.conditions]
    sentence = N_("Its condition waits for itself; the item is always asked.")
    return Loops(
        frozenset(item.number for item in told),
        tuple(Notice(item.link_id, sentence, serious=True) for item in told),
    )


def _on_a_loop(waits: dict[int, set[int]]) -> set[int]:
    """Take away, again and again, what waits for nothing (left); the rest is on a loop or behind one.

    The second pass, in the other direction, takes away what is only behind one.
    """
    left = _peel(waits)
    backwards: dict[int, set[int]] = {number: set() for number in left}
    for number in left:
        for other in waits[number] & left:
            backwards[other].add(number)
    return _peel(backwards)


def _peel(waits: dict[int, set[int]]) -> set[int]:
    waiting: dict[int, list[int]] = {number: [] for number in waits}
    open_count = {number: len(others & waits.keys()) for number, others in waits.items()}
    for number, others in waits.items():
        for other in others & waits.keys():
            waiting[other].append(number)
    free = [number for number, count in open_count.items() if not count]
    left = set(waits)
    while free:
        number = free.pop()
        left.discard(number)
        for other in waiting[number]:
            open_count[other] -= 1
            if not open_count[other]:
                free.append(other)
    return left
