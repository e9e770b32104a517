"""Whether answers keep the form's rules: everything missing or wrong, field by field."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from clinic.intake.questionnaire.enabling import Settled, comparable, equal
from clinic.intake.questionnaire.entry import Fault
from clinic.intake.questionnaire.expressions import Scope, evaluate
from clinic.intake.questionnaire.messages import N_
from clinic.intake.questionnaire.model import WHOLE_FORM, Instance, Item, Text, Value
from clinic.intake.questionnaire.pages import Page
from clinic.intake.questionnaire.response import build

_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]{1,20}:\S+")


def validate_page(settled: Settled, page: Page) -> tuple[Fault, ...]:
    """The faults of one page, in reading order, its signature last."""
    names = {entry.name for entry in page.questions}
    found = [fault for one in settled.asked if one.name in names for fault in _faults(settled, one)]
    found += _broken_rules(settled, names)
    if page.signs:
        found += _unsigned(settled, page.signs)
    return tuple(found)


def validate_all(settled: Settled) -> tuple[Fault, ...]:
    """Every fault of the whole form; empty means that it may be completed."""
    found = [fault for one in settled.asked for fault in _faults(settled, one)]
    found += _broken_rules(settled, None)
    for name in signature_names(settled):
        found += _unsigned(settled, name)
    return tuple(found)


def signature_names(settled: Settled) -> tuple[str, ...]:
    """The names of the signatures that the form wants as it is answered now."""
    wanted = [one.name for one in settled.asked if one.item.signature and not one.item.hidden]
    return (*dict.fromkeys(wanted), *((WHOLE_FORM,) if settled.form.signature else ()))


def _faults(settled: Settled, one: Instance) -> Iterator[Fault]:
    item = one.item
    values = settled.answers.get(one.name)
    if not item.question or item.hidden:
        return
    if not values:
        if item.required and not item.read_only and not item.logic.calculated:
            yield Fault(one.name, item.text, N_("Please answer this question."))
        return
    for message, params in _count_faults(item, values):
        yield Fault(one.name, item.text, message, params)
    for value in values:
        problem = _problem(item, value)
        if problem:
            yield Fault(one.name, item.text, *problem)
            return


def _count_faults(item: Item, values: tuple[Value, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    least, most = item.limits.min_occurs or 0, item.limits.max_occurs
    exclusive = [o for o in item.options if o.exclusive and any(equal(o.value, value) for value in values)]
    if exclusive and len(values) > 1:
        yield N_("This answer does not go together with others."), {}
    elif len(values) < least and not exclusive:
        yield N_("Please give at least %(least)s answers."), {"least": least}
    if len(values) > (1 if not item.repeats else most if most is not None else len(values)):
        yield N_("At most %(most)s answers, please."), {"most": most if item.repeats else 1}


_Problem = tuple[str, Mapping[str, Any]] | None


def _problem(item: Item, value: Value) -> _Problem:
    if item.picks and not _permitted(item, value):
        return N_("Please choose one of the answers shown."), {}
    if item.options:
        return None
    if isinstance(value, str):
        found = _text_problem(item, value)
        if found:
            return found
    return _decimals_problem(item, value) or _range_problem(item, value)


def _permitted(item: Item, value: Value) -> bool:
    if any(equal(option.value, value) for option in item.options):
        return True
    return item.kind == "open-choice" and isinstance(value, str) and bool(value.strip())


def _text_problem(item: Item, value: str) -> _Problem:
    limits = item.limits
    if limits.max_length is not None and len(value) > limits.max_length:
        return N_("This is too long: at most %(most)s characters."), {"most": limits.max_length}
    if limits.min_length is not None and len(value) < limits.min_length:
        return N_("This is too short: at least %(least)s characters."), {"least": limits.min_length}
    if limits.pattern and len(value) <= 500 and not re.fullmatch(limits.pattern, value):
        return N_("This does not have the right form."), {}
    if item.kind == "url" and not _URL.fullmatch(value):
        return N_("Please give a full web address."), {}
    if item.kind == "date" and not _is_date(value):
        return N_("This day does not exist."), {}
    return None


def _is_date(value: str) -> bool:
    if not re.fullmatch(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?", value):
        return False
    try:
        date.fromisoformat((value + "-01-01")[:10])
    except ValueError:
        return False
    return True


def _decimals_problem(item: Item, value: Value) -> _Problem:
    most = item.limits.decimals
    number = value.get("value") if isinstance(value, dict) else value
    if most is None or not isinstance(number, Decimal):
        return None
    places = -int(number.as_tuple().exponent)
    return (N_("At most %(most)s figures after the point."), {"most": most}) if places > most else None


def _range_problem(item: Item, value: Value) -> _Problem:
    given = comparable(value)
    if given is None or item.kind in ("string", "text", "url"):
        return None
    least = comparable(item.limits.least) if item.limits.least is not None else None
    most = comparable(item.limits.most) if item.limits.most is not None else None
    if least is not None and type(least) is type(given) and given < least:  # type: ignore[operator]
        return N_("This must be at least %(least)s."), {"least": least}
    if most is not None and type(most) is type(given) and _cut(given, most) > most:  # type: ignore[operator]
        return N_("This must be at most %(most)s."), {"most": most}
    return None


def _cut(given: Decimal | str, most: Decimal | str) -> Decimal | str:
    """A date compared with a shorter one counts only as far as that goes."""
    return given[: len(most)] if isinstance(given, str) and isinstance(most, str) else given


def _broken_rules(settled: Settled, names: set[str] | None) -> Iterator[Fault]:
    form = settled.form
    own = [one for one in settled.asked if one.item.logic.constraints and (names is None or one.name in names)]
    if not own and not (form.constraints and names is None):
        return
    built = build(form, settled.answers, settled.names, empty=True)
    scope = Scope(form, built.resource, {})
    for one in own:
        nodes = built.path(form, one)
        for rule in one.item.logic.constraints:
            found = evaluate(rule.path, nodes[-1] if nodes else built.resource, scope.at(one.item, nodes))
            if found and found[0] is False:
                yield Fault(one.name, one.item.text, rule.human.default or N_("This does not fit the other answers."))
    for rule in form.constraints if names is None else ():
        found = evaluate(rule.path, built.resource, {"resource": built.resource, "questionnaire": form.source})
        if found and found[0] is False:
            yield Fault("", form.title, rule.human.default or N_("The answers do not fit each other."))


def _unsigned(settled: Settled, name: str) -> list[Fault]:
    signature = settled.answers.signatures.get(name)
    label = _signed_label(settled, name)
    if signature is None or not (signature.svg or signature.signer):
        return [Fault(name, label, N_("Please sign here: draw your signature or type your name."))]
    if signature.text_hash != text_hash(settled, name, signature.language):
        return [Fault(name, label, N_("The text changed after it was signed. Please read it and sign again."))]
    return []


def _signed_label(settled: Settled, name: str) -> Text:
    found = next((one.item.text for one in settled.asked if one.name == name), None)
    return found or settled.form.title


def signed_text(settled: Settled, name: str, language: str) -> str:
    """The exact text a signature stands under: titles, texts, questions and the answers given to them."""
    form = settled.form
    lines = [form.title.say(language), form.version, language]
    for one in settled.asked:
        if name != WHOLE_FORM and not _inside(settled, one, name):
            continue
        lines.append(f"{one.item.prefix} {one.item.text.say(language)}".strip())
        values = settled.answers.get(one.name) if one.item.question else ()
        lines += [json.dumps(value, ensure_ascii=False, sort_keys=True, default=str) for value in values]
    return "\n".join(lines)


def _inside(settled: Settled, one: Instance, name: str) -> bool:
    item: Item | None = one.item
    while item is not None:
        if item.name(one.row) == name:
            return True
        item = settled.form.parents.get(item.number)
    return False


def text_hash(settled: Settled, name: str, language: str) -> str:
    """SHA-256 of the signed text, as hexadecimal figures."""
    return hashlib.sha256(signed_text(settled, name, language).encode()).hexdigest()
