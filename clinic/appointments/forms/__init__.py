"""The forms of the calendar: shape and spelling only."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from clinic.appointments.rules.online import MODES, Person, born_text
from clinic.appointments.rules.spans import Span
from clinic.core.days import day_bounds, instant_text, local, read_date, read_instant, read_time, to_utc
from clinic.core.errors import N_, Invalid
from clinic.web.forms import ScreenForm, choices

_LONG = _l("This is too long.")
_NEEDED = _l("Please fill this in.")
_WHOLE = _l("Give a whole number.")
LENGTHS = (5, 10, 15, 20, 25, 30, 40, 45, 50, 60, 75, 90, 120, 180, 240)
NO_DAY = N_("This is not a day. Try 9 Mar or 3/9/27.")
NO_CLOCK = N_("This is not a time of day. Try 14:30 or 2:30 pm.")
NO_LENGTH = N_("Choose a length between 5 minutes and 12 hours.")
NO_HOURS = N_("Choose a whole number of hours, at most 1440.")
TICKS: dict[str, Any] = {"option_widget": CheckboxInput(), "widget": ListWidget(prefix_label=False)}
_FIRST, _LAST = 2000, 2200


def known_day(text: str, today: date) -> date:
    """A day of an address (`2027-03-09`); today for anything else."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return today
    return found if _FIRST <= found.year < _LAST else today


def read_count(text: Any) -> int:
    """A small whole number of a choice; -1, which every rule refuses, for anything else."""
    return int(text) if str(text).isascii() and str(text).isdigit() and len(str(text)) < 5 else -1


def known_instant(text: str) -> datetime | None:
    """An instant of an address or a hidden field; None for anything else."""
    try:
        found = read_instant(text)
    except (ValueError, OverflowError):
        return None
    return found if _FIRST <= found.year < _LAST else None


def slot_text(start: datetime, provider: str) -> str:
    """A start and a provider as one value of a choice."""
    return f"{instant_text(start)}/{provider}"


def read_slot(text: str) -> tuple[datetime, str] | None:
    """The start and provider of a chosen time, or None."""
    moment, found, provider = text.partition("/")
    start = known_instant(moment)
    return (start, provider) if start and found and provider else None


class TimedForm(ScreenForm):
    """A time as people enter it: a day, a time, a length; or a time that was offered."""

    slot = HiddenField()
    day = StringField(_l("Day"), [Optional(), Length(max=40, message=_LONG)])
    time = StringField(_l("Time"), [Optional(), Length(max=20, message=_LONG)])
    minutes = SelectField(_l("Length"), coerce=str, validate_choice=False)
    provider = SelectField(_l("With"), validate_choice=False)

    def read_start(self, *, today: date, zone: str, order: str) -> datetime:
        """The instant that day and time mean. Raises Invalid, tied to the field."""
        try:
            day = read_day(str(self.day.data or ""), today=today, order=order)
        except ValueError:
            raise Invalid(NO_DAY, field="day") from None
        try:
            return to_utc(datetime.combine(day, read_time(str(self.time.data or ""))), zone)
        except ValueError:
            raise Invalid(NO_CLOCK, field="time") from None

    def read_minutes(self) -> int | None:
        """The length, or None for the usual one. Raises Invalid."""
        text = str(self.minutes.data or "").strip()
        if not text:
            return None
        if not text.isascii() or not text.isdigit() or not 5 <= int(text[:5]) <= 720:
            raise Invalid(NO_LENGTH, field="minutes")
        return int(text)

    def place(self, **choices: Any) -> None:
        """Give the choices of the select fields: value, words, and attributes where there are any."""
        for name, known in choices.items():
            field = self._fields[name]
            present = str(field.data or "")
            if (
                present.isascii()
                and present.isdigit()
                and name == "minutes"
                and present not in {choice[0] for choice in known}
            ):
                known.append((present, present))
            field.choices = known


