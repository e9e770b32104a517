"""What the desk and the billing office did: charges of past visits, calls."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from clinic.billing.rules.sheet import ChargeLine, Diagnosis, Sheet
from clinic.billing.service.fees import fees
from clinic.billing.service.sheets import make_ready, save_sheet
from clinic.cash.queries import amounts_due, payments_of
from clinic.cash.queries import open_till as till_of
from clinic.cash.rules import expected_cash
from clinic.cash.service import close_till, open_till, seal_count, take_payment
from clinic.cli.demo.calendar import At
from clinic.cli.demo.people import Person
from clinic.codes.systems import URI
from clinic.communication.rules import Call
from clinic.communication.service import call_returned, log_call
from clinic.core.errors import ClinicError
from clinic.fhir.store import Store

_FOUND = (
    ("E11.65", "I10"),
    ("I10",),
    ("J06.9",),
    ("M25.561", "R26.2"),
    ("Z00.00",),
    ("E53.8",),
    ("L20.9",),
    ("K21.9",),
)
_CALLS = (
    ("appointment", "Moving Thursday’s visit"),
    ("refill", "Refill; Arabic or French"),
    ("bill", "About the last bill"),
    ("worse", "Pain worse, wants earlier"),
    ("results", "Asks for results"),
    ("other", "New patient, first visit"),
)
_SHARE_CODED = 0.55
_SHARE_PAID = 0.85
_WAITING = 5


def make_charges(store: Store, random: Random) -> None:
    """Code about half of the visits that have ended; some of them are ready for the claim."""
    prices = {fee.code: fee for fee in fees(store)}
    ended = store.search("Encounter", [("status", "finished")], limit=2000)
    for encounter in ended:
        if random.random() > _SHARE_CODED:
            continue
        codes = ["V-EST-15" if random.random() < 0.6 else "V-EST-30"]
        codes += random.sample(("P-EKG", "P-GLU", "J3420", "G0008"), random.choice((0, 0, 1, 2)))
        found = random.choice(_FOUND)
        lines = tuple(
            ChargeLine(code, URI.get(prices[code].system, prices[code].system), prices[code].display,
                       pointers=(1,), fee=prices[code].cents)
            for code in codes
        )  # fmt: skip
        claim = save_sheet(store, encounter["id"], Sheet(tuple(map(Diagnosis, found)), lines), version=None)
        if random.random() < 0.4:
            _make_ready(store, encounter["id"], int(claim["meta"]["versionId"]))


def _make_ready(store: Store, encounter_id: str, version: int) -> None:
    try:
        make_ready(store, encounter_id, version=version)
    except ClinicError:
        return  # the checks hold it back, as they would at the desk


def make_payments(at: At, random: Random, people: list[Person], now: datetime) -> None:
    """Most of what was due has been paid, at a till that was closed yesterday evening."""
    store = at(now - timedelta(days=1))
    open_till(store, 10_000)
    due = amounts_due(store, [person.id for person in people])
    for patient_id, cents in due.items():
        if cents > 0 and random.random() < _SHARE_PAID:
            take_payment(store, patient_id, cents=cents, tender=random.choice(("card", "card", "cash")))
    drawer = _in_the_drawer(store)
    till = seal_count(store, {2_000: drawer // 2_000, 100: drawer % 2_000 // 100, 1: drawer % 100}, version=None)
    close_till(store, "", version=till.version)


def _in_the_drawer(store: Store) -> int:
    till = till_of(store.conn, store.actor.id)
    assert till is not None
    return expected_cash(till.float_cents, [(row.tender, row.cents) for row in payments_of(store.conn, till.id)])


def make_calls(at: At, random: Random, people: list[Person], now: datetime) -> None:
    """Forty calls of the last days; five wait for an answer."""
    for number in range(40):
        moment = now - timedelta(hours=random.uniform(3, 24 * 9))
        reason, note = random.choice(_CALLS)
        person = random.choice(people)
        waits = number < _WAITING
        if waits:
            moment = now - timedelta(minutes=random.randrange(4, 60))
        due = moment + timedelta(minutes=random.randrange(20, 90))
        call = Call(person.id, reason=reason, outcome="call-back" if waits or number % 4 == 0 else "done", note=note,
                    due=due if waits or number % 4 == 0 else None)  # fmt: skip
        made = log_call(at(moment), call)
        if call.due is not None and not waits:
            call_returned(at(min(due, now)), made["id"], note="Settled")
