"""The words of imports: states, kinds of rows, messages of rows, names of what a column becomes."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from clinic.registration.banner import language_text
from clinic.registration.words import CHANNEL_WORDS, MARITAL_WORDS, RELATION_WORDS, SEX_WORDS
from clinic.transfer.rules.person import Said
from clinic.transfer.rules.values import CHOICES, known_words
from clinic.web.filters import day

STATES = {
    "columns": ("todo", _l("columns to be matched")),
    "busy": ("told", _l("under way")),
    "checked": ("info", _l("checked, not run")),
    "done": ("ok", _l("done")),
    "undone": ("mute", _l("taken back")),
    "stopped": ("warn", _l("stopped")),
}
PHASES = {"check": _l("Checking"), "run": _l("Bringing in"), "undo": _l("Taking back")}
VERDICTS = {
    "new": _l("New"),
    "same": _l("Nothing to add"),
    "certain": _l("Certainly on file"),
    "likely": _l("Likely on file"),
    "fault": _l("Cannot be taken"),
}
OUTCOMES = {
    "created": _l("New"),
    "filled": _l("Filled in"),
    "same": _l("Nothing to add"),
    "skipped": _l("Left out"),
    "fault": _l("Not taken"),
    "undone": _l("Taken back"),
    "kept": _l("Stays: changed since"),
}
ORDERS = {
    "mdy": _l("month, day, year"),
    "dmy": _l("day, month, year"),
    "ymd": _l("year, month, day"),
    "serial": _l("Excel's count of days"),
}
TYPES = {
    "Patient": _l("Person"), "Appointment": _l("Appointments"), "Encounter": _l("Visits"), "Coverage": _l("Insurance"),
    "Claim": _l("Diagnoses and services"), "PaymentNotice": _l("Payments"), "Consent": _l("Consents"),
    "QuestionnaireResponse": _l("Forms"), "Communication": _l("Calls and messages"), "Flag": _l("Flags"),
    "DocumentReference": _l("Documents"), "Binary": _l("Pictures and papers"), "RelatedPerson": _l("Related people"),
    "Account": _l("Who pays"), "Provenance": _l("Where values come from"), "Condition": _l("Diagnoses"),
}  # fmt: skip
_KINDS: dict[str, tuple[tuple[str, Any], ...]] = {
    "sex": SEX_WORDS,
    "marital": MARITAL_WORDS[1:],
    "contact": CHANNEL_WORDS[1:],
    "relation": RELATION_WORDS[1:],
    "yes": (("1", _l("yes")), ("", _l("no"))),
}


def said_text(said: Said) -> str:
    """A message of a row in the language of the screen; names of fields in it too."""
    params = {name: _shown(name, value) for name, value in said.params.items()}
    return str(_(said.message, **params)) if params else str(_(said.message))


def _shown(name: str, value: Any) -> Any:
    if name in ("label", "reason") and value:
        return _(value)
    is_day = isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value)
    return day(value) if is_day else value


def meanings(kind: str, languages: tuple[str, ...]) -> list[tuple[str, str]]:
    """(code, words) of what a word of this kind may mean."""
    if kind == "language":
        codes = dict.fromkeys([*languages, *sorted(set(known_words("language").values()))])
        pairs = [(code, language_text(code)) for code in codes if len(code) <= 3]
        return pairs[: len(languages)] + sorted(pairs[len(languages) :], key=lambda pair: pair[1].casefold())
    return [(code, str(words)) for code, words in _KINDS[kind] if code in CHOICES[kind]]
