"""What stands on a patient's label, card and wristband."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import get_locale
from flask_babel import gettext as _

from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.regions import Region, region_of, show_phone
from clinic.registration.mapping import display_name, legal_name, record_number
from clinic.registration.own_form import own_text
from clinic.registration.queries.own import own_fields, with_values
from clinic.registration.routes.shown import label_text, value_text
from clinic.registration.rules.details import PatientDetails, Relative
from clinic.registration.rules.own import OwnValue

MOST_LABELS = 24
"""Labels of one patient at once; a roll is not emptied by a slip of the finger."""


@dataclass(frozen=True)
class Label:
    """The values of `templates/pdf/label.html`, `card.html` and `wristband.html`.

    `birth_date` is a FHIR date; `code` the opaque id for the bar code.
    """

    name: str
    legal_name: str
    birth_date: str
    sex: str
    record_number: str
    code: str
    practice: str


def label_of(patient: Json, store: Store) -> Label:
    """The label of one patient."""
    return Label(
        name=display_name(patient),
        legal_name=legal_name(patient),
        birth_date=str(patient.get("birthDate", "")),
        sex=str(patient.get("gender", "unknown")),
        record_number=record_number(patient),
        code=str(patient["id"]),
        practice=store.practice.name,
    )


@dataclass(frozen=True)
class Section:
    """One part of the face sheet: its title, and labels with what is known; an answer that is missing is a line to
    write on.
    """

    title: str
    lines: tuple[tuple[str, str], ...]


def person_sections(store: Store, details: PatientDetails) -> list[Section]:
    """What registration knows of a person, in words of the screen's language and in the order in which one asks."""
    region = region_of(store.practice.region)

    def of(*names: str) -> tuple[tuple[str, str], ...]:
        return tuple((label_text(name, region), value_text(name, getattr(details, name), region)) for name in names)

    address = {name: getattr(details.address, name) for name in details.address.__dataclass_fields__}
    home = (_("Address"), "\n".join(region.address.lines(address)))
    numbers = [
        (kind.name, kind.mask(number.value))
        for number in details.numbers
        for kind in [region.kind(number.kind)]
        if kind
    ]
    return [
        Section(_("Person"), (*of("preferred", "pronouns", "maiden", "sex", "marital", "language"), *numbers)),
        Section(_("Contact"), (*of("mobile", "home_phone", "work_phone", "email", "contact_by"), home)),
        Section(_("In an emergency"), _relative(details.emergency, region)),
        Section(_("Who pays"), _relative(details.guarantor, region) if details.guarantor else ()),
        *_own(store, details),
    ]


def _own(store: Store, details: PatientDetails) -> list[Section]:
    """The practice's own fields, when there are values that this person may see."""
    lines = own_lines(store, details.own)
    return [Section(_("Own fields"), lines)] if lines else []


def own_lines(store: Store, values: Iterable[OwnValue]) -> tuple[tuple[str, str], ...]:
    """Labels and values of the practice's own fields, as far as this person may see them."""
    language = str(get_locale() or "en")
    shown = with_values(store, own_fields(store), values)
    return tuple((one.label(language), own_text(one, some)) for one, some in shown)


def _relative(relative: Relative, region: Region) -> tuple[tuple[str, str], ...]:
    name = " ".join(filter(None, (relative.given, relative.family)))
    said = value_text("emergency_relation", relative.relation, region)
    return ((_("Name"), name), (_("Relation"), said), (_("Telephone"), show_phone(relative.phone, region)))