def read_day(text: str, *, today: date, order: str) -> date:
    """A coming day as people type it; without a year the next one that fits. Raises ValueError."""
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        found = _typed_day(text, today=today, order=order)
    if not _FIRST <= found.year < _LAST:
        raise ValueError("not a year of this practice")
    return found


def _typed_day(text: str, *, today: date, order: str) -> date:
    far = today.replace(year=today.year + 5, day=1)
    try:
        return read_date(text, today=far, order=order)
    except ValueError:
        found = read_date(f"{text} {today.year}", today=far, order=order)
    return found if found >= today else found.replace(year=today.year + 1)


class BookForm(TimedForm):
    """Booking: who, what for, when, with whom."""

    patient = StringField(_l("Patient"), [Length(max=64, message=_LONG)])
    q = StringField(_l("Find the patient"), [Length(max=120, message=_LONG)])
    visit_type = SelectField(_l("Visit type"), validate_choice=False)
    part = SelectField(_l("Part of the day"), validate_choice=False)
    room = SelectField(_l("Room"), validate_choice=False)
    note = TextAreaField(_l("Note"), [Length(max=400, message=_LONG)])
    hold = HiddenField()
    anyway = BooleanField(_l("Book it all the same"))
    overbook_reason = StringField(_l("Reason for overbooking"), [Length(max=200, message=_LONG)])


class FindForm(ScreenForm):
    """A time chosen in the panel; what it was chosen by is read from the address or the form as it stands."""

    slot = HiddenField()
    anyway = BooleanField(_l("Book it all the same"))
    note = StringField(_l("Note"), [Optional(), Length(max=400, message=_LONG)])


class WishForm(ScreenForm):
    """What somebody on the waiting list waits for."""

    patient = HiddenField()
    instead = HiddenField()
    visit_type = SelectField(_l("Visit type"), validate_choice=False)
    providers = SelectMultipleField(_l("With any of"), **TICKS, validate_choice=False)
    site = SelectField(_l("Site"), validate_choice=False)
    parts = SelectMultipleField(_l("Parts of the day"), **TICKS, validate_choice=False)
    weekdays = SelectMultipleField(_l("Days"), **TICKS, validate_choice=False)
    since = StringField(_l("From"), [Optional(), Length(max=40, message=_LONG)])
    until = StringField(_l("Until"), [Optional(), Length(max=40, message=_LONG)])
    notice = StringField(_l("Hours of notice they need"), [Optional(), Length(max=5, message=_LONG)])
    urgency = SelectField(_l("Urgency"), validate_choice=False)
    language = SelectField(_l("Speaks"), validate_choice=False)
    note = TextAreaField(_l("Note"), [Optional(), Length(max=400, message=_LONG)])

    def read_notice(self) -> int:
        """The hours of notice; none when nothing is entered. Raises Invalid."""
        text = str(self.notice.data or "").strip() or "0"
        if not text.isascii() or not text.isdigit() or int(text) > 24 * 60:
            raise Invalid(NO_HOURS, field="notice")
        return int(text)


class MoveForm(TimedForm):
    """Another time for a visit."""

    anyway = BooleanField(_l("Move it all the same"))
    overbook_reason = StringField(_l("Reason for overbooking"), [Length(max=200, message=_LONG)])


class PlaceForm(MoveForm):
    """A place on the calendar where a visit, or a copy of it, was dropped."""

    room = HiddenField()
    copy = HiddenField()
    anyway = BooleanField(_l("Book it all the same"))


class ReasonForm(ScreenForm):
    """Why a visit is cancelled or missed."""

    reason = StringField(_l("Reason"), [Length(max=200, message=_LONG)])


def local_parts(start: datetime, zone: str) -> tuple[str, str]:
    """Day and time of an instant, for form fields."""
    wall = local(start, zone)
    return wall.date().isoformat(), wall.strftime("%H:%M")


