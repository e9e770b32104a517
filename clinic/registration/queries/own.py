"""The practice's own fields as the screens need them, and who has which value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import sqlalchemy as sa

from clinic.core.json import Json
from clinic.db.together import Short
from clinic.fhir.store import Store
from clinic.registration.mapping.own import field_of, own_of
from clinic.registration.rules.own import CHECKIN, MOST_FIELDS, REGISTER, SEES, OwnField, OwnValue, grouped, missing
from clinic.registration.tables import own_field, own_value

_f, _v = own_field.c, own_value.c


def own_fields(store: Store) -> tuple[OwnField, ...]:
    """Every field of the practice's own, retired ones too, in order; one statement, shared by the parts of a page."""
    return store.read_once("own fields", lambda: read_fields(store))


def read_fields(store: Store) -> tuple[OwnField, ...]:
    """The same as it is in this moment, within a transaction that writes."""
    rows = store.conn.execute(sa.select(_f.json).order_by(_f.place, _f.key)).scalars()
    return tuple(found for row in rows if (found := field_of(row)))


def fields_list() -> Short:
    """Every field, for a page that reads its lists together; `fields_from` reads its rows."""
    return Short(sa.select(_f.json), (_f.place, _f.key), MOST_FIELDS)


def fields_from(rows: Iterable[Sequence[object]]) -> tuple[OwnField, ...]:
    """The fields of rows as `fields_list` gives them."""
    return tuple(found for row in rows if (found := field_of(cast("Json", row[0]))))


def asked_fields(store: Store) -> tuple[OwnField, ...]:
    """The fields in use that this person may see."""
    return tuple(one for one in own_fields(store) if one.active and store.actor.may(SEES.get(one.sees, "")))


def used(store: Store) -> Mapping[str, int]:
    """How many patients have a value of each field."""
    rows = store.conn.execute(sa.select(_v.field, sa.func.count(sa.distinct(_v.id))).group_by(_v.field))
    return {row[0]: row[1] for row in rows}


def own_fields_of(store: Store, patient: Json) -> list[tuple[OwnField, tuple[OwnValue, ...]]]:
    """The fields that this person may see with the patient's values, for a page, a print or an export.

    A retired field stands there as long as the patient has a value of it; one in use without a value does not.
    """
    return with_values(store, own_fields(store), own_of(patient))


def with_values(
    store: Store, fields: Iterable[OwnField], values: Iterable[OwnValue]
) -> list[tuple[OwnField, tuple[OwnValue, ...]]]:
    """Those of the fields that this person may see and of which there are values."""
    there = grouped(values)
    return [(one, there[one.key]) for one in fields if one.key in there and store.actor.may(SEES.get(one.sees, ""))]


def missing_at_check_in(store: Store, patient_ids: Sequence[str]) -> dict[str, list[OwnField]]:
    """For each of these patients the fields that are needed by now and have no value; two statements."""
    needed = [one for one in own_fields(store) if one.active and one.need in (CHECKIN, REGISTER)]
    if not needed or not patient_ids:
        return {}
    wanted = sa.select(_v.id, _v.field).where(_v.id.in_(patient_ids), _v.field.in_([one.key for one in needed]))
    there: dict[str, list[OwnValue]] = {}
    for id_, key in store.conn.execute(wanted):
        there.setdefault(id_, []).append(OwnValue(key, "", ""))
    found = {id_: missing(needed, there.get(id_, ()), (CHECKIN, REGISTER)) for id_ in patient_ids}
    return {id_: some for id_, some in found.items() if some}


def having(wanted: Iterable[tuple[str, str]]) -> sa.Select[Any]:
    """The ids of the patients who have every one of these (field, value) pairs."""
    pairs = list(dict.fromkeys(wanted))
    either = sa.or_(*(sa.and_(_v.field == field, _v.value == value) for field, value in pairs))
    return sa.select(_v.id).where(either).group_by(_v.id).having(sa.func.count() == len(pairs))


def valued(value: str, fields: Sequence[str]) -> sa.Select[Any]:
    """The ids of the patients who have this value in one of these fields."""
    return sa.select(_v.id).where(_v.value == value, _v.field.in_(fields))
