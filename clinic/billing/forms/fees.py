"""Own codes and fees as they are typed or sent as a file."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import FileField, HiddenField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from clinic.billing.mapping import Fee
from clinic.core.money import Money, parse_money
from clinic.web.forms import ScreenForm

_NEEDED = _l("This is needed.")


class FeeForm(ScreenForm):
    """One code with its fee."""

    fee_id = HiddenField()
    code = StringField(_l("Code"), [InputRequired(_NEEDED), Length(max=24)])
    display = StringField(_l("What is done"), [InputRequired(_NEEDED), Length(max=200)])
    fee = StringField(_l("Fee for one unit"), [InputRequired(_NEEDED), Length(max=20)])
    section = StringField(_l("Heading on the tick sheet"), [Length(max=60)])

    def validate_fee(self, field: StringField) -> None:
        """An amount as people type it."""
        try:
            parse_money(field.data or "")
        except ValueError as error:
            raise ValidationError(_l("Write an amount, such as 105 or 105.50.")) from error

    @classmethod
    def of_fee(cls, fee: Fee, version: int) -> FeeForm:
        """The form of a kept fee, to change it."""
        values = {"code": fee.code, "display": fee.display, "section": fee.section}
        amount = str(Money(fee.cents).decimal)
        return cls.of_request(**values, fee=amount, fee_id=fee.id, version=str(version))

    def entry(self) -> Fee:
        """What was typed; call after validation."""
        return Fee(
            code=self.code.data or "",
            display=self.display.data or "",
            cents=parse_money(self.fee.data or "").cents,
            section=self.section.data or "",
            id=self.fee_id.data or "",
        )


class FeeFileForm(ScreenForm):
    """A CSV file of codes and fees."""

    file = FileField(_l("CSV file with the columns code, description, fee, section"))
