"""Scopes: which types a program may create, read, update, delete and search.

Both spellings of SMART are read: `system/Patient.rs` and the older `system/Patient.read`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_SCOPE = re.compile(r"system/(\*|[A-Z][A-Za-z]{2,63})\.(read|write|\*|[cruds]+)")
_OLD = {"read": "rs", "write": "cud", "*": "cruds"}
LETTERS = {"c": "create", "r": "read", "u": "update", "d": "delete", "s": "search"}


@dataclass(frozen=True)
class Scopes:
    """What a token allows, by type; `*` stands for every type."""

    rights: dict[str, frozenset[str]] = field(default_factory=dict)

    def allow(self, type_: str, letter: str) -> bool:
        """Whether one act on one type is allowed; `*` as type asks for every type at once."""
        return letter in self.rights.get("*", frozenset()) or letter in self.rights.get(type_, frozenset())

    def within(self, other: Scopes) -> bool:
        """Whether another set of scopes allows everything that this one does."""
        return all(other.allow(type_, letter) for type_, letters in self.rights.items() for letter in letters)


def read_scopes(texts: Iterable[str]) -> Scopes:
    """The rights of a list of scopes; scopes of other kinds (user/, openid) give none."""
    rights: dict[str, frozenset[str]] = {}
    for text in texts:
        match = _SCOPE.fullmatch(text)
        if match is not None:
            letters = frozenset(_OLD.get(match[2], match[2]))
            rights[match[1]] = rights.get(match[1], frozenset()) | letters
    return Scopes(rights)
