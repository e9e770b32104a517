"""What is typed at the till."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError

from clinic.cash.rules import CARD, CASH, CHEQUE, LINK, PIECES
from clinic.core.money import parse_money
from clinic.web.forms import ScreenForm

_NEEDED = _l("This is needed.")
TENDER_WORDS = {
    CASH: _l("Cash"),
    CARD: _l("Card"),
    CHEQUE: _l("Cheque"),
    LINK: _l("Paid by link"),
}


def _amount(_form: Any, field: Any) -> None:
    try:
        parse_money(field.data or "")
    except ValueError as error:
        raise ValidationError(_("Write an amount, such as 30 or 30.50.")) from error


class OpenForm(ScreenForm):
    """Opening a drawer."""

    float = StringField(_l("Float in the drawer"), [InputRequired(_NEEDED), Length(max=20), _amount])

    @property
    def cents(self) -> int:
        """The float; call after validation."""
        return parse_money(self.float.data or "").cents


class PayForm(ScreenForm):
    """Taking a payment."""

    patient = HiddenField(validators=[InputRequired(_l("Find the patient first.")), Length(max=64)])
    task = HiddenField(validators=[Length(max=64)])
    """The fee of the list of things to do that is paid by it; empty for any other payment."""
    amount = StringField(_l("Amount"), [InputRequired(_NEEDED), Length(max=20), _amount])
    tender = RadioField(
        _l("Paid by"),
        choices=[SelectChoice(*each) for each in TENDER_WORDS.items()],
        validators=[InputRequired(_l("Choose how it is paid."))],
    )

    @property
    def cents(self) -> int:
        """The amount; call after validation."""
        return parse_money(self.amount.data or "").cents


class VoidForm(ScreenForm):
    """Taking a payment back."""

    reason = StringField(_l("Why"), [InputRequired(_l("Say why.")), Length(max=400)])


class CloseForm(ScreenForm):
    """Closing a counted drawer; the reason is asked for when there is a difference."""

    reason = StringField(_l("What explains it"), [Length(max=400)])


class CountForm(ScreenForm):
    """The count; its cells are read by `pieces_of`, one for each note and coin."""


def pieces_of(values: Mapping[str, str], currency: str) -> tuple[dict[int, int], dict[int, str]]:
    """How many of each note and coin, and what could not be read."""
    pieces, faults = {}, {}
    for piece in PIECES.get(currency, PIECES["USD"]):
        text = values.get(f"piece-{piece}", "").strip() or "0"
        if text.isascii() and text.isdigit() and len(text) <= 4:
            pieces[piece] = int(text)
        else:
            faults[piece] = str(_("Write a whole number."))
    return pieces, faults
