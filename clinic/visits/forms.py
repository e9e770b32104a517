"""Forms of the board and of check-in."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import AnyOf, DataRequired, Length, Optional

from clinic.visits.rules import STATIONS
from clinic.web.forms import ScreenForm


class StepForm(ScreenForm):
    """A press of a button on the board."""


class MoveForm(ScreenForm):
    """To another station."""

    station = HiddenField(validators=[DataRequired(), AnyOf(STATIONS)])
    room = HiddenField(validators=[Optional(), Length(max=64)])


class ConfirmForm(ScreenForm):
    """Still right."""

    kind = HiddenField(validators=[DataRequired(), AnyOf(("identity", "contact", "coverage"))])


class FinishForm(ScreenForm):
    """The end of check-in."""

    reason = StringField(_l("Why is it skipped?"), validators=[Optional(), Length(max=200)])


class WalkInForm(ScreenForm):
    """Somebody came without an appointment."""

    patient = HiddenField(_l("Patient"), validators=[DataRequired(_l("Choose the patient first.")), Length(max=64)])
    visit_type = SelectField(_l("Visit type"), choices=[])
    provider = SelectField(_l("With"), choices=[])
    note = StringField(_l("What for"), validators=[Optional(), Length(max=200)])
