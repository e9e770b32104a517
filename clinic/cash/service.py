"""Opening a till, taking payments, taking them back, counting, closing."""

from __future__ import annotations

from collections.abc import Mapping

from clinic.cash import queries
from clinic.cash.mapping import Payment, notice_of, payment_in, reconciliation_of
from clinic.cash.queries import Till
from clinic.cash.rules import MOST, check_payment, check_reason, counted, expected_cash
from clinic.cash.tables import cash_till_session
from clinic.communication.service.tasks import finish_fee
from clinic.core.days import local
from clinic.core.errors import N_, Conflict, Invalid, Missing, Stale, Taken
from clinic.core.ids import new_id
from clinic.core.json import Json
from clinic.fhir.store import STALE, Store
from clinic.registration.queries.merges import require_in_use

_ONE_OPEN = "open-till"
_ONE_REVERSAL = "payment-reversal"
_NO_TILL = N_("Open your till first.")
_SEALED = N_("This till has been counted; count again or close it first.")


def open_till(store: Store, float_cents: int) -> Json:
    """Open a drawer with its float for the person who asks; gives its PaymentReconciliation.

    Raises Taken when one is open already, Invalid beside the float.
    """
    if not 0 <= float_cents <= MOST:
        raise Invalid("A float lies between 0 and 99,999.99.", field="float")
    id_ = new_id()
    try:
        store.claim(_ONE_OPEN, store.actor.id, id_)
    except Taken as taken:
        raise Taken("You have an open till already.", holder=taken.holder) from taken
    made = store.create(reconciliation_of(store.now, 0, store.practice, closed=False), id=id_)
    row = {
        "id": id_, "user_id": store.actor.id, "user_name": store.actor.name[:200], "state": "open", "version": 1,
        "opened": store.now, "float_cents": float_cents, "counts": 0, "reason": "",
    }  # fmt: skip
    store.conn.execute(cash_till_session.insert(), row)
    return made


def take_payment(store: Store, patient_id: str, *, cents: int, tender: str, task: str = "") -> Json:
    """Take money from a patient at one's open till; gives the PaymentNotice with its receipt number.

    A fee that waited as a `task` of the desk is off its list with it. Raises Invalid beside the field, Conflict without
    an open till or when a colleague saw to the fee, Missing without the patient.
    """
    check_payment(cents, tender)
    till = _my_till(store)
    name = _name_of(require_in_use(store, patient_id))
    payment = Payment(patient_id, name, cents, tender, _receipt(store), till.id, store.now)
    store.saw(patient_id, "payment")
    if task:
        finish_fee(store, task, patient_id, note=payment.receipt)
    return store.create(notice_of(payment, store.practice))


def void_payment(store: Store, payment_id: str, reason: str) -> Json:
    """Take a payment back by a second entry at one's open till; the first stays. Gives the reversal.

    Raises Invalid without a reason, Conflict when it is a reversal or was taken back already, Missing.
    """
    tidy = check_reason(reason)
    payment = payment_in(store.read("PaymentNotice", payment_id))
    if payment is None:
        raise Missing("There is no payment with this number.")
    if payment.reverses:
        raise Conflict("This entry takes a payment back; it cannot be taken back itself.")
    till = _my_till(store)
    id_ = new_id()
    try:
        store.claim(_ONE_REVERSAL, payment_id, id_)
    except Taken as taken:
        raise Conflict("This payment was taken back already.") from taken
    back = Payment(
        payment.patient_id, payment.patient_name, -payment.cents, payment.tender, _receipt(store), till.id, store.now,
        reverses=payment_id, reason=tidy,
    )  # fmt: skip
    store.saw(payment.patient_id, "payment")
    return store.create(notice_of(back, store.practice), id=id_)


def seal_count(store: Store, pieces: Mapping[int, int], *, version: int | None) -> Till:
    """Keep a blind count of one's drawer; from now on what was expected is shown.

    Raises Conflict without an open till or after it was sealed, Stale, Invalid beside a piece.
    """
    till = _my_till(store)
    total = counted(pieces, store.practice.currency)
    payments = [(row.tender, row.cents) for row in queries.payments_of(store.conn, till.id)]
    return _change(
        store,
        till,
        version,
        state="sealed",
        counts=till.counts + 1,
        sealed=store.now,
        pieces={str(piece): many for piece, many in pieces.items()},
        counted_cents=total,
        expected_cents=expected_cash(till.float_cents, payments),
    )


def count_again(store: Store, *, version: int | None) -> Till:
    """Break the seal of one's count to count once more; how often is kept."""
    till = _sealed_till(store)
    return _change(store, till, version, state="open", sealed=None)


def close_till(store: Store, reason: str, *, version: int | None) -> Till:
    """Close one's counted drawer for good; a difference needs its reason.

    Raises Conflict before the count, Invalid beside the reason, Stale.
    """
    till = _sealed_till(store)
    tidy = check_reason(reason) if till.difference or reason.strip() else ""
    payments = queries.payments_of(store.conn, till.id)
    done = reconciliation_of(till.opened, sum(row.cents for row in payments), store.practice, closed=True)
    store.update({**store.read("PaymentReconciliation", till.id), **done})
    store.release(_ONE_OPEN, store.actor.id, till.id)
    return _change(store, till, version, state="closed", closed=store.now, reason=tidy)


def _my_till(store: Store) -> Till:
    till = queries.open_till(store.conn, store.actor.id)
    if till is None:
        raise Conflict(_NO_TILL)
    if till.state == "sealed":
        raise Conflict(_SEALED)
    return till


def _sealed_till(store: Store) -> Till:
    till = queries.open_till(store.conn, store.actor.id)
    if till is None or till.state != "sealed":
        raise Conflict("Count the drawer first.")
    return till


def _change(store: Store, till: Till, version: int | None, **values: object) -> Till:
    if version is not None and version != till.version:
        raise Stale(STALE, current={})
    c = cash_till_session.c
    change = cash_till_session.update().where(c.id == till.id, c.version == till.version)
    done = store.conn.execute(change.values(version=till.version + 1, **values))
    if done.rowcount != 1:
        raise Stale(STALE, current={})
    store.did("U", f"till {values['state']}")
    changed = queries.till_by_id(store.conn, till.id)
    if changed is None:
        raise Missing("There is no till with this number.")
    return changed


def _receipt(store: Store) -> str:
    year = local(store.now, store.practice.zone).year
    return f"{year}-{store.next_number('receipt'):05}"


def _name_of(patient: Json) -> str:
    names = sorted(patient.get("name", []), key=lambda name: name.get("use") != "official")
    name = names[0] if names else {}
    text = name.get("text") or " ".join([*name.get("given", []), name.get("family", "")])
    return " ".join(str(text).split())[:200]
