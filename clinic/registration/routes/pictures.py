"""The portrait of a patient."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from flask import Response as Plain
from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import require_own_form, requires
from clinic.core.errors import ClinicError, Invalid, Missing
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.registration.banner import banner_of
from clinic.registration.routes import blueprint
from clinic.registration.routes.record import tabs_of
from clinic.registration.service.photos import (
    NO_PHOTO,
    current_photo,
    past_photo,
    photo_of,
    photos_of,
    put_photo,
    remove_photo,
    use_photo,
)
from clinic.web.forms import translated
from clinic.web.images import MOST_BYTES, NOT_A_PICTURE, CleanImage, clean_image
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, transact

_SIDE = 400


@blueprint.get("/<patient_id>/photo")
@requires("patients.read")
def photo(patient_id: str) -> Plain:
    """The portrait, kept by this browser only and for an hour; its address changes with the picture."""
    binary = look(lambda store: photo_of(store, patient_id))
    if binary is None:
        raise Missing(NO_PHOTO)
    answer = _served(binary)
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer


@blueprint.get("/<patient_id>/photos/<binary_id>")
@requires("patients.read")
def earlier_photo(patient_id: str, binary_id: str) -> Plain:
    """A photo that stood in this record before; no other Binary is served here."""

    def seen(store: Store) -> Json:
        store.saw(patient_id, "earlier photo")
        return past_photo(store, patient_id, binary_id)

    return _served(look(seen))


@blueprint.get("/<patient_id>/portrait")
@requires("patients.write")
def portrait(patient_id: str) -> Response:
    """Take a photo, choose a file, or go back to an earlier one."""
    return _page(patient_id)


@blueprint.post("/<patient_id>/photo")
@requires("patients.write")
def change_photo(patient_id: str) -> Response:
    """Keep a new portrait, cleaned and cut square; Undo puts the one before back."""
    require_own_form()
    try:
        picture = _picture()
        before = transact(lambda store: _put(store, patient_id, picture))
    except ClinicError as error:
        if error.kind in ("missing", "forbidden"):
            raise
        return _page(patient_id, translated(error), 422)
    toast(_("The photo is kept"), _undo(patient_id, before))
    return go(url_for("registration.patient", patient_id=patient_id))


@blueprint.post("/<patient_id>/photo/remove")
@requires("patients.write")
def remove_portrait(patient_id: str) -> Response:
    """Take the photo out of the record; Undo puts it back."""

    def work(store: Store) -> str:
        before = current_photo(store, patient_id)
        remove_photo(store, patient_id)
        return before

    before = transact(work)
    toast(_("The photo is removed"), _undo(patient_id, before))
    return go(url_for("registration.patient", patient_id=patient_id))


@blueprint.post("/<patient_id>/photos/<binary_id>/use")
@requires("patients.write")
def use_earlier_photo(patient_id: str, binary_id: str) -> Response:
    """Put an earlier photo back into the record."""
    transact(lambda store: use_photo(store, patient_id, binary_id))
    toast(_("The earlier photo is used again"))
    return go(url_for("registration.patient", patient_id=patient_id))


def picture_in(text: str) -> CleanImage | None:
    """The photo that a form carries as a data address; None when it carries none. Raises Invalid."""
    if not text:
        return None
    head, _comma, coded = text.partition(",")
    try:
        data = base64.b64decode(coded, validate=True) if head == "data:image/jpeg;base64" else b""
    except (binascii.Error, ValueError):
        data = b""
    return clean_image(data, longest=_SIDE, square=True, field="portrait")


def _served(binary: Json) -> Plain:
    answer = Plain(base64.b64decode(binary["data"]), mimetype=binary["contentType"])
    answer.headers["Content-Disposition"] = 'inline; filename="photo.jpg"'
    return answer


def _page(patient_id: str, fault: str = "", status: int = 200) -> Response:
    def load(store: Store) -> dict[str, Any]:
        banner = banner_of(store, patient_id, what="photos")
        return {"banner": banner, "photos": photos_of(store, patient_id)}

    tabs = tabs_of(patient_id, "patient")
    return page("registration/portrait.html", status, patient_id=patient_id, tabs=tabs, fault=fault, **look(load))


def _undo(patient_id: str, before: str) -> str:
    if before:
        return url_for("registration.use_earlier_photo", patient_id=patient_id, binary_id=before)
    return url_for("registration.remove_portrait", patient_id=patient_id)


def _picture() -> CleanImage:
    carried = picture_in(request.form.get("portrait", ""))
    file = request.files.get("photo")
    if carried is not None:
        return carried
    if file is None:
        raise Invalid(NOT_A_PICTURE, field="photo")
    return clean_image(file.stream.read(MOST_BYTES + 1), longest=_SIDE, square=True, field="photo")


def _put(store: Store, patient_id: str, picture: CleanImage) -> str:
    """Keep it; gives the one before."""
    before = current_photo(store, patient_id)
    put_photo(store, patient_id, picture.data, picture.content_type)
    return before
