"""The practice's own fields in the registration form: which there are now, as form fields, and their texts."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from flask import current_app, has_app_context
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields.core import Field, UnboundField
from wtforms.widgets import CheckboxInput, ListWidget

from clinic.access.guard import can
from clinic.core.actor import SYSTEM
from clinic.fhir.store import Store
from clinic.registration.queries.own import read_fields
from clinic.registration.rules.own import (
    CHOICE,
    CHOICES,
    DATE,
    NUMBER,
    REGISTER,
    SEES,
    YESNO,
    OwnField,
    OwnValue,
    grouped,
)
from clinic.web.filters import day
from clinic.web.forms import choices
from clinic.web.state import State, state_of

PREFIX = "own_"
_SECONDS = 10.0
_KEPT = "own_fields"


class CodesField(SelectMultipleField):
    """Several choices as ticks; its text is their codes joined by commas, and it is filled from such a text."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def process_data(self, value: Any) -> None:
        """Take codes as a list or joined by commas."""
        self.data = [one for one in value.split(",") if one] if isinstance(value, str) else list(value or ())


def now_own_fields() -> tuple[OwnField, ...]:
    """The fields in use now that this person may see, in order; read anew every ten seconds, like the practice."""
    if not has_app_context():
        return ()
    state = state_of(current_app)
    kept: tuple[float, tuple[OwnField, ...]] | None = state.extra.get(_KEPT)
    if kept is None or time.monotonic() - kept[0] > _SECONDS:
        with state.database.look() as conn:
            store = Store(conn, state.setting, actor=SYSTEM, now=state.clock.now())
            kept = state.extra[_KEPT] = (time.monotonic(), read_fields(store))
    return tuple(one for one in kept[1] if one.active and can(SEES.get(one.sees, "management.setup")))


def every_own_field() -> dict[str, OwnField]:
    """Every field that this person may see, retired ones too, by key; for a history."""
    now_own_fields()
    kept: tuple[float, tuple[OwnField, ...]] = state_of(current_app).extra[_KEPT]
    return {one.key: one for one in kept[1] if can(SEES.get(one.sees, "management.setup"))}


def forget_own_fields(state: State) -> None:
    """Read the fields anew at the next request."""
    state.extra.pop(_KEPT, None)


def form_fields(fields: Iterable[OwnField], language: str) -> dict[str, UnboundField[Any]]:
    """The form fields by name, in a language."""
    return {PREFIX + one.key: _form_field(one, language) for one in fields}


def in_section(form: Any, section: str = "", *, needed: bool = False) -> list[Field]:
    """The practice's own fields of one part of the form; of all parts, only those needed at registration."""
    wanted = [
        PREFIX + one.key
        for one in now_own_fields()
        if section in ("", one.section) and (one.need == REGISTER or not needed)
    ]
    return [form._fields[name] for name in wanted if name in form._fields]


def kind_of(field: Field) -> str:
    """How the template draws a field of the practice's own."""
    return {"DateText": "date", "NumberText": "number", "CodesField": "checks", "RadioField": "seg"}.get(field.type, "")


class DateText(StringField):
    """A date as people type it."""


class NumberText(StringField):
    """A number as people type it."""


def own_entry(values: Iterable[OwnValue]) -> dict[str, str]:
    """The texts of the form's fields for values on file."""
    return {PREFIX + key: _text(some) for key, some in grouped(values).items()}


def own_text(one: OwnField | None, values: tuple[OwnValue, ...]) -> str:
    """Values as a page says them, in the language of the screen."""
    language = str(get_locale() or "en")
    return ", ".join(_said(one, value, language) for value in values)


def _said(one: OwnField | None, value: OwnValue, language: str) -> str:
    if value.type == DATE:
        return day(value.value)
    if value.type == YESNO:
        return str(_l("yes") if value.value == "yes" else _l("no"))
    if value.type == CHOICE:
        word = one.word(value.value, language) if one else value.value
        return value.display or word if word == value.value else word
    return value.value


def _text(values: tuple[OwnValue, ...]) -> str:
    return ",".join(day(one.value) if one.type == DATE else one.value for one in values)


def _form_field(one: OwnField, language: str) -> UnboundField[Any]:
    told = {"description": one.help(language), "id": PREFIX + one.key}
    label = one.label(language)
    words = [(option.code, option.word(language)) for option in one.options]
    if one.type == YESNO:
        answers = choices((("", _l("Not asked")), ("yes", _l("Yes")), ("no", _l("No"))))
        return RadioField(label, choices=answers, default="", validate_choice=False, **told)
    if one.type == CHOICE:
        return SelectField(label, choices=choices((("", _l("Not asked")), *words)), validate_choice=False, **told)
    if one.type == CHOICES:
        return CodesField(label, choices=choices(words), validate_choice=False, **told)
    made = {NUMBER: NumberText, DATE: DateText}.get(one.type, StringField)
    return made(label, **told)  # type: ignore[return-value]
