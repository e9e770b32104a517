"""Which fields the form about a person has, by the way their text is read. Names are those of the form."""

from __future__ import annotations

from clinic.core.errors import N_
from clinic.registration.rules.details import (
    ADDRESSES,
    BIRTH_SEXES,
    CHANNELS,
    ETHNICITIES,
    FORMER_NAMES,
    MARITAL,
    PREFIXES,
    RACES,
    RELATIONS,
    RELATIVES,
)

NAMES = {
    "given": N_("First name"),
    "middle": N_("Middle name"),
    "family": N_("Surname"),
    "prefix": N_("Title"),
    "suffix": N_("Suffix"),
    "preferred": N_("Preferred name"),
    "nick": N_("Nickname"),
    "maiden": N_("Birth surname"),
    **{f"{who}_given": N_("First name") for who in (*RELATIVES, *FORMER_NAMES)},
    **{f"{who}_family": N_("Surname") for who in (*RELATIVES, *FORMER_NAMES)},
}
_ADDRESS = {
    "line": N_("Street"),
    "line2": N_("Second line"),
    "city": N_("Town"),
    "state": N_("State"),
    "country": N_("Country"),
}
LINES = {
    **{PREFIXES[place] + name: label for place in ADDRESSES for name, label in _ADDRESS.items()},
    "pronouns": N_("Pronouns"),
    "gender_identity": N_("Gender identity"),
    "orientation": N_("Sexual orientation"),
    "general_practitioner": N_("Family doctor"),
    "pharmacy": N_("Pharmacy"),
    "employer": N_("Employer"),
    "occupation": N_("Occupation"),
    "known_of": N_("What is known so far"),
}
PHONES = ("mobile", "home_phone", "work_phone", *(f"{who}_phone" for who in RELATIVES))
HOURS = ("mobile_hours", "home_hours", "work_hours")
DAYS = ("temporary_end", *(f"{name}_{part}" for name in FORMER_NAMES for part in ("start", "end")))
AHEAD = ("temporary_end",)
"""Days that may lie in the future."""
BOXES = ("texts", "home_texts", "work_texts", "interpreter")
CHOICES: dict[str, tuple[str, ...]] = {
    "marital": MARITAL,
    "contact_by": CHANNELS,
    "birth_sex": BIRTH_SEXES,
    "ethnicity": ETHNICITIES,
    **{f"{who}_relation": ("", *RELATIONS) for who in RELATIVES},
}
CODES = {"race": RACES, "never_by": tuple(channel for channel in CHANNELS if channel)}
"""Several codes with commas between."""
NAMED = {"race_detail": "race", "ethnicity_detail": "ethnicity", "tribes": "tribes"}
"""Names of codes with semicolons between, and the list they come from."""

ENTRIES = (
    *NAMES, *LINES, *PHONES, *HOURS, *DAYS, *BOXES, *CHOICES, *CODES, *NAMED,
    *(f"{PREFIXES[place]}postal_code" for place in ADDRESSES),
    "birth_date", "birth_time", "birth_order", "sex", "email", "language", "interpreter_language", "deceased",
)  # fmt: skip
"""Every field of the form but the identity numbers and the reasons, which the region decides."""
