"""When a patient was born and which language they speak, read together with other facts."""

from __future__ import annotations

import sqlalchemy as sa

from clinic.db.together import Short
from clinic.registration.tables import patient_row

_p = patient_row.c
SPEAKING = Short(sa.select(_p.birth_date, _p.language).where(_p.id == sa.bindparam("patient_id")), (_p.id,), limit=1)
"""The birth date as it is kept, and the code of the language; one row."""
