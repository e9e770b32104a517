"""Pages of a list that is already in memory, and the addresses of the pages before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request, url_for

T = TypeVar("T")
SIZE = 25


@dataclass(frozen=True)
class Paged(Generic[T]):
    """The rows of one page and where it lies in the whole."""

    rows: Sequence[T]
    total: int
    first: int
    last: int
    prev_url: str
    next_url: str


def page_number() -> int:
    """The page asked for, from 1; anything odd is the first."""
    text = request.args.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def cut(rows: Sequence[T], size: int = SIZE) -> Paged[T]:
    """The page of this request."""
    number = min(page_number(), max(1, -(-len(rows) // size)))
    start = (number - 1) * size
    shown = rows[start : start + size]
    return Paged(
        shown,
        len(rows),
        start + 1 if shown else 0,
        start + len(shown),
        _address(number - 1) if number > 1 else "",
        _address(number + 1) if start + size < len(rows) else "",
    )


def _address(number: int) -> str:
    given = {name: value for name, value in request.args.items() if name != "page"}
    return url_for(str(request.endpoint), **{**(request.view_args or {}), **given, "page": number})
