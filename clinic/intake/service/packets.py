"""Packets: the forms of one visit, on one tablet, for one patient, for half an hour."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from clinic.access.sessions import digest
from clinic.access.tables import session as access_session
from clinic.core.errors import Invalid, Missing, Taken
from clinic.core.ids import new_id, new_token
from clinic.core.json import Json
from clinic.db.sql import for_update
from clinic.fhir.store import Store
from clinic.intake import tables as t
from clinic.intake.errors import NoPacket, PatientBusy, TabletBusy
from clinic.intake.mapping import canonical_of
from clinic.intake.questionnaire import Answers, pages, settle
from clinic.intake.questionnaire.messages import N_
from clinic.intake.service.forms import CONTACT_CHECK, form_of
from clinic.registration.mapping.names import display_name
from clinic.registration.queries.merges import require_in_use

LIVES = timedelta(minutes=30)
LONGEST = timedelta(hours=3)
MOST_ATTEMPTS = 3
OPEN = ("waiting", "open")
_p = t.packet.c


@dataclass(frozen=True)
class PacketForm:
    """One form of a packet: which version, and where its answers are."""

    questionnaire: str
    version: int
    title: str
    response: str = ""
    done: bool = False
    parts: int = 1
    """How many pages it has before anything is answered."""

    @property
    def json(self) -> Json:
        """As it is kept."""
        return {
            "questionnaire": self.questionnaire, "version": self.version, "title": self.title,
            "response": self.response, "done": self.done, "parts": self.parts,
        }  # fmt: skip


@dataclass(frozen=True)
class Packet:
    """Forms in somebody's hands."""

    id: str
    device_id: str
    patient_id: str
    patient_name: str
    appointment_id: str
    state: str
    language: str
    prefill: bool
    forms: tuple[PacketForm, ...]
    identified: bool
    attempts: int
    filler: str
    view: dict[str, str]
    help_asked: datetime | None
    created: datetime
    expires: datetime
    finished: datetime | None

    @property
    def left(self) -> int:
        """How many forms are not done."""
        return sum(not form.done for form in self.forms)

    @property
    def next_form(self) -> int | None:
        """The position of the first form that is not done."""
        return next((at for at, form in enumerate(self.forms) if not form.done), None)


@dataclass(frozen=True)
class HandOver:
    """What the desk chose: for whom, what to ask, and on which tablet (none: a link)."""

    patient_id: str
    forms: tuple[str, ...]
    device_id: str = ""
    appointment_id: str = ""
    prefill: bool = True
    language: str = ""
    until: datetime | None = None
    """Until when a link that is sent can be opened, in place of half an hour."""


@dataclass(frozen=True)
class Handed:
    """A packet that is out, and the token of its link when it is one."""

    packet: Packet
    token: str = field(default="", repr=False)


def hand_over(store: Store, order: HandOver) -> Handed:
    """Give forms to a patient. Raises Invalid, TabletBusy, PatientBusy, Missing."""
    patient = require_in_use(store, order.patient_id)
    if len(str(patient.get("birthDate") or "")) != 10:
        raise Invalid(N_("Without a full birth date nobody can confirm who they are. Add it first."))
    forms = _chosen(store, order)
    packet_id = new_id()
    close_over(store)
    _supersede(store, order.patient_id)
    _claim(store, order, packet_id)
    token = "" if order.device_id else new_token()
    row: dict[str, Any] = {
        "id": packet_id, "device_id": order.device_id or packet_id, "link": digest(token) if token else "",
        "patient_id": order.patient_id, "patient_name": display_name(patient)[:200],
        "appointment_id": order.appointment_id, "state": "waiting", "language": order.language,
        "prefill": order.prefill, "forms": [form.json for form in forms], "identified": False, "attempts": 0,
        "filler": "self", "view": {}, "created": store.now, "created_by": store.actor.id,
        "expires": max(order.until or store.now, store.now + LIVES),
    }  # fmt: skip
    store.conn.execute(sa.insert(t.packet), [row])
    store.saw(order.patient_id, "forms handed over")
    return Handed(packet(store, packet_id), token)


