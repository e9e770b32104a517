"""A till from opening to close, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from clinic.billing import service as billing
from clinic.cash import queries, service
from clinic.cash.printing import receipt_values
from clinic.core.errors import Conflict, Invalid, Missing, Stale, Taken
from clinic.core.json import Json
from clinic.fhir.store import Store
from tests.billing import factories as f


@pytest.fixture
def patient(any_store: Store) -> Json:
    """A patient with a copay of 30 dollars and a visit of today."""
    made = f.a_person(any_store)
    f.a_coverage(any_store, made, copay=3000)
    f.a_visit(any_store, made, status="arrived")
    return made


def due(store: Store, patient: Json) -> int:
    return queries.amounts_due(store, [patient["id"]])[patient["id"]]


def pay(store: Store, patient: Json, cents: int = 3000, tender: str = "cash") -> Json:
    return service.take_payment(store, patient["id"], cents=cents, tender=tender)


def test_the_copay_is_due_from_the_arrival_on_and_a_payment_settles_it(any_store: Store, patient: Json) -> None:
    assert due(any_store, patient) == 3000
    service.open_till(any_store, 20000)
    pay(any_store, patient, 1000)
    assert due(any_store, patient) == 2000
    pay(any_store, patient, 2500, "card")
    assert due(any_store, patient) == -500


def test_a_patient_without_coverage_owes_the_charges(any_store: Store) -> None:
    f.few_codes(any_store)
    person = f.a_person(any_store)
    visit = f.a_visit(any_store, person)
    assert due(any_store, person) == 0
    billing.save_sheet(any_store, visit["id"], f.a_sheet(), version=0)
    assert due(any_store, person) == 11300


def test_many_patients_are_asked_in_one_statement(any_store: Store, patient: Json) -> None:
    other = f.a_person(any_store)
    found = queries.amounts_due(any_store, [patient["id"], other["id"], "nobody"])
    assert found == {patient["id"]: 3000, other["id"]: 0, "nobody": 0}
    assert queries.amounts_due(any_store, []) == {}


def test_a_payment_is_a_payment_notice_of_the_tills_reconciliation(any_store: Store, patient: Json) -> None:
    till = service.open_till(any_store, 20000)
    notice = pay(any_store, patient)
    assert till["resourceType"] == "PaymentReconciliation"
    assert notice["payment"]["reference"] == f"PaymentReconciliation/{till['id']}"
    assert str(notice["amount"]["value"]) == "30.00"
    assert notice["identifier"][0]["value"] == "2027-00001"
    assert pay(any_store, patient)["identifier"][0]["value"] == "2027-00002"
    assert receipt_values(any_store, notice["id"])["payment"].receipt == "2027-00001"


def test_nothing_is_taken_without_an_open_till(any_store: Store, patient: Json) -> None:
    with pytest.raises(Conflict, match="Open your till"):
        pay(any_store, patient)


def test_a_person_has_one_open_till(any_store: Store) -> None:
    service.open_till(any_store, 0)
    with pytest.raises(Taken):
        service.open_till(any_store, 0)
    assert any_store.practice


@pytest.mark.parametrize("cents", [-1, 10**9])
def test_an_impossible_float_is_refused(any_store: Store, cents: int) -> None:
    with pytest.raises(Invalid):
        service.open_till(any_store, cents)


def test_a_payment_is_taken_back_once_by_a_second_entry(any_store: Store, patient: Json) -> None:
    service.open_till(any_store, 20000)
    notice = pay(any_store, patient)
    back = service.void_payment(any_store, notice["id"], "wrong patient")
    assert any_store.read("PaymentNotice", notice["id"])["meta"]["versionId"] == "1"
    assert due(any_store, patient) == 3000
    with pytest.raises(Conflict):
        service.void_payment(any_store, notice["id"], "again")
    with pytest.raises(Conflict):
        service.void_payment(any_store, back["id"], "back and forth")
    with pytest.raises(Invalid):
        service.void_payment(any_store, notice["id"], " ")
    rows = queries.payments_of(any_store.conn, queries.open_till(any_store.conn, any_store.actor.id).id)  # type: ignore[union-attr]
    assert {(row.cents, row.reversed_by is not None) for row in rows} == {(3000, True), (-3000, False)}


def test_missing_patients_and_payments_are_missing(any_store: Store) -> None:
    service.open_till(any_store, 0)
    with pytest.raises(Missing):
        service.take_payment(any_store, "nobody", cents=100, tender="cash")
    with pytest.raises(Missing):
        service.void_payment(any_store, "nothing", "why")
    with pytest.raises(Missing):
        receipt_values(any_store, "nothing")


def test_a_count_is_blind_then_compared_explained_and_closed(any_store: Store, patient: Json) -> None:
    opened = service.open_till(any_store, 20000)
    pay(any_store, patient, 3000, "cash")
    pay(any_store, patient, 5000, "card")
    sealed = service.seal_count(any_store, {10000: 2, 1000: 1}, version=1)
    assert (sealed.counted_cents, sealed.expected_cents, sealed.difference) == (21000, 23000, -2000)
    with pytest.raises(Conflict):
        pay(any_store, patient)
    with pytest.raises(Invalid):
        service.close_till(any_store, "", version=2)
    closed = service.close_till(any_store, "change given twice", version=2)
    assert (closed.state, closed.reason) == ("closed", "change given twice")
    done = any_store.read("PaymentReconciliation", opened["id"])
    assert (done["status"], str(done["paymentAmount"]["value"])) == ("active", "80.00")
    assert queries.open_till(any_store.conn, any_store.actor.id) is None
    service.open_till(any_store, 0)


def test_counting_again_is_noted_and_an_exact_drawer_needs_no_reason(any_store: Store) -> None:
    service.open_till(any_store, 20000)
    service.seal_count(any_store, {10000: 1}, version=1)
    assert service.count_again(any_store, version=2).state == "open"
    sealed = service.seal_count(any_store, {10000: 2}, version=3)
    assert (sealed.counts, sealed.difference) == (2, 0)
    assert service.close_till(any_store, "", version=4).reason == ""


@pytest.mark.parametrize(
    "act", [lambda s: service.count_again(s, version=None), lambda s: service.close_till(s, "x", version=None)]
)
def test_what_was_not_counted_is_not_closed(any_store: Store, act: Callable[[Store], Any]) -> None:
    with pytest.raises(Conflict):
        act(any_store)
    service.open_till(any_store, 0)
    with pytest.raises(Conflict):
        act(any_store)


def test_a_stale_count_is_refused(any_store: Store) -> None:
    service.open_till(any_store, 0)
    with pytest.raises(Stale):
        service.seal_count(any_store, {}, version=7)
