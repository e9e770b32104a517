"""Whether every merge that stands still holds: both records say so, and nothing is left under the old one."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from clinic.fhir.registry import Upkeep
from clinic.fhir.store import Store
from clinic.registration.mapping.patient import merged_into
from clinic.registration.queries.merges import DONE, MOVING, Merge, unmoved
from clinic.registration.tables import patient_merge


def faults_of_merges(store: Store) -> Iterator[str]:
    """One line for each merged record that does not lead to its survivor, and for each record left under it."""
    query = sa.select(patient_merge).where(patient_merge.c.state.in_((MOVING, DONE)))
    for row in store.conn.execute(query.order_by(patient_merge.c.id)).all():
        merge = Merge(*row)
        other = store.find("Patient", merge.other_id)
        if other is None or merged_into(other) != merge.survivor_id or other.get("active") is not False:
            yield f"Patient/{merge.other_id}: was merged into Patient/{merge.survivor_id} and does not say so"
        if merge.state == DONE:
            for type_, id_ in unmoved(store, merge.other_id):
                yield f"{type_}/{id_}: names Patient/{merge.other_id}, which was merged into another record"


def _nothing(_store: Store) -> None:
    """There is nothing to build: the work of a merge is its own job."""


MERGES = Upkeep("merges", faults_of_merges, _nothing)
