"""Which questions are asked, and what fills itself in: enableWhen, expressions, calculations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from clinic.core.json import Json
from clinic.intake.questionnaire.expressions import Scope, as_answer, evaluate, truth
from clinic.intake.questionnaire.model import (
    Answers,
    Condition,
    Form,
    Instance,
    Item,
    Row,
    Value,
    instances,
)
from clinic.intake.questionnaire.response import build

MOST_PASSES = 8
"""Calculations that feed each other settle in a few rounds; those that never do are stopped here."""


@dataclass(frozen=True)
class Settled:
    """Answers with everything calculated, and the instances that are asked, in reading order."""

    form: Form
    answers: Answers
    asked: tuple[Instance, ...]
    names: frozenset[str] = field(default_factory=frozenset)

    def is_asked(self, name: str) -> bool:
        """Whether an instance is enabled as the form is answered now."""
        return name in self.names


def settle(form: Form, answers: Answers, given: Mapping[str, Any] | None = None) -> Settled:
    """Decide what is asked and calculate what calculates itself.

    `given` are values from outside that expressions may use, such as `patient`.
    """
    hidden: frozenset[str] = frozenset()
    for _ in range(MOST_PASSES if form.computes else 1):
        asked = _asked(form, answers, hidden)
        if not form.computes:
            break
        before = (answers, hidden)
        answers, hidden = _compute(form, answers, asked, given or {})
        if (answers, hidden) == before:
            break
    asked = _asked(form, answers, hidden)
    return Settled(form, answers, tuple(asked), frozenset(one.name for one in asked))


def _asked(form: Form, answers: Answers, hidden: frozenset[str]) -> list[Instance]:
    asking = _Asking(form, answers, hidden)
    return [one for one in instances(form, answers) if asking.asks(one.item, one.row)]


class _Asking:
    """Conditions, each decided once; an answer counts only when its own question is asked."""

    def __init__(self, form: Form, answers: Answers, hidden: frozenset[str]) -> None:
        self.form, self.answers, self.hidden = form, answers, hidden
        self.known: dict[str, bool] = {}
        self.by_number: dict[int, list[Instance]] = {}
        for one in instances(form, answers):
            self.by_number.setdefault(one.item.number, []).append(one)

    def asks(self, item: Item, row: Row) -> bool:
        name = item.name(row)
        if name not in self.known:
            self.known[name] = True
            self.known[name] = self._decide(item, row, name)
        return self.known[name]

    def _decide(self, item: Item, row: Row, name: str) -> bool:
        around = self.form.parents.get(item.number)
        if name in self.hidden or (around and not self.asks(around, row)):
            return False
        conditions = item.logic.conditions
        if not conditions or item.number in self.form.unconditional:
            return True
        met = (self._met(condition, row) for condition in conditions)
        return any(met) if item.logic.any_condition else all(met)

    def _met(self, condition: Condition, row: Row) -> bool:
        question = self.form.by_link.get(condition.question)
        if question is None:
            return True
        found = [
            value
            for near in self._nearest(question, row)
            if self.asks(near.item, near.row)
            for value in self.answers.get(near.name)
        ]
        return satisfied(condition, tuple(found))

    def _nearest(self, question: Item, row: Row) -> list[Instance]:
        """Instances of a question that share the most rows with where the condition stands."""
        there = self.by_number.get(question.number, [])
        shared = [(_common(one.row, row), one) for one in there]
        closest = max((count for count, _ in shared), default=0)
        return [one for count, one in shared if count == closest]


def _common(one: Row, other: Row) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def satisfied(condition: Condition, found: tuple[Value, ...]) -> bool:
    """One line of enableWhen against the answers of its question.

    R4: "!=" holds when no answer is equal (also when there is none); the others when one answer fits.
    """
    if condition.operator == "exists":
        return bool(found) is (condition.answer is True)
    if condition.operator == "!=":
        return not any(equal(one, condition.answer) for one in found)
    if condition.operator == "=":
        return any(equal(one, condition.answer) for one in found)
    return any(_ordered(condition.operator, one, condition.answer) for one in found)


def equal(one: Value, other: Value) -> bool:
    """Codings by code (and system when both have one), quantities by value and unit, else the value."""
    if isinstance(one, dict) and isinstance(other, dict):
        if "code" in one or "code" in other:
            same_system = one.get("system") == other.get("system") or not (one.get("system") and other.get("system"))
            same_value = one.get("value") == other.get("value")
            return one.get("code") == other.get("code") and same_system and same_value
        return one == other
    if isinstance(one, dict) and isinstance(other, str):
        return other in (one.get("code"), one.get("display"))
    return (
        type(one) is type(other) and one == other if isinstance(one, bool) or isinstance(other, bool) else one == other
    )


def _ordered(operator: str, one: Value, other: Value) -> bool:
    left, right = comparable(one), comparable(other)
    if left is None or right is None or type(left) is not type(right):
        return False
    if isinstance(left, str) and isinstance(right, str) and len(left) != len(right):
        shorter = min(len(left), len(right))
        left, right = left[:shorter], right[:shorter]
    return {
        ">": left > right,  # type: ignore[operator]
        "<": left < right,  # type: ignore[operator]
        ">=": left >= right,  # type: ignore[operator]
        "<=": left <= right,  # type: ignore[operator]
    }.get(operator, False)


def comparable(value: Value) -> Decimal | str | None:
    """A number or a text (dates order as text); a quantity is its number."""
    if isinstance(value, bool):
        return None
    if isinstance(value, dict):
        inner = value.get("value")
        return Decimal(inner) if isinstance(inner, int | Decimal) and not isinstance(inner, bool) else None
    return Decimal(value) if isinstance(value, int | Decimal) else value


def _compute(
    form: Form, answers: Answers, asked: list[Instance], given: Mapping[str, Any]
) -> tuple[Answers, frozenset[str]]:
    """One round: every calculated answer and every enableWhenExpression, on the answers as they are."""
    built = build(form, answers, frozenset(one.name for one in asked), empty=True)
    scope = Scope(form, built.resource, given)
    hidden: set[str] = set()
    changed = answers
    for one in instances(form, answers):
        logic = one.item.logic
        if not (logic.enabled or logic.calculated):
            continue
        nodes = built.path(form, one)
        variables = scope.at(one.item, nodes)
        context: Json = nodes[-1] if nodes else built.resource
        if logic.enabled and not truth(evaluate(logic.enabled, context, variables)):
            hidden.add(one.name)
        if logic.calculated:
            value = as_answer(one.item, evaluate(logic.calculated, context, variables))
            changed = changed if changed.get(one.name) == value else changed.with_value(one.name, value)
    return changed, frozenset(hidden)


def begin(form: Form, given: Mapping[str, Any] | None = None) -> Answers:
    """The answers of a fresh form: its initial values, and initial expressions over what is given."""
    answers = Answers()
    scope = Scope(form, {"resourceType": "QuestionnaireResponse", "status": "in-progress"}, given or {})
    for one in instances(form, answers):
        item = one.item
        value = item.initial or tuple(option.value for option in item.options if option.initial)
        if not value and item.logic.initial:
            found = evaluate(item.logic.initial, {}, scope.at(item, []))
            value = as_answer(item, found)
        if value and item.question:
            answers = answers.with_value(one.name, value if item.answers_many else value[:1])
    return answers
