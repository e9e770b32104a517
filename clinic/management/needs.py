"""What a visit type needs, as it is typed: one line for each, such as `room laser 20-40`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from clinic.appointments.rules.resources import WHATS, Need
from clinic.core.errors import N_, Invalid

BAD_NEED: Final = N_("“%(line)s” cannot be read. Write for example “room laser 20-40” or “person assistant”.")
_LINE: Final = re.compile(r"(person|room|device)\s+(\S.{0,58}?)(?:\s+(\d{1,3})\s*-\s*(\d{1,3}))?")
MOST: Final = 6


def read_needs(text: str, *, known: Iterable[Need] = ()) -> tuple[Need, ...]:
    """The needs in what was typed, those that name one thing kept. Raises Invalid for the first bad line."""
    found = [need for need in known if need.id]
    for line in text.splitlines():
        words = " ".join(line.split())
        if not words:
            continue
        match = _LINE.fullmatch(words.casefold())
        since, until = (int(match[3] or 0), int(match[4] or 0)) if match else (0, 0)
        whole = match is not None and match[3] is None
        if match is None or len(found) >= MOST or not (whole or until > since):
            raise Invalid(BAD_NEED, line=words[:60], field="needs")
        what = next(one for one in WHATS if one == match[1])
        found.append(Need(what, kind=match[2], offset=since, minutes=until - since if not whole else 0))
    return tuple(found)


def typed_needs(needs: Iterable[Need]) -> str:
    """The needs for any of a kind as they are typed."""
    return "\n".join(_line(need) for need in needs if not need.id)


def _line(need: Need) -> str:
    if need.whole:
        return f"{need.what} {need.kind}"
    end = need.offset + need.minutes if need.minutes else 720
    return f"{need.what} {need.kind} {need.offset}-{end}"
