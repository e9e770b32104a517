"""The portrait of a patient."""

from __future__ import annotations

import base64

from flask import Response as Plain
from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import require_own_form, requires
from clinic.core.errors import ClinicError, Invalid, Missing
from clinic.fhir.store import Store
from clinic.registration.routes import blueprint
from clinic.registration.service.photos import photo_of, put_photo
from clinic.web.forms import translated
from clinic.web.images import MOST_BYTES, NOT_A_PICTURE, CleanImage, clean_image
from clinic.web.respond import go, toast
from clinic.web.transaction import look, transact

_SIDE = 400


@blueprint.get("/<patient_id>/photo")
@requires("patients.read")
def photo(patient_id: str) -> Plain:
    """The portrait, kept by this browser only and for an hour; its address changes with the picture."""
    binary = look(lambda store: photo_of(store, patient_id))
    if binary is None:
        raise Missing("There is no photo of this patient.")
    answer = Plain(base64.b64decode(binary["data"]), mimetype=binary["contentType"])
    answer.headers["Cache-Control"] = "private, max-age=3600"
    answer.headers["Content-Disposition"] = 'inline; filename="photo.jpg"'
    return answer


@blueprint.post("/<patient_id>/photo")
@requires("patients.write")
def change_photo(patient_id: str) -> Response:
    """Keep a new portrait, cleaned and cut square."""
    require_own_form()
    try:
        picture = _picture()
        transact(lambda store: _put(store, patient_id, picture))
        toast(_("The photo is kept"))
    except ClinicError as error:
        if isinstance(error, Missing):
            raise
        toast(translated(error))
    return go(url_for("registration.patient", patient_id=patient_id))


def _picture() -> CleanImage:
    file = request.files.get("photo")
    if file is None:
        raise Invalid(NOT_A_PICTURE, field="photo")
    return clean_image(file.stream.read(MOST_BYTES + 1), longest=_SIDE, square=True, field="photo")


def _put(store: Store, patient_id: str, picture: CleanImage) -> None:
    put_photo(store, patient_id, picture.data, picture.content_type)
