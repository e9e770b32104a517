"""The forms of imports and of giving a record away: shape and spelling only."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FileField, RadioField, SelectChoice, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from clinic.web.forms import ScreenForm

_LONG = _l("This is too long.")


class UploadForm(ScreenForm):
    """A file from an old system."""

    file = FileField(_l("File"), description=_l("CSV, TSV, XLSX, or FHIR as JSON or NDJSON; 20 MB at most."))
    source = StringField(
        _l("Old system"),
        [DataRequired(_l("Please fill this in.")), Length(max=80, message=_LONG)],
        description=_l("Its name, the same each time: numbers of this system are kept under it."),
    )


class StepForm(ScreenForm):
    """Nothing but the token: the rest of these steps is made of the file's own columns."""


class RulesForm(ScreenForm):
    """What is done with people who are on file."""

    certain = RadioField(
        _l("Certainly the same person (same number)"),
        choices=[
            SelectChoice("fill", _l("Fill in what is empty on file; change nothing")),
            SelectChoice("skip", _l("Leave the row out")),
        ],
        default="fill",
    )
    likely = RadioField(
        _l("Likely the same person"),
        choices=[
            SelectChoice("ask", _l("I decide one by one below; undecided rows are left out")),
            SelectChoice("skip", _l("Leave the row out")),
            SelectChoice("fill", _l("Same person: fill in what is empty on file")),
            SelectChoice("new", _l("Somebody else: make a new record")),
        ],
        default="ask",
    )


PURPOSES = (
    ("PATRQT", _l("The patient asked for it")),
    ("TREAT", _l("Another practice goes on with the care")),
    ("HPAYMT", _l("Insurer or payment")),
    ("HLEGAL", _l("Court or authority")),
)
"""Codes of http://terminology.hl7.org/CodeSystem/v3-ActReason that a desk uses."""


class RecordForm(ScreenForm):
    """Giving a whole record away."""

    purpose = RadioField(
        _l("What for"),
        [InputRequired(_l("Say what it is for."))],
        choices=[SelectChoice(*one) for one in PURPOSES],
        default="PATRQT",
    )
    receiver = StringField(
        _l("Who receives it"), [Length(max=120, message=_LONG)], description=_l("Empty means the patient.")
    )
    history = BooleanField(_l("With the history of changes"), default=True)
    audit = BooleanField(_l("With who looked at the record"))
