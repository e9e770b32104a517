"""The forms of the management screens: shape and spelling only."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FileField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from clinic.access.permissions import ROLES, STAFF
from clinic.management.rules import COLOURS, DAYS, MINUTES, STRETCHES
from clinic.web.forms import ScreenForm

_NEEDED = InputRequired(_l("Please fill this in."))
_LONG = _l("This is too long.")
_NAME = Length(max=120, message=_LONG)
_SHORT = Length(max=60, message=_LONG)
_NONE = SelectChoice("", _l("none"))

COLOUR_NAMES = {
    "": _l("none"),
    "teal": _l("Teal"),
    "blue": _l("Blue"),
    "violet": _l("Violet"),
    "rose": _l("Rose"),
    "amber": _l("Amber"),
    "green": _l("Green"),
    "grey": _l("Grey"),
}
DAY_NAMES = {
    "mon": _l("Monday"),
    "tue": _l("Tuesday"),
    "wed": _l("Wednesday"),
    "thu": _l("Thursday"),
    "fri": _l("Friday"),
    "sat": _l("Saturday"),
    "sun": _l("Sunday"),
}

SHAPE_NAMES = {
    "flag": _l("Flag"),
    "warn": _l("Triangle"),
    "stop": _l("Octagon"),
    "info": _l("Circle"),
    "star": _l("Star"),
    "globe": _l("Globe"),
    "phone": _l("Telephone"),
    "money": _l("Money"),
    "person": _l("Person"),
    "heart": _l("Heart"),
    "lock": _l("Lock"),
    "clock": _l("Clock"),
}
FLAG_COLOURS = {
    "warn": _l("Amber: needs a look"),
    "danger": _l("Red: stops the work"),
    "info": _l("Blue: good to know"),
    "mute": _l("Grey: quiet"),
    "acc": _l("Teal: special care"),
}


def options(pairs: list[tuple[str, str]], *, none: bool = False) -> list[SelectChoice]:
    """Pairs of value and label as choices of a select."""
    return ([_NONE] if none else []) + [SelectChoice(value, label) for value, label in pairs]


MARGINS = [SelectChoice(str(count), str(count)) for count in range(0, 65, 5)]


class SiteForm(ScreenForm):
    """A site."""

    name = StringField(_l("Name"), [_NEEDED, _NAME])
    phone = StringField(_l("Phone"), [Optional(), _SHORT])
    line = StringField(_l("Street"), [Optional(), _NAME])
    city = StringField(_l("City"), [Optional(), _SHORT])
    state = StringField(_l("State or region"), [Optional(), _SHORT])
    postal_code = StringField(_l("Postal code"), [Optional(), Length(max=20, message=_LONG)])


CAPACITIES = [SelectChoice(str(count), str(count)) for count in range(1, 51)]


def _kind() -> StringField:
    return StringField(
        _l("Kind"),
        [Optional(), _SHORT],
        description=_l("What it is good for, in a word such as “laser”: a visit type can ask for any of a kind."),
    )


def _margin(label: Any, hint: Any = "") -> SelectField:
    return SelectField(label, choices=MARGINS, default="0", description=hint)


class RoomForm(ScreenForm):
    """A room at a site."""

    name = StringField(_l("Name"), [_NEEDED, _NAME], description=_l("As it stands on the door, for example Room 4."))
    site = SelectField(_l("Site"), [_NEEDED], validate_choice=True)
    kind = _kind()
    capacity = SelectField(_l("Visits at once"), choices=CAPACITIES, default="1")
    before = _margin(_l("Minutes kept free before"))
    after = _margin(_l("Minutes kept free after"), _l("To clean it, or to let it cool."))


class DeviceForm(ScreenForm):
    """A device at a site."""

    name = StringField(_l("Name"), [_NEEDED, _NAME], description=_l("As it stands on it, for example Laser 1."))
    site = SelectField(_l("Site"), [Optional()], description=_l("None when it is carried from site to site."))
    kind = _kind()
    capacity = SelectField(_l("Visits at once"), choices=CAPACITIES, default="1")
    before = _margin(_l("Minutes kept free before"))
    after = _margin(_l("Minutes kept free after"), _l("To clean it, or to let it cool."))


class VisitTypeForm(ScreenForm):
    """A kind of visit."""

    name = StringField(_l("Name"), [_NEEDED, _NAME])
    minutes = SelectField(
        _l("Minutes"),
        choices=[SelectChoice(str(count), str(count)) for count in MINUTES],
        default="20",
        description=_l("Visits that are booked already keep their length."),
    )
    before = SelectField(_l("Minutes kept free before"), choices=MARGINS, default="0")
    after = SelectField(_l("Minutes kept free after"), choices=MARGINS, default="0")
    needs = TextAreaField(
        _l("Needs beside the provider"),
        [Optional(), Length(max=400, message=_LONG)],
        description=_l(
            "One line each: person, room or device, its kind, and the minutes of the visit, for example "
            "“room laser 20-40” or “person assistant”. Without minutes for the whole visit."
        ),
    )
    lengths = TextAreaField(
        _l("Other lengths"),
        [Optional(), Length(max=1000, message=_LONG)],
        description=_l(
            "One line each: minutes, then “new” or “known” for the patient, or a provider's name, or both, for example "
            "“40 new” or “30 Dr Meera Iyer”. The line that says most counts."
        ),
    )
    untimed = BooleanField(
        _l("An order in the day instead of a time"),
        description=_l(
            "Home visits, urgent care: whoever is booked stands at the end of the provider's list of that day."
        ),
    )
    per_day = SelectField(
        _l("Most in one day's list"),
        choices=[SelectChoice(str(count), str(count)) for count in range(1, 61)],
        default="12",
    )
    colour = SelectField(_l("Colour"), choices=[SelectChoice(name, COLOUR_NAMES[name]) for name in ("", *COLOURS)])
    comment = TextAreaField(_l("What the desk should know"), [Optional(), Length(max=500, message=_LONG)])


class ProviderForm(ScreenForm):
    """A provider."""

    title = StringField(_l("Title"), [Optional(), Length(max=20, message=_LONG)], description=_l("For example Dr."))
    given = StringField(_l("Given names"), [_NEEDED, _NAME])
    family = StringField(_l("Family name"), [_NEEDED, _NAME])
    suffix = StringField(_l("Letters after the name"), [Optional(), Length(max=30, message=_LONG)])
    npi = StringField(_l("NPI"), [Optional(), _SHORT], description=_l("Ten digits; the last one is checked."))
    site = SelectField(_l("Site"), [Optional()])
    room = SelectField(_l("Usual room"), [Optional()])
    types = SelectMultipleField(
        _l("Visit types"),
        [Optional()],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
        description=_l("None ticked means all of them."),
    )
    languages = StringField(
        _l("Languages"),
        [
            Optional(),
            Length(max=60, message=_LONG),
            Regexp(r"^[A-Za-z ,;-]*$", message=_l("Codes such as: en, es, nl")),
        ],
        description=_l("In which patients are seen, as codes: en, es, nl. “Find a time” asks for them."),
    )
    roles = StringField(
        _l("Can also be asked for as"),
        [Optional(), Length(max=200, message=_LONG)],
        description=_l("Roles with commas between, such as “assistant”: a visit type can need any person of a role."),
    )
    column = BooleanField(_l("Sees patients of their own, in a column of the calendar"), default=True)


class NewUserForm(ScreenForm):
    """A person who will sign in."""

    name = StringField(_l("Name"), [_NEEDED, _NAME])
    username = StringField(
        _l("Sign-in name"),
        [_NEEDED, Length(max=64, message=_LONG)],
        description=_l("Letters, digits, dots and dashes, for example noor.aziz."),
    )
    role = SelectField(_l("Role"), choices=[SelectChoice(role, ROLES[role]) for role in STAFF])
    provider = SelectField(_l("Also a provider?"), [Optional()])


class UserForm(ScreenForm):
    """What a manager may change of a person."""

    name = StringField(_l("Name"), [_NEEDED, _NAME])
    role = SelectField(_l("Role"), choices=[SelectChoice(role, ROLES[role]) for role in STAFF])
    provider = SelectField(_l("Also a provider?"), [Optional()])


class PracticeForm(ScreenForm):
    """The practice's own settings."""

    name = StringField(_l("Practice"), [_NEEDED, _NAME])
    site = SelectField(_l("Main site"), [Optional()])
    zone = StringField(_l("Time zone"), [_NEEDED, _SHORT], description=_l("For example America/New_York."))
    language = SelectField(
        _l("Language of letters and forms"),
        choices=[SelectChoice("en", "English"), SelectChoice("es", "Español"), SelectChoice("nl", "Nederlands")],
    )
    date_order = SelectField(
        _l("Dates are typed as"),
        choices=[
            SelectChoice("mdy", _l("month, day, year")),
            SelectChoice("dmy", _l("day, month, year")),
            SelectChoice("ymd", _l("year, month, day")),
        ],
    )
    paper = SelectField(_l("Paper"), choices=[SelectChoice("letter", "Letter"), SelectChoice("a4", "A4")])
    record_prefix = StringField(
        _l("Record numbers begin with"),
        [Length(max=8, message=_LONG)],
        description=_l("Numbers that were given out stay as they are."),
    )


