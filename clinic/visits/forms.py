"""Forms of the board and of check-in."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectField, StringField
from wtforms.validators import AnyOf, DataRequired, Length, Optional

from clinic.visits.rules import STATIONS
from clinic.visits.rules.leaving import GIVEN, ITEMS, LEFT_OPEN, LONGEST_REASON, NOT_WANTED
from clinic.web.forms import ScreenForm, choices


class StepForm(ScreenForm):
    """A press of a button on the board."""


class MoveForm(ScreenForm):
    """To another station."""

    station = HiddenField(validators=[DataRequired(), AnyOf(STATIONS)])
    room = HiddenField(validators=[Optional(), Length(max=64)])


class ConfirmForm(ScreenForm):
    """Still right."""

    kind = HiddenField(
        validators=[DataRequired(), AnyOf(("identity", "contact", "coverage", "eligibility", "referral"))]
    )


class FinishForm(ScreenForm):
    """The end of check-in."""

    reason = StringField(_l("Why is it skipped?"), validators=[Optional(), Length(max=200)])
    override = BooleanField(_l("Let the patient through all the same"))


class SayForm(ScreenForm):
    """What is said of one thing at check-out."""

    item = HiddenField(validators=[DataRequired(), AnyOf(ITEMS)])
    how = HiddenField(validators=[DataRequired(), AnyOf((NOT_WANTED, LEFT_OPEN, GIVEN))])
    reason = StringField(_l("Why is it left?"), validators=[Optional(), Length(max=LONGEST_REASON)])


class NextForm(ScreenForm):
    """The next visit at a time that was offered; `order` is what it carries out."""

    start = HiddenField(validators=[DataRequired(), Length(max=40)])
    provider = HiddenField(validators=[DataRequired(), Length(max=64)])
    visit_type = HiddenField(validators=[DataRequired(), Length(max=64)])
    order = HiddenField(validators=[Optional(), Length(max=64)])


class RecallForm(ScreenForm):
    """Call this patient later."""

    when = StringField(_l("When"), validators=[DataRequired(_l("Write when.")), Length(max=40)])


class LeaveForm(ScreenForm):
    """The end of a check-out."""

    reason = StringField(_l("Why is it left?"), validators=[Optional(), Length(max=LONGEST_REASON)])


class WalkInForm(ScreenForm):
    """Somebody came without an appointment."""

    patient = HiddenField(_l("Patient"), validators=[DataRequired(_l("Choose the patient first.")), Length(max=64)])
    visit_type = SelectField(_l("Visit type"), choices=[])
    provider = SelectField(_l("With"), choices=[])
    note = StringField(_l("What for"), validators=[Optional(), Length(max=200)])


class FlowForm(ScreenForm):
    """A visit goes to a station of the flow board."""

    appointment = HiddenField(validators=[DataRequired(), Length(max=64)])
    station = HiddenField(validators=[DataRequired(), AnyOf(STATIONS)])
    room = HiddenField(validators=[Optional(), Length(max=64)])


class CallForm(ScreenForm):
    """A ticket is called, to a place or to the desk."""

    visit = HiddenField(validators=[DataRequired(), Length(max=64)])
    to = HiddenField(validators=[Optional(), Length(max=60)])


class WaitingScreenForm(ScreenForm):
    """A new screen of the waiting room."""

    name = StringField(_l("Name of the screen"), validators=[DataRequired(_l("Give it a short name.")), Length(max=60)])
    language = SelectField(
        _l("Language"),
        choices=choices([("en", "English"), ("es", "Español"), ("nl", "Nederlands"), ("ar", "العربية")]),
    )
    site = SelectField(_l("Site"), choices=[], validate_choice=False)
