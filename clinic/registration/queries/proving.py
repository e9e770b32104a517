"""Whether somebody at home is who they say: name, birth date and a number, all three or nothing."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import sqlalchemy as sa

from clinic.core.keyed import keyed_hash
from clinic.core.names import words
from clinic.fhir.store import Store
from clinic.registration.mapping.rows import BORN, compact
from clinic.registration.tables import coverage_number, patient_key, patient_row

_FEWEST_DIGITS = 7
_MOST = 2000
_r = patient_row.c


def proven_patient(store: Store, *, given: str, family: str, birth_date: str, number: str) -> str:
    """The id of the one patient whom all three describe; empty for nobody, and when two could be meant.

    `number` is a telephone number on file, the record number or an insurance number. The same two statements run
    whatever is right or wrong, so neither words nor time tell which of the three it was.
    """
    rows = store.conn.execute(_born(), {"born": birth_date[:10], "most": _MOST}).all()
    insured = set(store.conn.execute(_insured(), {"number": keyed_hash(compact(number))}).scalars())
    found = [
        row.id
        for row in rows
        if _named(row, given, family) and (row.id in insured or _numbered(row, number)) and not row.deceased
    ]
    return found[0] if len(found) == 1 else ""


@cache
def _born() -> sa.Select[Any]:
    k = patient_key.c
    columns = (
        _r.id, _r.given_words, _r.family_words, _r.other_words, _r.phones, _r.record_number, _r.deceased,
    )  # fmt: skip
    joined = sa.join(patient_key, patient_row, k.id == _r.id)
    wanted = sa.select(*columns).select_from(joined).where(k.kind == BORN, k.key == sa.bindparam("born"))
    return wanted.where(_r.active).limit(sa.bindparam("most", type_=sa.Integer))


@cache
def _insured() -> sa.Select[Any]:
    return sa.select(coverage_number.c.patient_id).where(coverage_number.c.number == sa.bindparam("number"))


def _named(row: Any, given: str, family: str) -> bool:
    """The surname whole, and one of the first names, the one used included."""
    surname, first = words(family), words(given)
    firsts = {*row.given_words.split(), *row.other_words.split()}
    lasts = row.family_words.split()
    others = row.other_words.split()
    right = bool(surname) and (surname == lasts or all(word in (*lasts, *others) for word in surname))
    return right and bool(first) and first[0] in firsts


def _numbered(row: Any, number: str) -> bool:
    wanted = compact(number)
    if wanted and wanted == compact(row.record_number):
        return True
    digits = re.sub(r"\D", "", number, flags=re.ASCII)
    bare = digits.lstrip("0") or digits
    if len(bare) < _FEWEST_DIGITS:
        return False
    return any(
        re.sub(r"\D", "", phone).endswith(bare) or bare.endswith(phone.lstrip("+")) for phone in row.phones.split()
    )