def _chosen(store: Store, order: HandOver) -> list[PacketForm]:
    found = store.read_many(f"Questionnaire/{one}" for one in order.forms)
    forms = [found.get(f"Questionnaire/{one}") for one in dict.fromkeys(order.forms)]
    chosen = [one for one in forms if one is not None and one.get("status") == "active"]
    if not chosen or len(chosen) != len(forms):
        raise Invalid(N_("Choose at least one form that is in use."), field="forms")
    begun = _begun(store, order.patient_id)
    return [
        PacketForm(
            one["id"],
            int(one["meta"]["versionId"]),
            str(one.get("title") or one.get("name") or ""),
            begun.get(canonical_of(one), ""),
            parts=_parts(one),
        )
        for one in chosen
    ]


def _parts(questionnaire: Json) -> int:
    form = form_of(questionnaire)
    return 1 if form.url == CONTACT_CHECK else len(pages(settle(form, Answers())))


def _begun(store: Store, patient_id: str) -> dict[str, str]:
    """Answers that the patient began and did not finish, by form: they go on where they stopped."""
    c = t.response_row.c
    wanted = sa.select(c.questionnaire, c.id).where(c.patient_id == patient_id, c.status == "in-progress")
    return {row.questionnaire: row.id for row in store.conn.execute(wanted.order_by(c.id))}


def close_over(store: Store) -> int:
    """End every packet whose time is over, so that it blocks nobody; what was typed is kept. Gives how many."""
    wanted = sa.select(_p.id).where(_p.state.in_(OPEN), _p.expires <= store.now).order_by(_p.id)
    over = list(store.conn.execute(for_update(wanted, store.conn)).scalars())
    for packet_id in over:
        _end(store, packet_id, "stopped")
    return len(over)


def _supersede(store: Store, patient_id: str) -> None:
    """A link that was sent and that nobody has opened makes way for what is handed over now."""
    unopened = sa.and_(_p.patient_id == patient_id, _p.state == "waiting", _p.link != "", ~_p.identified)
    wanted = sa.select(_p.id, _p.created, _p.expires).where(unopened).order_by(_p.id)
    for row in store.conn.execute(for_update(wanted, store.conn)).all():
        if row.expires - row.created > LIVES:
            _end(store, row.id, "stopped")


def _claim(store: Store, order: HandOver, packet_id: str) -> None:
    if order.device_id:
        d = t.device.c
        wanted = sa.select(d.name).where(d.id == order.device_id, d.revoked.is_(None), d.paired.is_not(None))
        name = store.conn.execute(wanted).scalar_one_or_none()
        if name is None:
            raise Invalid(N_("This tablet is not paired."), field="device")
        try:
            store.claim("intake-tablet", order.device_id, packet_id)
        except Taken as taken:
            raise TabletBusy(name) from taken
    try:
        store.claim("intake-patient", order.patient_id, packet_id)
    except Taken as taken:
        raise PatientBusy from taken


def packet(store: Store, packet_id: str, *, lock: bool = False) -> Packet:
    """One packet, whatever its state. Raises Missing."""
    wanted = sa.select(t.packet).where(_p.id == packet_id)
    row = store.conn.execute(for_update(wanted, store.conn) if lock else wanted).first()
    if row is None:
        raise Missing(N_("There is no such packet."))
    return _packet(row)


def on_device(store: Store, device_id: str, *, lock: bool = False) -> Packet | None:
    """What is on a tablet now, or None. A packet whose time is over is not there."""
    wanted = sa.select(t.packet).where(_p.device_id == device_id, _p.state.in_(OPEN), _p.expires > store.now)
    row = store.conn.execute(for_update(wanted, store.conn) if lock else wanted).first()
    return _packet(row) if row else None


