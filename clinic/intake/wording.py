"""Answers in words, in a chosen language: for paper, for review, for lists."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from babel.dates import format_date, format_datetime

from clinic.core.days import local, read_instant
from clinic.intake.questionnaire import Item, Value
from clinic.intake.questionnaire.enabling import equal

_YES_NO = {"en": ("Yes", "No"), "es": ("Sí", "No"), "nl": ("Ja", "Nee"), "ar": ("نعم", "لا")}


def yes_no(language: str) -> tuple[str, str]:
    """The words for yes and no."""
    return _YES_NO.get(language[:2], _YES_NO["en"])


def words_of(item: Item, value: Value, language: str, zone: str = "UTC") -> str:
    """One answer as a person reads it."""
    if isinstance(value, bool):
        return yes_no(language)[0 if value else 1]
    if isinstance(value, dict):
        return _of_object(item, value, language)
    if isinstance(value, Decimal):
        return f"{value:f}{_unit(item)}"
    if isinstance(value, int):
        return f"{value}{_unit(item)}"
    option = next((one for one in item.options if one.value == value), None)
    if option:
        return option.text.say(language)
    return _moment(value, item.kind, language, zone)


def _unit(item: Item) -> str:
    unit = item.units[0] if item.units else {}
    words = unit.get("display") or unit.get("code")
    return f" {words}" if words else ""


def _of_object(item: Item, value: dict[str, object], language: str) -> str:
    option = next((one for one in item.options if equal(one.value, value)), None)
    if option:
        return option.text.say(language)
    if "value" in value:
        return f"{value['value']} {value.get('unit') or value.get('code') or ''}".strip()
    return str(value.get("display") or value.get("title") or value.get("reference") or value.get("code") or "")


def _moment(value: str, kind: str, language: str, zone: str) -> str:
    try:
        if kind == "dateTime" and "T" in value:
            wall = local(read_instant(value), zone)
            return str(format_datetime(wall.replace(tzinfo=None), "d MMM y, HH:mm", locale=language))
        if kind in ("date", "dateTime"):
            return partial_words(value, language)
    except ValueError:
        return value
    return value[:5] if kind == "time" else value


def partial_words(value: str, language: str) -> str:
    """`9 March 2027`, `March 2027` or `2027`. Raises ValueError for what is no date."""
    pattern = {4: "y", 7: "LLLL y", 10: "d MMMM y"}[len(value)] if len(value) in (4, 7, 10) else ""
    if not pattern:
        raise ValueError("no date")
    return str(format_date(date.fromisoformat((value + "-01-01")[:10]), pattern, locale=language))
