"""What the slices say when two patient records are to become one, or two again.

Registration merges and un-merges; it imports none of the slices whose records it moves. Each of them offers one
`MergePart`: why it cannot be now, what has to be chosen first, and how its own records follow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from clinic.core.errors import ClinicError

Answers = Mapping[str, str]
"""The key of each question and "survivor" or "other": whose of the two is kept."""


def _nothing() -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Hindrance:
    """Why two records cannot become one (or two again) now, and the screen on which that is mended."""

    error: ClinicError
    endpoint: str = ""
    values: Mapping[str, Any] = field(default_factory=_nothing)


@dataclass(frozen=True)
class Question:
    """Something of each record that cannot stand beside the other: one is kept, the other set aside.

    `message` is a gettext id; `survivor` and `other` say in words what each record has.
    """

    key: str
    message: str
    survivor: str
    other: str
    default: str = "survivor"


def _no_examination(_store: Any, _survivor: str, _other: str) -> Iterable[Hindrance | Question]:
    return ()


def _no_settling(_store: Any, _survivor: str, _other: str, _answers: Answers) -> None:
    return None


def _no_rows(_store: Any, _survivor: str, _other: str) -> None:
    return None


def _no_follow() -> dict[str, Follow]:
    return {}


def _no_rule() -> dict[str, Together]:
    return {}


Together = Callable[[list[dict[str, Any]]], Iterable[ClinicError]]
"""What of all records of one type cannot stand together in one patient's record."""
Follow = Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]
"""A record of one type whose references lead to this patient since a moment ago: what else of it follows."""


@dataclass(frozen=True)
class MergePart:
    """What one slice has to say.

    `prepare` ends what is over anyway, so that nothing is left lying beside the records. `examine` reads only; `other`
    is "" when a merge is to be undone. `settle` carries out the answers, before anything moves, by the store; what it
    changes is put back by an un-merge. `follow` and `together` are pure. `rows` brings the slice's own tables (not its
    read models: these follow by themselves) in line, after a merge and an un-merge.
    """

    prepare: Callable[[Any, str, str], None] = _no_rows
    examine: Callable[[Any, str, str], Iterable[Hindrance | Question]] = _no_examination
    settle: Callable[[Any, str, str, Answers], None] = _no_settling
    follow: Mapping[str, Follow] = field(default_factory=_no_follow)
    together: Mapping[str, Together] = field(default_factory=_no_rule)
    rows: Callable[[Any, str, str], None] = _no_rows