def require_on_device(store: Store, *, lock: bool = True, identified: bool = True) -> Packet:
    """The packet of the tablet that asks. Raises NoPacket when there is none or nobody was confirmed yet."""
    found = on_device(store, store.actor.id, lock=lock)
    if found is None or (identified and not found.identified):
        raise NoPacket
    return found


def by_link(store: Store, token: str) -> Packet | None:
    """The packet of a link, while it lasts."""
    wanted = sa.select(t.packet).where(
        _p.link == digest(token), _p.link != "", _p.state.in_(OPEN), _p.expires > store.now
    )
    row = store.conn.execute(wanted).first()
    return _packet(row) if row else None


def reopened(store: Store, found: Packet) -> None:
    """A link is opened (again): whoever has it now says the birth date, whatever was said before."""
    if found.identified:
        change(store, found.id, identified=False, state="waiting")


def change(store: Store, packet_id: str, **values: Any) -> None:
    """Write fields of a packet."""
    store.conn.execute(sa.update(t.packet).where(_p.id == packet_id).values(**values))


def keep_alive(store: Store, found: Packet) -> None:
    """Somebody is at work: half an hour more, three hours at most; a link that was sent keeps its longer time."""
    change(store, found.id, expires=max(found.expires, min(store.now + LIVES, found.created + LONGEST)))


def identify(store: Store, found: Packet, born: str, filler: str) -> str:
    """Compare the birth date with the record: `ok`, `wrong`, or `refused` after three wrong ones.

    The attempt counts before it is compared, so that many sent at once are many attempts.
    """
    if found.attempts >= MOST_ATTEMPTS:
        return "refused"
    patient = store.read("Patient", found.patient_id)
    if born and born == patient.get("birthDate"):
        who = filler if filler in ("self", "helper") else "self"
        change(store, found.id, identified=True, state="open", filler=who)
        keep_alive(store, found)
        store.saw(found.patient_id, "forms opened on the tablet")
        return "ok"
    attempts = found.attempts + 1
    change(store, found.id, attempts=attempts)
    if attempts >= MOST_ATTEMPTS:
        _end(store, found.id, "refused")
        return "refused"
    return "wrong"


def take_back(store: Store, packet_id: str) -> Packet:
    """The desk takes the forms back; what was answered is kept. Raises Missing."""
    found = packet(store, packet_id, lock=True)
    store.require_open(found.patient_id)
    if found.state in OPEN:
        _end(store, packet_id, "stopped")
    return found


def finish(store: Store, found: Packet) -> None:
    """Everything is answered: the tablet is free again."""
    _end(store, found.id, "done")


def _end(store: Store, packet_id: str, state: str) -> None:
    change(store, packet_id, state=state, finished=store.now, link="")
    _keep_drafts(store, packet_id)
    if state != "done":
        store.conn.execute(sa.delete(access_session).where(access_session.c.device_id == packet_id))
    store.release_all(packet_id)


def _keep_drafts(store: Store, packet_id: str) -> None:
    """What was typed since the last page becomes part of the answers, so that nothing is lost."""
    for row in store.conn.execute(sa.select(t.draft).where(t.draft.c.packet_id == packet_id)).all():
        if row.body.get("id"):
            store.update(row.body, reason="draft")
        else:
            store.create(row.body, reason="draft")
    store.conn.execute(sa.delete(t.draft).where(t.draft.c.packet_id == packet_id))


def _packet(row: Any) -> Packet:
    values = dict(row._mapping)  # noqa: SLF001 SQLAlchemy's name for the row as a mapping
    values["forms"] = tuple(PacketForm(**form) for form in values["forms"])
    values["view"] = {str(key): str(value) for key, value in values["view"].items()}
    for extra in ("link", "created_by"):
        values.pop(extra)
    return Packet(**values)
