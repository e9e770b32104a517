"""What forms say when two patient records become one, or two again."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from clinic.core.errors import Conflict
from clinic.core.merging import Hindrance, MergePart
from clinic.fhir.store import Store
from clinic.intake import tables as t
from clinic.intake.errors import FORMS_OUT
from clinic.intake.service.packets import OPEN, close_over

_p, _r = t.packet.c, t.response_row.c


def prepare(store: Store, _survivor_id: str, _other_id: str) -> None:
    """End what is over: what was typed becomes answers, which then follow like all others."""
    close_over(store)


def examine(store: Store, survivor_id: str, other_id: str) -> Iterator[Hindrance]:
    """Forms that somebody is filling in stay whose they are: the tablet has confirmed one person, not another."""
    ids = [id_ for id_ in (survivor_id, other_id) if id_]
    wanted = sa.select(_p.patient_name).where(_p.patient_id.in_(ids), _p.state.in_(OPEN), _p.expires > store.now)
    for name in store.conn.execute(wanted.order_by(_p.created)).scalars():
        yield Hindrance(Conflict(FORMS_OUT, name=name), "intake.forms")


def rows(store: Store, survivor_id: str, other_id: str) -> None:
    """A packet that is over belongs to whom its answers belong to."""
    wanted = sa.select(_p.id, _p.patient_id, _p.forms).where(_p.patient_id.in_((survivor_id, other_id)))
    packets = store.conn.execute(wanted.where(_p.state.not_in(OPEN))).all()
    answers = {form["response"] for packet in packets for form in packet.forms if form.get("response")}
    found = sa.select(_r.id, _r.patient_id, _r.patient_name).where(_r.id.in_(sorted(answers)))
    owners = {row.id: row for row in store.conn.execute(found)} if answers else {}
    for packet in packets:
        owner = next((owners[form["response"]] for form in packet.forms if form.get("response") in owners), None)
        if owner is not None and owner.patient_id and owner.patient_id != packet.patient_id:
            values = {"patient_id": owner.patient_id, "patient_name": owner.patient_name}
            store.conn.execute(sa.update(t.packet).where(_p.id == packet.id).values(**values))


MERGING = MergePart(prepare=prepare, examine=examine, rows=rows)
