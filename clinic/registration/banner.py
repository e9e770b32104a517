"""The patient banner: the same facts in the same order on every page about a patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import sqlalchemy as sa
from babel import Locale
from babel.core import UnknownLocaleError
from flask import current_app, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from clinic.access.guard import can
from clinic.core.days import age
from clinic.core.errors import Missing
from clinic.fhir.store import Store
from clinic.registration.queries.finder import today_of
from clinic.registration.queries.flags import banner_columns, shown, today_text
from clinic.registration.queries.merges import require_in_use
from clinic.registration.rules.birth import birth_day
from clinic.registration.tables import patient_row
from clinic.registration.words import drawn_flag
from clinic.web.state import state_of


@dataclass(frozen=True)
class Banner:
    """What `_parts/banner.html` shows. `coverage` is {name, state, word}; `flags` are [{kind, shape, word}]."""

    id: str
    name: str
    legal_name: str
    photo_url: str
    url: str
    born: str
    age: str
    pronouns: str
    record_number: str
    language: str
    flags: list[dict[str, str]] = field(default_factory=list)
    coverage: dict[str, str] | None = None
    amount_due: Any = None
    active: bool = True
    version: int = 0
    phones: tuple[str, ...] = ()
    email: str = ""


def banner_of(store: Store, patient_id: str, *, what: str = "banner") -> Banner:
    """The banner of one patient, noted in the audit trail as seen.

    Takes one statement and one for each fact that a slice offers. Raises Missing, and Moved for a merged record.
    """
    found = banners_of(store, [patient_id])
    if patient_id not in found:
        store.read("Patient", patient_id)
        raise Missing("There is no patient with this number.")
    if not found[patient_id].active:
        require_in_use(store, patient_id)
    store.saw(patient_id, what)
    return found[patient_id]


def banners_of(store: Store, patient_ids: Sequence[str]) -> dict[str, Banner]:
    """The banners of several patients by id; who is not there is left out. Notes nothing in the audit trail."""
    values = {"patient_ids": list(patient_ids), "today": today_text(store)}
    rows = store.conn.execute(_wanted(), values).mappings().all()
    return banners_from(store, rows)


@cache
def _wanted() -> sa.Select[Any]:
    return sa.select(*banner_columns()).where(patient_row.c.id.in_(sa.bindparam("patient_ids", expanding=True)))


def banners_from(store: Store, rows: Sequence[sa.RowMapping]) -> dict[str, Banner]:
    """The banners of patients whose rows are at hand already, with the facts of every slice."""
    facts = facts_of(store, [row["id"] for row in rows])
    return {row["id"]: _banner(store, row, facts) for row in rows}


def photo_url_of(patient_id: str, photo: str) -> str:
    """Where the portrait is served; empty when there is none."""
    return url_for("registration.photo", patient_id=patient_id, v=photo[-8:]) if photo else ""


def age_text(birth_date: str, store: Store) -> str:
    """Whole years as text, in months below two years; empty when the birth date is not known."""
    today = today_of(store)
    try:
        born = birth_day(birth_date)
    except ValueError:
        return ""
    years = age(born, today)
    if years >= 2 or len(birth_date) < 7:
        return str(max(years, 0))
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    return str(_("%(count)s mo", count=max(months, 0)))


def language_text(code: str) -> str:
    """The name of a language in the language of the screen; the code when nobody knows it."""
    if not code:
        return ""
    screen = get_locale() or Locale("en")
    try:
        return Locale.parse(code.replace("-", "_")).get_display_name(screen) or code
    except (UnknownLocaleError, ValueError):
        return str(screen.languages.get(code.split("-", maxsplit=1)[0], code))


def facts_of(store: Store, ids: Sequence[str]) -> dict[str, Any]:
    """What the slices know of patients on the day of the store, by the name of the fact and the patient's id.

    Holds only facts that this person may see; one statement for each. Notes nothing in the audit trail.
    """
    facts: dict[str, Any] = {}
    if not ids:
        return facts
    for part in state_of(current_app).slices:
        for fact in part.banner:
            if can(fact.permission):
                facts[fact.name] = fact.load(store, ids)
    return facts


def _banner(store: Store, row: sa.RowMapping, facts: dict[str, Any]) -> Banner:
    patient_id = row["id"]
    language = language_text(row["language"])
    return Banner(
        id=patient_id,
        name=row["display"],
        legal_name=row["legal"],
        photo_url=photo_url_of(patient_id, row["photo"]),
        url=url_for("registration.patient", patient_id=patient_id),
        born=_("about %(year)s", year=row["birth_date"]) if row["birth_estimated"] else row["birth_date"],
        age=age_text(row["birth_date"], store),
        pronouns=row["pronouns"],
        record_number=row["record_number"] or _("none yet"),
        language=language,
        flags=[*_own_flags(store, row), *(facts.get("flags", {}).get(patient_id) or [])],
        coverage=facts.get("coverage", {}).get(patient_id),
        amount_due=facts.get("amount_due", {}).get(patient_id, 0) if "amount_due" in facts else "",
        active=row["active"],
        version=row["version"],
        phones=tuple(row["phones"].split()),
        email=row["email"],
    )


def _own_flags(store: Store, row: sa.RowMapping) -> list[dict[str, str]]:
    flags = []
    if row["restricted"]:
        flags.append({"kind": "danger", "word": _("Restricted"), "shape": "lock"})
    if row["deceased"]:
        flags.append({"kind": "danger", "word": _("Deceased"), "shape": "stop"})
    if not row["active"]:
        flags.append({"kind": "warn", "word": _("Record not in use"), "shape": "warn"})
    set_ = shown(store, row["flag_text"])
    flags += [drawn_flag(one) for one in set_]
    kinds = {one.kind for one in set_}
    if row["interpreter"] and "interpreter" not in kinds:
        flags.append({"kind": "warn", "word": _("Interpreter"), "shape": "globe"})
    words = {"phone": _("Call, no texts"), "letter": _("By letter"), "email": _("By e-mail")}
    if row["contact_by"] in words and not (row["contact_by"] == "phone" and "no-texts" in kinds):
        flags.append({"kind": "mute", "word": words[row["contact_by"]], "shape": "phone"})
    return flags
