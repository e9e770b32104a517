"""The hours at which one may call somebody, as people say them."""

from __future__ import annotations

import re
from datetime import time

_SPAN = re.compile(r"(\d{1,2})(?::?(\d{2}))?\s*(am|pm)?\s*(?:-|–|to|until|tot|a)\s*(\d{1,2})(?::?(\d{2}))?\s*(am|pm)?")
_SINCE = re.compile(r"(?:after|from|na|vanaf|despues de|desde)\s*(\d{1,2})(?::?(\d{2}))?\s*(am|pm)?")
_UNTIL = re.compile(r"(?:before|until|till|voor|tot|antes de|hasta)\s*(\d{1,2})(?::?(\d{2}))?\s*(am|pm)?")
_WORDS = {
    "morning": "08:00-12:00", "mornings": "08:00-12:00", "afternoon": "12:00-17:00", "afternoons": "12:00-17:00",
    "evening": "17:00-21:00", "evenings": "17:00-21:00", "office hours": "09:00-17:00",
}  # fmt: skip
_MOST = 3


def read_hours(text: str) -> str:
    """Hours such as `9-17`, `after 5pm`, `mornings` or `9-12, 18-20`, as "09:00-12:00, 18:00-20:00".

    Raises ValueError with a plain reason. Anything goes is the empty text.
    """
    spans = sorted(_span(part) for part in re.split(r"[,;]| and ", " ".join(text.casefold().split())) if part.strip())
    if len(spans) > _MOST:
        raise ValueError("Give at most three spans of hours")
    return ", ".join(spans)


def within(hours: str, clock: time) -> bool:
    """Whether one may call at this time of the day; always when no hours were said."""
    now = clock.strftime("%H:%M")
    spans = [span.partition("-") for span in hours.split(", ") if span]
    return not spans or any(start <= now < end for start, _, end in spans)


def _span(part: str) -> str:
    said = part.strip()
    if said in _WORDS:
        return _WORDS[said]
    since, until, both = _SINCE.fullmatch(said), _UNTIL.fullmatch(said), _SPAN.fullmatch(said)
    if since:
        start, end = _clock(*since.groups()), "24:00"
    elif until:
        start, end = "00:00", _clock(*until.groups())
    elif both:
        start, end = _clock(both[1], both[2], both[3] or both[6]), _clock(both[4], both[5], both[6])
        if both[6] == "pm" and not both[3] and start >= end:
            start = _clock(both[1], both[2], "am")
    else:
        raise ValueError("Say hours like 9-17, after 17:00 or mornings")
    if start >= end:
        raise ValueError("The hours end before they begin")
    return f"{start}-{end}"


def _clock(hour: str, minute: str | None, half: str | None) -> str:
    h, m = int(hour), int(minute or 0)
    if half and not 1 <= h <= 12:
        raise ValueError("Say hours like 9-17, after 17:00 or mornings")
    if half:
        h = h % 12 + (12 if half == "pm" else 0)
    if h > 24 or m > 59 or (h == 24 and m):
        raise ValueError("A day has hours from 0 to 24")
    return f"{h:02d}:{m:02d}"
