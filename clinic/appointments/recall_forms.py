"""Forms of orders and recalls: what is entered, and what it means."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from clinic.appointments.forms import read_day
from clinic.appointments.rules.recalls import (
    ORDER,
    PRIORITIES,
    RECALL,
    TASK,
    Policy,
    Recall,
    Rule,
    Tried,
    read_due,
)
from clinic.core.errors import N_, Invalid
from clinic.web.forms import ScreenForm

_LONG = _l("This is too long.")
_NUMBER = N_("Enter a whole number.")


def _whole(field: StringField, usual: int = 0) -> int:
    text = str(field.data or "").strip()
    if not text:
        return usual
    if not text.isascii() or not text.isdigit() or len(text) > 5:
        raise Invalid(_NUMBER, field=field.name)
    return int(text)


class RecallForm(ScreenForm):
    """An order for a visit or a recall, as the desk writes it down."""

    patient = HiddenField()
    kind = SelectField(_l("Kind"), validate_choice=False)
    visit_type = SelectField(_l("Visit type"), validate_choice=False)
    what = StringField(_l("Or in words"), [Optional(), Length(max=200, message=_LONG)])
    due = StringField(_l("When"), [Length(max=40, message=_LONG)])
    days = StringField(_l("Days earlier or later"), [Optional(), Length(max=3, message=_LONG)])
    priority = SelectField(_l("Urgency"), validate_choice=False)
    provider = SelectField(_l("With"), validate_choice=False)
    requester = SelectField(_l("Ordered by"), validate_choice=False)
    note = TextAreaField(_l("Note"), [Optional(), Length(max=400, message=_LONG)])

    def read(self, *, today: date, order: str) -> Recall:
        """What was entered. Raises Invalid, tied to the field."""
        due = read_due(str(self.due.data or ""), today, lambda text: read_day(text, today=today, order=order))
        type_id = str(self.visit_type.data or "")[:64]
        return Recall(
            str(self.patient.data or "")[:64],
            due,
            RECALL if self.kind.data == RECALL else ORDER,
            type_id=type_id,
            what="" if type_id else str(self.what.data or ""),
            days=_whole(self.days),
            priority=next((one for one in PRIORITIES if one == self.priority.data), "routine"),
            provider_id=str(self.provider.data or "")[:64],
            requester_id=str(self.requester.data or "")[:64],
            note=" ".join(str(self.note.data or "").split()),
        )


class AttemptForm(ScreenForm):
    """A call to the patient and what came of it."""

    outcome = HiddenField()
    number = HiddenField()
    note = StringField(_l("What was said"), [Optional(), Length(max=400, message=_LONG)])
    again = StringField(_l("Try again"), [Optional(), Length(max=40, message=_LONG)])

    def read(self, *, today: date, order: str) -> Tried:
        """What was entered. Raises Invalid, tied to the field."""
        text, again = str(self.again.data or "").strip(), None
        if text:
            try:
                again = read_due(text, today, lambda words: read_day(words, today=today, order=order))
            except Invalid as wrong:
                raise Invalid(wrong.message, field="again", **wrong.params) from None
        return Tried(str(self.outcome.data or ""), str(self.note.data or ""), str(self.number.data or ""), again)


class RuleForm(ScreenForm):
    """A manager's rule: so many months after the last visit of a type."""

    id = HiddenField()
    type_id = SelectField(_l("After a visit of"), validate_choice=False)
    months = StringField(_l("Months after it"), [Length(max=4, message=_LONG)])
    wanted = SelectField(_l("Visit to book"), validate_choice=False)
    age_from = StringField(_l("From age"), [Optional(), Length(max=3, message=_LONG)])
    age_to = StringField(_l("To age"), [Optional(), Length(max=3, message=_LONG)])
    sex = SelectField(_l("Administrative sex"), validate_choice=False)
    flag = SelectField(_l("With the flag"), validate_choice=False)
    days = StringField(_l("Days earlier or later"), [Optional(), Length(max=3, message=_LONG)])
    ahead = StringField(_l("On the list so many days before"), [Optional(), Length(max=3, message=_LONG)])
    priority = SelectField(_l("Urgency"), validate_choice=False)
    same_provider = BooleanField(_l("With the provider of the last visit"))
    active = BooleanField(_l("In use"))

    def read(self) -> Rule:
        """What was entered. Raises Invalid, tied to the field."""
        numbers: dict[str, Any] = {
            name: _whole(self[name]) for name in ("months", "age_from", "age_to", "days", "ahead")
        }
        texts: dict[str, Any] = {
            name: str(self[name].data or "")[:60] for name in ("id", "type_id", "wanted", "sex", "flag")
        }
        return Rule(
            **texts,
            **numbers,
            priority=str(self.priority.data or ""),
            same_provider=bool(self.same_provider.data),
            active=bool(self.active.data),
            version=self.loaded_version or 0,
        )


class PolicyForm(ScreenForm):
    """What follows attempts in vain."""

    most_failed = StringField(_l("Attempts in vain"), [Length(max=2, message=_LONG)])
    then = SelectField(_l("Then"), validate_choice=False)

    def read(self) -> Policy:
        """What was entered. Raises Invalid."""
        return Policy(_whole(self.most_failed), str(self.then.data or TASK), self.loaded_version or 0)
