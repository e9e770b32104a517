"""The form of a call."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional, ValidationError

from clinic.communication.rules.calls import LONGEST_NOTE, Call, read_due
from clinic.web.filters import now
from clinic.web.forms import ScreenForm, choices

REASONS = (
    ("appointment", _l("Appointment")),
    ("refill", _l("Refill")),
    ("results", _l("Results")),
    ("bill", _l("Bill")),
    ("worse", _l("Feels worse")),
    ("referral", _l("Referral")),
    ("forms", _l("Forms")),
    ("other", _l("Other")),
)
OUTCOMES = (
    ("done", _l("Settled")),
    ("call-back", _l("Call back")),
    ("message", _l("Message left")),
    ("no-answer", _l("No answer")),
    ("wrong-number", _l("Wrong number")),
)


class CallForm(ScreenForm):
    """One call."""

    patient = HiddenField(validators=[Optional(), Length(max=64)])
    caller = StringField(_l("Who"), validators=[Length(max=120)])
    number = StringField(_l("Number"), validators=[Optional(), Length(max=40)])
    direction = RadioField(
        _l("Direction"), choices=choices((("in", _l("They called")), ("out", _l("We called")))), default="in"
    )
    reason = SelectField(_l("About"), choices=choices(REASONS), default="appointment")
    outcome = SelectField(_l("What came of it"), choices=choices(OUTCOMES), default="done")
    due = StringField(_l("Call back"), validators=[Optional(), Length(max=40)])
    note = TextAreaField(_l("Note"), validators=[Optional(), Length(max=LONGEST_NOTE)])

    def validate_due(self, field: Any) -> None:
        """A time as people say it."""
        if not str(field.data or "").strip():
            return
        try:
            self._due()
        except ValueError as error:
            raise ValidationError(_l("Type a time, for example “in 30 min”, “14:30” or “tomorrow 9”.")) from error

    def _due(self) -> Any:
        from flask import current_app

        from clinic.web.state import state_of

        practice = state_of(current_app).practice
        text = str(self.due.data or "").strip()
        return read_due(text, now(), practice.zone, practice.date_order) if text else None

    def call(self) -> Call:
        """What the form says; call it after `validate`."""
        return Call(
            patient_id=str(self.patient.data or ""),
            caller=str(self.caller.data or ""),
            number=str(self.number.data or ""),
            incoming=self.direction.data == "in",
            reason=str(self.reason.data),
            outcome=str(self.outcome.data),
            note=str(self.note.data or ""),
            due=self._due(),
        )


class ReturnForm(ScreenForm):
    """Called back."""

    note = StringField(_l("Note"), validators=[Optional(), Length(max=LONGEST_NOTE)])
