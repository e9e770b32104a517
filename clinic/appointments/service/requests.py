"""What becomes of a request from home: the desk accepts it, proposes another time, or refuses it with words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from clinic.appointments.errors import NO_PROVIDER
from clinic.appointments.mapping.appointment import place_of
from clinic.appointments.online_tables import online_request
from clinic.appointments.queries.online import NO_REQUEST, Request, request_of
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.booking import Booking, Change, asked_span
from clinic.appointments.rules.online import HELD_FOR, LINK_LIVES
from clinic.appointments.rules.setup import Provider
from clinic.appointments.rules.spans import Span
from clinic.appointments.service.booking import book, needs_reason
from clinic.appointments.service.changes import move
from clinic.appointments.service.holds import keep_for_request, let_go
from clinic.appointments.service.links import REQUEST, end_links, make_link
from clinic.core.errors import N_, Conflict, Invalid, Missing
from clinic.core.ids import new_id
from clinic.core.json import Json
from clinic.db.sql import for_update
from clinic.fhir.store import Store
from clinic.fhir.subject import reference_id
from clinic.registration.rules.details import SEXES, PatientDetails, Sex
from clinic.registration.service.duplicates import say_someone_else
from clinic.registration.service.patients import register_patient

ANSWERED = N_("This request has been answered already.")
WHO = N_("Say who this is: choose a patient on file, or register a new one.")
NEW = "new"
KEPT_FOR = timedelta(days=90)
_WAITS = ("open", "proposed")
_q = online_request.c


@dataclass(frozen=True)
class Who:
    """Whom a request is for: the id of a patient on file, or NEW; `others` were looked at and are somebody else."""

    patient_id: str = ""
    sex: str = "unknown"
    others: tuple[str, ...] = ()
    phone: str = ""
    """The telephone number as it is kept of a new patient (E.164)."""


def ask_to_move(store: Store, appointment: Json, start: datetime, *, provider: Provider) -> str:
    """The patient of a visit asks for another time, which the desk decides; gives the request's id. Raises Taken."""
    place = place_of(appointment)
    minutes = int(place.span.length.total_seconds() // 60)
    _withdraw_moves(store, appointment["id"])
    span = asked_span(start, minutes)
    holder = _kept(store, span, provider, place.type_id)
    row = {
        "id": new_id(), "state": "open", "kind": "move", "type_id": place.type_id, "type_name": place.type_name,
        "provider": provider.id, "provider_name": provider.name, "start": start, "minutes": minutes,
        "holder": holder, "patient_id": place.patient_id, "given": place.patient_name[:120], "family": "",
        "birth_date": place.birth_date, "sex": "", "phone": "", "email": "", "language": "", "note": "",
        "answers": [], "appointment_id": appointment["id"], "words": "", "network": "", "created": store.now,
        "decided": None, "decided_by": "",
    }  # fmt: skip
    store.conn.execute(sa.insert(online_request), [row])
    store.did("asked", "another time, from home", place.patient_id)
    return str(row["id"])


def _kept(store: Store, span: Span, provider: Provider, type_id: str) -> str:
    """Hold a time for who is at home, with all that the visit type needs. Raises Taken."""
    until = _until(store, span.start)
    return keep_for_request(store, span, provider=provider.id, room=provider.room, until=until, type_id=type_id)


def _until(store: Store, start: datetime) -> datetime:
    return min(store.now + HELD_FOR, start)


def _withdraw_moves(store: Store, appointment_id: str) -> None:
    """An earlier wish about the same visit falls away."""
    earlier = sa.select(_q.id, _q.holder).where(_q.appointment_id == appointment_id, _q.state.in_(_WAITS))
    for row in store.conn.execute(earlier).all():
        let_go(store, row.holder)
        _change(store, row.id, state="withdrawn", holder="", decided=store.now)


def accept(store: Store, request_id: str, who: Who | None = None) -> Json:
    """Book what was asked for, or move the visit; gives the appointment. The patient is told, with a link.

    Somebody who is not on file is registered with what they said, or is one of the patients whom `who` names.
    Raises Conflict when it is answered already, Invalid when nobody said who it is, and what booking raises:
    a time that is gone comes with the nearest free ones.
    """
    request = _waiting(store, request_id)
    patient_id = request.patient_id or _patient(store, request, who or Who())
    let_go(store, request.holder)
    if request.kind == "move":
        store.lock("Appointment", request.appointment_id)
        made = move(store, request.appointment_id, Change(start=request.start, provider_id=request.provider))
    else:
        note = "\n".join([request.note, *(" ".join(pair) for pair in request.answers)]).strip()[:400]
        wanted = Booking(patient_id, request.provider, request.type_id, request.start, request.minutes, note=note)
        made = book(store, wanted)
    changes = {"appointment_id": made["id"], "patient_id": patient_id, "holder": ""}
    _decide(store, request, "accepted", **changes)
    _tell(store, request_of(store, request_id), "")
    return made


def _patient(store: Store, request: Request, who: Who) -> str:
    if not who.patient_id:
        raise Invalid(WHO, field="patient")
    if who.patient_id != NEW:
        if store.find("Patient", who.patient_id) is None:
            raise Invalid(WHO, field="patient")
        return who.patient_id
    sex: Sex = next((one for one in SEXES if one == who.sex), "unknown")
    details = PatientDetails(
        request.given, request.family, request.birth_date, sex,
        mobile=who.phone, email=request.email, language=request.language,
    )  # fmt: skip
    made = register_patient(store, details)
    say_someone_else(store, made["id"], who.others)
    return str(made["id"])


def details_of(request: Request, phone: str) -> PatientDetails:
    """Somebody who asked from home, as the desk would write them down; for looking for duplicates."""
    return PatientDetails(
        request.given, request.family, request.birth_date, "unknown", mobile=phone, email=request.email
    )


def propose(store: Store, request_id: str, *, provider_id: str, start: datetime, words: str = "") -> None:
    """Offer another time, which is held; the patient answers by link. Raises Conflict, Taken, Invalid."""
    request, setup = _waiting(store, request_id), calendar_setup(store)
    provider = setup.provider(provider_id)
    if provider is None or not provider.active:
        raise Invalid(NO_PROVIDER, field="provider")
    let_go(store, request.holder)
    span = asked_span(start, request.minutes)
    holder = _kept(store, span, provider, request.type_id)
    _decide(
        store, request, "proposed", provider=provider.id, provider_name=provider.name, start=span.start,
        holder=holder, words=_short(words),
    )  # fmt: skip
    _tell(store, request_of(store, request_id), _fresh_link(store, request_id))


def refuse(store: Store, request_id: str, *, words: str) -> None:
    """Say no, in words that the patient reads; the time is free again. Raises Invalid without words, Conflict."""
    said, request = needs_reason(words), _waiting(store, request_id)
    let_go(store, request.holder)
    _decide(store, request, "refused", holder="", words=_short(said))
    _tell(store, request_of(store, request_id), _fresh_link(store, request_id))


def reopen(store: Store, request_id: str) -> None:
    """Take a refusal back, and hold the time again when it is still free. Raises Conflict for any other state."""
    request = _locked(store, request_id)
    if request.state != "refused":
        raise Conflict(ANSWERED)
    provider, holder = calendar_setup(store).provider(request.provider), ""
    span = asked_span(request.start, request.minutes)
    if provider is not None and span.start > store.now:
        holder = _kept(store, span, provider, request.type_id)
    _change(store, request.id, state="open", holder=holder, words="", decided=None, decided_by="")
    store.fire("message_unwanted", {"key": f"request:{request.id}:refused:", "why": "The request is open again"})


def withdraw(store: Store, request_id: str) -> None:
    """The person at home no longer wants it. Raises Conflict once it was answered."""
    request = _waiting(store, request_id)
    let_go(store, request.holder)
    _decide(store, request, "withdrawn", holder="")
    end_links(store, request_id)


def agree(store: Store, request_id: str) -> Json | None:
    """The person at home takes the time that was proposed: a patient on file is booked at once.

    Who is not on file yet goes back to the desk, with the time still held; then there is no appointment yet.
    """
    request = _waiting(store, request_id)
    if request.state != "proposed":
        raise Conflict(ANSWERED)
    if request.patient_id:
        return accept(store, request_id)
    _change(store, request_id, state="open", words="")
    return None


def follow_merge(store: Store, survivor: Json) -> None:
    """What somebody asked for from home goes with their record when two become one."""
    links = survivor.get("link") or []
    gone = [reference_id(one.get("other"), "Patient") for one in links if one.get("type") == "replaces"]
    store.conn.execute(sa.update(online_request).where(_q.patient_id.in_(gone)).values(patient_id=survivor["id"]))


def forget_requests(store: Store) -> int:
    """Forget what strangers asked for and did not get, three months later; gives how many."""
    over = sa.and_(_q.state.in_(("refused", "withdrawn")), _q.patient_id == "", _q.created < store.now - KEPT_FOR)
    return int(store.conn.execute(sa.delete(online_request).where(over)).rowcount)


def _locked(store: Store, request_id: str) -> Request:
    names = [_q[name] for name in Request.__dataclass_fields__]
    row = store.conn.execute(for_update(sa.select(*names).where(_q.id == request_id), store.conn)).first()
    if row is None:
        raise Missing(NO_REQUEST)
    request = Request(*row)
    if request.patient_id:
        store.require_open(request.patient_id)
    return request


def _waiting(store: Store, request_id: str) -> Request:
    request = _locked(store, request_id)
    if request.state not in _WAITS:
        raise Conflict(ANSWERED)
    return request


def _decide(store: Store, request: Request, state: str, **values: Any) -> None:
    _change(store, request.id, state=state, decided=store.now, decided_by=store.actor.name[:120], **values)
    store.did(f"request-{state}", f"{request.type_name} from home", str(values.get("patient_id", request.patient_id)))


def _change(store: Store, request_id: str, **values: Any) -> None:
    store.conn.execute(sa.update(online_request).where(_q.id == request_id).values(**values))


def _fresh_link(store: Store, request_id: str) -> str:
    return make_link(store, REQUEST, request_id, expires=store.now + LINK_LIVES)


def _tell(store: Store, request: Request, token: str) -> None:
    """Let a patient on file be told, after the undo minute; who is not on file sees it by the link they have.

    `token` is that of the link in the message; a booked visit's message makes its own.
    """
    if not request.patient_id:
        return
    news: Json = {"patient": request.patient_id, "key": f"request:{request.id}:{request.state}:{store.now.isoformat()}"}
    if request.state == "accepted":
        store.fire("message_wanted", news | {"purpose": "confirmation", "appointment": request.appointment_id})
        return
    words = f"{request.words} {{link}}" if request.words else ""
    told = {"purpose": "own" if words else "link", "words": words, "links": {"path": f"/appointments/own/{token}"}}
    store.fire("message_wanted", news | told)


def _short(words: str) -> str:
    return " ".join(words.split())[:400]
