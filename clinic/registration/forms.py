"""The form about a person. Spelling is read by `rules/checking.py`; here is only which fields there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from flask_babel import get_locale
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
from clinic.regions import REGIONAL, Region, region_of, show_phone
from clinic.regions.named import named_codes
from clinic.registration.banner import language_text
from clinic.registration.own_form import form_fields, now_own_fields, own_entry
from clinic.registration.queries.own import asked_fields
from clinic.registration.rules.checking import PHONES, Desk
from clinic.registration.rules.details import ADDRESSES, ASKABLE, FORMER_NAMES, PREFIXES, RELATIVES, PatientDetails
from clinic.registration.rules.entries import CODES, DAYS, ENTRIES, NAMED
from clinic.registration.rules.own import OwnField
from clinic.registration.words import (
    BIRTH_SEX_WORDS,
    CHANNEL_WORDS,
    ETHNICITY_WORDS,
    MARITAL_WORDS,
    RACE_WORDS,
    REASON_WORDS,
    RELATION_WORDS,
    SEX_WORDS,
)
from clinic.web.filters import day
from clinic.web.forms import ScreenForm

ADDRESS_WORDS = (
    ("postal_code", _l("Postcode")),
    ("line", _l("Street")),
    ("line2", _l("Second line")),
    ("city", _l("Town")),
    ("state", _l("State")),
    ("country", _l("Country")),
)


def _options(words: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    return [SelectChoice(value, word) for value, word in words]


class CodesField(SelectMultipleField):
    """Several boxes to tick; its value is their codes, also given as text with commas between."""

    def process_data(self, value: Any) -> None:
        """Take codes as a list or as text."""
        super().process_data([code for code in value.split(",") if code] if isinstance(value, str) else value)


def _codes(label: Any, words: Iterable[tuple[str, Any]]) -> CodesField:
    return CodesField(
        label, choices=_options(words), validate_choice=False,
        widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(),
    )  # fmt: skip


def _choice(label: Any, words: Iterable[tuple[str, Any]]) -> SelectField:
    return SelectField(label, choices=_options(words), validate_choice=False)


class PatientForm(ScreenForm):
    """Everything the desk asks about a person; four answers are needed, the rest may wait."""

    searched = HiddenField()
    panel = HiddenField()
    next = HiddenField()
    card = HiddenField()
    portrait = HiddenField()
    given = StringField(_l("First name"))
    family = StringField(_l("Surname"))
    birth_date = StringField(_l("Birth date"))
    sex = RadioField(_l("Administrative sex"), choices=_options(SEX_WORDS), validate_choice=False)
    birth_time = StringField(_l("Time of birth"))
    birth_order = StringField(_l("Born as number"), description=_l("1 for the first of twins, 2 for the second"))
    preferred = StringField(_l("Preferred name"))
    nick = StringField(_l("Nickname"))
    middle = StringField(_l("Middle names"))
    prefix = StringField(_l("Title"))
    suffix = StringField(_l("Suffix"))
    maiden = StringField(_l("Birth surname"))
    was_name = BooleanField(_l("Keep the name before as a former name"))
    known_of = StringField(_l("What is known so far"))
    pronouns = StringField(_l("Pronouns"))
    birth_sex = _choice(_l("Sex at birth"), BIRTH_SEX_WORDS)
    gender_identity = StringField(_l("Gender identity"))
    orientation = StringField(_l("Sexual orientation"))
    race = _codes(_l("Race"), RACE_WORDS)
    race_detail = StringField(_l("Race, more exactly"))
    ethnicity = _choice(_l("Ethnicity"), ETHNICITY_WORDS)
    ethnicity_detail = StringField(_l("Ethnicity, more exactly"))
    tribes = StringField(_l("Tribe"))
    mobile = StringField(_l("Mobile"))
    texts = BooleanField(_l("Text messages may be sent to the mobile"))
    mobile_hours = StringField(_l("Call the mobile at"))
    home_phone = StringField(_l("Home telephone"))
    home_texts = BooleanField(_l("It takes text messages"))
    home_hours = StringField(_l("Call at home at"))
    work_phone = StringField(_l("Work telephone"))
    work_texts = BooleanField(_l("It takes text messages"))
    work_hours = StringField(_l("Call at work at"))
    email = StringField(_l("E-mail"))
    contact_by = _choice(_l("Reach by"), CHANNEL_WORDS)
    never_by = _codes(_l("Never by"), CHANNEL_WORDS[1:])
    was_typo = BooleanField(_l("The address before was a mistake: do not keep it"))
    temporary_end = StringField(_l("Until"))
    language = SelectField(_l("Language"), validate_choice=False)
    interpreter = BooleanField(_l("Interpreter needed"))
    interpreter_language = SelectField(_l("Language of the interpreter"), validate_choice=False)
    marital = _choice(_l("Marital status"), MARITAL_WORDS)
    general_practitioner = StringField(_l("Family doctor"))
    pharmacy = StringField(_l("Pharmacy"))
    employer = StringField(_l("Employer"))
    occupation = StringField(_l("Occupation"))
    deceased = StringField(_l("Deceased"))

    @property
    def entry(self) -> dict[str, str]:
        """What was typed, by field name, as `read_details` takes it; a field that was not sent is not in it."""
        return {name: _text(field) for name, field in self._fields.items() if _sent(field)}

    @property
    def numbers(self) -> list[Field]:
        """The fields for identity numbers of the practice's country."""
        return [field for name, field in self._fields.items() if name.startswith("number_")]

    def place(self, which: str = "address") -> list[Field]:
        """The fields of an address in the order of the country."""
        return [self._fields[PREFIXES[which] + name] for name in self.place_order]

    def why(self, name: str) -> Field | None:
        """The choice beside a field that says why it has no answer."""
        return self._fields.get(f"absent_{name}")

    place_order: tuple[str, ...] = ()


