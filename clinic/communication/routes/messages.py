"""Messages to and from patients: what waits for a person, the list of all, and what was not really sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.communication.mapping.tasks import KINDS
from clinic.communication.queries.messages import PAGE, LastMessage, Looked, list_messages
from clinic.communication.queries.tasks import count_tasks, list_tasks, not_sent
from clinic.communication.routes.calls import blueprint
from clinic.communication.rules.messages import PURPOSES, STATES
from clinic.communication.service.messages import take_back
from clinic.communication.service.tasks import finish_task, reopen_task
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.registration.queries.finder import people
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, transact

LOOKS = {
    "failed": ("danger", "stop"), "received": ("info", "mail"), "delivered": ("ok", "check"), "sent": ("ok", "check"),
    "stopped": ("mute", "cross"),
}  # fmt: skip
_LAST_PAGE = 10_000


@blueprint.get("/messages")
@requires("communication.read")
def messages() -> Response:
    """Messages, newest first; searched by name and words, and by state."""
    state = request.args.get("state", "")
    text, patient = request.args.get("q", "")[:80].strip(), request.args.get("patient", "")[:64]
    looked = Looked(text, state if state in STATES else "", patient, page=_page_number())

    def read(store: Store) -> dict[str, Any]:
        store.did("search", "messages")
        rows, total = list_messages(store, looked)
        names = people(store, [patient]) if patient else {}
        return {"rows": rows, "total": total, "waiting": count_tasks(store), "of": names.get(patient)}

    return _list("communication/messages.html", looked=looked, **look(read))


@blueprint.get("/messages/to-do")
@requires("communication.read")
def messages_to_do() -> Response:
    """What messages and missed visits leave for a person: failed messages, replies to answer."""
    text, number = request.args.get("q", "")[:80].strip(), _page_number()

    def read(store: Store) -> dict[str, Any]:
        store.did("search", "messages to see to")
        rows, total = list_tasks(store, text=text, page=number)
        return {"rows": rows, "total": total, "waiting": count_tasks(store)}

    return _list("communication/to_do.html", looked=Looked(text, page=number), kinds=KINDS, **look(read))


@blueprint.get("/messages/not-sent")
@requires("management.setup")
def messages_not_sent() -> Response:
    """What stands on the page instead of being sent, while no gateway is set up."""
    number = _page_number()
    rows, total = look(lambda store: not_sent(store, page=number))
    return _list("communication/not_sent.html", looked=Looked(page=number), rows=rows, total=total)


def _list(template: str, *, looked: Looked, **values: Any) -> Response:
    first = (looked.page - 1) * PAGE + 1
    words: dict[str, Any] = {"states": STATES, "purposes": PURPOSES, "looks": LOOKS}
    return page(template, looked=looked, first=first, size=PAGE, **words, **values)


@blueprint.post("/messages/to-do/<task_id>")
@requires("communication.write")
def task_done(task_id: str) -> Response:
    """Somebody has seen to it."""
    done: Json = transact(lambda store: finish_task(store, task_id, version=_version()))
    undo = url_for("communication.task_again", task_id=task_id, version=done["meta"]["versionId"])
    toast(_("Done"), undo_url=undo)
    return go(url_for("communication.messages_to_do"))


@blueprint.post("/messages/to-do/<task_id>/again")
@requires("communication.write")
def task_again(task_id: str) -> Response:
    """Undo: it waits again."""
    version = request.args.get("version", "")
    transact(lambda store: reopen_task(store, task_id, version=int(version) if version.isdigit() else 0))
    toast(_("It waits again"))
    return go(url_for("communication.messages_to_do"))


@blueprint.post("/messages/<message_id>/stop")
@requires("communication.write")
def stop_message(message_id: str) -> Response:
    """Take a message back that has not left."""
    transact(lambda store: take_back(store, message_id, version=_version()))
    toast(_("The message was taken back."))
    return go(url_for("communication.messages"))


def last_messages(store: Store, patient_id: str, rows: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
    """The tile on the patient page: what was written to and by the patient, and what became of it."""
    lines = [LastMessage(*row) for row in rows]
    if store.is_closed(patient_id):
        lines = [replace(one, text="") for one in lines]
    return {"patient_id": patient_id, "rows": lines, "states": STATES, "purposes": PURPOSES, "looks": LOOKS}


def _version() -> int | None:
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _page_number() -> int:
    text = request.args.get("page", "1")
    return min(max(int(text), 1), _LAST_PAGE) if text.isascii() and text.isdigit() and len(text) < 6 else 1
