"""The patient's name and birth date as the calendar shows them."""

from __future__ import annotations

from clinic.core.json import Json
from clinic.registration.mapping.names import display_name


def shown_name(patient: Json) -> tuple[str, str]:
    """The name that one says aloud, and the birth date as exactly as it is known."""
    return display_name(patient)[:200], str(patient.get("birthDate", ""))
