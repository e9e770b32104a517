"""What a manager decides about messages: stages, quiet hours, words; each kept, and put back where it was a mistake."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import sqlalchemy as sa

from clinic.communication.queries.decisions import newest_of, number_of
from clinic.communication.queries.plans import as_json, plan_from, plans_of
from clinic.communication.rules.reminders import Plan, check_plan
from clinic.communication.rules.texts import LANGUAGES, Words, check_words, shipped
from clinic.communication.service.words import texts_of
from clinic.communication.tables import message_decision, message_text, reminder_plan
from clinic.core.errors import N_, Conflict, Detail, Invalid, Stale
from clinic.core.json import Json
from clinic.db.sql import insert_ignore, upsert
from clinic.fhir.store import STALE, Store

CHANGED_SINCE: Final = N_("It was changed again since. Look at the history and write it anew.")


def plan_subject(visit_type: str) -> str:
    """Under which name decisions about the stages of a visit type are kept."""
    return f"plan:{visit_type}"


def words_subject_of(purpose: str, visit_type: str) -> str:
    """Under which name decisions about the words of a message are kept."""
    return f"words:{purpose}:{visit_type}"


def save_plan(store: Store, plan: Plan) -> int:
    """Keep the reminders of a visit type; gives the number of the decision.

    Raises Invalid, Stale when a colleague changed them meanwhile.
    """
    kept = check_plan(plan)
    present, subject = plans_of(store).get(plan.visit_type), plan_subject(plan.visit_type)
    if present is not None and as_json(present) == as_json(kept):
        return number_of(store, subject)
    if (present.version if present else 0) != plan.version:
        raise Stale(STALE, current={})
    number = _decide(store, subject, as_json(present) if present else {}, as_json(kept))
    _write_plan(store, kept)
    return number


def _write_plan(store: Store, plan: Plan) -> None:
    row = {"visit_type": plan.visit_type, "version": plan.version + 1, **as_json(plan)}
    upsert(store.conn, reminder_plan, [row], ["visit_type"])
    store.did("U", f"reminders of {plan.visit_type or 'every visit type'}")


def drop_plan(store: Store, visit_type: str) -> int:
    """Let a visit type have the reminders of all again; gives the number of the decision. Raises Conflict."""
    present = plans_of(store).get(visit_type)
    if present is None:
        raise Conflict(N_("It has the reminders of all already."))
    number = _decide(store, plan_subject(visit_type), as_json(present), {})
    _remove_plan(store, visit_type)
    return number


def _remove_plan(store: Store, visit_type: str) -> None:
    store.conn.execute(sa.delete(reminder_plan).where(reminder_plan.c.visit_type == visit_type))
    store.did("D", f"reminders of {visit_type or 'every visit type'}")


def save_words(
    store: Store, purpose: str, visit_type: str, words: dict[str, Words], *, version: int | None = None
) -> int:
    """Keep the practice's own words of a message; empty ones give the product's back. Gives the decision's number.

    Raises Invalid with the faults of every language, Stale when a colleague changed them meanwhile.
    """
    if purpose not in shipped() or not set(words) <= set(LANGUAGES):
        raise Invalid("There is no message of this kind.", field="purpose")
    kept = _checked(purpose, words)
    subject, present = words_subject_of(purpose, visit_type), _own(store, purpose, visit_type)
    known = number_of(store, subject)
    if present == _written(kept):
        return known
    if version is not None and version != known:
        raise Stale(STALE, current={})
    number = _decide(store, subject, present, _written(kept))
    _write_words(store, purpose, visit_type, kept)
    return number


def _checked(purpose: str, words: dict[str, Words]) -> dict[str, Words]:
    kept: dict[str, Words] = {}
    faults: list[Detail] = []
    for language, one in words.items():
        try:
            kept[language] = check_words(one, purpose=purpose, language=language)
        except Invalid as error:
            faults += error.details
    if faults:
        raise Invalid("Please correct the marked fields.", details=tuple(faults))
    return kept


def _own(store: Store, purpose: str, visit_type: str) -> Json:
    return _written({key[2]: one for key, one in texts_of(store).items() if key[:2] == (purpose, visit_type)})


def _written(words: dict[str, Words]) -> Json:
    return {language: {"subject": one.subject, "text": one.text} for language, one in sorted(words.items()) if one.text}


def _write_words(store: Store, purpose: str, visit_type: str, words: dict[str, Words]) -> None:
    c = message_text.c
    mine = sa.and_(c.purpose == purpose, c.visit_type == visit_type)
    store.conn.execute(sa.delete(message_text).where(mine))
    key = {"purpose": purpose, "visit_type": visit_type}
    rows: list[dict[str, Any]] = [{**key, "language": language, **one} for language, one in _written(words).items()]
    if rows:
        store.conn.execute(sa.insert(message_text), rows)
    store.did("U", f"text of a message: {purpose} {visit_type}".strip())


def put_back(store: Store, subject: str, number: int) -> int:
    """Let what counted before a decision count again, while nothing was decided since; a decision of its own.

    Raises Conflict.
    """
    last = newest_of(store, subject)
    if last is None or last.number != number:
        raise Conflict(CHANGED_SINCE)
    made = _decide(store, subject, last.after, last.before)
    kind, _, rest = subject.partition(":")
    if kind == "plan":
        _put_plan(store, rest, last.before)
    else:
        purpose, _, visit_type = rest.partition(":")
        _write_words(store, purpose, visit_type, {name: Words(**one) for name, one in last.before.items()})
    return made


def _put_plan(store: Store, visit_type: str, kept: Json) -> None:
    present = plans_of(store).get(visit_type)
    if not kept:
        _remove_plan(store, visit_type)
    else:
        _write_plan(store, replace(plan_from(visit_type, kept), version=present.version if present else 0))


def _decide(store: Store, subject: str, before: Json, after: Json) -> int:
    """Note a decision; two at once about the same thing are told apart by their number. Raises Stale."""
    number = number_of(store, subject) + 1
    row = {
        "subject": subject, "number": number, "at": store.now, "by_name": (store.actor.name or "Clinic")[:200],
        "before": before, "after": after,
    }  # fmt: skip
    if not insert_ignore(store.conn, message_decision, [row]):
        raise Stale(STALE, current={})
    return number
