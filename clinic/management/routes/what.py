"""What an event of the trail is about, in the language of the reader; the trail itself stays as it was written."""

from __future__ import annotations

import re
from typing import Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from clinic.core.errors import N_

_WHOLE: Final = {
    "answered form": _l("answered form"),
    "answers": _l("answers"),
    "appointment": _l("appointment"),
    "audit trail": _l("audit trail"),
    "banner": _l("patient banner"),
    "booking": _l("booking"),
    "call log": _l("call log"),
    "calls to return": _l("calls to return"),
    "charges": _l("charges"),
    "day close": _l("day close"),
    "encounter form": _l("encounter form"),
    "forms handed over": _l("forms handed over"),
    "forms opened on the tablet": _l("forms opened on the tablet"),
    "insurance": _l("insurance"),
    "insurance card": _l("insurance card"),
    "insurance number": _l("insurance number"),
    "label": _l("patient label"),
    "likely duplicate": _l("likely duplicate"),
    "likely duplicates": _l("likely duplicates"),
    "patients": _l("patients"),
    "payment": _l("payment"),
    "payments": _l("payments"),
    "practice settings": _l("practice settings"),
    "receipt": _l("receipt"),
    "row in the finder": _l("row in the finder"),
    "today": _l("board of today"),
}
_FILLED: Final = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"calendar of the week of (?P<day>[\d-]+)", N_("calendar of the week of %(day)s")),
        (r"calendar of (?P<day>[\d-]+)", N_("calendar of %(day)s")),
        (r"day schedule of (?P<day>[\d-]+)", N_("day schedule of %(day)s")),
        (r"appointments of (?P<first>[\d-]+) to (?P<last>[\d-]+)", N_("appointments of %(first)s to %(last)s")),
        (r"all records to (?P<folder>.+)", N_("all records to %(folder)s")),
        (r"pairing code for tablet (?P<tablet>.+)", N_("pairing code for tablet %(tablet)s")),
        (r"paired tablet (?P<tablet>.+)", N_("paired tablet %(tablet)s")),
        (r"unpaired tablet (?P<tablet>.+)", N_("unpaired tablet %(tablet)s")),
        (r"revoked tablet (?P<tablet>.+)", N_("revoked tablet %(tablet)s")),
    )
)


def what_words(stored: str) -> str:
    """The words for what was stored; a record type, a name or a text of an older version stands as it is."""
    if stored in _WHOLE:
        return str(_WHOLE[stored])
    for pattern, words in _FILLED:
        found = pattern.fullmatch(stored)
        if found:
            return str(_(words, **found.groupdict()))
    return stored
