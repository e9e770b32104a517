"""What the screens say about a search: how it was read, and why somebody was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from clinic.access.guard import can
from clinic.registration.own_form import now_own_fields
from clinic.registration.rules import ranking
from clinic.registration.rules.matching import Reason
from clinic.registration.rules.query import Query
from clinic.registration.rules.ranking import Hit
from clinic.web.filters import day

WHY: dict[str, Any] = {
    ranking.SURNAME: _l("Surname matches"),
    ranking.GIVEN: _l("First name matches"),
    ranking.NAME: _l("Both names match"),
    ranking.OTHER: _l("Goes by another name"),
    ranking.ALIKE: _l("Sounds alike"),
    ranking.LETTER: _l("One letter off"),
    ranking.BORN: _l("birth date matches"),
    ranking.YEAR: _l("birth year matches"),
    ranking.AGE: _l("age matches"),
    ranking.YEAR_OFF: _l("born one year off"),
    ranking.NUMBER: _l("Number matches"),
    ranking.PHONE: _l("Telephone matches"),
    ranking.OWN_FIELD: _l("Own field matches"),
}
REASONS = (
    _l("Same surname"), _l("One surname shared: %(name)s"), _l("Surname used before: %(name)s"),
    _l("Same first name"), _l("First name also in use: %(name)s"), _l("First name close: %(new)s, %(known)s"),
    _l("First name short or in full: %(new)s, %(known)s"), _l("First name and surname swapped"),
    _l("First name stands where the surname was, or the reverse"), _l("Same name, written otherwise"),
    _l("Surname one letter off: %(new)s, %(known)s"), _l("First name one letter off: %(new)s, %(known)s"),
    _l("Surname fits its initial: %(new)s, %(known)s"), _l("First name fits its initial: %(new)s, %(known)s"),
    _l("Surname sounds alike: %(new)s, %(known)s"), _l("First name sounds alike: %(new)s, %(known)s"),
    _l("Surname close: %(new)s, %(known)s"), _l("Surname differs: %(new)s, %(known)s"),
    _l("First name differs: %(new)s, %(known)s"), _l("Same birth date, %(known)s"),
    _l("Birth dates fit: %(new)s, %(known)s"), _l("Day and month swapped: %(new)s, %(known)s"),
    _l("Birth date one figure off: %(new)s, %(known)s"), _l("Birth date differs: %(new)s, %(known)s"),
    _l("Same telephone, ending %(end)s"), _l("Telephone differs: ending %(new)s, %(known)s"), _l("Same e-mail"),
    _l("Same identity or insurance number"), _l("Same street: %(known)s"),
    _l("Street differs: %(new)s, %(known)s"), _l("Same postcode, %(known)s"), _l("Administrative sex differs"),
)  # fmt: skip
"""Named here so that translators find them; `rules/matching.py` chooses among them."""


@dataclass(frozen=True)
class Chip:
    """One part of a search as it was understood."""

    icon: str
    text: str


def chips(query: Query) -> list[Chip]:
    """How a search was read, part by part."""
    labels = {one.key: one.label(str(get_locale() or "en")) for one in now_own_fields()} if query.own else {}
    found = [Chip("tag", f"{labels.get(key, key)}: {value}") for key, value in query.own]
    if query.words:
        found.append(Chip("people", _("name %(words)s, any accent", words=" ".join(query.words))))
    found += [Chip("calendar", _("born %(date)s", date=day(born))) for born in query.births]
    if query.years and query.age is not None:
        found.append(Chip("calendar", _("born %(year)s or aged %(age)s", year=query.years[0], age=query.age)))
    elif query.years and query.words:
        found.append(Chip("calendar", _("born %(year)s", year=query.years[0])))
    elif query.age is not None:
        found.append(Chip("calendar", _("aged %(age)s", age=query.age)))
    if query.digits and not (query.years and query.words):
        found.append(Chip("phone", _("telephone with %(digits)s", digits=query.digits)))
    if query.number and not query.words and not (query.births and not query.digits):
        found.append(Chip("idcard", _("record or card number %(number)s", number=query.number)))
    return found


def why(hit: Hit) -> str:
    """Why somebody was found, in a few words."""
    return "; ".join(str(WHY.get(part, part)) for part in hit.why)


def reason_text(reason: Reason) -> str:
    """One reason of a comparison in the language of the screen, its dates as people write them."""
    dated = "irth date" in reason.message or "Day and month" in reason.message
    values = {name: day(value) if dated else value for name, value in reason.values.items()}
    return str(_(reason.message, **values)) if values else str(_(reason.message))


def open_url(endpoint: str, **values: str) -> str:
    """The address of a screen that exists and that this person may open; otherwise nothing."""
    view = current_app.view_functions.get(endpoint)
    permission = getattr(view, "permission", None)
    if not view or not permission or not can(permission):
        return ""
    given: dict[str, Any] = dict(values)
    return url_for(endpoint, **given)
