"""Small forms and ways to fill any form, for the tests of intake."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from clinic.core.json import Json, loads
from clinic.intake.questionnaire import Answers, Form, Instance, Settled, Signature, Value, settle
from clinic.intake.questionnaire import text_hash as hash_of
from clinic.intake.questionnaire.load import read_form
from clinic.intake.questionnaire.validate import signature_names

SHARED = Path(__file__).resolve().parents[3] / "shared" / "examples" / "questionnaires"


def example_forms() -> list[Path]:
    return sorted(SHARED.glob("*.json"))


def load_example(path: Path) -> Form:
    if not path.is_file():
        pytest.skip(f"the reference data folder {SHARED} is absent, so this example cannot be read")
    return read_form(loads(path.read_bytes()))


def a_form(*items: Json, **extra: Any) -> Form:
    """A form with these items, inside one group unless they are groups themselves."""
    inner: list[Json] = list(items)
    if any(item["type"] != "group" for item in items):
        inner = [{"linkId": "page", "type": "group", "text": "About you", "item": inner}]
    return read_form({"resourceType": "Questionnaire", "status": "active", "title": "A form", "item": inner, **extra})


def ask(link_id: str, kind: str = "string", text: str = "", **extra: Any) -> Json:
    return {"linkId": link_id, "type": kind, "text": text or f"Question {link_id}", **extra}


def extension(url: str, **value: Any) -> Json:
    return {"url": url, **value}


def fill(form: Form) -> Settled:
    """A complete and permitted set of answers: everything that is asked is answered, round by round."""
    answers = Answers()
    for _ in range(30):
        settled = settle(form, answers)
        missing = [one for one in settled.asked if _wants(settled, one)]
        if not missing:
            return _sign(settled)
        for one in missing:
            answers = settled.answers if one is missing[0] else answers
            answers = answers.with_value(one.name, tuple(permitted(one)))
    raise AssertionError("the form never settles")


def _wants(settled: Settled, one: Instance) -> bool:
    item = one.item
    fixed = item.read_only or item.logic.calculated or item.hidden
    return item.question and not fixed and not settled.answers.get(one.name)


def _sign(settled: Settled) -> Settled:
    answers = settled.answers
    for name in signature_names(settled):
        digest = hash_of(settled, name, "en")
        answers = answers.with_signature(name, Signature(digest, "2027-03-09T15:24:00Z", "en", signer="Ana Soler"))
    return settle(settled.form, answers)


def permitted(one: Instance) -> Iterator[Value]:
    item = one.item
    many = max(1, item.limits.min_occurs or 1) if item.repeats else 1
    if item.options:
        plain = [option.value for option in item.options if not option.exclusive]
        yield from plain[:many]
        return
    samples: dict[str, Value] = {
        "boolean": True,
        "decimal": Decimal("2.5"),
        "integer": 3,
        "date": "2020-05-01",
        "dateTime": "2020-05-01T10:00:00Z",
        "time": "10:30:00",
        "url": "urn:example:here",
        "reference": {"display": "Somebody"},
        "attachment": {"contentType": "image/png", "url": "Binary/1", "title": "card.png"},
        "quantity": {"value": Decimal(7)},
        "choice": {"display": "In words"},
    }
    for count in range(many):
        yield samples.get(item.kind, f"words {count}")
