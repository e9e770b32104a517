"""Links for patients: one random token, good for one visit, one wish or one offer until it expires.

The database keeps the SHA-256 of the token. Following a link changes nothing and shows nothing: mail scanners do it.
What is behind it opens with the birth date; after five wrong ones the link is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from clinic.access.sessions import digest
from clinic.appointments.mapping.appointment import references, span_of
from clinic.appointments.online_tables import online_request, visit_link
from clinic.appointments.queries.waiting import entry as entry_of
from clinic.appointments.queries.waiting import offer, offer_by_token
from clinic.appointments.rules.online import LINK_LIVES, MOST_ATTEMPTS
from clinic.appointments.service.offering import token_hash
from clinic.core.errors import N_, Missing
from clinic.core.ids import new_token
from clinic.core.json import Json
from clinic.db.sql import for_update, insert_ignore
from clinic.fhir.store import Store

VISIT, REQUEST, OFFER, REPLAN = "visit", "request", "offer", "replan"
LINK_OVER = N_("This link is over. It was used up, or its time has passed. Please call the practice.")
_l = visit_link.c


@dataclass(frozen=True)
class Link:
    """What a token opens."""

    digest: str
    purpose: str
    target: str
    attempts: int
    expires: datetime


def visit_link_for(store: Store, appointment: Json) -> str:
    """A fresh token with which the patient confirms, moves or cancels this appointment; for reminders."""
    span = span_of(appointment)
    expires = span.end + timedelta(days=1) if span else store.now + LINK_LIVES
    return make_link(store, VISIT, appointment["id"], expires=expires)


def make_link(store: Store, purpose: str, target: str, *, expires: datetime) -> str:
    """A fresh token for one purpose and one thing; only its hash is kept."""
    token = new_token()
    row = {
        "token": digest(token), "purpose": purpose, "target": target, "attempts": 0, "created": store.now,
        "expires": expires,
    }  # fmt: skip
    store.conn.execute(sa.insert(visit_link), [row])
    return token


def find_link(store: Store, hashed: str, *, lock: bool = False) -> Link | None:
    """What the link with this hash opens now; None once it is over."""
    wanted = sa.select(visit_link).where(_l.token == hashed, _l.expires > store.now, _l.attempts < MOST_ATTEMPTS)
    row = store.conn.execute(for_update(wanted, store.conn) if lock else wanted).first()
    return Link(row.token, row.purpose, row.target, row.attempts, row.expires) if row else None


def require_link(store: Store, hashed: str, purpose: str) -> Link:
    """The link, when it is for this purpose. Raises Missing."""
    found = find_link(store, hashed)
    if found is None or found.purpose != purpose:
        raise Missing(LINK_OVER)
    return found


def link_of(store: Store, token: str) -> Link | None:
    """What a token opens now; the waiting list's offers have tokens of their own. None once it is over."""
    found = find_link(store, digest(token))
    if found is not None or store.conn.execute(sa.select(_l.token).where(_l.token == digest(token))).first():
        return found
    one = offer_by_token(store, token_hash(token))
    if one is None or one.expires <= store.now:
        return None
    return Link(digest(token), OFFER, one.id, 0, one.expires)


def open_link(store: Store, token: str, born: str) -> str:
    """Compare a birth date with whom the link is for: `ok`, `wrong`, or `over` when nothing (more) opens.

    The attempt is counted in the row that it reads under a lock, so many sent at once are many attempts.
    """
    one = link_of(store, token)
    if one is not None and one.purpose == OFFER:
        row = {"token": one.digest, "purpose": OFFER, "target": one.target, "attempts": 0, "created": store.now}
        insert_ignore(store.conn, visit_link, [row | {"expires": one.expires}])
    found = find_link(store, digest(token), lock=True)
    if found is None:
        return "over"
    patient_id, expected = whose(store, found)
    if expected and born == expected:
        if patient_id:
            store.saw(patient_id, f"own {found.purpose} by link")
        return "ok"
    store.conn.execute(sa.update(visit_link).where(_l.token == found.digest).values(attempts=found.attempts + 1))
    return "over" if found.attempts + 1 >= MOST_ATTEMPTS or not expected else "wrong"


def whose(store: Store, link: Link) -> tuple[str, str]:
    """The patient's id (empty for somebody not on file) and the full birth date that opens the link."""
    if link.purpose == REQUEST:
        r = online_request.c
        row = store.conn.execute(sa.select(r.patient_id, r.birth_date).where(r.id == link.target)).first()
        return (row.patient_id, row.birth_date) if row else ("", "")
    if link.purpose == OFFER:
        made = offer(store, link.target)
        entry = entry_of(store, made.wish) if made else None
        return (entry.patient_id, born_of(store, entry.patient_id)) if entry else ("", "")
    target = link.target.rpartition(":")[2] if link.purpose == REPLAN else link.target
    appointment = store.find("Appointment", target) or {}
    patient_id = next(iter(references(appointment, "Patient")), "")
    return patient_id, born_of(store, patient_id)


def born_of(store: Store, patient_id: str) -> str:
    """The full birth date of a patient; empty while it is not known to the day."""
    patient = store.find("Patient", patient_id) if patient_id else None
    born = str((patient or {}).get("birthDate") or "")
    return born if len(born) == len("2000-01-01") else ""


def end_links(store: Store, target: str) -> None:
    """Nothing opens by the links of this visit, wish or offer any more."""
    store.conn.execute(sa.delete(visit_link).where(_l.target == target))


def drop_old_links(store: Store) -> int:
    """Forget links that are over; gives how many."""
    return int(store.conn.execute(sa.delete(visit_link).where(_l.expires <= store.now)).rowcount)
