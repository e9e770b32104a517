"""The form of an answer."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from clinic.communication.rules.texts import LONGEST_WORDS
from clinic.web.forms import ScreenForm

_LONG = _l("This is too long.")


class ReplyForm(ScreenForm):
    """What a person answers."""

    words = TextAreaField(
        _l("Your answer"),
        [
            InputRequired(_l("Write what the patient shall read.")),
            Length(max=LONGEST_WORDS, message=_l("This is too long.")),
        ],
    )
