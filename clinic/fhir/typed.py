"""The typed reader: a stored resource as an object with attributes and Python dates.

For code that walks through many elements of a resource and wants its mistakes found by name. It is never the way
back: writing a model out would change digits and zones, so what is stored stays the JSON that came.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from clinic.core.errors import Missing
from clinic.core.json import Json


def typed(resource: Json) -> Any:
    """Read a valid resource into its R4B model.

    The first use of a type costs its import (0.4 s for the very first). Raises Missing for the few R4 types that
    R4B dropped or rebuilt, such as MedicinalProduct and Evidence; those are read as JSON.
    """
    return _model(str(resource.get("resourceType"))).model_validate(resource)


REBUILT = frozenset({"Evidence", "EvidenceVariable"})
"""R4 types that have the same name in R4B, but other elements."""


@cache
def _model(kind: str) -> Any:
    module = f"fhir.resources.R4B.{kind.lower()}"
    if not kind.isalpha() or kind in REBUILT or find_spec(module) is None:
        raise Missing("There is no typed form of %(kind)s.", kind=kind)
    return getattr(import_module(module), kind)
