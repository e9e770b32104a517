"""Telephone numbers as they are searched for: by their beginning as one dials it, or by their end."""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException


@lru_cache(maxsize=16384)
def dialled(phone: str) -> str:
    """The figures of a kept number without its country code, as one dials it at home ("2125550142")."""
    figures = re.sub(r"\D", "", phone, flags=re.ASCII)
    if not phone.startswith("+"):
        return figures.lstrip("0")
    try:
        return str(phonenumbers.parse(phone).national_number)
    except NumberParseException:
        return figures


def is_line(phone: str, digits: str) -> bool:
    """Whether these figures are the beginning or the end of a number, with or without a leading zero."""
    bare = digits.lstrip("0") or digits
    figures = phone.lstrip("+")
    return figures.endswith((digits, bare)) or dialled(phone).startswith(bare) or figures.startswith(bare)
