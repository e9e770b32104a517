"""The practice's own codes and fees."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import can, requires
from clinic.billing import queries, service
from clinic.billing.forms import FeeFileForm, FeeForm
from clinic.billing.mapping import Fee, fee_in
from clinic.billing.routes import blueprint
from clinic.core.errors import ClinicError, Invalid, Missing
from clinic.core.ids import new_token
from clinic.core.names import fold
from clinic.fhir.store import Store
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, once, transact

_LARGEST_FILE = 2_000_000
_PAGE = 50


@blueprint.get("/fees")
@requires("billing.read")
def fees() -> Response:
    """The codes and fees, by section; one of them in hand to be changed."""
    wanted = request.args.get("fee", "")
    form = look(lambda store: _form_of(store, wanted)) if wanted else FeeForm.of_request()
    return _list(form)


@blueprint.post("/fees")
@requires("billing.write")
def save_fee() -> Response:
    """Add a code, or change the one in hand."""
    form = FeeForm.of_request()
    if not form.validate():
        return _list(form, 422)
    try:
        transact(
            lambda store: once(
                store,
                form.once.data or "",
                lambda: service.save_fee(store, form.entry(), version=form.loaded_version),
            )
        )
    except ClinicError as error:
        form.show(error)
        return _list(form, 409 if error.kind == "conflict" else 422)
    toast(_("%(code)s was saved", code=form.entry().code))
    return go(url_for("billing.fees"))


@blueprint.post("/fees/<fee_id>/retire")
@requires("billing.write")
def retire_fee(fee_id: str) -> Response:
    """Take a code out of use, or back into it."""
    transact(lambda store: service.retire_fee(store, fee_id))
    toast(_("The list was changed"), url_for("billing.retire_fee", fee_id=fee_id))
    return go(url_for("billing.fees"))


@blueprint.post("/fees/import")
@requires("billing.write")
def import_fees() -> Response:
    """Take codes and fees from a CSV file; rows with a fault are named and left out."""
    form = FeeFileForm.of_request()
    if not form.validate():
        return _list(FeeForm(None, once=new_token()), 422, file_form=form)
    try:
        lines = service.read_fee_lines(_text())
        new, changed = transact(lambda store: service.import_fees(store, lines))
    except Invalid as error:
        form.show(error)
        return _list(FeeForm(None, once=new_token()), 422, file_form=form)
    report = {"new": new, "changed": changed, "faults": [line for line in lines if line.fault]}
    return _list(FeeForm(None, once=new_token()), report=report)


def _text() -> str:
    sent = request.files.get("file")
    data = sent.read(_LARGEST_FILE + 1) if sent else b""
    if sent:
        sent.close()
    if not data:
        raise Invalid("Choose a file first.", field="file")
    if len(data) > _LARGEST_FILE:
        raise Invalid("The file is larger than 2 MB.", field="file")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _form_of(store: Store, fee_id: str) -> FeeForm:
    fee = fee_in(store.read("ChargeItemDefinition", fee_id))
    if fee is None:
        raise Missing("This is not one of the practice's codes.")
    return FeeForm.of_fee(fee, fee.version)


def _list(form: FeeForm, status: int = 200, **values: object) -> Response:
    text, number = request.args.get("q", "")[:80], min(max(1, request.args.get("page", 1, int)), 100_000)
    listed = _like(look(lambda store: queries.fees(store.conn, all_of_them=True)), text)
    first = (number - 1) * _PAGE + 1
    values |= {"can_write": can("billing.write"), "total": len(listed), "q": text, "number": number, "first": first}
    values.setdefault("file_form", FeeFileForm(None, once=new_token()))
    return page("billing/fees.html", status, form=form, fees=listed[first - 1 : first - 1 + _PAGE], **values)


def _like(listed: Sequence[Fee], text: str) -> list[Fee]:
    """Those whose code, words or heading hold every word of the text."""
    wanted = fold(text).split()
    return [fee for fee in listed if all(word in fold(f"{fee.code} {fee.display} {fee.section}") for word in wanted)]
