"""The content of a document and its pages; each is served only through its patient."""

from __future__ import annotations

from typing import Any

from flask import Response as Plain
from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import require_own_form, requires
from clinic.core.errors import N_, Missing
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.registration.mapping.documents import document_rows
from clinic.registration.routes import blueprint
from clinic.registration.rules.documents import moved
from clinic.registration.service import documents as service
from clinic.web.papers import arranged
from clinic.web.previews import page_picture
from clinic.web.respond import go, toast
from clinic.web.transaction import look, transact

_ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
_SIZES = {"small": 240, "large": 1400}
NO_PICTURE = N_("There is no picture of this page.")


@blueprint.get("/<patient_id>/documents/<document_id>/content")
@requires("documents.read")
def document_content(patient_id: str, document_id: str) -> Plain:
    """The document itself, in the browser's own viewer."""
    data, content_type = look(lambda store: _seen(store, patient_id, document_id))
    answer = Plain(data, mimetype=content_type)
    way = "attachment" if request.args.get("save") else "inline"
    answer.headers["Content-Disposition"] = f'{way}; filename="document.{_ENDINGS[content_type]}"'
    return answer


@blueprint.get("/<patient_id>/documents/<document_id>/pages/<int:number>/<any(small,large):size>")
@requires("documents.read")
def document_page(patient_id: str, document_id: str, number: int, size: str) -> Plain:
    """The picture of one page; no browser keeps it."""
    data, content_type = look(lambda store: _seen(store, patient_id, document_id))
    picture = page_picture(data, content_type, number, longest=_SIZES[size])
    if picture is None:
        raise Missing(NO_PICTURE)
    answer = Plain(picture, mimetype="image/jpeg")
    answer.headers["Content-Disposition"] = 'inline; filename="page.jpg"'
    return answer


@blueprint.post("/<patient_id>/documents/<document_id>/pages/<int:number>")
@requires("documents.write")
def arrange_pages(patient_id: str, document_id: str, number: int) -> Response:
    """Turn, move or remove one page; Undo puts the pages back."""
    require_own_form()
    act = request.form.get("act", "")
    document, data, content_type = look(lambda store: _whole(store, patient_id, document_id))
    paper = arranged(data, content_type, moved(_count(document), number, act))
    version = int(document["meta"]["versionId"])
    place: dict[str, Any] = {"patient_id": patient_id, "document_id": document_id}
    transact(lambda store: service.arrange_document(store, **place, content=paper, version=version))
    toast(_said(act), url_for(".take_back_pages", version=version, **place))
    return go(url_for(".document", **place))


@blueprint.post("/<patient_id>/documents/<document_id>/pages/back/<int:version>")
@requires("documents.write")
def take_back_pages(patient_id: str, document_id: str, version: int) -> Response:
    """The pages as they were."""
    transact(lambda store: service.take_back_pages(store, patient_id, document_id, version))
    toast(_("The pages are as they were"))
    return go(url_for(".document", patient_id=patient_id, document_id=document_id))


def _seen(store: Store, patient_id: str, document_id: str) -> tuple[bytes, str]:
    """The content, noted in the audit trail as seen."""
    document = service.document_of(store, patient_id, document_id)
    store.saw(patient_id, "document")
    return service.content_of(store, document)


def _whole(store: Store, patient_id: str, document_id: str) -> tuple[Json, bytes, str]:
    document = service.document_of(store, patient_id, document_id)
    return (document, *service.content_of(store, document))


def _count(document: Json) -> int:
    return int(document_rows(document)[0]["pages"])


def _said(act: str) -> str:
    words = {"remove": _("The page is removed"), "left": _("The page is turned"), "right": _("The page is turned")}
    return words.get(act, _("The page is moved"))
