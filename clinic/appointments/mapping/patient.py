"""The patient's name and birth date as the calendar shows them."""

from __future__ import annotations

from clinic.appointments.mapping.practice import person_name
from clinic.core.json import Json

_PREFERENCE = ("usual", "nickname", "official", "", "temp")


def shown_name(patient: Json) -> tuple[str, str]:
    """The name that one says aloud, with the family name, and the birth date as exactly as it is known.

    A usual name without a family name borrows that of the official one.
    """
    names = [name for name in patient.get("name", []) if isinstance(name, dict)]
    by_use = {str(name.get("use", "")): name for name in reversed(names)}
    known = [by_use[use] for use in _PREFERENCE if use in by_use]
    chosen = known[0] if known else (names[0] if names else {})
    family = chosen.get("family") or by_use.get("official", {}).get("family", "")
    if "text" in chosen and "family" not in chosen and not chosen.get("given"):
        return str(chosen["text"])[:200], str(patient.get("birthDate", ""))
    bare = {"given": chosen.get("given", [])[:1], "family": family}
    return person_name(bare)[:200], str(patient.get("birthDate", ""))
