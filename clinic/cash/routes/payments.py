"""My till today: open it, take a payment, take one back, the receipt."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import current_actor, requires, safe_path
from clinic.cash import queries, service
from clinic.cash.forms import TENDER_WORDS, OpenForm, PayForm, VoidForm
from clinic.cash.printing import receipt_values
from clinic.cash.routes import blueprint
from clinic.core.errors import ClinicError
from clinic.core.ids import new_token
from clinic.core.money import Money, parse_money
from clinic.fhir.store import Store
from clinic.pdf import Printed, pdf_response, print_pdf
from clinic.registration.banner import banner_of
from clinic.web.forms import ScreenForm
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, once, transact

_ORIGINAL_FOR = timedelta(minutes=15)


@blueprint.get("/")
@requires("cash.read")
def till() -> Response:
    """My till: opened with its float, what was paid today, and a payment in hand (?patient=)."""
    return _till()


@blueprint.post("/open")
@requires("cash.write")
def open_till() -> Response:
    """Open my till with its float."""
    form = OpenForm.of_request()
    if not form.validate():
        return _till(422, open_form=form)
    try:
        transact(lambda store: once(store, form.once.data or "", lambda: service.open_till(store, form.cents)))
    except ClinicError as error:
        form.show(error)
        return _till(_status(error), open_form=form)
    toast(_("Your till is open"))
    patient, amount, task = (request.args.get(name) or None for name in ("patient", "amount", "task"))
    return go(url_for("cash.till", patient=patient, amount=amount, task=task, next=_back() or None))


@blueprint.post("/payments")
@requires("cash.write")
def take_payment() -> Response:
    """Take a payment from a patient."""
    form = PayForm.of_request()
    if not form.validate():
        return _till(422, pay_form=form)
    try:
        notice = transact(lambda store: once(store, form.once.data or "", lambda: _take(store, form)))
    except ClinicError as error:
        form.show(error)
        return _till(_status(error), pay_form=form)
    toast(_("Payment taken, receipt %(number)s", number=notice["identifier"][0]["value"]))
    return go(_stay() or url_for("cash.receipt", payment_id=notice["id"], next=_back() or None))


@blueprint.get("/payments/<payment_id>")
@requires("cash.read")
def receipt(payment_id: str) -> Response:
    """One payment with its receipt."""
    return _receipt(payment_id, VoidForm(None, once=new_token()))


@blueprint.get("/payments/<payment_id>/pdf")
@requires("print.read")
def receipt_pdf(payment_id: str) -> Response:
    """The receipt for a roll printer; printed again later it says that it is a copy."""

    def load(store: Store) -> tuple[dict[str, Any], Printed]:
        values = receipt_values(store, payment_id)
        store.did("print", "receipt", values["payment"].patient_id)
        copy = _("Copy") if store.now - values["payment"].at > _ORIGINAL_FOR else ""
        return values, Printed(title=_("Receipt"), by=store.actor.name, at=store.now, copy=copy)

    values, printed = look(load)
    return pdf_response(print_pdf("receipt.html", printed, tenders=TENDER_WORDS, **values), "receipt")


@blueprint.post("/payments/<payment_id>/void")
@requires("cash.write")
def void_payment(payment_id: str) -> Response:
    """Take a payment back by a second entry, with the reason."""
    form = VoidForm.of_request()
    if not form.validate():
        return _receipt(payment_id, form, 422)
    reason = form.reason.data or ""
    try:
        transact(lambda s: once(s, form.once.data or "", lambda: service.void_payment(s, payment_id, reason)))
    except ClinicError as error:
        form.show(error)
        return _receipt(payment_id, form, _status(error))
    toast(_("The payment was taken back"))
    return go(url_for("cash.receipt", payment_id=payment_id))


def _take(store: Store, form: PayForm) -> Any:
    given = {"tender": form.tender.data or "", "task": form.task.data or ""}
    return service.take_payment(store, form.patient.data or "", cents=form.cents, **given)


def _back() -> str:
    """The check-in or check-out that the payment was asked for on, to go back to it; else empty."""
    path = safe_path(request.values.get("next", ""))
    return path if path.startswith("/visits/") else ""


def _stay() -> str:
    """The page that took the payment in place and shows its receipt itself; else empty."""
    return _back() if request.form.get("stay") == "y" else ""


def _status(error: ClinicError) -> int:
    return {"missing": 404, "conflict": 409, "forbidden": 403}.get(error.kind, 422)


def _till(status: int = 200, **forms: ScreenForm) -> Response:
    patient_id = str(request.form.get("patient") or request.args.get("patient", ""))[:64]
    values = look(lambda store: _values(store, patient_id))
    due = values["due"]
    amount = _asked() or (str(Money(due).decimal) if due > 0 else "")
    shown: dict[str, Any] = {
        "open_form": OpenForm(None, once=new_token()),
        "pay_form": PayForm(None, once=new_token(), patient=patient_id, amount=amount, tender="card", task=_task()),
        "tenders": TENDER_WORDS,
        "back": _back() if patient_id else "",
        **values,
        **forms,
    }
    return page("cash/till.html", status, **shown)


def _task() -> str:
    """The fee of the list of things to do that is to be taken; empty for none."""
    return request.args.get("task", "")[:64]


def _asked() -> str:
    """The amount that the screen before asked for, such as the fee of a missed visit; empty when it is none."""
    text = request.args.get("amount", "")[:20]
    try:
        return text if text and parse_money(text).cents > 0 else ""
    except ValueError:
        return ""


def _values(store: Store, patient_id: str) -> dict[str, Any]:
    mine = queries.open_till(store.conn, current_actor().id)
    banner = banner_of(store, patient_id, what="payments") if patient_id else None
    return {
        "mine": mine,
        "payments": queries.payments_of(store.conn, mine.id) if mine else [],
        "banner": banner,
        "due": banner.amount_due if banner and isinstance(banner.amount_due, int) else 0,
        "patient_id": patient_id,
    }


def _receipt(payment_id: str, form: VoidForm, status: int = 200) -> Response:
    values = look(lambda store: receipt_values(store, payment_id))
    return page(
        "cash/receipt.html",
        status,
        form=form,
        tenders=TENDER_WORDS,
        back=_back(),
        **values,
    )
