"""Whose telephone number it is."""

from __future__ import annotations

import re

import sqlalchemy as sa

from clinic.fhir.store import Store
from clinic.registration.mapping.rows import PHONE
from clinic.registration.tables import patient_key

_MOST = 20


def patients_with_phone(store: Store, number: str) -> list[str]:
    """The ids of the patients whose number this is, as E.164; a family may share one. One statement."""
    digits = re.sub(r"\D", "", number, flags=re.ASCII)
    if len(digits) < 7:
        return []
    c = patient_key.c
    wanted = sa.select(c.id).where(c.kind == PHONE, c.key == digits[::-1][:20]).order_by(c.id).limit(_MOST)
    return list(store.conn.execute(wanted).scalars())
