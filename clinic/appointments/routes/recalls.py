"""The desk's call list: orders and recalls that are due, and what one does about each by a key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import can, requires
from clinic.appointments.forms import ReasonForm
from clinic.appointments.queries.calling import Line, lines_of
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.queries.recalls import (
    PAGE,
    VIEWS,
    Attempt,
    Sought,
    attempts_of,
    fitting,
    list_recalls,
    open_for,
    recall,
)
from clinic.appointments.recall_forms import AttemptForm, RecallForm
from clinic.appointments.routes import blueprint
from clinic.appointments.routes.entering import practice
from clinic.appointments.routes.recall_words import OUTCOME_WORDS, fill_recall, recall_values, words
from clinic.appointments.rules.recalls import KINDS, Recall
from clinic.appointments.rules.setup import Setup
from clinic.appointments.service import recalls as service
from clinic.core.errors import ClinicError, Missing
from clinic.core.ids import new_token
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.web.errors import status_of
from clinic.web.filters import today
from clinic.web.forms import translated
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, once, transact

_KEPT = ("view", "q", "kind", "provider", "type", "page")


@dataclass(frozen=True)
class _List:
    rows: list[Recall]
    total: int
    setup: Setup
    lines: dict[str, Line]
    chosen: Recall | None
    closed: bool

    @property
    def after(self) -> str:
        """The line after the chosen one, to which the desk goes on."""
        ids = [one.id for one in self.rows]
        at = ids.index(self.chosen.id) + 1 if self.chosen and self.chosen.id in ids else 0
        return ids[at] if at < len(ids) else ""


@blueprint.get("/recalls")
@requires("appointments.read")
def recalls() -> Response:
    """Who is to be called for an order or a recall, the first to be due in front; one of them is worked on."""
    return _list_page()


def _list_page(form: AttemptForm | None = None, *, chosen: str = "", status: int = 200) -> Response:
    sought, wanted = _sought(), chosen or request.args.get("open", "")[:64]
    shown = look(lambda store: _read(store, sought, wanted))
    first = (sought.page - 1) * PAGE + 1
    kept = {name: request.args[name][:80] for name in _KEPT if request.args.get(name)}
    return page(
        "appointments/recalls.html", status, shown=shown, sought=sought, first=first, pages=-(-shown.total // PAGE),
        kept=kept, may_rule=can("management.setup"), **_beside(form, shown.chosen), **words(),
    )  # fmt: skip


def _beside(form: AttemptForm | None, one: Recall | None) -> dict[str, Any]:
    fresh = {"version": str(one.version) if one else "", "once": new_token()}
    return {
        "form": form or AttemptForm(None, **fresh),
        "reason_form": ReasonForm(None, **fresh),
        "today_": today(),
    }


def _read(store: Store, sought: Sought, wanted: str) -> _List:
    rows, total = list_recalls(store, sought)
    for one in rows:
        store.saw_in_list(one.patient_id, "call list")
    chosen = next((one for one in rows if one.id == wanted), rows[0] if rows else None)
    closed = chosen is not None and store.is_closed(chosen.patient_id)
    setup = calendar_setup(store)
    return _List(rows, total, setup, lines_of(store, [one.patient_id for one in rows]), chosen, closed)


def _sought() -> Sought:
    args, number = request.args, request.args.get("page", "1")
    return Sought(
        view=args.get("view", "") if args.get("view") in VIEWS else "due",
        words=args.get("q", "")[:80].strip(),
        kind=args.get("kind", "") if args.get("kind") in KINDS else "",
        provider=args.get("provider", "")[:64],
        type_id=args.get("type", "")[:64],
        page=max(int(number), 1) if number.isascii() and number.isdigit() and len(number) < 5 else 1,
    )


def _back(then: str = "") -> Response:
    """To the list as it was searched, at the next line."""
    kept: dict[str, Any] = {name: request.args[name][:80] for name in _KEPT if request.args.get(name)}
    return go(url_for("appointments.recalls", **kept, open=then or request.form.get("then", "")[:64] or None))


def _undo_of(saved: Json) -> str:
    version = int(saved["meta"]["versionId"])
    return url_for("appointments.undo_recall", recall_id=saved["id"], version=version)


def _name(saved: Json) -> str:
    return str(saved["subject"].get("display", ""))


@blueprint.post("/recalls/<recall_id>/attempt")
@requires("appointments.write")
def try_recall(recall_id: str) -> Response:
    """Note a call: reached, no answer, left a message, said no, wrong number."""
    form = AttemptForm(request.form)
    if not form.validate():
        return _list_page(form, chosen=recall_id, status=422)
    try:
        tried = form.read(today=today(), order=practice().date_order)
        key, version = str(form.once.data or "")[:80], form.loaded_version
        saved = transact(
            lambda store: once(store, key, lambda: service.log_attempt(store, recall_id, tried, version=version))
        )
    except ClinicError as error:
        form.show(error)
        return _list_page(form, chosen=recall_id, status=status_of(error))
    said = _("%(name)s: %(outcome)s.", name=_name(saved), outcome=OUTCOME_WORDS[tried.outcome])
    toast(said, _undo_of(saved))
    return _back()


@blueprint.post("/recalls/<recall_id>/message")
@requires("appointments.write")
def message_recall(recall_id: str) -> Response:
    """Let the patient be told by text or mail, as they agreed."""
    form = ReasonForm(request.form)
    key, version = str(form.once.data or "")[:80], form.loaded_version
    try:
        saved = transact(
            lambda store: once(store, key, lambda: service.send_message(store, recall_id, version=version))
        )
    except ClinicError as error:
        toast(translated(error))
        return _back(recall_id)
    toast(_("%(name)s will be told that it is time for a visit.", name=_name(saved)), _undo_of(saved))
    return _back()


@blueprint.post("/recalls/<recall_id>/close")
@requires("appointments.write")
def close_recall(recall_id: str) -> Response:
    """Give it up, with a reason."""
    form = ReasonForm(request.form)
    reason, version = str(form.reason.data or ""), form.loaded_version
    try:
        saved = transact(lambda store: service.close(store, recall_id, reason=reason, version=version))
    except ClinicError as error:
        toast(translated(error))
        return _back(recall_id)
    toast(_("Closed: %(name)s.", name=_name(saved)), _undo_of(saved))
    return _back()


@blueprint.post("/recalls/<recall_id>/undo/<int:version>")
@requires("appointments.write")
def undo_recall(recall_id: str, version: int) -> Response:
    """Take the last change back."""
    transact(lambda store: service.undo(store, recall_id, version=version))
    toast(_("Taken back."))
    return _back(recall_id)


@blueprint.post("/recalls/<recall_id>/again/<int:version>")
@requires("appointments.write")
def reopen_recall(recall_id: str, version: int) -> Response:
    """Put what was closed back onto the list."""
    saved = transact(lambda store: service.reopen(store, recall_id, version=version))
    toast(_("Open again: %(name)s.", name=_name(saved)), _undo_of(saved))
    return _back(recall_id)


@blueprint.get("/recalls/<recall_id>")
@requires("appointments.read")
def recall_page(recall_id: str) -> Response:
    """One order or recall: what was asked, and every attempt."""
    return _one_page(recall_id)


def _one_page(recall_id: str, form: RecallForm | None = None, *, status: int = 200) -> Response:
    def read(store: Store) -> tuple[Recall, Setup, dict[str, Line]]:
        found = recall(store, recall_id)
        if found is None:
            raise Missing("There is no such page or record.")
        store.saw(found.patient_id, "order or recall")
        return found, calendar_setup(store), lines_of(store, [found.patient_id])

    one, setup, lines = look(read)
    entered = fill_recall(form or RecallForm.of_request(**recall_values(one)), setup)
    return page(
        "appointments/recall.html", status, one=one, lines=lines, edit_form=entered,
        **_beside(None, one), kept={}, after="", **words(),
    )  # fmt: skip


@blueprint.get("/recalls/<recall_id>/attempts")
@requires("appointments.read")
def recall_attempts(recall_id: str) -> Response:
    """How the patient was tried, as part of the page."""

    def read(store: Store) -> list[Attempt]:
        found = recall(store, recall_id)
        if found is None:
            raise Missing("There is no such page or record.")
        store.require_open(found.patient_id)
        return attempts_of(store, recall_id)

    return page("appointments/_recall_attempts.html", attempts=look(read), **words())


@blueprint.post("/recalls/<recall_id>")
@requires("appointments.write")
def save_recall(recall_id: str) -> Response:
    """Change what is to be booked, when and with whom."""
    form = RecallForm(request.form)
    if not form.validate():
        return _one_page(recall_id, form, status=422)
    try:
        wanted, version = form.read(today=today(), order=practice().date_order), form.loaded_version
        saved = transact(lambda store: service.change(store, recall_id, wanted, version=version))
    except ClinicError as error:
        form.show(error)
        return _one_page(recall_id, form, status=status_of(error))
    toast(_("Saved."), _undo_of(saved))
    return go(url_for("appointments.recall_page", recall_id=recall_id))


@blueprint.get("/recalls/of/<patient_id>")
@requires("appointments.read")
def recalls_of(patient_id: str) -> Response:
    """What is open for a patient, as part of their page."""

    def read(store: Store) -> list[Recall]:
        store.require_open(patient_id)
        return open_for(store, patient_id)

    return page("appointments/_recalls_of.html", rows=look(read), patient_id=patient_id, today_=today(), **words())


@blueprint.get("/recalls/fitting")
@requires("appointments.write")
def fitting_recalls() -> Response:
    """Whether a visit of this type would be what was ordered for the patient: part of the booking forms."""
    args = request.args
    patient, type_id = args.get("patient", "")[:64], args.get("visit_type", "")[:64]
    ticked, drawn_for = args.getlist("order")[:20], args.get("ordered_for", "")[:140]

    def read(store: Store) -> list[Recall]:
        if not patient or store.is_closed(patient):
            return []
        named = [one for one in open_for(store, patient) if one.id in ticked] if ticked else []
        return list({one.id: one for one in (*named, *fitting(store, patient, type_id))}.values())

    now_for = f"{patient}:{type_id}"
    rows = look(read)
    chosen = set(ticked) if drawn_for == now_for else {*ticked, *(one.id for one in rows if one.fits(type_id))}
    return page("appointments/_fitting.html", rows=rows, chosen=chosen, now_for=now_for, today_=today(), **words())
