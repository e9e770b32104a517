"""Reading a FHIR Questionnaire, tolerantly: real forms have small faults.

What cannot be read, and every feature that works differently here, becomes a `Notice`; nothing is dropped
in silence. Only what is no Questionnaire at all is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from clinic.core.errors import Invalid
from clinic.core.json import Json
from clinic.intake.questionnaire import extensions as ext
from clinic.intake.questionnaire.expressions import unreadable
from clinic.intake.questionnaire.item_parts import control_of, limits_of, listed, options_for, text_of, typed
from clinic.intake.questionnaire.loops import looping
from clinic.intake.questionnaire.messages import N_
from clinic.intake.questionnaire.model import (
    Condition,
    Constraint,
    Expression,
    Form,
    Item,
    Kind,
    Logic,
    Notice,
    Row,
    Text,
)

MOST_ITEMS = 5_000
DEEPEST = 12
_KINDS = frozenset(get_args(Kind))
_HINTS = frozenset({"help", "flyover", "prompt", "lower", "upper", "unit", "header", "footer"})
_OPERATORS = frozenset({"exists", "=", "!=", ">", "<", ">=", "<="})
_CONTROLS = frozenset({
    "", "drop-down", "check-box", "radio-button", "autocomplete", "slider", "spinner", "text-box", "lookup",
    "list", "inline", "page",
})  # fmt: skip


@dataclass
class _Reading:
    contained: dict[str, Json]
    notices: list[Notice] = field(default_factory=list)
    links: set[str] = field(default_factory=set)
    count: int = 0

    def say(self, link_id: str, message: str, *, serious: bool = False) -> None:
        self.notices.append(Notice(link_id, message, serious))


def read_form(questionnaire: Json) -> Form:
    """Make a Form of a Questionnaire resource. Raises Invalid when it is no Questionnaire or has no items."""
    if questionnaire.get("resourceType") != "Questionnaire":
        raise Invalid(N_("This is not a Questionnaire."))
    reading = _Reading(contained=_contained(questionnaire))
    items = _items(questionnaire, reading, level=(), depth=0)
    if not items:
        raise Invalid(N_("This form has no questions."))
    _unknown_extensions(questionnaire, "", reading)
    language = str(questionnaire.get("language") or "en")
    form = Form(
        title=text_of(questionnaire, "title") or text_of(questionnaire, "name"),
        items=items,
        url=str(questionnaire.get("url") or ""),
        version=str(questionnaire.get("version") or ""),
        language=language,
        languages=(language, *(code for code in _languages(questionnaire) if code != language)),
        variables=_variables(questionnaire, "", reading),
        constraints=_constraints(questionnaire, "", reading),
        signature=ext.first(questionnaire, ext.SIGNATURE_REQUIRED) is not None,
        consent=ext.code_of(ext.first(questionnaire, ext.CONSENT)),
        source=questionnaire,
    )
    loops = looping(form)
    return replace(
        form,
        notices=(*reading.notices, *_dangling(form), *loops.notices),
        unconditional=loops.numbers,
    )


def _contained(questionnaire: Json) -> dict[str, Json]:
    found = questionnaire.get("contained")
    listed = found if isinstance(found, list) else []
    return {str(one["id"]): one for one in listed if isinstance(one, dict) and one.get("id")}


def _items(holder: Json, reading: _Reading, *, level: Row, depth: int) -> tuple[Item, ...]:
    raw = holder.get("item")
    if not isinstance(raw, list):
        return ()
    if depth >= DEEPEST:
        reading.say(
            str(holder.get("linkId", "")),
            N_("Nested too deeply: what lies inside is left out."),
            serious=True,
        )
        return ()
    found: list[Item] = []
    for one in raw:
        if isinstance(one, dict) and not _is_hint(one):
            if reading.count >= MOST_ITEMS:
                raise Invalid(N_("This form has more than %(most)s items."), most=MOST_ITEMS)
            found.append(_item(one, reading, level=level, depth=depth))
    return tuple(found)


def _is_hint(raw: Json) -> bool:
    return raw.get("type") == "display" and ext.code_of(ext.first(raw, ext.ITEM_CONTROL)) in _HINTS


def _item(raw: Json, reading: _Reading, *, level: Row, depth: int) -> Item:
    number = reading.count
    reading.count += 1
    link_id = _link(raw, number, reading)
    kind = _kind(raw, link_id, reading)
    repeats = _yes(raw, "repeats", link_id, reading)
    inner = (*level, number) if repeats and kind == "group" else level
    options = options_for(raw, kind, reading.contained)
    if options is None:
        reading.say(link_id, N_("The list of answers is not known here: the answer is written in words."))
    _tell_limits_of_this_engine(raw, kind, link_id, reading)
    hints = _hints(raw)
    return Item(
        number=number,
        link_id=link_id,
        kind=kind,
        text=text_of(raw, "text"),
        prefix=str(raw.get("prefix") or ""),
        help=hints.get("help") or hints.get("flyover") or Text(),
        hints=hints,
        required=_yes(raw, "required", link_id, reading) and kind != "display",
        repeats=repeats,
        read_only=_yes(raw, "readOnly", link_id, reading),
        hidden=ext.first(raw, ext.HIDDEN) is True,
        control=control_of(raw),
        options=options or (),
        units=_units(raw),
        initial=tuple(value for value in (typed(one) for one in listed(raw, "initial")) if value is not None),
        limits=limits_of(raw),
        logic=_logic(raw, link_id, reading),
        signature=ext.first(raw, ext.SIGNATURE_REQUIRED) is not None,
        field=str(ext.first(raw, ext.FIELD) or _field_of(raw)),
        level=level,
        items=_items(raw, reading, level=inner, depth=depth + 1),
    )


def _link(raw: Json, number: int, reading: _Reading) -> str:
    link_id = raw.get("linkId")
    if not isinstance(link_id, str) or not link_id:
        link_id = f"item-{number}"
        reading.say(link_id, N_("An item has no linkId; it was given one."), serious=True)
    if link_id in reading.links:
        reading.say(link_id, N_("Two items have the same linkId; conditions look at the first."), serious=True)
    reading.links.add(link_id)
    return link_id


def _yes(raw: Json, key: str, link_id: str, reading: _Reading) -> bool:
    """A switch of an item; "true" in quotation marks counts and is told."""
    given = raw.get(key)
    if isinstance(given, str):
        reading.say(link_id, f"{N_('A switch stands in quotation marks; it is read all the same:')} {key}")
    return given is True or given == "true"


def _kind(raw: Json, link_id: str, reading: _Reading) -> Kind:
    kind = raw.get("type")
    if kind == "question":
        reading.say(link_id, N_("An abstract question is asked as text."))
        return "string"
    if kind in _KINDS:
        return kind  # type: ignore[return-value]
    reading.say(link_id, N_("The type of this item is not known; it is asked as text."), serious=True)
    return "group" if raw.get("item") else "string"


def _tell_limits_of_this_engine(raw: Json, kind: str, link_id: str, reading: _Reading) -> None:
    _unknown_extensions(raw, link_id, reading)
    for option in listed(raw, "answerOption"):
        _unknown_extensions(option, link_id, reading)
    control = control_of(raw)
    if control not in _CONTROLS:
        reading.say(link_id, f"{N_('Shown as a plain list; this control is not known:')} {control}")
    if ext.first(raw, ext.REGEX) is not None and not limits_of(raw).pattern:
        reading.say(link_id, N_("Its pattern is not valid or too costly, and is not checked."), serious=True)
    if kind == "reference":
        reading.say(link_id, N_("A reference to another record is written in words."))
    if kind not in ("group", "display") and raw.get("repeats") is True and raw.get("item"):
        reading.say(link_id, N_("The questions inside a repeating question are asked once."))


def _unknown_extensions(holder: Json, link_id: str, reading: _Reading) -> None:
    for extension in listed(holder, "extension"):
        url = str(extension.get("url", ""))
        if url not in ext.UNDERSTOOD and url not in ext.WITHOUT_EFFECT:
            reading.say(link_id, f"{N_('An extension has no effect here:')} {url}")
    for extension in listed(holder, "modifierExtension"):
        url = str(extension.get("url", ""))
        reading.say(link_id, f"{N_('An extension that changes the meaning is not known:')} {url}", serious=True)


def _hints(raw: Json) -> dict[str, Text]:
    found: dict[str, Text] = {}
    for one in listed(raw, "item"):
        if _is_hint(one):
            found.setdefault(ext.code_of(ext.first(one, ext.ITEM_CONTROL)), text_of(one, "text"))
    entry = ext.first(raw, ext.ENTRY_FORMAT)
    if isinstance(entry, str):
        found.setdefault("prompt", Text(entry))
    return found


def _units(raw: Json) -> tuple[Json, ...]:
    urls = (ext.UNIT, ext.UNIT_OPTION)
    found = [ext.value_of(extension) for url in urls for extension in ext.every(raw, url)]
    return tuple(unit for unit in found if isinstance(unit, dict))


def _field_of(raw: Json) -> str:
    definition = raw.get("definition")
    mark = "StructureDefinition/Patient#Patient."
    return definition.split(mark, 1)[1] if isinstance(definition, str) and mark in definition else ""


def _logic(raw: Json, link_id: str, reading: _Reading) -> Logic:
    lines = listed(raw, "enableWhen")
    conditions = tuple(found for found in (_condition(line, link_id, reading) for line in lines) if found)
    return Logic(
        conditions=conditions,
        any_condition=raw.get("enableBehavior") == "any",
        enabled=_expression(raw, ext.ENABLED, link_id, reading),
        calculated=_expression(raw, ext.CALCULATED, link_id, reading),
        initial=_expression(raw, ext.INITIAL, link_id, reading),
        variables=_variables(raw, link_id, reading),
        constraints=_constraints(raw, link_id, reading),
    )


def _condition(line: Json, link_id: str, reading: _Reading) -> Condition | None:
    question, operator = line.get("question"), line.get("operator")
    answer = typed(line, "answer")
    if answer is None:
        answer = next((value for key, value in line.items() if key.startswith("answer") and type(value) is str), None)
        if answer is not None:
            reading.say(link_id, N_("The answer of a condition has the wrong kind; it is compared as it is written."))
    if not isinstance(question, str) or operator not in _OPERATORS or answer is None:
        reading.say(link_id, N_("A condition cannot be read and is left out."), serious=True)
        return None
    return Condition(question, operator, answer)


def _expression(holder: Json, url: str, link_id: str, reading: _Reading) -> str:
    value = ext.first(holder, url)
    if value is None:
        return ""
    path = ext.fhirpath(value)
    reason = unreadable(path) if path else N_("Only FHIRPath expressions are supported; this one is left out.")
    if reason:
        reading.say(link_id, reason, serious=True)
        return ""
    return path


def _variables(holder: Json, link_id: str, reading: _Reading) -> tuple[Expression, ...]:
    found: list[Expression] = []
    for extension in ext.every(holder, ext.VARIABLE):
        value = ext.value_of(extension)
        path = ext.fhirpath(value)
        name = value.get("name") if isinstance(value, dict) else None
        reason = unreadable(path) if path else N_("Only FHIRPath expressions are supported; this one is left out.")
        if reason or not isinstance(name, str):
            reading.say(link_id, reason or N_("A variable has no name and is left out."), serious=True)
            continue
        found.append(Expression(path, name))
    return tuple(found)


def _constraints(holder: Json, link_id: str, reading: _Reading) -> tuple[Constraint, ...]:
    found: list[Constraint] = []
    for extension in ext.every(holder, ext.CONSTRAINT):
        path = ext.first(extension, "expression")
        human = next((text_of(part, "valueString") for part in ext.every(extension, "human")), Text())
        reason = unreadable(path) if isinstance(path, str) else N_("A rule has no expression and is left out.")
        if reason:
            reading.say(link_id, reason, serious=True)
        elif isinstance(path, str):
            found.append(Constraint(path, human))
    return tuple(found)


def _languages(node: Any, depth: int = 0) -> list[str]:
    """Every language that some text of the form is translated into, most used first."""
    counts: dict[str, int] = {}
    for language in _translated(node, depth):
        counts[language] = counts.get(language, 0) + 1
    return sorted(counts, key=lambda code: (-counts[code], code))


def _translated(node: Any, depth: int) -> Iterator[str]:
    if depth > 60:
        return
    if isinstance(node, list):
        for one in node:
            yield from _translated(one, depth + 1)
    elif isinstance(node, dict):
        if node.get("url") == ext.TRANSLATION:
            code = ext.first(node, "lang")
            if isinstance(code, str):
                yield code
        for value in node.values():
            if isinstance(value, dict | list):
                yield from _translated(value, depth + 1)


def _dangling(form: Form) -> list[Notice]:
    """Conditions on questions that the form does not have."""
    return [
        Notice(item.link_id, N_("A condition names a question that is not in the form."), serious=True)
        for item in form.every
        for condition in item.logic.conditions
        if condition.question not in form.by_link
    ]
