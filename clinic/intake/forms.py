"""Fields of the desk's screens in intake."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from clinic.web.forms import ScreenForm

LINK = "link"


class HandOverForm(ScreenForm):
    """What to ask, on which tablet."""

    forms = SelectMultipleField(
        _l("Forms"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=[InputRequired(_l("Choose at least one form."))],
    )
    device = RadioField(_l("Where"), validators=[InputRequired(_l("Choose a tablet or the link."))])
    language = SelectField(_l("Language"))
    prefill = BooleanField(_l("Show what is on record, to confirm it"))


class TabletForm(ScreenForm):
    """A new tablet."""

    name = StringField(
        _l("Name"), validators=[InputRequired(_l("Give the tablet a short name, such as Tablet 2.")), Length(max=60)]
    )