class ImportForm(ScreenForm):
    """A form from elsewhere, as a FHIR Questionnaire."""

    file = FileField(_l("FHIR Questionnaire (JSON)"))


class ConfirmForm(ScreenForm):
    """Nothing but the token."""


class ClientForm(ScreenForm):
    """A program that uses the interface."""

    name = StringField(_l("Name of the program"), [_NEEDED, _NAME])
    scopes = StringField(
        _l("Scopes"),
        [_NEEDED, Length(max=2000, message=_LONG)],
        description=_l("Separated by spaces, for example system/Patient.rs system/Appointment.cruds."),
    )


class AuditForm(ScreenForm):
    """What to look for in the trail."""

    class Meta:
        """A search changes nothing, so it needs no token."""

        csrf = False

    patient = StringField(_l("Patient"))
    person = StringField(_l("Person"))
    verb = SelectField(_l("Action"), validate_choice=False)
    since = StringField(_l("From"))
    until = StringField(_l("To"))


def _week_fields() -> dict[str, Any]:
    fields: dict[str, Any] = {
        "since": StringField(
            _l("From"),
            [Optional(), _SHORT],
            description=_l("The first day of these hours; the week before it stays as it was. Empty: for all days."),
        ),
        "agreed": StringField(_l("Agreed"), [Optional(), Length(max=1, message=_LONG)]),
    }
    for day in DAYS:
        for number in range(1, STRETCHES + 1):
            for part, label in (("from", _l("from")), ("to", _l("to"))):
                fields[f"{day}_{number}_{part}"] = StringField(label, [Length(max=8, message=_LONG)])
    return fields


