"""The rules about missed visits and video, by visit type; reasons to choose from; how often somebody broke them."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from clinic.appointments.policy_tables import visit_breach, visit_reason
from clinic.appointments.queries.coming import Expected, booked_between
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.policy import LOOKS_BACK, SHIPPED, VisitPolicy, chosen_policy
from clinic.appointments.tables import visit_policy
from clinic.fhir.store import Store

_COLUMNS = [visit_policy.c[name] for name in VisitPolicy.__dataclass_fields__]
_ALL = sa.select(*_COLUMNS)
_r, _b = visit_reason.c, visit_breach.c
_REASONS = sa.select(_r.kind, _r.words).order_by(_r.kind, _r.place)
_VIDEO = -1
_v = visit_policy.c
_REASONS_AND_VIDEO = sa.union_all(
    sa.select(_r.place.label("part"), _r.kind.label("kind"), _r.words.label("words")),
    sa.select(sa.literal_column(str(_VIDEO), sa.Integer), _v.visit_type, _v.video).where(
        _v.visit_type.in_((sa.bindparam("type", type_=sa.String), ""))
    ),
).order_by("part")
_YEAR = timedelta(days=365)


def policies(store: Store) -> dict[str, VisitPolicy]:
    """Every rule by its visit type; one statement."""
    return {row[0]: VisitPolicy(*row) for row in store.conn.execute(_ALL)}


def policy_of(store: Store, visit_type: str) -> VisitPolicy:
    """The rules that hold for a visit type."""
    return chosen_policy(policies(store), visit_type)


def own_reasons(store: Store) -> dict[str, tuple[str, ...]]:
    """The lists of reasons that the practice wrote itself; one statement."""
    found: dict[str, tuple[str, ...]] = {}
    for kind, words in store.conn.execute(_REASONS):
        found[kind] = (*found.get(kind, ()), words)
    return found


def reasons_of(store: Store) -> dict[str, tuple[str, ...]]:
    """The reasons that can be chosen, by list: the practice's own, else those that came with the product."""
    return SHIPPED | own_reasons(store)


def reasons_and_video(store: Store, visit_type: str) -> tuple[dict[str, tuple[str, ...]], str]:
    """The reasons that can be chosen, and the address pattern of the video room of a type; one statement."""
    own: dict[str, tuple[str, ...]] = {}
    video: dict[str, str] = {}
    for part, kind, words in store.conn.execute(_REASONS_AND_VIDEO, {"type": visit_type}):
        if part == _VIDEO:
            video[kind] = words
        else:
            own[kind] = (*own.get(kind, ()), words)
    return SHIPPED | own, video.get(visit_type, video.get("", ""))


def missed_now(store: Store) -> list[Expected]:
    """Booked visits whose patients have not come within the minutes of grace of their type.

    A list of the day has an order and no clock time, so nobody on it is ever late.
    """
    known = policies(store)
    shortest = min((policy.grace for policy in known.values() if policy.grace), default=0)
    if not shortest:
        return []
    found = booked_between(store, store.now - LOOKS_BACK, store.now - timedelta(minutes=shortest))
    if not found:
        return []
    listed = {kind.id for kind in calendar_setup(store).types if kind.untimed}
    graces = {one.id: chosen_policy(known, one.type_id).grace for one in found if one.type_id not in listed}
    return [
        one
        for one in found
        if one.patient_id and graces.get(one.id) and one.start + timedelta(minutes=graces[one.id]) <= store.now
    ]


def breaches_before(store: Store, patient_id: str, appointment_id: str) -> int:
    """How many other visits somebody missed or cancelled too late within a year."""
    mine = _b.patient_id == patient_id, _b.appointment != appointment_id, _b.start > store.now - _YEAR
    return int(store.conn.execute(sa.select(sa.func.count()).select_from(visit_breach).where(*mine)).scalar_one())
