"""What the manager asks of a visit: what is a gate, asked, mentioned or off, and how long it holds, by type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import current_app, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.setup import VisitType
from clinic.core.practice import Practice
from clinic.fhir.practice import save_practice
from clinic.fhir.store import Store
from clinic.registration.rules.evidence import ages_of
from clinic.visits.forms import StepForm
from clinic.visits.routes import blueprint, pressed
from clinic.visits.rules.needs import LEVELS, LONGEST_TERM, NEEDS, TERMS, Rules, rules_for
from clinic.visits.screens import WORDS
from clinic.web.context import forget_practice
from clinic.web.respond import go, page, toast
from clinic.web.state import state_of
from clinic.web.transaction import look, transact


@blueprint.get("/ready/rules")
@requires("management.setup")
def ready_rules() -> Response:
    """The rules for all visits, or those of one visit type."""
    return _show(look(_types))


@blueprint.post("/ready/rules")
@requires("management.setup")
def save_ready_rules() -> Response:
    """Keep them; every check-in and list uses them at once."""
    pressed()
    types = look(_types)
    chosen = _chosen(types)
    levels = {name: level for name in NEEDS if (level := request.form.get(f"level-{name}", "")) in LEVELS}
    typed = {name: request.form.get(f"days-{name}", "").strip() for name in TERMS}
    days = {name: int(text) for name, text in typed.items() if text.isascii() and text.isdigit() and len(text) < 5}
    wrong = {name for name, text in typed.items() if text and not 0 <= days.get(name, -1) <= LONGEST_TERM}
    if wrong:
        return _show(types, 422, wrong=wrong, typed=typed, levels=levels)

    def work(store: Store) -> None:
        save_practice(store.conn, _with(store.practice, chosen, levels, days))
        store.did("practice-changed", "what visits need")

    transact(work)
    forget_practice(state_of(current_app))
    toast(_("Saved."))
    return go(url_for("visits.ready_rules", type=chosen or None))


def _types(store: Store) -> list[VisitType]:
    return [kind for kind in calendar_setup(store).types if kind.active]


def _chosen(types: list[VisitType]) -> str:
    asked = request.args.get("type", "")
    return asked if any(kind.id == asked for kind in types) else ""


def _with(practice: Practice, visit_type: str, levels: dict[str, str], days: dict[str, int]) -> Practice:
    """The practice with the rules of a type; those as for all visits are not kept twice."""
    usual = _rules(replace(practice, ready={}, ready_days={}), "")
    own = {name: level for name, level in levels.items() if visit_type or level != usual.levels[name]}
    terms = {name: count for name, count in days.items() if visit_type or count != usual.days[name]}
    return replace(
        practice,
        ready=_without(practice.ready, visit_type) | ({visit_type: own} if own else {}),
        ready_days=_without(practice.ready_days, visit_type) | ({visit_type: terms} if terms else {}),
    )


def _without(kept: Mapping[str, Any], visit_type: str) -> dict[str, Any]:
    return {name: one for name, one in kept.items() if name != visit_type}


def _rules(practice: Practice, visit_type: str) -> Rules:
    coverage_days = ages_of(practice.ages)["coverage"]
    return rules_for(practice.ready, practice.ready_days, visit_type, coverage_days=coverage_days)


def _show(types: list[VisitType], status: int = 200, **more: Any) -> Response:
    practice, chosen = state_of(current_app).practice, _chosen(types)
    own_days = practice.ready_days.get(chosen, {}) if chosen else _rules(practice, "").days
    values: dict[str, Any] = {
        "types": types,
        "chosen": chosen,
        "chosen_name": next((kind.name for kind in types if kind.id == chosen), ""),
        "own": set(practice.ready) | set(practice.ready_days),
        "usual": _rules(practice, ""),
        "levels": practice.ready.get(chosen, {}) if chosen else _rules(practice, "").levels,
        "typed": {name: own_days.get(name, "") for name in TERMS},
        "needs": NEEDS,
        "terms": TERMS,
        "wrong": set(),
        "step_form": StepForm(),
        **WORDS,
    }
    return page("visits/ready_rules.html", status, **values | more)
