"""The codes of orders and recalls as words and shapes of the screen, and what their forms may choose."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from clinic.appointments.recall_forms import PolicyForm, RecallForm, RuleForm
from clinic.appointments.routes.shown import tools
from clinic.appointments.rules.recalls import LETTER, PRIORITIES, TASK, Recall, Rule
from clinic.appointments.rules.setup import Setup
from clinic.registration.rules.flags import Kind
from clinic.web.filters import day, today

KINDS = {"order": _l("Order"), "recall": _l("Recall")}
PRIORITY_WORDS = {
    "routine": (_l("Routine"), "mute", "dash"),
    "urgent": (_l("Urgent"), "warn", "warn"),
    "asap": (_l("As soon as possible"), "danger", "stop"),
    "stat": (_l("At once"), "danger", "stop"),
}
"""Word, badge and shape of each priority."""
OUTCOME_WORDS = {
    "done": _l("Reached"),
    "no-answer": _l("No answer"),
    "message": _l("Left a message"),
    "declined": _l("Said no"),
    "wrong-number": _l("Wrong number"),
}
VIEWS = {
    "due": _l("To call"),
    "overdue": _l("Overdue"),
    "ahead": _l("Put off"),
    "letter": _l("Letters"),
    "done": _l("Booked"),
    "closed": _l("Closed"),
}
WAYS = {"phone": _l("By telephone"), "message": _l("Message"), "said": _l("By another program")}
STATES = {
    "active": (_l("Open"), "info", "clock"),
    "completed": (_l("Booked"), "ok", "check"),
    "revoked": (_l("Closed"), "mute", "cross"),
    "on-hold": (_l("On hold"), "mute", "dash"),
    "draft": (_l("Draft"), "mute", "dash"),
    "entered-in-error": (_l("Made by mistake"), "mute", "cross"),
}
CLOSE_REASONS = (
    _l("Done elsewhere"),
    _l("No longer needed"),
    _l("The patient said no"),
    _l("Cannot be reached"),
    _l("Has moved away"),
)


def words() -> dict[str, Any]:
    """What the templates of orders and recalls read beside their rows."""
    return {
        "kinds": KINDS, "priorities": PRIORITY_WORDS, "outcomes": OUTCOME_WORDS, "views": VIEWS, "ways": WAYS,
        "states": STATES, "close_reasons": CLOSE_REASONS, "window": window, "find_query": find_values, **tools(),
    }  # fmt: skip


def window(one: Recall) -> str:
    """When it fits: a day, or the days around it."""
    if not one.days:
        return day(one.due, "d MMM y")
    return _("%(first)s to %(last)s", first=day(one.first, "d MMM"), last=day(one.last, "d MMM y"))


def find_values(one: Recall) -> dict[str, Any]:
    """What "Find a time" is filled with: who, what, with whom, in which days; the order goes along."""
    today_ = today()
    values: dict[str, Any] = {"patient": one.patient_id, "order": one.id}
    values |= {"visit_type": one.type_id} if one.type_id else {}
    values |= {"with": one.provider_id} if one.provider_id else {}
    values |= {"since": one.first.isoformat()} if one.first > today_ else {}
    return values | ({"until": one.last.isoformat()} if one.days and one.last >= today_ else {})


def fill_recall(form: RecallForm, setup: Setup) -> RecallForm:
    """Give the form the practice's own choices."""
    people = [(person.id, person.name) for person in setup.columns()]
    types = [(kind.id, kind.name) for kind in setup.types if kind.active]
    form.kind.choices = [(code, str(words)) for code, words in KINDS.items()]
    form.visit_type.choices = [*types, ("", _("Something else, in words"))]
    form.priority.choices = [(code, str(PRIORITY_WORDS[code][0])) for code in reversed(PRIORITIES)]
    form.provider.choices = [("", _("Anybody")), *people]
    form.requester.choices = [("", _("Nobody named")), *people]
    return form


def fill_rule(form: RuleForm, setup: Setup, flags: tuple[Kind, ...]) -> RuleForm:
    """The same for a rule; only flags that every desk may see can be chosen."""
    types = [(kind.id, kind.name) for kind in setup.types if kind.active]
    form.type_id.choices = types
    form.wanted.choices = [("", _("The same again")), *types]
    sexes = (("female", _("Female")), ("male", _("Male")), ("other", _("Other")))
    form.sex.choices = [("", _("Everybody")), *sexes]
    plain = [(one.code, one.label if one.own else _(one.label)) for one in flags if one.active and not one.clinical]
    form.flag.choices = [("", _("With or without")), *plain]
    form.priority.choices = [(code, str(PRIORITY_WORDS[code][0])) for code in reversed(PRIORITIES)]
    return form


def fill_policy(form: PolicyForm) -> PolicyForm:
    """The choices of what follows."""
    form.then.choices = [(TASK, _("it is a task for a person")), (LETTER, _("a letter is proposed"))]
    return form


def recall_values(one: Recall) -> dict[str, Any]:
    """An order or a recall as the form's values."""
    return {
        "patient": one.patient_id, "kind": one.kind, "visit_type": one.type_id,
        "what": "" if one.type_id else one.what, "due": one.due.isoformat(), "days": str(one.days or ""),
        "priority": one.priority, "provider": one.provider_id, "requester": one.requester_id, "note": one.note,
        "version": str(one.version),
    }  # fmt: skip


def rule_values(rule: Rule) -> dict[str, Any]:
    """A rule as the form's values."""
    numbers = {name: str(getattr(rule, name) or "") for name in ("months", "age_from", "age_to", "days", "ahead")}
    others = ("id", "type_id", "wanted", "sex", "flag", "priority", "same_provider", "active")
    return {name: getattr(rule, name) for name in others} | numbers | {"version": str(rule.version)}
