"""The desk's work list: what messages and missed visits leave for a person to do."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from clinic.communication.mapping.tasks import cancelled, done_task, new_task, reopened
from clinic.communication.tables import desk_task as desk_task_row
from clinic.core.errors import N_, Conflict
from clinic.core.json import Json
from clinic.fhir.store import Store

FEE_GONE: Final = N_("A colleague has already seen to this fee. Nothing was taken.")
_t = desk_task_row.c


def desk_task(store: Store, kind: str, words: str, **about: Any) -> Json:
    """Give the desk something to do: `kind` is one of `mapping.tasks.KINDS`; `patient` a reference with its display,
    `focus` a reference such as "Communication/1", `urgent` whether it stands in front.
    """
    return store.create(new_task(kind, words, store.now, **about))


def failed_message(store: Store, message: Json, why: str) -> Json:
    """A message that did not reach its patient: somebody has to tell them another way."""
    focus = f"Communication/{message['id']}"
    return desk_task(store, "message-failed", why, patient=message.get("subject"), focus=focus, urgent=True)


def wanted(store: Store, news: Json) -> None:
    """Give the desk what a lower slice announces by `task_wanted`."""
    about = {name: news[name] for name in ("patient", "focus", "urgent") if name in news}
    desk_task(store, str(news["kind"]), str(news.get("words", "")), **about)


def unwanted(store: Store, news: Json) -> None:
    """What a lower slice no longer needs done (`task_unwanted`) is off the list, with the reason."""
    mine = sa.and_(_t.focus == str(news["focus"]), _t.kind == str(news["kind"]), _t.open)
    for id_ in store.conn.execute(sa.select(_t.id).where(mine)).scalars().all():
        finish_task(store, id_, note=str(news.get("why", "")))


def finish_task(store: Store, task_id: str, *, note: str = "", version: int | None = None) -> Json:
    """Note that it is done. Raises Conflict when a colleague already did it, Missing, Stale."""
    task = store.read("Task", task_id)
    if task.get("status") != "requested":
        raise Conflict("A colleague has already done this.")
    by = store.actor.name or "Clinic"
    return store.update(done_task(task, store.now, by=by, reference=store.actor.reference, note=note), version=version)


def finish_fee(store: Store, task_id: str, patient_id: str, *, note: str) -> None:
    """A fee is being paid by its patient: it is off the list. Raises Conflict when it is no open fee of theirs."""
    row = store.conn.execute(sa.select(_t.kind, _t.patient_id, _t.open).where(_t.id == task_id)).first()
    if row is None or (row.kind, row.patient_id) != ("fee", patient_id) or not row.open:
        raise Conflict(FEE_GONE)
    finish_task(store, task_id, note=note)


def cancel_task(store: Store, task_id: str) -> None:
    """Take away what need not be done any more; what somebody did already stays done."""
    task = store.find("Task", task_id)
    if task is not None and task.get("status") == "requested":
        store.update(cancelled(task, store.now))


def reopen_task(store: Store, task_id: str, *, version: int) -> Json:
    """Undo: it waits again."""
    return store.update(reopened(store.read("Task", task_id)), version=version)
