"""What the FHIR interface may write: the same rules as the screens."""

from __future__ import annotations

from clinic.billing.mapping import fee_in
from clinic.billing.mapping.claims import ENCOUNTER, encounter_of
from clinic.billing.queries import fees_of
from clinic.codes.systems import key_of
from clinic.core.errors import Conflict
from clinic.core.ids import new_id
from clinic.core.json import Json
from clinic.fhir.registry import Writer
from clinic.fhir.store import Store

_ONE_PER_VISIT = "visit-claim"


def _record_claim(store: Store, resource: Json) -> Json:
    """Keep a claim; a visit has one sheet."""
    id_ = str(resource.get("id") or new_id())
    if any(isinstance(e, dict) and e.get("url") == ENCOUNTER for e in resource.get("extension") or []):
        store.claim(_ONE_PER_VISIT, encounter_of(resource), f"Claim/{id_}")
    return store.create(resource, id=id_)


def _record_fee(store: Store, resource: Json) -> Json:
    """Keep a price; a code in use has one."""
    _one_price(store, resource)
    return store.create(resource, id=str(resource.get("id") or new_id()))


def _change_fee(store: Store, resource: Json, version: int | None) -> Json:
    _one_price(store, resource)
    return store.update(resource, version=version)


def _one_price(store: Store, resource: Json) -> None:
    fee = fee_in(resource)
    if fee is None or not fee.active:
        return
    same = fees_of(store.conn, [fee.code]).get(key_of(fee.code))
    if same is not None and same.id != fee.id:
        raise Conflict("This code is in the list already.", field="ChargeItemDefinition.code")


CLAIMS = Writer(create=_record_claim)
FEES = Writer(create=_record_fee, update=_change_fee)
