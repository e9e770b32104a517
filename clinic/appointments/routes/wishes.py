"""What somebody waits for: the form, and what it means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from clinic.appointments.forms import NO_DAY, WishForm, read_day
from clinic.appointments.routes.entering import practice
from clinic.appointments.routes.reasons import language_name
from clinic.appointments.routes.shown import PARTS, WEEKDAYS
from clinic.appointments.rules.setup import Setup
from clinic.appointments.rules.waitlist import NORMAL, SOON, URGENT, Entry, Wants
from clinic.core.days import day_bounds, local
from clinic.core.errors import Invalid
from clinic.web.filters import today

URGENCIES = {
    str(NORMAL): (_l("When it suits"), "mute", "dash"),
    str(SOON): (_l("Soon"), "info", "clock"),
    str(URGENT): (_l("Urgent"), "danger", "stop"),
}
"""Word, badge and shape of each urgency."""
OFFER_STATES = {
    "ready": (_l("Being told"), "told", ""),
    "open": (_l("Waits for an answer"), "info", "clock"),
    "accepted": (_l("Took it"), "ok", ""),
    "declined": (_l("Declined"), "mute", "cross"),
    "expired": (_l("No answer"), "warn", ""),
    "lost": (_l("Somebody else was first"), "mute", "dash"),
    "withdrawn": (_l("Taken back"), "mute", "dash"),
}
WAITS_FOR = timedelta(days=90)
"""How long somebody waits when nobody says."""


def fill_choices(form: WishForm, setup: Setup) -> WishForm:
    """Give the form the practice's own choices."""
    spoken = {code for person in setup.columns() for code in person.languages}
    languages = sorted((language_name(code), code) for code in spoken)
    form.visit_type.choices = [(kind.id, kind.name) for kind in setup.types if kind.active]
    form.providers.choices = [(person.id, person.name) for person in setup.columns()]
    form.site.choices = [("", _("Any site")), *((site.id, site.name) for site in setup.sites)]
    form.parts.choices = [(code, str(words)) for code, words in PARTS.items() if code != "any"]
    form.weekdays.choices = [(str(number), str(words)) for number, words in enumerate(WEEKDAYS)]
    form.urgency.choices = [(code, str(words[0])) for code, words in URGENCIES.items()]
    form.language.choices = [("", _("Any language")), *((code, name) for name, code in languages)]
    return form


def wish_values(entry: Entry) -> dict[str, Any]:
    """An entry as the form's values."""
    zone, wants = practice().zone, entry.wants
    last = local(entry.until - timedelta(seconds=1), zone).date()
    return {
        "patient": entry.patient_id, "instead": wants.instead, "visit_type": entry.type_id,
        "providers": list(wants.providers), "site": wants.site, "parts": sorted(wants.parts),
        "weekdays": [str(day) for day in sorted(wants.weekdays)], "since": local(entry.since, zone).date().isoformat(),
        "until": last.isoformat(), "notice": str(wants.notice or ""), "urgency": str(entry.urgency),
        "language": wants.language, "note": entry.note, "version": str(entry.version),
    }  # fmt: skip


def fresh_values(values: Any) -> dict[str, Any]:
    """The form's values from an address, such as the one that the panel "Find a time" sends."""
    part = values.get("part", "")
    found = {name: values.get(name, "")[:64] for name in ("patient", "instead", "visit_type", "site", "language")}
    return found | {
        "providers": values.getlist("with")[:50], "parts": [part] if part in PARTS and part != "any" else [],
        "weekdays": values.getlist("weekday")[:7], "until": values.get("until", "")[:40], "urgency": str(NORMAL),
    }  # fmt: skip


def asked_entry(form: WishForm, now: datetime) -> Entry:
    """The entry that a sent form asks for. Raises Invalid, tied to the field."""
    zone = practice().zone
    first = _day(form, "since", today())
    last = _day(form, "until", first + WAITS_FOR)
    since = max(day_bounds(first, zone)[0], now)
    urgency = str(form.urgency.data or "")
    wants = Wants(
        providers=_known(form.providers.data),
        site=str(form.site.data or "")[:64],
        parts=frozenset(code for code in form.parts.data or () if code in PARTS and code != "any"),
        weekdays=frozenset(int(day) for day in form.weekdays.data or () if day in "0123456" and len(day) == 1),
        notice=form.read_notice(),
        language=str(form.language.data or "")[:8],
        instead=str(form.instead.data or "")[:64],
    )
    entry = Entry(
        str(form.patient.data or ""), str(form.visit_type.data or ""), since, day_bounds(last, zone)[1], wants
    )
    note = " ".join(str(form.note.data or "").split())
    return replace(entry, urgency=int(urgency) if urgency in URGENCIES else NORMAL, note=note)


def _known(ids: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(id_[:64] for id_ in ids or () if id_))


def _day(form: WishForm, name: str, usual: date) -> date:
    text = str(form[name].data or "").strip()
    if not text:
        return usual
    try:
        return read_day(text, today=today(), order=practice().date_order)
    except ValueError:
        raise Invalid(NO_DAY, field=name) from None


def wants_words(entry: Entry, setup: Setup) -> list[str]:
    """What is wanted of the time, as short phrases; nothing when all will do."""
    wants = entry.wants
    names = [person.name for id_ in wants.providers if (person := setup.provider(id_))]
    words = [", ".join(names)] if names else []
    words += [str(PARTS[part]) for part in PARTS if part in wants.parts]
    words += [", ".join(str(WEEKDAYS[day]) for day in sorted(wants.weekdays))] if wants.weekdays else []
    site = setup.site(wants.site)
    words += [site.name] if site else []
    words += [language_name(wants.language)] if wants.language else []
    if wants.notice:
        words.append(_("%(hours)s h notice", hours=wants.notice))
    if wants.instead:
        words.append(_("instead of a later visit"))
    return words