class BornForm(ScreenForm):
    """A birth date in three parts, in the order in which the page asks for them."""

    y = StringField(_l("Year"), [Length(max=4, message=_LONG)])
    m = StringField(_l("Month"), [Length(max=2, message=_LONG)])
    d = StringField(_l("Day"), [Length(max=2, message=_LONG)])

    @property
    def born(self) -> str:
        """The date as FHIR writes it; empty for what is none."""
        return born_text(*(str(field.data or "").strip() for field in (self.y, self.m, self.d)))


class PersonForm(BornForm):
    """Who somebody at home says to be, and what they want to say."""

    slot = HiddenField()
    known = RadioField(
        _l("Have you been here before?"),
        [InputRequired(message=_l("Choose one of the two."))],
        choices=choices([("yes", _l("Yes")), ("no", _l("No, I am new"))]),
    )
    given = StringField(_l("First name"), [InputRequired(message=_NEEDED), Length(max=120, message=_LONG)])
    family = StringField(_l("Surname"), [InputRequired(message=_NEEDED), Length(max=120, message=_LONG)])
    number = StringField(
        _l("Telephone number"),
        [InputRequired(message=_NEEDED), Length(max=40, message=_LONG)],
        description=_l("One that we have on file. If you have been here, your record number works too."),
    )
    email = StringField(_l("E-mail"), [Length(max=120, message=_LONG)])
    note = TextAreaField(_l("What should we know?"), [Length(max=400, message=_LONG)])

    def validate_d(self, _field: object) -> None:
        """The three parts must be one day."""
        if not self.born:
            raise ValidationError(_l("Give day, month and year in numbers."))

    def validate_email(self, field: StringField) -> None:
        """An address has a name, an at sign and a place."""
        text = str(field.data or "").strip()
        if text and ("@" not in text[1:-1] or " " in text):
            raise ValidationError(_l("This is not an e-mail address."))

    def person(self) -> Person:
        """Who it is."""
        said = {name: str(self._fields[name].data or "").strip() for name in ("given", "family", "number", "email")}
        return Person(birth_date=self.born, **said)


class OnlineRuleForm(ScreenForm):
    """How a visit type stands open to people at home."""

    mode = RadioField(_l("From home"), choices=choices((mode, mode) for mode in MODES))
    notice_hours = IntegerField(_l("Shortest notice, in hours"), [InputRequired(message=_WHOLE)])
    horizon_days = IntegerField(_l("How many days ahead"), [InputRequired(message=_WHOLE)])
    cancel_hours = IntegerField(_l("Cancel or move until, in hours before"), [InputRequired(message=_WHOLE)])
    new_patients = BooleanField(_l("New patients may ask too"))
    publish = BooleanField(_l("Publish the free times for search services (SMART Scheduling Links)"))
    words = TextAreaField(_l("What to tell people"), [Length(max=400, message=_LONG)])
    questions = TextAreaField(_l("Questions to ask, one a line"), [Length(max=700, message=_LONG)])


class ProposeForm(ScreenForm):
    """Another time for a request from home."""

    slot = HiddenField()
    words = StringField(_l("Words to the patient"), [Length(max=400, message=_LONG)])


class SeriesForm(BookForm):
    """A booking and how it is repeated."""

    day = StringField(_l("Day"), [Length(max=40, message=_LONG)])
    time = StringField(_l("Time"), [Length(max=20, message=_LONG)])
    every = SelectField(_l("Unit"), validate_choice=False)
    interval = StringField(_l("Every"), [Length(max=3, message=_LONG)])
    weekdays = SelectMultipleField(_l("On"), **TICKS, validate_choice=False)
    by = SelectField(_l("Each month on"), validate_choice=False)
    ends = SelectField(_l("Ends"), validate_choice=False)
    count = StringField(_l("Times"), [Length(max=3, message=_LONG)])
    until = StringField(_l("Last day"), [Length(max=40, message=_LONG)])


class ChangeSeriesForm(TimedForm):
    """What becomes of one date of a series, of it and the following, or of all that are to come."""

    number = HiddenField()
    scope = SelectField(_l("For"), validate_choice=False)
    visit_type = SelectField(_l("Visit type"), validate_choice=False)
    room = SelectField(_l("Room"), validate_choice=False)
    overbook_reason = StringField(_l("Reason for overbooking"), [Length(max=200, message=_LONG)])
    reason = StringField(_l("Reason"), [Length(max=200, message=_LONG)])


