"""The rules about missed visits and video, by visit type."""

from __future__ import annotations

import sqlalchemy as sa

from clinic.appointments.rules.policy import VisitPolicy, chosen_policy
from clinic.appointments.tables import visit_policy
from clinic.fhir.store import Store

_COLUMNS = [visit_policy.c[name] for name in VisitPolicy.__dataclass_fields__]
_ALL = sa.select(*_COLUMNS)


def policies(store: Store) -> dict[str, VisitPolicy]:
    """Every rule by its visit type; one statement."""
    return {row[0]: VisitPolicy(*row) for row in store.conn.execute(_ALL)}


def policy_of(store: Store, visit_type: str) -> VisitPolicy:
    """The rules that hold for a visit type."""
    return chosen_policy(policies(store), visit_type)
