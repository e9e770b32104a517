"""The forms on which a manager decides about missed visits and video."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from clinic.core.money import parse_money
from clinic.web.forms import ScreenForm

_LONG = _l("This is too long.")
_WHOLE = _l("Give a whole number.")


class PolicyForm(ScreenForm):
    """What is done about missed and late cancelled visits, and where a visit by video takes place."""

    grace = IntegerField(_l("Missed after, in minutes"), [InputRequired(message=_WHOLE)])
    notice = IntegerField(_l("Cancelled late when less than so many hours before"), [InputRequired(message=_WHOLE)])
    no_show_fee = StringField(_l("Fee for a missed visit"), [Optional(), Length(max=20, message=_LONG)])
    late_fee = StringField(_l("Fee for a late cancellation"), [Optional(), Length(max=20, message=_LONG)])
    free = IntegerField(_l("So many in a year are free"), [InputRequired(message=_WHOLE)])
    follow_up = BooleanField(_l("Call whoever did not come"))
    video = StringField(_l("Address of the video room"), [Optional(), Length(max=300, message=_LONG)])

    def validate_no_show_fee(self, field: Any) -> None:
        """An amount."""
        _cents(field)

    def validate_late_fee(self, field: Any) -> None:
        """An amount."""
        _cents(field)

    def cents(self, name: str) -> int:
        """An amount in cents; none when nothing is entered."""
        text = str(self[name].data or "").strip()
        return parse_money(text).cents if text else 0


def _cents(field: Any) -> None:
    try:
        parse_money(str(field.data or "0"))
    except ValueError as error:
        raise ValidationError(_l("Write an amount such as 25.00.")) from error


class ReasonsForm(ScreenForm):
    """Reasons to choose from, one a line."""

    patient = TextAreaField(_l("Cancelled by the patient"), [Length(max=2100, message=_LONG)])
    practice = TextAreaField(_l("Cancelled by the practice"), [Length(max=2100, message=_LONG)])
    noshow = TextAreaField(_l("Did not come"), [Length(max=2100, message=_LONG)])