class GroupForm(TimedForm):
    """A group: what it is called, how many may come, when and with whom."""

    day = StringField(_l("Day"), [Length(max=40, message=_LONG)])
    time = StringField(_l("Time"), [Length(max=20, message=_LONG)])
    title = StringField(_l("Title"), [Length(max=200, message=_LONG)])
    seats = StringField(_l("Seats"), [Length(max=3, message=_LONG)])
    visit_type = SelectField(_l("Visit type"), validate_choice=False)
    room = SelectField(_l("Room"), validate_choice=False)
    note = TextAreaField(_l("Note"), [Length(max=400, message=_LONG)])
    overbook_reason = StringField(_l("Reason for overbooking"), [Length(max=200, message=_LONG)])

    def read_seats(self) -> int:
        """How many seats; 0 for what is no number."""
        text = str(self.seats.data or "").strip()
        return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


class ReplanForm(ScreenForm):
    """Who is out, from when to when, and why; `shown` says of which time the visits were seen."""

    provider = SelectField(_l("Provider"), validate_choice=False)
    first = StringField(_l("First day"), [Length(max=40, message=_LONG)])
    first_time = StringField(_l("From"), [Length(max=20, message=_LONG)])
    last = StringField(_l("Last day"), [Length(max=40, message=_LONG)])
    last_time = StringField(_l("Until"), [Length(max=20, message=_LONG)])
    reason = StringField(_l("Reason"), [Length(max=200, message=_LONG)])
    shown = HiddenField()

    def place_providers(self, known: list[tuple[str, str]]) -> None:
        """Give the providers to choose from."""
        self.provider.choices = known

    def read_span(self, *, today: date, zone: str, order: str) -> Span:
        """The time of the absence; whole days where no time is given. Raises Invalid, tied to the field."""
        first, last = (self._day(name, today, order) for name in ("first", "last"))
        start = self._instant("first_time", first, zone) or day_bounds(first, zone)[0]
        end = self._instant("last_time", last, zone) or day_bounds(last, zone)[1]
        if end <= start:
            raise Invalid(N_("The end is before the start."), field="last")
        return Span(start, end)

    def _day(self, name: str, today: date, order: str) -> date:
        try:
            return read_day(str(self[name].data or ""), today=today, order=order)
        except ValueError:
            raise Invalid(NO_DAY, field=name) from None

    def _instant(self, name: str, day: date, zone: str) -> datetime | None:
        text = str(self[name].data or "").strip()
        if not text:
            return None
        try:
            return to_utc(datetime.combine(day, read_time(text)), zone)
        except ValueError:
            raise Invalid(NO_CLOCK, field=name) from None


class ClosingForm(ReplanForm):
    """Who or what is closed, from when to when, of which kind and why; `shown` says which visits were seen."""

    provider = None  # type: ignore[assignment]
    whole = BooleanField(_l("The whole practice"))
    who = SelectMultipleField(_l("Who or what"), validate_choice=False)
    kind = RadioField(_l("Kind"), validate_choice=False)
    years = SelectField(_l("Every year"), coerce=read_count, validate_choice=False, default=0)


class JoinForm(ScreenForm):
    """Who gets a seat in a group."""

    patient = StringField(_l("Patient"), [Length(max=64, message=_LONG)])
    q = StringField(_l("Find the patient"), [Length(max=120, message=_LONG)])
    hold = HiddenField()
    anyway = BooleanField(_l("Book it all the same"))


class FamilyForm(TimedForm):
    """Several members of a family in one go."""

    members = SelectMultipleField(_l("Who comes"), **TICKS, validate_choice=False)
    visit_type = SelectField(_l("Visit type"), validate_choice=False)
    arranged = SelectField(_l("How"), validate_choice=False)
