"""What is forgotten of imports: the words of files some weeks after their end, and what nobody went on with."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import sqlalchemy as sa

from clinic.fhir.store import Store
from clinic.transfer.service.runs import CHECKED, COLUMNS, DONE, STOPPED, UNDONE
from clinic.transfer.tables import import_file, import_row, import_run

KEPT: Final = timedelta(days=30)
"""How long the words of a file are kept: until then its faults can be fetched, and it can be looked up."""
_r = import_run.c


def forget_imports(store: Store) -> int:
    """Forget the words of old imports, and whole ones that never began; what can be taken back still can.

    Gives how many imports were tidied.
    """
    before = store.now - KEPT
    ended = sa.select(_r.id).where(_r.state.in_((DONE, UNDONE, STOPPED)), _r.changed < before)
    begun = sa.select(_r.id).where(_r.state.in_((COLUMNS, CHECKED)), _r.changed < before)
    old = list(store.conn.execute(ended.limit(100)).scalars())
    idle = list(store.conn.execute(begun.limit(100)).scalars())
    c = import_row.c
    gone = 0
    if old:
        words = sa.update(import_row).where(c.run_id.in_(old), c.cells.is_not(None))
        gone = store.conn.execute(words.values(cells=sa.null(), said=[])).rowcount
    for table in (import_file, import_row):
        store.conn.execute(sa.delete(table).where(table.c.run_id.in_([*idle, *(old if table is import_file else [])])))
    store.conn.execute(sa.delete(import_run).where(_r.id.in_(idle)))
    return len(idle) + bool(gone)
