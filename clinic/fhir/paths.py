"""Reading the values at a search parameter's path out of a resource."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from clinic.core.json import Json

_STEP = re.compile(r"(?P<name>\w+)(?:\[(?P<key>\w+)(?P<begins>\^?)=(?P<value>[^\]]*)\])?(?::(?P<type>\w+))?(?:\.|$)")


@dataclass(frozen=True)
class Step:
    """One element name of a path, with what the element must hold to count."""

    name: str
    key: str = ""
    value: str = ""
    type: str = ""
    begins: str = ""
    """A `^` when the element need only begin with the value."""


@cache
def compiled(path: str) -> tuple[tuple[Step, ...], ...]:
    """The alternatives of a path, each a row of steps. Raises ValueError for a path that cannot be read."""
    return tuple(_steps(one) for one in path.removeprefix("?").split("|"))


def _steps(path: str) -> tuple[Step, ...]:
    steps, at = [], 0
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None:
            raise ValueError(f"unreadable search path: {path}")
        steps.append(Step(**{key: value or "" for key, value in match.groupdict().items()}))
        at = match.end()
    return tuple(steps)


def values_at(resource: Json, path: str) -> Iterator[Any]:
    """Every value at a path, lists opened; a `?` path gives one True or False."""
    there = [steps for steps in compiled(path) if not steps or steps[0].name in resource]
    if path.startswith("?"):
        yield any(value is not False for steps in there for value in _walk(resource, steps))
        return
    for steps in there:
        yield from _walk(resource, steps)


def _walk(node: Any, steps: tuple[Step, ...]) -> Iterator[Any]:
    if not steps:
        yield node
        return
    step, rest = steps[0], steps[1:]
    inner = node.get(step.name) if isinstance(node, dict) else None
    if inner is None:
        return
    for one in inner if isinstance(inner, list) else (inner,):
        if one is not None and _counts(one, step):
            yield from _walk(one, rest)


def _counts(value: Any, step: Step) -> bool:
    if step.key and not (isinstance(value, dict) and _fits(value.get(step.key), step)):
        return False
    return not step.type or referred_type(value) == step.type


def _fits(value: Any, step: Step) -> bool:
    if step.begins:
        return isinstance(value, str) and value.startswith(step.value)
    return bool(value == step.value)


def referred_type(value: Any) -> str:
    """The resource type that a Reference points to, when its text or its `type` says so."""
    if not isinstance(value, dict):
        return ""
    text = value.get("reference")
    parts = text.split("/_history/")[0].split("/") if isinstance(text, str) else []
    return parts[-2] if len(parts) > 1 else str(value.get("type") or "")
