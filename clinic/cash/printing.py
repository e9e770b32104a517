"""What a printed receipt says."""

from __future__ import annotations

from typing import Any

from clinic.cash import queries
from clinic.core.errors import Missing
from clinic.fhir.store import Store


def receipt_values(store: Store, payment_id: str) -> dict[str, Any]:
    """The values of one receipt: the payment, the till, what is due after it. Raises Missing.

    Keys: payment (PaymentRow), till (Till), due (cents).
    """
    payment = queries.payment_by_id(store.conn, payment_id)
    if payment is None:
        raise Missing("There is no payment with this number.")
    till = queries.till_by_id(store.conn, queries.session_of(store.conn, payment_id))
    due = queries.amounts_due(store, [payment.patient_id])[payment.patient_id]
    store.saw(payment.patient_id, "receipt")
    return {"payment": payment, "till": till, "due": due}
