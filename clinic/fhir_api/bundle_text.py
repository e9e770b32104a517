"""Bundles as text: records are spliced in as they lie in the store, not read and written again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from clinic.core.ids import new_id
from clinic.core.json import dumps
from clinic.fhir.search import Found
from clinic.fhir_api.shaping import Shape


@dataclass(frozen=True)
class Link:
    """A link of a Bundle: self, next."""

    relation: str
    url: str


def bundle(kind: str, links: Sequence[Link], entries: Iterable[str], *, total: int | None = None) -> str:
    """A Bundle of entries that are text already."""
    parts = [f'"resourceType":"Bundle","id":"{new_id()}","type":"{kind}"']
    if total is not None:
        parts.append(f'"total":{total}')
    if links:
        parts.append(f'"link":{dumps([{"relation": link.relation, "url": link.url} for link in links])}')
    inner = ",".join(entries)
    if inner:
        parts.append(f'"entry":[{inner}]')
    return "{" + ",".join(parts) + "}"


def entry(base: str, record: Found, shape: Shape, mode: str) -> str:
    """An entry of a searchset."""
    url = dumps(f"{base}/{record.type}/{record.id}")
    return f'{{"fullUrl":{url},"resource":{shape.of(record.text)},"search":{{"mode":"{mode}"}}}}'
