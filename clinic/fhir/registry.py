"""What the slices tell the store about their resource types."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from clinic.core.json import Json
from clinic.fhir.params import Param, params_of, resource_types

if TYPE_CHECKING:
    from clinic.fhir.store import Store


ELSEWHERE = ":patient"
"""The name under which a patient is indexed whom a record names where no search parameter looks: a guarantor, an
extension, the owner of a picture. No program can search by it; `fhir/referring.py` does."""


@dataclass(frozen=True)
class ReadModel:
    """A narrow typed table for one hot screen, filled in the transaction that writes the resource.

    `project` turns a current resource into its rows; the table's `id` column is the resource's id.
    """

    table: sa.Table
    types: tuple[str, ...]
    project: Callable[[Json], list[dict[str, Any]]]


@dataclass(frozen=True)
class Writer:
    """How a type is written by the FHIR API, so that it obeys the same rules as the screens."""

    create: Callable[[Store, Json], Json] | None = None
    update: Callable[[Store, Json, int | None], Json] | None = None
    delete: Callable[[Store, str, int | None], None] | None = None
    check: Callable[[Store, Json], None] | None = None
    """What a program that writes a record itself must have right, and an import of records from elsewhere need not:
    raises Invalid with a Detail for each fault."""


Witness = Callable[["Store", Json | None, Json], list[Json]]
"""What else is kept with a record that was made (before: None) or changed: records without an id, in the same act."""


@dataclass(frozen=True)
class Upkeep:
    """Something else that a slice derives from its records: how it is checked, and built again."""

    name: str
    verify: Callable[[Store], Iterable[str]]
    rebuild: Callable[[Store], None]
    tables: tuple[str, ...] = ()
    """The tables it fills, by which a migration asks for it."""


def _params() -> tuple[Param, ...]:
    return ()


@dataclass
class Registry:
    """Everything the slices declared, in one place."""

    params: tuple[Param, ...] = field(default_factory=_params)
    read_models: tuple[ReadModel, ...] = ()
    writers: Mapping[str, Writer] = field(default_factory=dict)
    upkeep: tuple[Upkeep, ...] = ()
    witnesses: Mapping[str, Witness] = field(default_factory=dict)
    _models_of: dict[str, tuple[ReadModel, ...]] = field(default_factory=dict)
    _params_of: dict[str, Mapping[str, Param]] = field(default_factory=dict)
    _ways: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def params_of(self, type_: str) -> Mapping[str, Param]:
        """The search parameters of a resource type, by name."""
        known = self._params_of.get(type_)
        if known is None:
            known = self._params_of[type_] = params_of(type_, self.params)
        return known

    def models_of(self, type_: str) -> tuple[ReadModel, ...]:
        """The read models that a resource type feeds."""
        known = self._models_of.get(type_)
        if known is None:
            known = tuple(model for model in self.read_models if type_ in model.types)
            self._models_of[type_] = known
        return known

    def ways_to_patient(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """For each type but Patient, the names under which its records' references to patients are indexed."""
        if not self._ways:
            self._ways = tuple((type_, self._ways_of(type_)) for type_ in sorted(resource_types() - {"Patient"}))
        return self._ways

    def _ways_of(self, type_: str) -> tuple[str, ...]:
        found = self.params_of(type_).values()
        may = (one.name for one in found if one.kind == "reference" and (not one.targets or "Patient" in one.targets))
        return (ELSEWHERE, *sorted(may))


def registry_of(
    params: Iterable[Param],
    read_models: Iterable[ReadModel],
    writers: Mapping[str, Writer],
    *,
    upkeep: Iterable[Upkeep] = (),
    witnesses: Mapping[str, Witness] | None = None,
) -> Registry:
    """Gather the declarations of all slices."""
    return Registry(tuple(params), tuple(read_models), dict(writers), tuple(upkeep), dict(witnesses or {}))
