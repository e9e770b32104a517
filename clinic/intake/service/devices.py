"""Tablets of the practice: paired once with a code, revoked for good."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from clinic.access.sessions import digest
from clinic.access.tables import session as access_session
from clinic.core.errors import Invalid, Missing
from clinic.core.ids import new_id
from clinic.db.sql import for_update
from clinic.fhir.store import Store
from clinic.intake import tables as t
from clinic.intake.errors import WrongCode
from clinic.intake.questionnaire.messages import N_

CODE_LIVES = timedelta(minutes=10)
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_d = t.device.c


@dataclass(frozen=True)
class DeviceRow:
    """One tablet, as the desk sees it."""

    id: str
    name: str
    paired: datetime | None
    revoked: datetime | None
    code_expires: datetime | None
    seen: datetime | None
    patient_name: str = ""
    packet_id: str = ""

    @property
    def state(self) -> str:
        """revoked, new (not paired yet), busy or ready."""
        if self.revoked:
            return "revoked"
        if not self.paired:
            return "new"
        return "busy" if self.packet_id else "ready"


def add_device(store: Store, name: str) -> tuple[str, str]:
    """Add a tablet; gives its id and the pairing code, which is shown once and works for ten minutes."""
    name = " ".join(name.split())
    if not name or len(name) > 60:
        raise Invalid(N_("Give the tablet a short name, such as Tablet 2."), field="name")
    device_id = new_id()
    row = {"id": device_id, "name": name, "created": store.now, "created_by": store.actor.id, "code": ""}
    store.conn.execute(sa.insert(t.device), [row])
    return device_id, new_code(store, device_id)


def new_code(store: Store, device_id: str) -> str:
    """A fresh pairing code for a tablet that is not revoked. Raises Missing."""
    code = "".join(secrets.choice(_LETTERS) for _ in range(8))
    change = sa.update(t.device).where(_d.id == device_id, _d.revoked.is_(None))
    values = {"code": digest(code), "code_expires": store.now + CODE_LIVES}
    if store.conn.execute(change.values(values)).rowcount != 1:
        raise Missing(N_("There is no such tablet."))
    store.did("U", f"pairing code for tablet {device_id}")
    return code


def pair(store: Store, code: str) -> tuple[str, str]:
    """Take a pairing code, once; gives the tablet's id and name. Raises WrongCode."""
    typed = "".join(code.upper().split()).replace("-", "")
    wanted = sa.select(t.device).where(_d.code == digest(typed), _d.revoked.is_(None), _d.code != "")
    row = store.conn.execute(for_update(wanted, store.conn)).first()
    if row is None or row.code_expires is None or row.code_expires <= store.now:
        raise WrongCode
    store.conn.execute(sa.delete(access_session).where(access_session.c.device_id == row.id))
    change = sa.update(t.device).where(_d.id == row.id)
    store.conn.execute(change.values(code="", code_expires=None, paired=store.now))
    store.did("U", f"paired tablet {row.id}")
    return str(row.id), str(row.name)


def revoke(store: Store, device_id: str) -> str:
    """Shut a tablet out for good; gives its name. Its session ends with this transaction. Raises Missing."""
    row = store.conn.execute(sa.select(t.device).where(_d.id == device_id)).first()
    if row is None:
        raise Missing(N_("There is no such tablet."))
    store.conn.execute(sa.delete(access_session).where(access_session.c.device_id == device_id))
    change = sa.update(t.device).where(_d.id == device_id)
    store.conn.execute(change.values(revoked=store.now, code="", code_expires=None))
    store.did("D", f"revoked tablet {device_id}")
    return str(row.name)


def unpair(store: Store, device_id: str) -> None:
    """End the session of a tablet; it can be paired again with a new code."""
    store.conn.execute(sa.delete(access_session).where(access_session.c.device_id == device_id))
    store.conn.execute(sa.update(t.device).where(_d.id == device_id).values(paired=None))
    store.did("U", f"unpaired tablet {device_id}")


def list_devices(store: Store, *, usable: bool = False) -> list[DeviceRow]:
    """Every tablet by name, with who has it; `usable` only those that can be handed over or are in use."""
    p = t.packet.c
    seen = sa.select(sa.func.max(access_session.c.seen)).where(access_session.c.device_id == _d.id).scalar_subquery()
    busy = sa.and_(p.device_id == _d.id, p.state.in_(("waiting", "open")), p.expires > store.now)
    wanted = sa.select(t.device, seen.label("seen"), p.patient_name, p.id.label("packet_id"))
    wanted = wanted.select_from(t.device.outerjoin(t.packet, busy)).order_by(_d.revoked.is_not(None), _d.name)
    if usable:
        wanted = wanted.where(_d.revoked.is_(None), _d.paired.is_not(None))
    return [
        DeviceRow(
            row.id, row.name, row.paired, row.revoked, row.code_expires, row.seen,
            row.patient_name or "", row.packet_id or "",
        )
        for row in store.conn.execute(wanted)
    ]  # fmt: skip