def _compound() -> dict[str, Any]:
    """The fields of addresses, relatives and former names, and the reasons for no answer."""
    found: dict[str, Any] = {}
    for name in ADDRESSES:
        found |= {PREFIXES[name] + part: StringField(label) for part, label in ADDRESS_WORDS}
    for name in RELATIVES:
        found[f"{name}_given"] = StringField(_l("First name"))
        found[f"{name}_family"] = StringField(_l("Surname"))
        found[f"{name}_relation"] = _choice(_l("Relation"), RELATION_WORDS)
        found[f"{name}_phone"] = StringField(_l("Telephone"))
    for name in FORMER_NAMES:
        found[f"{name}_given"] = StringField(_l("First name"))
        found[f"{name}_family"] = StringField(_l("Surname"))
        found[f"{name}_start"] = StringField(_l("From"))
        found[f"{name}_end"] = StringField(_l("Until"))
    return found | {f"absent_{name}": _choice(_l("Why no answer"), REASON_WORDS) for name in ASKABLE}


for _name, _field in _compound().items():
    setattr(PatientForm, _name, _field)


def patient_form(practice: Practice, values: Mapping[str, Any] | None = None) -> PatientForm:
    """The form for this practice's country: as sent, or filled with `values`."""
    region = region_of(practice.region)
    form = _form_of(region.code, now_own_fields(), str(get_locale() or "en")).of_request(**dict(values or {}))
    form.place_order = region.address.fields
    for name, label in region.address.labels.items():
        for place in ADDRESSES:
            form._fields[PREFIXES[place] + name].label.text = _l(label)
    for field, none, more in (
        (form.language, _l("Not asked"), ()),
        (form.interpreter_language, _l("The same"), region.signed),
    ):
        codes = dict.fromkeys([*more, *region.languages, str(field.data or "")])
        field.choices = _options([("", none), *((code, language_text(code)) for code in codes if code)])
    return form


@lru_cache(maxsize=64)
def _form_of(code: str, own: tuple[OwnField, ...], language: str) -> type[PatientForm]:
    numbers = {
        f"number_{kind.code}": StringField(_l(kind.name), description=_l(kind.hint) if kind.hint else "")
        for kind in region_of(code).person_identifiers()
    }
    reasons = {f"absent_{name}": _choice(_l("Why no answer"), REASON_WORDS) for name in numbers}
    elsewhere = dict.fromkeys(name for name in REGIONAL if name not in region_of(code).asks)
    mine = form_fields(own, language)
    return type("RegionPatientForm", (PatientForm,), {**numbers, **reasons, **mine, **elsewhere})


def desk_of(store: Store) -> Desk:
    """Where and when this entry is made."""
    practice = store.practice
    today = local(store.now, practice.zone).date()
    return Desk(region_of(practice.region), today, practice.date_order, asked_fields(store))


