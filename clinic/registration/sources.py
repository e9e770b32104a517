"""Where a value comes from, and the value itself, in the words of the screen."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from clinic.core import source as kinds
from clinic.core.source import UNKNOWN
from clinic.regions import Region
from clinic.registration.own_form import PREFIX
from clinic.registration.routes.shown import label_text, value_text
from clinic.registration.rules.details import Absent, Address, Relative
from clinic.registration.rules.evidence import SET, Evidence, Told
from clinic.web.filters import day

SOURCE_WORDS: dict[str, Any] = {
    kinds.DESK: _l("Typed at the desk"),
    kinds.IN_PERSON: _l("Told at the desk"),
    kinds.PHONE: _l("Told by phone"),
    kinds.TABLET: _l("Given on the tablet"),
    kinds.LINK: _l("Given through a link"),
    kinds.CARD: _l("Read from the insurance card"),
    kinds.LICENCE: _l("Read from the licence"),
    kinds.DOCUMENT: _l("Read from a document"),
    kinds.FAMILY: _l("Taken over from a family member"),
    kinds.IMPORT: _l("Imported"),
    kinds.INTERFACE: _l("Sent by a program"),
    kinds.MERGE: _l("Brought by a merge"),
    kinds.UNMERGE: _l("Brought back when a merge was undone"),
    kinds.RESTORED: _l("Restored from the history"),
    kinds.UNKNOWN: _l("On file, source not known"),
}
CONFIRMED_WORDS: dict[str, Any] = {
    kinds.DESK: _l("Confirmed at the desk"),
    kinds.IN_PERSON: _l("Confirmed in person"),
    kinds.PHONE: _l("Confirmed by phone"),
    kinds.TABLET: _l("Confirmed on the tablet"),
    kinds.LINK: _l("Confirmed through a link"),
    kinds.INTERFACE: _l("Confirmed by a program"),
}
_WHOLE: dict[str, Any] = {
    "address": _l("Address"),
    "mailing": _l("Postal address"),
    "temporary": _l("Temporary address"),
    "emergency": _l("Whom to call"),
    "emergency2": _l("Whom to call second"),
    "emergency3": _l("Whom to call third"),
    "guarantor": _l("Who pays"),
    "coverage": _l("Coverage"),
    "photo": _l("Photo"),
    "record": _l("Record"),
}
_ICONS = {
    "address": "home", "mailing": "home", "email": "mail", "mobile": "phone", "home_phone": "phone",
    "work_phone": "phone", "contact_by": "message", "language": "globe", "general_practitioner": "doctor",
    "birth_date": "calendar",
}  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """A value with what stands behind it, as a tile or a popover says it."""

    field: str
    label: str
    value: str
    icon: str
    evidence: Evidence
    input: str
    """The first input of the form that holds it."""

    @property
    def line(self) -> str:
        """`Told by phone, 3 Jan 2026`; for a confirmed value `Confirmed by Noor Aziz, 9 Mar 2026`."""
        return evidence_line(self.evidence)


def source_text(told: Told) -> str:
    """How a value came, or how it was confirmed."""
    if told.act != SET:
        return str(CONFIRMED_WORDS.get(told.source, _("Confirmed")))
    return str(SOURCE_WORDS.get(told.source, SOURCE_WORDS[UNKNOWN]))


def evidence_line(evidence: Evidence) -> str:
    """Source and date in one short line; unsure sources say since when the value is on file."""
    verified = evidence.verified
    if verified is not None:
        if verified.by_name:
            return str(_("Confirmed by %(who)s, %(date)s", who=verified.by_name, date=day(verified.at)))
        return str(_("Confirmed, %(date)s", date=day(verified.at)))
    told = evidence.told
    if told.source == UNKNOWN:
        return str(_("On file since %(date)s, source not known", date=day(told.at)))
    return str(_("%(source)s, %(date)s", source=source_text(told), date=day(told.at)))


def field_label(name: str, region: Region) -> str:
    """The name of a field, also of one that is made of several."""
    return str(_WHOLE[name]) if name in _WHOLE else label_text(name, region)


def value_words(name: str, value: Any, region: Region) -> str:
    """A value in words, also one that is made of several; identity numbers masked."""
    if name == "photo":
        return str(_("Photo"))
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, Absent):
        return value_text(f"absent_{name}", value.reason, region)
    return _parts_words(value, region) if is_dataclass(value) else value_text(name, value, region)


def _parts_words(value: Any, region: Region) -> str:
    said = {part.name: getattr(value, part.name) for part in fields(value)}
    if isinstance(value, Address):
        return ", ".join(region.address.lines(said))
    if isinstance(value, Relative):
        person = " ".join(filter(None, (value.given, value.family)))
        relation = value_text("emergency_relation", value.relation, region)
        return ", ".join(filter(None, (person, relation, value_text("mobile", value.phone, region))))
    return " ".join(str(text) for text in said.values() if text)


def shown(evidence: Evidence, value: Any, region: Region) -> Shown:
    """A value as the screen shows it."""
    name = evidence.field
    icon = _ICONS.get(name, "people" if isinstance(value, Relative) else "idcard" if "number" in name else "person")
    first = input_names(name, value)[0]
    return Shown(name, field_label(name, region), value_words(name, value, region), icon, evidence, first)


def input_names(field: str, value: Any) -> list[str]:
    """The inputs of a field on the form: one, or one for each of its parts."""
    if field.startswith("own:"):
        return [PREFIX + field.removeprefix("own:")]
    if not is_dataclass(value) or isinstance(value, Absent):
        return [field]
    prefix = "" if field == "address" else f"{field}_"
    return [prefix + part.name for part in fields(value)]
