"""The practice's own fields on the management screens: the form, and between it and the field."""

from __future__ import annotations

from typing import Any

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional, Regexp

from clinic.registration.rules.own import LANGUAGES, OwnField, key_of, read_options, shown_options
from clinic.web.forms import ScreenForm, choices

TYPE_WORDS = (
    ("text", _l("Text")),
    ("number", _l("Number")),
    ("date", _l("Date")),
    ("yesno", _l("Yes or no")),
    ("choice", _l("One of several choices")),
    ("choices", _l("Several choices")),
)
NEED_WORDS = (("never", _l("Never")), ("register", _l("When registering")), ("checkin", _l("At check-in")))
SECTION_WORDS = (
    ("name", _l("Name")),
    ("birth", _l("Birth and gender")),
    ("contact", _l("Contact")),
    ("address", _l("Address")),
    ("language", _l("Language and family")),
    ("numbers", _l("Numbers and doctor")),
)
SEES_WORDS = (
    ("all", _l("Everybody who sees patients")),
    ("desk", _l("The front desk and managers")),
    ("office", _l("Billing and managers")),
    ("leaders", _l("Managers only")),
)
_LONG = Length(max=80, message=_l("This is too long."))
_HELP = Length(max=200, message=_l("This is too long."))


class OwnFieldForm(ScreenForm):
    """One field that the practice adds to registration."""

    label_en = StringField(_l("Name in English"), [_LONG])
    label_es = StringField(_l("Name in Spanish"), [Optional(), _LONG])
    label_nl = StringField(_l("Name in Dutch"), [Optional(), _LONG])
    label_ar = StringField(_l("Name in Arabic"), [Optional(), _LONG])
    key = StringField(
        _l("Key"), [Optional(), _LONG], description=_l("For search and programs, as in shoe-size; it never changes.")
    )
    type = SelectField(_l("What is written there"), choices=choices(TYPE_WORDS), default="text")
    options = TextAreaField(
        _l("Choices"),
        [Optional(), Length(max=8000, message=_l("This is too long."))],
        description=_l("One a line; other languages after a bar: Yes, daily | Sí, a diario | Ja, dagelijks"),
    )
    help_en = StringField(_l("Help in English"), [Optional(), _HELP])
    help_es = StringField(_l("Help in Spanish"), [Optional(), _HELP])
    help_nl = StringField(_l("Help in Dutch"), [Optional(), _HELP])
    help_ar = StringField(_l("Help in Arabic"), [Optional(), _HELP])
    section = SelectField(_l("Where in the form"), choices=choices(SECTION_WORDS), default="contact")
    place = StringField(_l("Order"), [Optional(), Regexp(r"[0-9]{1,3}\Z", message=_l("A number from 0 to 999."))])
    need = SelectField(_l("Needed"), choices=choices(NEED_WORDS), default="never")
    sees = SelectField(_l("Who sees it"), choices=choices(SEES_WORDS), default="all")
    searched = BooleanField(_l("The value alone finds the patient"))


def field_from(form: OwnFieldForm, *, key: str = "") -> OwnField:
    """The field that the form describes. Raises Invalid beside the choices."""
    labels = {one: str(form[f"label_{one}"].data or "").strip() for one in LANGUAGES}
    helps = {one: str(form[f"help_{one}"].data or "").strip() for one in LANGUAGES}
    chosen = form.type.data in ("choice", "choices")
    return OwnField(
        key=key or str(form.key.data or "").strip() or key_of(labels["en"]),
        type=str(form.type.data),
        labels={one: text for one, text in labels.items() if text},
        helps={one: text for one, text in helps.items() if text},
        options=read_options(str(form.options.data or "")) if chosen else (),
        need=str(form.need.data),
        section=str(form.section.data),
        sees=str(form.sees.data),
        place=int(form.place.data or 10),
        searched=bool(form.searched.data),
    )


def filled(one: OwnField) -> dict[str, Any]:
    """The values of the form for a field."""
    values: dict[str, Any] = {name: getattr(one, name) for name in ("key", "type", "need", "section", "sees")}
    values |= {f"label_{language}": one.labels.get(language, "") for language in LANGUAGES}
    values |= {f"help_{language}": one.helps.get(language, "") for language in LANGUAGES}
    return {
        **values,
        "place": str(one.place),
        "searched": one.searched,
        "options": shown_options(one.options),
        "version": str(one.version),
    }


def words_of(one: OwnField) -> dict[str, Any]:
    """A field as the list says it."""
    return {
        "label": one.label(str(get_locale() or "en")),
        "type": dict(TYPE_WORDS).get(one.type, one.type),
        "section": dict(SECTION_WORDS).get(one.section, one.section),
        "need": dict(NEED_WORDS).get(one.need, one.need),
        "sees": dict(SEES_WORDS).get(one.sees, one.sees),
    }
