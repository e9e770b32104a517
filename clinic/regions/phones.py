"""Telephone numbers as people say them, kept as E.164 and shown the way the country writes them."""

from __future__ import annotations

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from clinic.regions.region import Region


def read_phone(text: str, region: Region) -> str:
    """A telephone number in any usual form, as E.164 ("+12025550143").

    Numbers without a country code belong to the region. Raises ValueError with a plain reason.
    """
    typed = text.strip()
    if len(typed) > 40:
        raise ValueError("A telephone number is shorter than that")
    try:
        number = phonenumbers.parse(typed, region.country or None)
    except NumberParseException as fault:
        if not region.country and not typed.startswith("+"):
            raise ValueError("Begin the number with + and the country code") from fault
        raise ValueError("This does not read as a telephone number") from fault
    if number.extension:
        raise ValueError("Leave out the extension; it can stand in the note")
    if not phonenumbers.is_possible_number(number):
        raise ValueError("This telephone number has too many or too few digits")
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def show_phone(value: str, region: Region) -> str:
    """An E.164 number as the region writes it; anything else as it is."""
    try:
        number = phonenumbers.parse(value, region.country or None)
    except NumberParseException:
        return value
    home = phonenumbers.region_code_for_country_code(number.country_code or 0)
    style = PhoneNumberFormat.NATIONAL if home == region.country else PhoneNumberFormat.INTERNATIONAL
    return str(phonenumbers.format_number(number, style))
