"""FHIRPath inside forms: compiled once, evaluated with the R4 model, never trusted to be right.

Without the model `answer.value` is silently empty; an unknown variable raises in the library. An expression
that fails while a form is filled in counts as "no value": the person at the tablet cannot mend it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar, cast

from clinic.core.json import Json
from clinic.intake.questionnaire import extensions as ext
from clinic.intake.questionnaire.messages import N_
from clinic.intake.questionnaire.model import Expression, Form, Item, Value

T = TypeVar("T")
LONGEST = 4_000
_COSTLY = re.compile(r"\b(repeat|descendants)\s*\(")
_FAULTS = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    NotImplementedError,
)
"""What the library raises on a wrong expression or on values it did not expect."""

_LAUNCH_CONTEXT = frozenset({"patient", "encounter", "user", "location"})

Compiled = Callable[[Any, Mapping[str, Any]], list[Any]]


def unreadable(path: str) -> str:
    """Why an expression cannot be used, or nothing when it can."""
    if len(path) > LONGEST:
        return N_("An expression is too long and is left out.")
    if _COSTLY.search(path):
        return N_("An expression searches without end and is left out.")
    return "" if _compiled(path) else N_("An expression cannot be read and is left out.")


@lru_cache(maxsize=2_000)
def _compiled(path: str) -> Compiled | None:
    from fhirpathpy import compile as compile_path
    from fhirpathpy.models import models

    table = {
        "ordinal": {"fn": _scores, "arity": {0: []}},
        "weight": {"fn": _scores, "arity": {0: []}},
    }
    options = {"userInvocationTable": table, "traceFn": lambda *_: None}
    if not _unless_it_fails(lambda: _reads_to_its_end(path)):
        return None
    return _unless_it_fails(lambda: cast("Compiled", compile_path(path, models["r4"], options)))


def _reads_to_its_end(path: str) -> bool:
    """Whether the text is FHIRPath without a syntax error (the library mends errors in silence)."""
    from antlr4 import CommonTokenStream, InputStream, Token
    from fhirpathpy.parser.generated.FHIRPathLexer import FHIRPathLexer
    from fhirpathpy.parser.generated.FHIRPathParser import FHIRPathParser

    lexer: Any = FHIRPathLexer(InputStream(path))
    lexer.removeErrorListeners()
    parser: Any = FHIRPathParser(CommonTokenStream(lexer))
    parser.removeErrorListeners()
    parser.expression()
    return bool(parser.getNumberOfSyntaxErrors() == 0 and parser.getCurrentToken().type == Token.EOF)


def _unless_it_fails(work: Callable[[], T]) -> T | None:
    """What `work` gives, or None for the errors that the library raises on a wrong expression.

    It raises bare `Exception` for values that do not go together and for a wrong number of arguments.
    """
    try:
        return work()
    except _FAULTS:
        return None
    except Exception as error:
        if type(error) is not Exception:
            raise
        return None


def _scores(nodes: list[Any]) -> list[Decimal]:
    """The ordinal value that an option gave to its coding, written into the answer as an extension."""
    found = (ext.first(getattr(node, "data", node), ext.ORDINAL) for node in nodes)
    return [Decimal(score) for score in found if isinstance(score, Decimal | int)]


def evaluate(path: str, node: Json, variables: Mapping[str, Any]) -> list[Any]:
    """What an expression gives with `node` as its context; nothing when it fails."""
    compiled = _compiled(path)
    if compiled is None:
        return []
    from fhirpathpy.engine.nodes import ResourceNode

    create: Any = ResourceNode.create_node
    typed = node if "resourceType" in node else create(node, "QuestionnaireResponse.item")
    found = _unless_it_fails(lambda: compiled(typed, {**variables, "context": typed}))
    if found is None:
        return []
    return found if isinstance(found, list) else [found]


def truth(found: list[Any]) -> bool:
    """An expression used as a condition: true only when it says true."""
    return bool(found) and found[0] is True


class Scope:
    """The variables that an expression at some item may use, in the order in which the form defines them."""

    def __init__(self, form: Form, response: Json, given: Mapping[str, Any]) -> None:
        self._form = form
        defined = {variable.name for item in form.every for variable in item.logic.variables}
        blank: dict[str, Any] = {name: [] for name in defined | _LAUNCH_CONTEXT}
        start = {**blank, **given, "resource": response, "questionnaire": form.source}
        self._root = _define(form.variables, response, {**start, **{one.name: [] for one in form.variables}})

    def at(self, item: Item, nodes: list[Json]) -> Mapping[str, Any]:
        """Variables at an item; `nodes` are the response's items on the way to it, outermost first."""
        path = [item]
        while (outer := self._form.parents.get(path[0].number)) is not None:
            path.insert(0, outer)
        variables = self._root
        for step, node in zip(path, nodes, strict=False):
            variables = _define(step.logic.variables, node, variables)
        return variables


def _define(definitions: tuple[Expression, ...], node: Json, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    if not definitions:
        return variables
    known = dict(variables)
    for definition in definitions:
        known[definition.name] = evaluate(definition.path, node, known)
    return known


def as_answer(item: Item, found: list[Any]) -> tuple[Value, ...]:
    """The results of an expression as answers of an item's type; what does not fit is left out."""
    values = (_fit(item, one) for one in found)
    kept = tuple(value for value in values if value is not None)
    return kept if item.answers_many else kept[:1]


def _fit(item: Item, found: Any) -> Value | None:
    if item.kind in ("decimal", "integer"):
        return _number(item.kind, found)
    if item.kind == "boolean":
        return found if isinstance(found, bool) else None
    if item.kind == "quantity":
        return _quantity(item, found)
    if item.kind in ("choice", "open-choice"):
        return _choice(item, found)
    if item.kind in ("attachment", "reference"):
        return found if isinstance(found, dict) else None
    return str(found) if not isinstance(found, dict | bool) else None


def _number(kind: str, found: Any) -> Value | None:
    if isinstance(found, bool) or not isinstance(found, int | Decimal):
        return None
    number = Decimal(found)
    if not number.is_finite():
        return None
    if kind == "integer":
        return int(number) if number == number.to_integral_value() else None
    return number if abs(number.adjusted()) < 30 else None


def _quantity(item: Item, found: Any) -> Value | None:
    if isinstance(found, dict):
        return found
    number = _number("decimal", getattr(found, "value", found))
    if not isinstance(number, Decimal):
        return None
    unit = item.units[0] if item.units else {}
    words = {
        "unit": unit.get("display") or unit.get("code"),
        "system": unit.get("system"),
        "code": unit.get("code"),
    }
    return {"value": number, **{key: value for key, value in words.items() if value}}


def _choice(item: Item, found: Any) -> Value | None:
    if isinstance(found, dict):
        return found
    for option in item.options:
        if option.value == found or (isinstance(option.value, dict) and option.value.get("code") == found):
            return option.value
    return None
