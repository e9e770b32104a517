"""The list of imports, and choosing a file."""

from __future__ import annotations

from typing import IO, Any

from flask import current_app, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.core.errors import N_, ClinicError, Invalid
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.regions import region_of
from clinic.transfer.forms import UploadForm
from clinic.transfer.queries.imports import SIZE, list_imports, sources
from clinic.transfer.routes import blueprint
from clinic.transfer.routes.words import PHASES, STATES
from clinic.transfer.rules.analysis import Found, look_at, read_as
from clinic.transfer.service import runs
from clinic.transfer.service.records import look_at_records
from clinic.web.respond import go, page
from clinic.web.state import state_of
from clinic.web.transaction import look, transact

LARGEST = 20 * 1024 * 1024
NO_FILE = N_("Choose a file first.")
TOO_LARGE = N_("This file is larger than 20 MB. Save it in parts, or bring it in with the command `clinic import`.")


@blueprint.get("/imports")
@requires("patients.import")
def imports() -> Response:
    """Every import: who, when, from where, and how it stands."""
    text, number = request.args.get("q", "")[:100], page_number()
    rows, total = look(lambda store: list_imports(store, text, number))
    return page(
        "transfer/imports.html", rows=rows, q=text, states=STATES, phases=PHASES, **paged(total, number, len(rows))
    )


@blueprint.get("/imports/new")
@requires("patients.import")
def new_import() -> Response:
    """Choose a file."""
    return _choose(UploadForm.of_request())


@blueprint.post("/imports/new")
@requires("patients.import")
def upload() -> Response:
    """Keep the file and look into it; what cannot be read is said, and nothing is kept of it."""
    form = UploadForm.of_request()
    if not form.validate():
        return _choose(form, 422)
    try:
        file, name = _given()
        with file:
            found = found_in(file, name)
            chosen = runs.Upload(name, " ".join(str(form.source.data).split()))
            run_id = transact(lambda store: _begin(store, form, file, chosen, found))
    except ClinicError as error:
        error.field = error.field if error.field in form else "file"
        form.show(error)
        return _choose(form, 422)
    return go(url_for("transfer.one_import", run_id=run_id))


def found_in(file: IO[bytes], name: str) -> Found:
    """What a look into a file finds. Raises Invalid with what is wrong with all of it."""
    reading = read_as(file, name)
    if reading.kind == "fhir":
        return look_at_records(file, name)
    return look_at(file, reading, region_of(state_of(current_app).practice.region))


def page_number() -> int:
    """The page asked for, from 1; anything odd is the first."""
    text = request.args.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def paged(total: int, number: int, shown: int) -> Json:
    """What the foot of a list needs."""
    first = (number - 1) * SIZE
    return {
        "total": total, "first": first + 1 if shown else 0, "last": first + shown,
        "prev_url": _address(number - 1) if number > 1 else "",
        "next_url": _address(number + 1) if first + shown < total else "",
    }  # fmt: skip


def _address(number: int) -> str:
    given: dict[str, Any] = {name: value for name, value in request.args.items() if name != "page"}
    return url_for(str(request.endpoint), **{**(request.view_args or {}), **given, "page": number})


def _begin(store: Store, form: UploadForm, file: IO[bytes], chosen: runs.Upload, found: Found) -> str:
    """The id of the import; the same form sent twice makes one."""
    key = f"{store.actor.id}:{form.once.data}"[:160]
    known = store.holder("import-upload", key) if form.once.data else None
    if known:
        return known
    run_id = runs.begin_run(store, file, chosen, found)
    if form.once.data:
        store.claim("import-upload", key, run_id)
    if found.reading.kind == "fhir":
        runs.begin_phase(store, run_id, runs.CHECK)
    return run_id


def _given() -> tuple[IO[bytes], str]:
    given = request.files.get("file")
    if given is None or not given.filename:
        raise Invalid(NO_FILE, field="file")
    file: IO[bytes] = given.stream
    if file.seek(0, 2) > LARGEST:
        raise Invalid(TOO_LARGE, field="file")
    file.seek(0)
    name = given.filename.replace("\\", "/").rsplit("/", maxsplit=1)[-1]
    return file, "".join(sign for sign in name if sign.isprintable())[-120:] or "file"


def _choose(form: UploadForm, status: int = 200) -> Response:
    return page(
        "transfer/new_import.html", status, form=form, sources=look(sources), most=LARGEST, too_large=_(TOO_LARGE)
    )
