"""A person answers what a patient texted: the thread, the answer by the same way, done, and undo."""

from __future__ import annotations

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.communication.forms.replies import ReplyForm
from clinic.communication.queries.tasks import OPEN
from clinic.communication.routes.calls import blueprint
from clinic.communication.routes.messages import LOOKS
from clinic.communication.rules.messages import PURPOSES, STATES
from clinic.communication.service.replies import Thread, answer, take_answer_back, thread_of
from clinic.core.errors import ClinicError, Missing
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.subject import reference_id
from clinic.web.errors import status_of
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, transact


@blueprint.get("/messages/to-do/<task_id>/answer")
@requires("communication.write")
def reply(task_id: str) -> Response:
    """What the patient wrote, what was said before, and room for the answer."""
    return _page(task_id, ReplyForm.of_request())


@blueprint.post("/messages/to-do/<task_id>/answer")
@requires("communication.write")
def send_reply(task_id: str) -> Response:
    """The answer leaves after a minute, by text."""
    form = ReplyForm(request.form)
    if not form.validate():
        return _page(task_id, form, 422)
    try:
        done: Json = transact(lambda store: answer(store, task_id, str(form.words.data), version=form.loaded_version))
    except Missing:
        raise
    except ClinicError as error:
        form.show(error)
        return _page(task_id, form, status_of(error))
    undo = url_for("communication.reply_back", task_id=task_id, version=done["meta"]["versionId"])
    toast(_("The answer leaves in a minute."), undo_url=undo)
    return go(url_for("communication.messages_to_do"))


@blueprint.post("/messages/to-do/<task_id>/answer/back")
@requires("communication.write")
def reply_back(task_id: str) -> Response:
    """Undo: the answer does not leave, and the text waits again."""
    text = request.args.get("version", "")
    version = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    transact(lambda store: take_answer_back(store, task_id, version=version))
    toast(_("The answer was taken back. It waits again."))
    return go(url_for("communication.reply", task_id=task_id))


def _page(task_id: str, form: ReplyForm, status: int = 200) -> Response:
    def read(store: Store) -> Thread:
        found = thread_of(store, task_id)
        patient_id = reference_id(found.task.get("for"), "Patient")
        if patient_id:
            store.saw(patient_id, "messages")
        return found

    thread = look(read)
    form.version.data = form.version.data or thread.task["meta"]["versionId"]
    patient = thread.task.get("for", {})
    return page(
        "communication/reply.html", status, thread=thread, form=form, states=STATES, purposes=PURPOSES, looks=LOOKS,
        task_id=task_id, waits=thread.task.get("status") in OPEN, patient_id=reference_id(patient, "Patient"),
        patient_name=str(patient.get("display", "")),
    )  # fmt: skip
