"""Who pays after two records became one: one account counts."""

from __future__ import annotations

from collections.abc import Iterator

from clinic.core.errors import N_
from clinic.core.json import Json
from clinic.core.merging import Answers, MergePart, Question
from clinic.fhir.store import Store
from clinic.fhir.subject import reference_id
from clinic.registration.mapping.family import facts_of, payer_of
from clinic.registration.mapping.parts import parts

KEY = "payer"
WHO_PAYS = N_("Who pays the bills?")


def examine(store: Store, survivor_id: str, other_id: str) -> Iterator[Question]:
    """Asked only when each record names somebody else who pays."""
    if other_id:
        mine, theirs = _payer(store, survivor_id), _payer(store, other_id)
        if mine and theirs and mine != theirs:
            yield Question(KEY, WHO_PAYS, _name(store, mine), _name(store, theirs))


def settle(store: Store, survivor_id: str, other_id: str, answers: Answers) -> None:
    """Keep the account of the one who pays; the other record's account is closed, so that there is one."""
    mine, theirs = _accounts(store, survivor_id), _accounts(store, other_id)
    if not (mine and theirs):
        return
    chosen = answers.get(KEY, "survivor") if _payer(store, survivor_id) else "other"
    for account in mine if chosen == "other" and _payer(store, other_id) else theirs:
        store.update({**account, "status": "inactive"}, reason="merged")


def _accounts(store: Store, patient_id: str) -> list[Json]:
    """The patient's own active accounts; one that is shared with others counts for them too and stays."""
    found = store.search("Account", [("subject", f"Patient/{patient_id}"), ("status", "active")], limit=50)
    return [one for one in found if {reference_id(part, "Patient") for part in parts(one, "subject")} == {patient_id}]


def _payer(store: Store, patient_id: str) -> str:
    """Somebody else who pays; empty when the patient does."""
    payers = (payer_of(account) for account in _accounts(store, patient_id))
    return next((one for one in payers if one and one != f"Patient/{patient_id}"), "")


def _name(store: Store, payer: str) -> str:
    party = store.read_many([payer]).get(payer)
    return facts_of(party).name if party else payer


PAYERS = MergePart(examine=examine, settle=settle)
