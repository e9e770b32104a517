"""Which records name a patient, and changing whom they name."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from typing import Any

import sqlalchemy as sa

from clinic.core.json import Json
from clinic.fhir.index_tables import ix_reference
from clinic.fhir.store import Store

Key = tuple[str, str]
Path = tuple[str | int, ...]
_ref = ix_reference.c


def naming(store: Store, patient_id: str) -> list[Key]:
    """(type, id) of every current record but patients themselves that names this patient, oldest id first.

    One statement of index seeks. A record that names only a version of the patient's record is among them.
    """
    rows = store.conn.execute(_statement(store.registry.ways_to_patient()), {"patient": patient_id})
    return sorted({(row.type, row.id) for row in rows}, key=lambda key: (key[1], key[0]))


@cache
def _statement(wanted: tuple[tuple[str, tuple[str, ...]], ...]) -> sa.Select[Any]:
    either = sa.or_(*(sa.and_(_ref.type == type_, _ref.param.in_(names)) for type_, names in wanted))
    its = sa.and_(_ref.target_type == "Patient", _ref.target_id == sa.bindparam("patient"))
    return sa.select(_ref.type, _ref.id).where(its, either)


def paths_to(node: Any, patient_id: str, path: Path = ()) -> Iterator[Path]:
    """Where in a record a reference leads to a patient; references to one version of the patient do not count."""
    if isinstance(node, dict):
        if node.get("reference") == f"Patient/{patient_id}":
            yield path
        for key, inner in node.items():
            yield from paths_to(inner, patient_id, (*path, key))
    elif isinstance(node, list):
        for place, inner in enumerate(node):
            yield from paths_to(inner, patient_id, (*path, place))


def at_path(node: Any, path: Path) -> Any:
    """What stands at a path, or None."""
    for step in path:
        if isinstance(step, int):
            node = node[step] if isinstance(node, list) and step < len(node) else None
        else:
            node = node.get(step) if isinstance(node, dict) else None
    return node


def led_to(resource: Json, old_id: str, new_id: str, names: Names, *, only: set[Path] | None = None) -> Json:
    """A copy whose references to one patient lead to another, their displayed names with them.

    `only` limits it to some places.
    """
    copy: Json = deepcopy(resource)
    for path in list(paths_to(copy, old_id)):
        if only is None or path in only:
            reference = at_path(copy, path)
            reference["reference"] = f"Patient/{new_id}"
            if isinstance(reference.get("display"), str):
                reference["display"] = names.new_of(reference["display"])
    return copy


class Names:
    """How the two patients are called in references: where one was by the legal name, so is the other."""

    def __init__(self, old: tuple[str, str], new: tuple[str, str]) -> None:
        self._old, self._new = old, new

    def new_of(self, display: str) -> str:
        """What to show in place of a name of the old one."""
        shown, legal = self._new
        return legal if display == self._old[1] != self._old[0] else shown
