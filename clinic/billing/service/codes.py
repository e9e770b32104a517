"""Codes as they are offered while typing, and what a typed code stands for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from clinic.billing import queries
from clinic.billing.mapping import Fee
from clinic.codes import HCPCS, ICD10CM, MODIFIER, OWN_PROCEDURES, URI, Code, find_many, search
from clinic.codes.guidance import Guidance, complete
from clinic.codes.search import beginning_with
from clinic.codes.systems import key_of
from clinic.core.days import day_bounds, local
from clinic.fhir.store import Store

MOST = 12


@dataclass(frozen=True, slots=True)
class Offer:
    """One line of the list under a field. `cents` is the fee of an own or priced code."""

    code: str
    display: str
    system: str
    cents: int | None = None


@dataclass(frozen=True, slots=True)
class Offers:
    """What the list shows; `guidance` when the typed code is a heading."""

    found: tuple[Offer, ...]
    guidance: Guidance | None = None


def offers(store: Store, kind: str, text: str, on: date) -> Offers:
    """Diagnoses ("dx"), charges ("line", own codes first) or modifiers ("mod") for what was typed."""
    if kind == "dx":
        hits = search(store.conn, ICD10CM, text, on, MOST)
        exact = any(key_of(hit.code) == key_of(text) for hit in hits)
        looks = not exact and len(text.split()) == 1 and any(sign.isdigit() for sign in text)
        guidance = complete(store.conn, ICD10CM, text) if looks and hits else None
        return Offers(tuple(_offer(hit) for hit in hits), guidance)
    if kind == "mod":
        return Offers(tuple(_offer(hit) for hit in _modifiers(store, text, on)))
    own = queries.fees_like(store.conn, text, MOST)
    listed = search(store.conn, HCPCS, text, on, MOST)
    known = {fee.code for fee in own}
    rest = (_offer(hit) for hit in listed if hit.code not in known)
    return Offers((*(Offer(fee.code, fee.display, fee.system, fee.cents) for fee in own), *rest)[:MOST])


def today(store: Store) -> datetime:
    """The instant at which the practice's present day began."""
    zone = store.practice.zone
    return day_bounds(local(store.now, zone).date(), zone)[0]


def find_procedure(store: Store, code: str) -> tuple[Fee | None, Code | None]:
    """What a charge code stands for: the practice's own entry, the HCPCS entry, or both."""
    key = key_of(code)
    own = queries.fees_of(store.conn, [code]).get(key)
    return own, find_many(store.conn, [(HCPCS, code)]).get((HCPCS, key))


def system_of(own: Fee | None, listed: Code | None) -> str:
    """Which list a charge code belongs to; an unknown one is taken for the practice's own."""
    if own is not None:
        return own.system
    return URI[HCPCS] if listed is not None else OWN_PROCEDURES


def _modifiers(store: Store, text: str, on: date) -> list[Code]:
    return beginning_with(store.conn, MODIFIER, text, on, MOST) or search(store.conn, MODIFIER, text, on, MOST)


def _offer(code: Code) -> Offer:
    return Offer(code.code, code.display, URI[code.system])