WeekForm: type[ScreenForm] = type("WeekForm", (ScreenForm,), _week_fields())
"""The weekly hours of a provider: two stretches a day."""


class FlagKindForm(ScreenForm):
    """A kind of flag of the practice's own."""

    label = StringField(
        _l("Name"),
        [_NEEDED, Length(max=30, message=_LONG)],
        description=_l("One or two words, as they stand on the flag."),
    )
    shape = SelectField(_l("Shape"), choices=options(list(SHAPE_NAMES.items())))
    colour = SelectField(_l("Color"), choices=options(list(FLAG_COLOURS.items())))
    clinical = BooleanField(_l("Says something about health: only for those who may read clinical text"))


class ConsentRuleForm(ScreenForm):
    """Who needs a kind of consent, and how long a signature lasts."""

    need = RadioField(
        _l("Who needs it"),
        choices=[
            SelectChoice("no", _l("Nobody is asked")),
            SelectChoice("ask", _l("It is asked for: missing ones show at booking, on Today and at check-in")),
            SelectChoice("must", _l("It is a must: check-in cannot be finished without it")),
        ],
    )
    visit_types = SelectMultipleField(
        _l("At these visits"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(),
        description=_l("None ticked: at every visit."),
    )  # fmt: skip
    from_age = StringField(_l("From age"), [Optional(), Length(max=3, message=_LONG)])
    to_age = StringField(_l("To age"), [Optional(), Length(max=3, message=_LONG)])
    months = StringField(
        _l("Lasts, in months"), [Optional(), Length(max=3, message=_LONG)], description=_l("0 for ever.")
    )
    renew = BooleanField(_l("A new text has to be signed again"))

    def number(self, name: str) -> int | None:
        """A field as a number; nothing when it is empty, -1 when it is none, which the service refuses."""
        text = str(self[name].data if self[name].data is not None else "").strip()
        return None if not text else int(text) if text.isascii() and text.isdigit() else -1


class ConsentTextForm(ScreenForm):
    """The text of a consent in every language."""

    title_en, title_es, title_nl, title_ar = (StringField(_l("Title"), [Optional(), _NAME]) for _each in range(4))
    text_en, text_es, text_nl, text_ar = (
        TextAreaField(_l("Text"), [Optional(), Length(max=20_000, message=_LONG)]) for _each in range(4)
    )
