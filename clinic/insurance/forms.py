"""The form of an insurance policy."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import Length, Optional, ValidationError

from clinic.core.days import read_date
from clinic.core.money import Money, parse_money
from clinic.insurance.rules import Policy
from clinic.web.filters import day, today
from clinic.web.forms import ScreenForm, choices

_RELATIONSHIPS = (
    ("self", _l("The patient")),
    ("spouse", _l("Spouse")),
    ("child", _l("The patient is a child of the holder")),
    ("parent", _l("The patient is a parent of the holder")),
    ("common", _l("Common law spouse")),
    ("injured", _l("Injured party")),
    ("other", _l("Other")),
)
_FILINGS = (
    ("", _l("Not said")),
    ("12", _l("PPO")),
    ("HM", _l("HMO")),
    ("13", _l("Point of service")),
    ("CI", _l("Commercial")),
    ("BL", _l("Blue Cross, Blue Shield")),
    ("MB", _l("Medicare part B")),
    ("MC", _l("Medicaid")),
    ("CH", _l("Tricare")),
    ("WC", _l("Workers' compensation")),
    ("AM", _l("Motor vehicle")),
)


class CoverageForm(ScreenForm):
    """One insurance policy."""

    self_pay = BooleanField(_l("No insurance: the patient pays"))
    payer = StringField(_l("Payer"), validators=[Length(max=120)])
    plan = StringField(_l("Plan"), validators=[Optional(), Length(max=80)])
    member_id = StringField(_l("Member number"), validators=[Length(max=40)])
    group = StringField(_l("Group number"), validators=[Optional(), Length(max=40)])
    relationship = SelectField(_l("Held by"), choices=choices(_RELATIONSHIPS), default="self")
    holder = SelectField(_l("Holder"), choices=choices((("", _l("Named below")),)), default="", validate_choice=False)
    subscriber_name = StringField(_l("Holder's name"), validators=[Length(max=120)])
    subscriber_born = StringField(_l("Holder's birth date"), validators=[Optional(), Length(max=40)])
    rank = SelectField(
        _l("Order"), choices=choices((("1", _l("First")), ("2", _l("Second")), ("3", _l("Third")))), default="1"
    )
    starts = StringField(_l("From"), validators=[Optional(), Length(max=40)])
    ends = StringField(_l("Until, the last day"), validators=[Optional(), Length(max=40)])
    copay = StringField(_l("Co-pay"), validators=[Optional(), Length(max=20)])
    filing = SelectField(_l("Kind"), choices=choices(_FILINGS), default="")

    def validate_starts(self, field: Any) -> None:
        """A day in any usual form."""
        self._days(field)

    def validate_ends(self, field: Any) -> None:
        """A day in any usual form."""
        self._days(field)

    def validate_subscriber_born(self, field: Any) -> None:
        """A birth date in any usual form, not in the future."""
        found = self._days(field)
        if found is not None and found > today():
            raise ValidationError(_l("This birth date is in the future."))

    def validate_copay(self, field: Any) -> None:
        """An amount as people type it."""
        try:
            parse_money(str(field.data or "0"))
        except ValueError as error:
            raise ValidationError(_l("Type an amount, for example 30 or 12.50.")) from error

    def _days(self, field: Any) -> date | None:
        try:
            return typed_day(field.data)
        except ValueError as error:
            raise ValidationError(_l("Type a date, for example %(date)s.", date=day(today()))) from error

    def offer(self, people: Iterable[tuple[str, str]]) -> None:
        """Offer these people, by reference and name, as holders of the policy."""
        named = dict(people)
        kept = str(self.holder.data or "")
        if kept and kept not in named and not self.holder.raw_data:
            named[kept] = str(self.subscriber_name.data or kept)
        self.holder.choices = choices((("", _l("Named below")), *named.items()))

    def validate_holder(self, field: Any) -> None:
        """Somebody of the family, or nobody."""
        if str(field.data or "") not in {str(one.value) for one in field.choices}:
            raise ValidationError(_l("Choose one from the list"))

    def policy(self) -> Policy:
        """What the form says; call it after `validate`."""
        born = typed_day(self.subscriber_born.data)
        holder = str(self.holder.data or "") if str(self.relationship.data) != "self" else ""
        named = {str(one.value): str(one.label) for one in self.holder.choices or ()}
        return Policy(
            payer_name=str(self.payer.data or "").strip(),
            plan=str(self.plan.data or "").strip(),
            member_id=str(self.member_id.data or "").strip(),
            group=str(self.group.data or "").strip(),
            relationship=str(self.relationship.data),
            subscriber_id=holder,
            subscriber_name=named[holder] if holder else str(self.subscriber_name.data or "").strip(),
            subscriber_birth_date=born.isoformat() if born else "",
            rank=int(str(self.rank.data)),
            starts=typed_day(self.starts.data),
            ends=typed_day(self.ends.data),
            copay_cents=parse_money(str(self.copay.data)).cents if str(self.copay.data or "").strip() else None,
            filing=str(self.filing.data or ""),
            self_pay=bool(self.self_pay.data),
        )


def typed_day(text: Any) -> date | None:
    """A day as typed; a two-figure year may lie ahead, since policies end in the future. Raises ValueError."""
    typed = str(text or "").strip()
    if not typed:
        return None
    now = today()
    return read_date(typed, today=date(now.year + 20, 12, 31), order=_order())


def _order() -> str:
    from flask import current_app

    from clinic.web.state import state_of

    return state_of(current_app).practice.date_order


def filled(policy: Policy) -> dict[str, Any]:
    """The form's values for a stored policy."""
    copay = "" if policy.copay_cents is None else str(Money(policy.copay_cents).decimal)
    return {
        "payer": policy.payer_name,
        "plan": policy.plan,
        "member_id": policy.member_id,
        "group": policy.group,
        "relationship": policy.relationship,
        "holder": policy.subscriber_id,
        "subscriber_name": policy.subscriber_name,
        "subscriber_born": day(policy.subscriber_birth_date) if policy.subscriber_birth_date else "",
        "rank": str(policy.rank),
        "starts": day(policy.starts) if policy.starts else "",
        "ends": day(policy.ends) if policy.ends else "",
        "copay": copay,
        "filing": policy.filing,
        "self_pay": policy.self_pay,
    }
