"""The words of the choices that registration offers, and flags and consents in the language of the screen."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from clinic.registration.rules.consents import LABELS, State
from clinic.registration.rules.flags import KINDS, Shown
from clinic.web.filters import day

SEX_WORDS = (
    ("female", _l("Female")),
    ("male", _l("Male")),
    ("other", _l("Other")),
    ("unknown", _l("Unknown")),
)
MARITAL_WORDS = (
    ("", _l("Not asked")),
    ("S", _l("Never married")),
    ("M", _l("Married")),
    ("T", _l("Domestic partner")),
    ("D", _l("Divorced")),
    ("L", _l("Legally separated")),
    ("W", _l("Widowed")),
    ("UNK", _l("Unknown or declined")),
)
BIRTH_SEX_WORDS = (
    ("", _l("Not asked")),
    ("F", _l("Female")),
    ("M", _l("Male")),
    ("OTH", _l("Other")),
)
RACE_WORDS = (
    ("1002-5", _l("American Indian or Alaska Native")),
    ("2028-9", _l("Asian")),
    ("2054-5", _l("Black or African American")),
    ("2076-8", _l("Native Hawaiian or Other Pacific Islander")),
    ("2106-3", _l("White")),
)
ETHNICITY_WORDS = (
    ("", _l("Not asked")),
    ("2135-2", _l("Hispanic or Latino")),
    ("2186-5", _l("Not Hispanic or Latino")),
)
REASON_WORDS = (
    ("", _l("not asked")),
    ("declined", _l("declined")),
    ("unknown", _l("not known")),
)
CHANNEL_WORDS = (
    ("", _l("No preference")),
    ("phone", _l("Telephone")),
    ("sms", _l("Text message")),
    ("email", _l("E-mail")),
    ("letter", _l("Letter")),
)
RELATION_WORDS = (
    ("", _l("Not said")),
    ("SPS", _l("Spouse")),
    ("DOMPART", _l("Partner")),
    ("MTH", _l("Mother")),
    ("FTH", _l("Father")),
    ("PRN", _l("Parent")),
    ("CHILD", _l("Child")),
    ("DAU", _l("Daughter")),
    ("SON", _l("Son")),
    ("SIB", _l("Brother or sister")),
    ("GRPRN", _l("Grandparent")),
    ("GRNDCHILD", _l("Grandchild")),
    ("FAMMEMB", _l("Other family")),
    ("GUARD", _l("Guardian")),
    ("FRND", _l("Friend")),
    ("NBOR", _l("Neighbor")),
    ("ROOM", _l("Roommate")),
    ("O", _l("Somebody else")),
)

_USUAL = {kind.label for kind in KINDS}


def flag_word(label: str) -> str:
    """The words on a flag: those of the product are translated, what somebody wrote stands as it is."""
    return str(_(label)) if label in _USUAL else label


def drawn_flag(flag: Shown) -> dict[str, str]:
    """A flag as a badge."""
    until = str(_("until %(date)s", date=day(flag.ends))) if flag.ends else ""
    return {"kind": flag.colour, "word": flag_word(flag.label), "shape": flag.shape, "until": until}


def consent_name(label: str) -> str:
    """The name of a kind of consent."""
    return str(_(label)) if label in LABELS.values() else label


def consent_state(state: State) -> str:
    """What is so about a consent, in a few words."""
    held = state.held
    signed = day(held.signed) if held and held.signed else ""
    return {
        "ok": _("signed %(date)s", date=signed) if signed else _("signed"),
        "ending": _("ends %(date)s", date=day(held.ends) if held else ""),
        "ended": _("ended %(date)s", date=day(held.ends) if held else ""),
        "new-text": _("new text since %(date)s, not signed", date=day(state.since)) if state.since else _("not signed"),
        "withdrawn": _("taken back"),
        "missing": _("not signed"),
    }[state.state]
