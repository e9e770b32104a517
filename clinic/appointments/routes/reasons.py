"""Why a free time is offered, in words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from clinic.appointments.rules import ranking as r
from clinic.appointments.rules.ranking import Reason
from clinic.appointments.rules.setup import Setup
from clinic.web.filters import clock
from clinic.web.filters import day as day_words

_PARTS = {
    "morning": _l("in the morning, as asked"),
    "afternoon": _l("in the afternoon, as asked"),
    "evening": _l("in the evening, as asked"),
}
_NOT_PARTS = {
    "morning": _l("not in the morning"),
    "afternoon": _l("not in the afternoon"),
    "evening": _l("not in the evening"),
}


def reason_words(reason: Reason, setup: Setup) -> str:
    """One reason as a short phrase."""
    if reason.code in (r.PART, r.NOT_PART):
        return str((_PARTS if reason.good else _NOT_PARTS)[reason.value])
    if reason.code in (r.SOONEST_WITH, r.NOT_WITH):
        return _with(reason, setup)
    if reason.code in (r.BEFORE, r.NOT_BEFORE):
        last = day_words(reason.value - timedelta(seconds=1), "d MMMM")
        return str(_("by %(day)s", day=last) if reason.good else _("later than %(day)s", day=last))
    if reason.code in (r.SPEAKS, r.NOT_SPEAKS):
        name = language_name(reason.value)
        return str(_("speaks %(language)s", language=name) if reason.good else _("no %(language)s", language=name))
    return _plain(reason)


def _with(reason: Reason, setup: Setup) -> str:
    person = setup.provider(reason.value)
    name = person.name if person else ""
    return str(_("soonest with %(name)s", name=name) if reason.good else _("not with whom you asked for"))


def _plain(reason: Reason) -> str:
    if reason.code == r.SAME_DAY:
        return str(_("same day as their visit at %(time)s", time=clock(reason.value)))
    if reason.code == r.DAY:
        return str(_("a %(day)s, as asked", day=day_words(reason.value, "EEEE")))
    words = {r.SOONEST: _("soonest"), r.USUAL: _("sees them mostly"), r.NOT_DAY: _("another day of the week")}
    return str(words.get(reason.code, ""))


def language_name(code: str) -> str:
    """A language by its short code, in the language of the screen."""
    locale: Any = get_locale()
    return str(locale.languages.get(code, code)) if locale else code
