"""The form about a person. Spelling is read by `rules/checking.py`; here is only which fields there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.fields.core import Field
from wtforms.validators import Length
from wtforms.widgets import CheckboxInput, ListWidget

from clinic.core.days import local, read_date
from clinic.core.errors import Invalid
from clinic.core.practice import Practice
from clinic.fhir.store import Store
from clinic.regions import Region, region_of, show_phone
from clinic.registration.banner import language_text
from clinic.registration.rules.checking import PHONES, Desk
from clinic.registration.rules.details import PatientDetails
from clinic.web.filters import day
from clinic.web.forms import ScreenForm

SEX_WORDS = (
    ("female", _l("Female")),
    ("male", _l("Male")),
    ("other", _l("Other")),
    ("unknown", _l("Unknown")),
)
MARITAL_WORDS = (
    ("", _l("Not asked")),
    ("S", _l("Never married")),
    ("M", _l("Married")),
    ("T", _l("Domestic partner")),
    ("D", _l("Divorced")),
    ("L", _l("Legally separated")),
    ("W", _l("Widowed")),
    ("UNK", _l("Unknown or declined")),
)
CHANNEL_WORDS = (
    ("", _l("No preference")),
    ("phone", _l("Telephone")),
    ("sms", _l("Text message")),
    ("email", _l("E-mail")),
    ("letter", _l("Letter")),
)
RELATION_WORDS = (
    ("", _l("Not said")),
    ("SPS", _l("Spouse")),
    ("DOMPART", _l("Partner")),
    ("MTH", _l("Mother")),
    ("FTH", _l("Father")),
    ("PRN", _l("Parent")),
    ("CHILD", _l("Child")),
    ("DAU", _l("Daughter")),
    ("SON", _l("Son")),
    ("SIB", _l("Brother or sister")),
    ("GRPRN", _l("Grandparent")),
    ("GRNDCHILD", _l("Grandchild")),
    ("FAMMEMB", _l("Other family")),
    ("GUARD", _l("Guardian")),
    ("FRND", _l("Friend")),
    ("NBOR", _l("Neighbor")),
    ("ROOM", _l("Roommate")),
    ("O", _l("Somebody else")),
)


def _options(words: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    return [SelectChoice(value, word) for value, word in words]


class PatientForm(ScreenForm):
    """Everything the desk asks about a person; four answers are needed, the rest may wait."""

    searched = HiddenField()
    panel = HiddenField()
    next = HiddenField()
    given = StringField(_l("First name"))
    family = StringField(_l("Surname"))
    birth_date = StringField(_l("Birth date"))
    sex = RadioField(_l("Administrative sex"), choices=_options(SEX_WORDS), validate_choice=False)
    preferred = StringField(_l("Preferred name"))
    middle = StringField(_l("Middle names"))
    prefix = StringField(_l("Title"))
    suffix = StringField(_l("Suffix"))
    maiden = StringField(_l("Birth surname"))
    pronouns = StringField(_l("Pronouns"))
    gender_identity = StringField(_l("Gender identity"))
    mobile = StringField(_l("Mobile"))
    texts = BooleanField(_l("Text messages may be sent to the mobile"))
    home_phone = StringField(_l("Home telephone"))
    work_phone = StringField(_l("Work telephone"))
    email = StringField(_l("E-mail"))
    contact_by = SelectField(_l("Reach by"), choices=_options(CHANNEL_WORDS), validate_choice=False)
    postal_code = StringField(_l("Postcode"))
    line = StringField(_l("Street"))
    line2 = StringField(_l("Second line"))
    city = StringField(_l("Town"))
    state = StringField(_l("State"))
    country = StringField(_l("Country"))
    language = SelectField(_l("Language"), validate_choice=False)
    interpreter = BooleanField(_l("Interpreter needed"))
    marital = SelectField(_l("Marital status"), choices=_options(MARITAL_WORDS), validate_choice=False)
    general_practitioner = StringField(_l("Family doctor"))
    emergency_given = StringField(_l("First name"))
    emergency_family = StringField(_l("Surname"))
    emergency_relation = SelectField(_l("Relation"), choices=_options(RELATION_WORDS), validate_choice=False)
    emergency_phone = StringField(_l("Telephone"))
    guarantor_given = StringField(_l("First name"))
    guarantor_family = StringField(_l("Surname"))
    guarantor_relation = SelectField(_l("Relation"), choices=_options(RELATION_WORDS), validate_choice=False)
    guarantor_phone = StringField(_l("Telephone"))

    @property
    def entry(self) -> dict[str, str]:
        """What was typed, by field name, as `read_details` takes it."""
        return {name: _text(field) for name, field in self._fields.items()}

    @property
    def numbers(self) -> list[Field]:
        """The fields for identity numbers of the practice's country."""
        return [field for name, field in self._fields.items() if name.startswith("number_")]

    @property
    def place(self) -> list[Field]:
        """The fields of the address in the order of the country."""
        return [self._fields[name] for name in self.place_order]

    place_order: tuple[str, ...] = ()


