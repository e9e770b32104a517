"""The form about somebody beside a patient."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectField, StringField

from clinic.core.practice import Practice
from clinic.regions import Region, region_of, show_phone
from clinic.registration.rules.family import Bond, Facts
from clinic.registration.words import RELATION_WORDS
from clinic.web.forms import ScreenForm, choices

_RELATIONS = (("", _l("Choose")), *RELATION_WORDS[1:])
PLACES = ("line", "line2", "city", "state", "postal_code", "country")


class KinForm(ScreenForm):
    """What somebody is to the patient, and of one who is no patient what is known of them."""

    other = HiddenField()
    person = HiddenField()
    searched = HiddenField()
    relation = SelectField(_l("Relation to the patient"), choices=choices(_RELATIONS), validate_choice=False)
    emergency = BooleanField(_l("Call in an emergency"))
    pays = BooleanField(_l("Pays for the patient"))
    guardian = BooleanField(_l("Guardian: consents while the patient is under 18"))
    attorney = BooleanField(_l("Decides by a power of attorney"))
    together = BooleanField(_l("Lives with the patient"))
    follows = BooleanField(_l("Same address as the patient"))
    given = StringField(_l("First name"))
    family = StringField(_l("Surname"))
    mobile = StringField(_l("Mobile"))
    home_phone = StringField(_l("Home telephone"))
    email = StringField(_l("E-mail"))
    postal_code = StringField(_l("Postcode"))
    line = StringField(_l("Street"))
    line2 = StringField(_l("Second line"))
    city = StringField(_l("Town"))
    state = StringField(_l("State"))
    country = StringField(_l("Country"))

    place_order: tuple[str, ...] = ()

    @property
    def entry(self) -> dict[str, Any]:
        """What was typed, by field name."""
        return {name: field.data for name, field in self._fields.items()}


def kin_form(practice: Practice, **values: Any) -> KinForm:
    """The form with the address of the practice's country: as sent, or filled with `values`."""
    region = region_of(practice.region)
    form = KinForm.of_request(**values)
    form.place_order = region.address.fields
    for name, label in region.address.labels.items():
        form._fields[name].label.text = _l(label)
    return form


def filled(facts: Facts, bond: Bond, region: Region) -> dict[str, Any]:
    """The values of the form for somebody on file."""
    entry: dict[str, Any] = {name: getattr(facts, name) for name in ("given", "family", "email")}
    entry |= {name: getattr(facts.address, name) for name in PLACES}
    entry |= {name: show_phone(getattr(facts, name), region) for name in ("mobile", "home_phone")}
    return entry | bond.__dict__
