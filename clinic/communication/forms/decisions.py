"""The forms on which a manager decides about reminders and words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from clinic.communication.rules.reminders import MOST_STAGES, UNITS, Plan, Stage
from clinic.communication.rules.texts import LANGUAGES, LONGEST_SUBJECT, LONGEST_WORDS, Words
from clinic.core.errors import ClinicError, Detail, Invalid
from clinic.registration.rules.contacting import QUIET
from clinic.web.forms import ScreenForm, choices

_LONG = _l("This is too long.")
_MOST_DIGITS: Final = 5
WAYS: Final = (
    ("sms,email", _l("Text, else mail")),
    ("email,sms", _l("Mail, else text")),
    ("sms", _l("Text only")),
    ("email", _l("Mail only")),
)
LANGUAGE_NAMES: Final = {"en": "English", "es": "Español", "nl": "Nederlands", "ar": "العربية"}
_UNITS = (("days", _l("days")), ("hours", _l("hours")), ("minutes", _l("minutes")))


class PlanForm(ScreenForm):
    """The stages of a visit type; `hours` for the whole practice stands with those of every type."""

    hours = StringField(_l("Hours in which patients are written to"), [Length(max=60, message=_LONG)])

    def stages(self) -> list[int]:
        """The lines in which something is written."""
        return [line for line in range(MOST_STAGES) if str(self[f"count_{line}"].data or "").strip()]

    def plan(self, visit_type: str) -> Plan:
        """What is written. Raises Invalid beside the field."""
        stages, faults = [], []
        for line in self.stages():
            text = str(self[f"count_{line}"].data).strip()
            if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
                faults.append(Detail(f"count_{line}", "Write a whole number."))
                continue
            ways = tuple(str(self[f"way_{line}"].data).split(","))
            stages.append(Stage(int(text) * UNITS[str(self[f"unit_{line}"].data)], ways))
        if faults:
            raise Invalid("Please correct the marked fields.", details=tuple(faults))
        hours = str(self.hours.data or "") if not visit_type else QUIET
        return Plan(visit_type, tuple(stages), hours, self.loaded_version or 0)

    def show(self, error: ClinicError) -> None:
        """A fault of a stage stands beside the line in which it was written."""
        lines = dict(enumerate(self.stages()))
        names = {f"stages-{at}-{part}": f"{name}_{line}" for at, line in lines.items() for part, name in _PARTS}
        placed = tuple(replace(one, field=names.get(one.field, one.field)) for one in error.details)
        super().show(Invalid(error.message, details=placed, field=error.field))


_PARTS: Final = (("count", "count"), ("channels", "way"))


for _line in range(MOST_STAGES):
    setattr(PlanForm, f"count_{_line}", StringField(_l("How long before"), [Optional(), Length(max=_MOST_DIGITS)]))
    setattr(PlanForm, f"unit_{_line}", SelectField(_l("Unit"), choices=choices(_UNITS), default="days"))
    setattr(PlanForm, f"way_{_line}", SelectField(_l("By which way"), choices=choices(WAYS), default="sms,email"))


def plan_values(plan: Plan) -> dict[str, Any]:
    """A plan as the form shows it."""
    values: dict[str, Any] = {"hours": plan.hours, "version": str(plan.version)}
    for line, stage in enumerate(plan.stages[:MOST_STAGES]):
        values |= {
            f"count_{line}": str(stage.count), f"unit_{line}": stage.unit, f"way_{line}": ",".join(stage.channels),
        }  # fmt: skip
    return values


class WordsForm(ScreenForm):
    """One message in every language, and where to send it to try it."""

    subject_en, subject_es, subject_nl, subject_ar = (
        StringField(_l("Subject of a mail"), [Optional(), Length(max=LONGEST_SUBJECT, message=_LONG)])
        for _each in range(4)
    )
    text_en, text_es, text_nl, text_ar = (
        TextAreaField(_l("Words"), [Optional(), Length(max=LONGEST_WORDS, message=_LONG)]) for _each in range(4)
    )
    to = StringField(_l("Your own number or e-mail address"), [Optional(), Length(max=254, message=_LONG)])
    language = SelectField(_l("Language"), choices=choices(LANGUAGE_NAMES.items()), default="en")

    def words(self) -> dict[str, Words]:
        """What is written, by language."""
        return {
            one: Words(str(self[f"subject_{one}"].data or ""), str(self[f"text_{one}"].data or "")) for one in LANGUAGES
        }
