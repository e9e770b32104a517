"""What a slice gives to the application."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint

from clinic.core.hooks import Listener
from clinic.core.merging import MergePart
from clinic.db.together import Short
from clinic.fhir.params import Param
from clinic.fhir.registry import ReadModel, Upkeep, Witness, Writer
from clinic.fhir.store import Store


@dataclass(frozen=True)
class PatientPanel:
    """A tile on the patient page: `load` gives the values for `template`.

    A tile that shows a short list names it in `rows`, bound by `patient_id` and `now`: the lists of all tiles are
    read in one statement, and `load` gets its rows as a third value. Any other tile takes one statement at most.
    """

    name: str
    order: int
    column: int
    template: str
    load: Callable[..., dict[str, Any]]
    permission: str = "patients.read"
    rows: Short | None = None


@dataclass(frozen=True)
class BannerFact:
    """A fact in the patient banner: a value for each patient id, in one statement."""

    name: str
    load: Callable[[Store, Sequence[str]], Mapping[str, Any]]
    permission: str = "patients.read"


@dataclass(frozen=True)
class Nav:
    """An entry of the rail."""

    endpoint: str
    label: Any
    icon: str
    key: str
    order: int
    permission: str
    count: Callable[[Store], int] | None = None
    seconds: float = 4.0
    """How long a count is shown before it is made anew; longer for one that takes long."""


def _listeners() -> dict[str, Listener]:
    return {}


@dataclass(frozen=True)
class Slice:
    """One part of the product: its screens, its record types, its tiles."""

    name: str
    blueprint: Blueprint | None = None
    params: tuple[Param, ...] = ()
    read_models: tuple[ReadModel, ...] = ()
    writers: Mapping[str, Writer] = field(default_factory=dict)
    panels: tuple[PatientPanel, ...] = ()
    banner: tuple[BannerFact, ...] = ()
    nav: tuple[Nav, ...] = ()
    listeners: Mapping[str, Listener] = field(default_factory=_listeners)
    upkeep: tuple[Upkeep, ...] = ()
    witnesses: Mapping[str, Witness] = field(default_factory=dict)
    """By record type: what else is kept with each of its versions."""
    merging: MergePart | None = None
    actions: tuple[tuple[Any, str, str, str], ...] = ()
    """Command bar actions: (label, endpoint, icon, permission)."""
