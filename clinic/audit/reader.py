"""Reading the trail: searching it for people, and proving that nobody changed it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from clinic.audit import chain
from clinic.audit.tables import audit_event, audit_head
from clinic.core.json import Json, loads

_CHUNK: Final = 1000
_c = audit_event.c


@dataclass(frozen=True)
class Wanted:
    """What to look for; empty fields do not narrow. `until` is excluded."""

    patient_id: str = ""
    person: str = ""
    """The id of a user, or part of the name."""
    verb: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Line:
    """One event of the trail, for a list."""

    id: str
    at: datetime
    action: str
    verb: str
    outcome: str
    actor_id: str
    actor_name: str
    role: str
    patient_id: str
    text: str
    lane: int
    seq: int

    @property
    def json(self) -> Json:
        """The FHIR AuditEvent."""
        return loads(self.text)  # type: ignore[no-any-return]

    @property
    def things(self) -> list[str]:
        """What was seen or changed, in short: `Coverage`, `patient page`; each once."""
        found = []
        for entity in self.json.get("entity", ()):
            reference = str(entity.get("what", {}).get("reference", ""))
            name = entity.get("name") or reference.split("/", maxsplit=1)[0]
            is_subject = entity.get("role", {}).get("code") == "1"
            if name and not is_subject and name not in found:
                found.append(name)
        return found

    @property
    def network(self) -> str:
        """The address that the act came from."""
        agent = (self.json.get("agent") or [{}])[0]
        return str(agent.get("network", {}).get("address", ""))

    @property
    def note(self) -> str:
        """Why it was refused."""
        return str(self.json.get("outcomeDesc", ""))


def search(conn: Connection, wanted: Wanted, *, limit: int = 50, offset: int = 0) -> list[Line]:
    """Events, newest first."""
    query = sa.select(
        _c.id, _c.at, _c.action, _c.verb, _c.outcome, _c.actor_id, _c.actor_name, _c.role, _c.patient_id,
        _c.json.label("text"), _c.lane, _c.seq,
    )  # fmt: skip
    query = query.where(*_conditions(wanted)).order_by(_c.at.desc(), _c.lane, _c.seq.desc())
    return [Line(**row) for row in conn.execute(query.limit(limit).offset(offset)).mappings()]


def count(conn: Connection, wanted: Wanted) -> int:
    """How many events there are."""
    counting = sa.select(sa.func.count()).select_from(audit_event).where(*_conditions(wanted))
    return int(conn.execute(counting).scalar_one())


def find(conn: Connection, event_id: str) -> Json | None:
    """One event as FHIR."""
    text = conn.execute(sa.select(_c.json).where(_c.id == event_id)).scalar_one_or_none()
    return None if text is None else loads(text)


def _conditions(wanted: Wanted) -> Iterator[Any]:
    if wanted.patient_id:
        yield _c.patient_id == wanted.patient_id
    if wanted.person:
        part = sa.func.lower(_c.actor_name).contains(wanted.person.lower(), autoescape=True)
        yield (_c.actor_id == wanted.person) | part
    if wanted.verb:
        yield _c.verb == wanted.verb
    if wanted.since:
        yield _c.at >= wanted.since
    if wanted.until:
        yield _c.at < wanted.until


def verify(conn: Connection) -> list[str]:
    """Walk every lane from its start; gives one line for each break, none when the trail is whole.

    Found are changed, removed, inserted and reordered events, and a tail cut off while its head stayed. A
    tail cut together with an old head put back is found only by a head kept elsewhere: see `head_text`.
    """
    key = chain.key_of(conn)
    heads = {row.lane: row for row in conn.execute(sa.select(audit_head))}
    lanes = set(heads) | set(conn.execute(sa.select(_c.lane).distinct()).scalars())
    problems: list[str] = []
    for lane in sorted(lanes):
        problems.extend(_lane_problems(conn, key, lane, heads.get(lane)))
    return problems


def _lane_problems(conn: Connection, key: bytes, lane: int, head: Any) -> Iterator[str]:
    seq, prev = 0, chain.START
    for row in _walk(conn, lane):
        if row["seq"] != seq + 1:
            yield f"audit lane {lane}: events {seq + 1} to {row['seq'] - 1} are missing"
        elif row["prev"] != prev:
            yield f"audit lane {lane}: event {row['seq']} does not follow the one before it"
        if not chain.equal(chain.mark(key, row), row["mac"]):
            yield f"audit lane {lane}: event {row['seq']} was changed"
        seq, prev = row["seq"], row["mac"]
    if head is None:
        yield f"audit lane {lane}: its head is missing"
    elif (head.seq, head.mac) != (seq, prev):
        yield f"audit lane {lane}: ends at event {seq}, but its head says {head.seq}"
    elif seq and not chain.equal(chain.seal(key, lane, head.seq, head.mac), head.seal):
        yield f"audit lane {lane}: the seal of its head is false"


def _walk(conn: Connection, lane: int) -> Iterator[Any]:
    last = 0
    while True:
        query = sa.select(audit_event).where(_c.lane == lane, _c.seq > last).order_by(_c.seq).limit(_CHUNK)
        rows = conn.execute(query).mappings().all()
        yield from rows
        if len(rows) < _CHUNK:
            return
        last = rows[-1]["seq"]


def head_text(conn: Connection) -> str:
    """The present end of the trail in a few characters, to print on the day close: an anchor outside.

    One group a lane: `lane.number.first 16 characters of the seal`.
    """
    rows = conn.execute(sa.select(audit_head).order_by(audit_head.c.lane)).all()
    return " ".join(f"{row.lane}.{row.seq}.{row.seal[:16]}" for row in rows)


def contains_head(conn: Connection, printed: str) -> bool:
    """Whether the trail still holds the end that was once printed by `head_text`."""
    key = chain.key_of(conn)
    for group in printed.split():
        lane, seq, seal = group.split(".")
        query = sa.select(_c.mac).where(_c.lane == int(lane), _c.seq == int(seq))
        mac = conn.execute(query).scalar_one_or_none()
        if mac is None or not chain.equal(chain.seal(key, int(lane), int(seq), mac)[:16], seal):
            return False
    return True
