"""Flags and consents in the language of the screen."""

from __future__ import annotations

from flask_babel import gettext as _

from clinic.registration.rules.flags import KINDS, Shown
from clinic.web.filters import day

_USUAL = {kind.label for kind in KINDS}


def flag_word(label: str) -> str:
    """The words on a flag: those of the product are translated, what somebody wrote stands as it is."""
    return str(_(label)) if label in _USUAL else label


def drawn_flag(flag: Shown) -> dict[str, str]:
    """A flag as a badge."""
    until = str(_("until %(date)s", date=day(flag.ends))) if flag.ends else ""
    return {"kind": flag.colour, "word": flag_word(flag.label), "shape": flag.shape, "until": until}