def patient_form(practice: Practice, values: Mapping[str, Any] | None = None) -> PatientForm:
    """The form for this practice's country: as sent, or filled with `values`."""
    region = region_of(practice.region)
    form = _form_of(region.code).of_request(**dict(values or {}))
    form.place_order = region.address.fields
    for name, label in region.address.labels.items():
        form._fields[name].label.text = _l(label)
    codes = dict.fromkeys([*region.languages, str(form.language.data or "")])
    words = [("", _l("Not asked")), *((code, language_text(code)) for code in codes if code)]
    form.language.choices = _options(words)
    return form


@cache
def _form_of(code: str) -> type[PatientForm]:
    numbers = {
        f"number_{kind.code}": StringField(_l(kind.name), description=_l(kind.hint) if kind.hint else "")
        for kind in region_of(code).person_identifiers()
    }
    return type("RegionPatientForm", (PatientForm,), numbers)


def desk_of(store: Store) -> Desk:
    """Where and when this entry is made."""
    practice = store.practice
    return Desk(region_of(practice.region), local(store.now, practice.zone).date(), practice.date_order)


def entry_of(details: PatientDetails, region: Region) -> dict[str, Any]:
    """The texts of the form's fields for somebody on file, secret numbers masked.

    `read_changes` reads them back to the same details.
    """
    entry: dict[str, Any] = {name: getattr(details, name) for name in _PLAIN}
    address = details.address
    entry |= {name: getattr(address, name) for name in ("line", "line2", "city", "state", "postal_code", "country")}
    for who in ("emergency", "guarantor"):
        relative = getattr(details, who)
        entry |= {f"{who}_{part}": getattr(relative, part) for part in ("given", "family", "relation", "phone")}
    entry |= {name: show_phone(entry[name], region) if entry[name] else "" for name in PHONES}
    kinds = {kind.code: kind for kind in region.person_identifiers()}
    entry |= {f"number_{one.kind}": kinds[one.kind].mask(one.value) for one in details.numbers if one.kind in kinds}
    entry["birth_date"] = f"about {details.birth_date}" if details.birth_estimated else day(details.birth_date)
    return entry


def shown_entry(details: PatientDetails, region: Region) -> dict[str, str]:
    """The same as text, a ticked box being "1": what the form sends back when nothing was touched."""
    entry = entry_of(details, region)
    return {name: ("1" if value else "") if isinstance(value, bool) else str(value) for name, value in entry.items()}


_PLAIN = (
    "given", "family", "sex", "preferred", "middle", "prefix", "suffix", "maiden", "pronouns", "gender_identity",
    "mobile", "texts", "home_phone", "work_phone", "email", "contact_by", "language", "interpreter", "marital",
    "general_practitioner",
)  # fmt: skip


def _text(field: Field) -> str:
    if isinstance(field, BooleanField):
        return "1" if field.data else ""
    return str(field.data or "")


class ReasonForm(ScreenForm):
    """Why a restricted record is opened."""

    next = HiddenField()
    reason = StringField(
        _l("Reason"),
        [Length(max=400, message=_l("This is too long."))],
        description=_l("In a few words, for example “checking in for 10:40”. The manager reads it."),
    )


class RestrictForm(ScreenForm):
    """How far a record is restricted, and who opens it without a reason."""

    label = RadioField(
        _l("This record is"),
        choices=_options(
            (
                ("", _l("Open to everybody whose work needs it")),
                ("R", _l("Restricted: a colleague, a public person, somebody who is protected")),
                ("V", _l("Very restricted: danger to life when it is known that they are here")),
            )
        ),
    )
    readers = SelectMultipleField(
        _l("Opens without a reason for"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )


class FlagForm(ScreenForm):
    """A flag the desk must see."""

    kind = SelectField(_l("Kind"), validate_choice=False)
    text = StringField(
        _l("Words on the flag"),
        [Length(max=60, message=_l("This is too long."))],
        description=_l("Short enough to read at a glance; empty for the name of the kind."),
    )
    starts = StringField(_l("From"), description=_l("Empty for today."))
    ends = StringField(_l("Until"), description=_l("The last day it is shown; empty for no end."))


def read_day(store: Store, typed: str, field: str, *, future: bool = True) -> str:
    """A day as people type it, as FHIR date; empty for nothing. Raises Invalid beside the field."""
    if not typed.strip():
        return ""
    today = local(store.now, store.practice.zone).date()
    latest = today.replace(year=today.year + 100, day=1) if future else today
    try:
        return read_date(typed.strip(), today=latest, order=store.practice.date_order).isoformat()
    except ValueError as error:
        raise Invalid("This is not a date; write for example 3/9/2027.", field=field) from error
