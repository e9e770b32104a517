"""What a visit type needs and how long it lasts otherwise, as it is typed: `room laser 20-40`, `40 new`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, Literal

from clinic.appointments.rules.resources import WHATS, Length, Need
from clinic.core.errors import N_, Invalid
from clinic.core.names import fold

BAD_NEED: Final = N_("“%(line)s” cannot be read. Write for example “room laser 20-40” or “person assistant”.")
_LINE: Final = re.compile(r"(person|room|device)\s+(\S.{0,58}?)(?:\s+(\d{1,3})\s*-\s*(\d{1,3}))?")
MOST: Final = 6
BAD_LENGTH: Final = N_("“%(line)s” cannot be read. Write for example “40 new” or “30” and a provider's name.")
_LENGTH: Final = re.compile(r"(\d{1,3})\s+(.+)")
_MOST_LENGTHS: Final = 60


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


def read_lengths(text: str, names: Mapping[str, str]) -> tuple[Length, ...]:
    """The other lengths in what was typed; `names` are the providers' by their id. Raises Invalid for a bad line."""
    known = {fold(name): id_ for id_, name in names.items()}
    found: dict[tuple[str, str], Length] = {}
    for line in filter(None, (" ".join(line.split()) for line in text.splitlines())):
        match = _LENGTH.fullmatch(line)
        minutes, rest = (int(match[1]), match[2]) if match else (0, "")
        last = rest.rpartition(" ")[2].casefold()
        who: Literal["", "new", "known"] = "new" if last == "new" else "known" if last == "known" else ""
        name = fold(rest.rpartition(" ")[0] if who else rest)
        if not 5 <= minutes <= 720 or minutes % 5 or (name and name not in known) or len(found) >= _MOST_LENGTHS:
            raise Invalid(BAD_LENGTH, line=line[:60], field="lengths")
        provider = known[name] if name else ""
        found[provider, who] = Length(minutes, provider, who)
    return tuple(found.values())


def typed_lengths(lengths: Iterable[Length], names: Mapping[str, str]) -> str:
    """The other lengths as they are typed; those of somebody who is not here any more are left out."""
    known = [one for one in lengths if not one.provider or one.provider in names]
    return "\n".join(" ".join(filter(None, (str(one.minutes), names.get(one.provider, ""), one.who))) for one in known)
