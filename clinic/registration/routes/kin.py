"""What the screens say about the people beside a patient."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from clinic.core.days import local
from clinic.fhir.store import Store
from clinic.regions import region_of, show_phone
from clinic.registration.banner import age_text
from clinic.registration.queries.people import Beside
from clinic.registration.rules.details import Relative
from clinic.registration.rules.family import guards, is_minor, same_name
from clinic.registration.words import RELATION_WORDS

WORDS: dict[str, Any] = {
    **dict(RELATION_WORDS),
    "": "",
    "WIFE": _l("Wife"),
    "HUSB": _l("Husband"),
    "SIS": _l("Sister"),
    "BRO": _l("Brother"),
    "GRMTH": _l("Grandmother"),
    "GRFTH": _l("Grandfather"),
    "GRNDDAU": _l("Granddaughter"),
    "GRNDSON": _l("Grandson"),
    "WARD": _l("Under their guardianship"),
}
"""Every relation as it is said of one person; those with the sex in them come from `rules/family.py`."""


@dataclass(frozen=True)
class Kin:
    """Somebody beside the patient as a tile or a list shows them; `line` is the quiet second line."""

    id: str
    name: str
    age: str
    relation: str
    line: str
    phone: str
    patient_id: str = ""
    photo: str = ""
    mine: bool = True
    emergency: bool = False
    pays: bool = False
    guardian: bool = False
    attorney: bool = False
    lives: bool = False
    active: bool = True
    deceased: bool = False


def kin_of(store: Store, found: list[Beside], *, patient: Any, contacts: list[Relative]) -> list[Kin]:
    """Everybody beside a patient in words: the people with records of their own, then whom else to call.

    `patient` is the patient's row; `contacts` whom the record itself names for an emergency.
    """
    today = local(store.now, store.practice.zone).date()
    minor = is_minor(patient["birth_date"], today)
    called = {" ".join((one.given, one.family)): one for one in contacts}
    shown = []
    for one in (_open_or_masked(store, each) for each in found):
        emergency = one.mine and (one.bond.emergency or any(same_name(one.name, name) for name in called))
        called = {name: relative for name, relative in called.items() if not same_name(one.name, name)}
        shown.append(_kin(store, one, patient, emergency=emergency, minor=minor))
    return shown + [_called(store, one) for one in called.values()]


def _open_or_masked(store: Store, one: Beside) -> Beside:
    """Of a restricted record the name alone."""
    if not store.is_closed(one.patient_id):
        return one
    return replace(one, phone="", birth_date="", photo="", lives=False)


def _kin(store: Store, one: Beside, patient: Any, *, emergency: bool, minor: bool) -> Kin:
    bond = one.bond
    guardian = one.mine and guards(bond, minor=minor)
    attorney = one.mine and bond.attorney
    phone = _phone(store, one.phone)
    relation = str(WORDS.get(one.relation, ""))
    roles = [
        relation,
        _("guardian") if guardian and one.relation != "GUARD" else "",
        _("decides for the patient") if attorney else "",
        _("emergency contact") if emergency else "",
        _("pays the bills") if bond.pays and one.mine else "",
        phone if one.mine else "",
    ]
    line = ", ".join(str(role) for role in roles if role)
    if not one.mine and bond.pays:
        line = "; ".join(filter(None, (line, _pays_for(patient, one.sex))))
    if not one.id:
        line = ", ".join(filter(None, (relation, _home_line(one))))
    return Kin(
        id=one.id if one.mine else "",
        name=one.name,
        age=age_text(one.birth_date, store) if one.birth_date else "",
        relation=relation,
        line=line,
        phone=phone,
        patient_id=one.patient_id,
        photo=one.photo,
        mine=one.mine,
        emergency=emergency,
        pays=bond.pays and one.mine,
        guardian=guardian,
        attorney=attorney,
        lives=one.lives,
        active=one.active,
        deceased=one.deceased,
    )


def _home_line(one: Beside) -> str:
    """That somebody lives here: always of those who are shown for nothing else."""
    return str(_("lives at the same address")) if one.lives or not one.relation else ""


def _pays_for(patient: Any, sex: str) -> str:
    name = patient["given"] or patient["display"]
    if sex == "female":
        return str(_("%(name)s pays for her", name=name))
    if sex == "male":
        return str(_("%(name)s pays for him", name=name))
    return str(_("%(name)s pays for them", name=name))


def _called(store: Store, relative: Relative) -> Kin:
    phone = _phone(store, relative.phone)
    relation = str(WORDS.get(relative.relation, ""))
    line = ", ".join(str(one) for one in (relation, _("emergency contact"), phone) if one)
    name = " ".join(filter(None, (relative.given, relative.family))) or "?"
    return Kin(id="", name=name, age="", relation=relation, line=line, phone=phone, emergency=True)


def _phone(store: Store, phone: str) -> str:
    return show_phone(phone, region_of(store.practice.region)) if phone else ""