def entry_of(details: PatientDetails, region: Region) -> dict[str, Any]:
    """The texts of the form's fields for somebody on file, secret numbers masked.

    `read_changes` reads them back to the same details.
    """
    entry: dict[str, Any] = {name: details.value(name) for name in ENTRIES}
    entry |= {name: show_phone(entry[name], region) if entry[name] else "" for name in PHONES}
    entry |= {name: ",".join(entry[name]) for name in CODES}
    entry |= {name: "; ".join(named_codes(list_).name(code) for code in entry[name]) for name, list_ in NAMED.items()}
    kinds = {kind.code: kind for kind in region.person_identifiers()}
    entry |= {f"number_{one.kind}": kinds[one.kind].mask(one.value) for one in details.numbers if one.kind in kinds}
    entry |= {f"absent_{one.field}": one.reason for one in details.absent}
    entry |= own_entry(details.own)
    entry["birth_date"] = f"about {details.birth_date}" if details.birth_estimated else day(details.birth_date)
    entry |= {name: day(entry[name]) for name in (*DAYS, "deceased") if entry[name] not in ("", "yes")}
    return entry


def shown_entry(details: PatientDetails, region: Region) -> dict[str, str]:
    """The same as text, a ticked box being "1": what the form sends back when nothing was touched."""
    entry = entry_of(details, region)
    return {name: ("1" if value else "") if isinstance(value, bool) else str(value) for name, value in entry.items()}


def _sent(field: Field) -> bool:
    """Whether a page had this field. A box that is not ticked is never sent, so that it counts as there."""
    return bool(
        field.raw_data is None or field.raw_data or isinstance(field, BooleanField | RadioField | SelectMultipleField)
    )


def _text(field: Field) -> str:
    if isinstance(field, SelectMultipleField):
        return ",".join(field.data or [])
    if isinstance(field, BooleanField):
        return "1" if field.data else ""
    return str(field.data or "")


class _Short(ScreenForm):
    """A form with a few of the fields of a person."""

    @property
    def entry(self) -> dict[str, str]:
        """What was typed, by field name."""
        return {name: _text(field) for name, field in self._fields.items()}


class UnknownForm(_Short):
    """Somebody nobody can name."""

    birth_date = StringField(_l("Age or birth date"), description=_l("A guess is enough: “about 40”"))
    sex = RadioField(_l("Administrative sex"), choices=_options(SEX_WORDS), validate_choice=False)
    known_of = StringField(_l("What is known so far"), description=_l("Marks, clothes, who brought them, where found"))


class NewbornForm(_Short):
    """A child that has no name yet."""

    sex = RadioField(_l("Administrative sex"), choices=_options(SEX_WORDS), validate_choice=False)
    birth_date = StringField(_l("Birth date"))
    birth_time = StringField(_l("Time of birth"))
    birth_order = StringField(_l("Born as number"), description=_l("1 for the first of twins, 2 for the second"))


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


LANGUAGE_NAMES = (("en", "English"), ("es", "Español"), ("nl", "Nederlands"), ("ar", "العربية"))


class ConsentForm(ScreenForm):
    """A consent given at the desk."""

    kind = SelectField(_l("What"), validate_choice=False)
    how = RadioField(
        _l("How"),
        choices=_options((("paper", _l("Signed on paper")), ("verbal", _l("By word of mouth, with a witness")))),
        default="paper",
        validate_choice=False,
    )
    signed = StringField(_l("Day"), description=_l("The day it was signed or said."))
    language = SelectField(_l("Read in"), choices=_options(LANGUAGE_NAMES), default="en", validate_choice=False)
    signer = RadioField(
        _l("Who agreed"),
        choices=_options(
            (
                ("self", _l("The patient")),
                ("guardian", _l("Parent or guardian")),
                ("proxy", _l("Somebody with a mandate")),
            )
        ),
        default="self",
        validate_choice=False,
    )
    signer_name = StringField(_l("Their name"), description=_l("When it was not the patient."))
    relation = StringField(_l("Relation to the patient"))
    witness = StringField(_l("Witness"), description=_l("Who heard it, when it was said and not signed."))
    scope = StringField(
        _l("For what"), description=_l("For whom or what exactly, for example “Dr Haddad, the scan of May”.")
    )

    names = ("kind", "how", "language", "signer", "signer_name", "relation", "witness", "scope")


class WithdrawForm(ScreenForm):
    """A patient takes a consent back."""

    on = StringField(_l("Day"), description=_l("Empty for today."))
    reason = StringField(_l("What the patient said"), [Length(max=400, message=_l("This is too long."))])
