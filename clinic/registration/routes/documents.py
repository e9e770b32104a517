"""Documents of a patient: the list, one document, adding, replacing and retiring it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField

from clinic.access.guard import require_own_form, requires
from clinic.core.days import read_date
from clinic.core.errors import ClinicError, Detail, Invalid
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.registration.banner import banner_of
from clinic.registration.mapping.documents import description_of, document_rows
from clinic.registration.queries.documents import PAGE, Wanted, document_from, documents_of, latest_documents
from clinic.registration.routes import blueprint
from clinic.registration.routes.record import tabs_of
from clinic.registration.routes.registering import practice, show_faults
from clinic.registration.rules.documents import BY_CODE, KINDS, Described, described
from clinic.registration.service import documents as service
from clinic.web.filters import day, today
from clinic.web.forms import ScreenForm, choices
from clinic.web.papers import MOST_BYTES, MOST_PAGES, CleanPaper, Part, clean_paper, too_large
from clinic.web.respond import go, page, toast
from clinic.web.slice import PatientPanel
from clinic.web.transaction import look, once, transact

_MOST_FILES = 40
_AHEAD = timedelta(days=30 * 365)
"""A last day with a year of two figures lies ahead."""
STATES = {
    "current": _l("In use"),
    "superseded": _l("Replaced"),
    "retired": _l("Retired"),
    "all": _l("All"),
}


class DocumentForm(ScreenForm):
    """What is said of a document."""

    kind = SelectField(_l("Kind"), validate_choice=False)
    title = StringField(_l("Title"), description=_l("Such as “Letter from Dr Haddad”; empty for the kind alone."))
    dated = StringField(_l("Date of the document"))
    ends = StringField(_l("Holds until"), description=_l("For cards and consents that run out."))

    @property
    def said(self) -> Described:
        """What was typed, read. Raises Invalid with each fault beside its field."""
        dated, ends = (_day(self, name) for name in ("dated", "ends"))
        return described(str(self.kind.data or ""), str(self.title.data or ""), dated, ends)


def _day(form: DocumentForm, name: str) -> Any:
    typed = str(form[name].data or "").strip()
    try:
        known = today().replace(day=1) + _AHEAD if name == "ends" else today()
        return read_date(typed, today=known, order=practice().date_order) if typed else None
    except (ValueError, Invalid) as fault:
        text = "This is no date; it looks like 3/9/2027 or 9 mar 2027"
        raise Invalid("Some entries need a second look", details=(Detail(name, text),)) from fault


def document_form(**values: Any) -> DocumentForm:
    """The form, as sent or fresh."""
    form = DocumentForm.of_request(**values)
    form.kind.choices = choices((kind.code, _(kind.word)) for kind in KINDS)
    return form


@blueprint.get("/<patient_id>/documents")
@requires("documents.read")
def documents(patient_id: str) -> Response:
    """Every paper of a patient, newest first, found by words of its title, kind and state."""
    state = request.args.get("state", "current")
    wanted = Wanted(
        words=request.args.get("q", "")[:100],
        kind=request.args.get("kind", ""),
        state=state if state in STATES else "current",
        page=max(1, request.args.get("page", 1, type=int)) if len(request.args.get("page", "")) < 6 else 1,
    )

    def load(store: Store) -> dict[str, Any]:
        banner = banner_of(store, patient_id, what="documents")
        found, total = documents_of(store, patient_id, wanted)
        return {"banner": banner, "documents": found, "total": total}

    tabs = tabs_of(patient_id, "documents")
    return page("registration/documents.html", patient_id=patient_id, tabs=tabs, **_listing(wanted), **look(load))


@blueprint.get("/<patient_id>/documents/new")
@requires("documents.write")
def new_document(patient_id: str) -> Response:
    """Scan or choose the pages, and say what they are."""
    kind = request.args.get("kind", "")
    form = document_form(kind=kind if kind in BY_CODE else "letter")
    return _adding(patient_id, form, "")


@blueprint.post("/<patient_id>/documents/new")
@requires("documents.write")
def add_document(patient_id: str) -> Response:
    """Keep a new document."""
    require_own_form()
    form = document_form()

    def keep(store: Store, paper: CleanPaper) -> Json:
        key = str(form.once.data or "")
        return once(store, key, lambda: service.add_document(store, patient_id, form.said, paper))

    return _kept(patient_id, form, keep) or _adding(patient_id, form, "", 422)


@blueprint.get("/<patient_id>/documents/<document_id>/replace")
@requires("documents.write")
def newer_document(patient_id: str, document_id: str) -> Response:
    """The pages of a newer one in its place, such as a renewed card."""
    said = description_of(look(lambda store: service.document_of(store, patient_id, document_id)))
    return _adding(patient_id, document_form(kind=said.kind, title=said.title), document_id)


@blueprint.post("/<patient_id>/documents/<document_id>/replace")
@requires("documents.write")
def replace_document(patient_id: str, document_id: str) -> Response:
    """Keep the newer one; the old one stays, as replaced."""
    require_own_form()
    form = document_form()

    def keep(store: Store, paper: CleanPaper) -> Json:
        key = str(form.once.data or "")
        replace = service.replace_document
        return once(store, key, lambda: replace(store, patient_id, document_id, said=form.said, content=paper))

    return _kept(patient_id, form, keep) or _adding(patient_id, form, document_id, 422)


@blueprint.get("/<patient_id>/documents/<document_id>")
@requires("documents.read")
def document(patient_id: str, document_id: str) -> Response:
    """One document: its pages, what is said of it, and what may be done with it."""
    return _one(patient_id, document_id)


@blueprint.post("/<patient_id>/documents/<document_id>")
@requires("documents.write")
def describe_document(patient_id: str, document_id: str) -> Response:
    """Change what is said of it."""
    form = document_form()

    def save(store: Store) -> Json:
        return service.describe_document(store, patient_id, document_id, said=form.said, version=form.loaded_version)

    try:
        if form.validate():
            transact(save)
            toast(_("The document is saved"))
            return go(url_for(".document", patient_id=patient_id, document_id=document_id))
    except ClinicError as error:
        if error.kind in ("missing", "forbidden"):
            raise
        show_faults(form, error)
    return _one(patient_id, document_id, form, 422)


@blueprint.post("/<patient_id>/documents/<document_id>/retire")
@requires("documents.write")
def retire_document(patient_id: str, document_id: str) -> Response:
    """Take it out of use, with the reason; Undo brings it back."""
    require_own_form()
    reason = request.form.get("reason", "")
    transact(lambda store: service.retire_document(store, patient_id, document_id, reason))
    toast(_("The document is retired"), url_for(".restore_document", patient_id=patient_id, document_id=document_id))
    return go(url_for(".documents", patient_id=patient_id))


@blueprint.post("/<patient_id>/documents/<document_id>/restore")
@requires("documents.write")
def restore_document(patient_id: str, document_id: str) -> Response:
    """Bring a retired one back."""
    transact(lambda store: service.restore_document(store, patient_id, document_id))
    toast(_("The document is in use again"))
    return go(url_for(".document", patient_id=patient_id, document_id=document_id))


def _kept(patient_id: str, form: DocumentForm, keep: Any) -> Response | None:
    """Clean what was sent before anything is written; None when something has to be corrected."""
    try:
        if not form.validate():
            return None
        form.said  # noqa: B018 a fault in it is said before the pages are looked at
        paper = clean_paper(sent_parts())
        made = transact(lambda store: keep(store, paper))
    except ClinicError as error:
        if error.kind in ("missing", "forbidden"):
            raise
        show_faults(form, error)
        return None
    _added()
    return go(url_for(".document", patient_id=patient_id, document_id=made["id"]))


def _added() -> None:
    toast(_("The document is kept"))


def sent_parts() -> list[Part]:
    """The files of the form in the order of its pages, each with its turn. Raises Invalid."""
    files = [file for file in request.files.getlist("pages") if file.filename]
    turns = request.form.get("turns", "").split(",")[: len(files)]
    if len(files) > _MOST_FILES:
        raise too_large("pages")
    quarter = [int(turn) % 360 if turn in ("0", "90", "180", "270") else 0 for turn in turns]
    quarter += [0] * (len(files) - len(quarter))
    return [Part(file.stream.read(2 * MOST_BYTES), turn) for file, turn in zip(files, quarter, strict=True)]


def _listing(wanted: Wanted) -> dict[str, Any]:
    words = {kind.code: _(kind.word) for kind in KINDS}
    icons = {kind.code: kind.icon for kind in KINDS}
    return {"wanted": wanted, "words": words, "icons": icons, "states": STATES, "today": today(), "size": PAGE}


def _adding(patient_id: str, form: DocumentForm, document_id: str, status: int = 200) -> Response:
    banner = look(lambda store: banner_of(store, patient_id, what="documents"))
    limits = {"most_mb": MOST_BYTES // 1024**2, "most_pages": MOST_PAGES}
    values = {"banner": banner, "patient_id": patient_id, "document_id": document_id, **limits}
    tabs = tabs_of(patient_id, "documents")
    return page("registration/new_document.html", status, form=form, tabs=tabs, **values)


def _one(patient_id: str, document_id: str, form: DocumentForm | None = None, status: int = 200) -> Response:
    def load(store: Store) -> dict[str, Any]:
        banner = banner_of(store, patient_id, what="document")
        known = service.document_of(store, patient_id, document_id)
        older = [one["target"]["reference"] for one in known.get("relatesTo", []) if one.get("code") == "replaces"]
        newer = store.search("DocumentReference", [("relatesto", f"DocumentReference/{document_id}")], limit=1)
        return {"banner": banner, "known": known, "older": older, "newer": newer}

    values = look(load)
    said = description_of(values["known"])
    filled = {"kind": said.kind, "title": said.title, "dated": day(said.dated), "ends": day(said.ends)}
    form = form or document_form(version=values["known"]["meta"]["versionId"], **filled)
    row = document_rows(values["known"])[0]
    ended = bool(said.ends) and said.ends < today().isoformat()
    shown = {"form": form, "row": row, "ended": ended, "kind": BY_CODE[said.kind], "patient_id": patient_id}
    return page("registration/document.html", status, tabs=tabs_of(patient_id, "documents"), **shown, **values)


def _tile(_store: Store, _patient_id: str, rows: list[tuple[Any, ...]]) -> dict[str, Any]:
    found = [document_from(row) for row in rows]
    listing = _listing(Wanted())
    return {
        "documents": found[:3],
        "more": len(found) > 3,
        **{name: listing[name] for name in ("words", "icons", "today")},
    }


DOCUMENTS = PatientPanel(
    "documents", 80, 1, "registration/_documents.html", _tile, "documents.read", latest_documents()
)
"""The newest documents on the patient page."""
