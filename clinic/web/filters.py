"""How templates write dates, times, money and phones: by the locale, in the practice's zone."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

import phonenumbers
from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_currency
from flask import Flask, current_app, g
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from clinic.core import days
from clinic.core.money import Money
from clinic.web.state import state_of

_NEAR_DAYS = 330
_KEPT = 8192
"""Written values of one kind that are kept: Babel reads its pattern anew for each."""


def _language() -> str:
    return _language_of(get_locale(), _practice_order())


@lru_cache(maxsize=64)
def _language_of(locale: Locale | None, order: str) -> str:
    language = str(locale) if locale else "en"
    return "en_GB" if language == "en" and order == "dmy" else language


@lru_cache(maxsize=_KEPT)
def _written_day(value: date, width: str, language: str) -> str:
    return format_date(value, width, language)


@lru_cache(maxsize=_KEPT)
def _written_time(value: time, language: str) -> str:
    return format_time(value, "HH:mm", locale=language)


@lru_cache(maxsize=_KEPT)
def _written_money(value: Money, language: str) -> str:
    return str(format_currency(value.decimal, value.currency, locale=language))


def _practice_order() -> str:
    return state_of(current_app).practice.date_order


def _local(value: datetime) -> datetime:
    return days.local(value, state_of(current_app).practice.zone)


def today() -> date:
    """The day it is in the practice."""
    return _local(now()).date()


def now() -> datetime:
    """The instant this page is made for; the same all over the page."""
    if "now" not in g:
        g.now = state_of(current_app).clock.now()
    instant: datetime = g.now
    return instant


def as_date(value: date | datetime | str | None) -> date | None:
    """A day from a date, an instant or FHIR text; None for nothing or a partial date."""
    if isinstance(value, datetime):
        return _local(value).date()
    if isinstance(value, str):
        try:
            return _local(days.read_instant(value)).date() if "T" in value else date.fromisoformat(value)
        except (ValueError, OverflowError):  # the first and last days there are have no local time everywhere
            return None
    return value


def day(value: date | datetime | str | None, width: str = "d MMM y") -> str:
    """`9 Mar 2027`; text that is a partial date is shown as it is."""
    found = as_date(value)
    return _written_day(found, width, _language()) if found else str(value or "")


def weekday(value: date | datetime | str | None) -> str:
    """`Tue 9 March`."""
    return day(value, "EEE d MMMM")


def clock(value: datetime | str | None) -> str:
    """`10:24` in the practice's zone."""
    if isinstance(value, str):
        value = days.read_instant(value)
    return _written_time(_local(value).time().replace(second=0, microsecond=0), _language()) if value else ""


def when(value: datetime | str | None) -> str:
    """`today 10:24`, or `9 Mar 2027 10:24`."""
    if not value:
        return ""
    instant = days.read_instant(value) if isinstance(value, str) else value
    text = _("today") if _local(instant).date() == today() else day(instant)
    return f"{text} {clock(instant)}"


def coming(value: datetime | str | None) -> str:
    """`today 10:24`, or `9 Mar 10:24`; with the year only when it is more than eleven months away."""
    if not value:
        return ""
    instant = days.read_instant(value) if isinstance(value, str) else value
    if abs((_local(instant).date() - today()).days) > _NEAR_DAYS or _local(instant).date() == today():
        return when(instant)
    return f"{day(instant, 'd MMM')} {clock(instant)}"


def money(value: Money | int | None) -> str:
    """`$30.00`; a number is cents in the practice's currency."""
    if value is None:
        return ""
    if isinstance(value, int):
        value = Money(value, state_of(current_app).practice.currency)
    return _written_money(value, _language())


def phone(value: str | None) -> str:
    """A number as people of the practice's country read it."""
    if not value:
        return ""
    return _written_phone(value, {"us": "US", "nl": "NL"}.get(state_of(current_app).practice.region, "ZZ"))


@lru_cache(maxsize=_KEPT)
def _written_phone(value: str, home: str) -> str:
    try:
        number = phonenumbers.parse(value, home)
    except phonenumbers.NumberParseException:
        return value
    local = phonenumbers.region_code_for_country_code(number.country_code or 0) == home
    style = phonenumbers.PhoneNumberFormat
    return str(phonenumbers.format_number(number, style.NATIONAL if local else style.INTERNATIONAL))


def age(value: date | str | None) -> str:
    """Whole years, or months below two years; empty when the birth date is not whole."""
    born = as_date(value)
    if born is None or born > today():
        return ""
    years = days.age(born, today())
    if years >= 2:
        return str(years)
    months = (today().year - born.year) * 12 + today().month - born.month - (today().day < born.day)
    return ngettext("%(num)s month", "%(num)s months", months)


def minutes(value: float | None) -> str:
    """`34 min`."""
    return "" if value is None else _("%(count)s min", count=int(value))


def initials(value: str | None) -> str:
    """The first letters of the first and last word of a name."""
    parts = [part for part in (value or "").split() if part[:1].isalpha()]
    if not parts:
        return "?"
    return (parts[0][:1] + (parts[-1][:1] if len(parts) > 1 else "")).upper()


def install(app: Flask) -> None:
    """Give the filters to the templates."""
    shown: dict[str, Any] = {
        "day": day, "weekday": weekday, "clock": clock, "when": when, "coming": coming, "money": money, "phone": phone,
        "age": age, "as_date": as_date, "minutes": minutes, "initials": initials,
    }  # fmt: skip
    app.jinja_env.filters.update(shown)
    app.jinja_env.globals.update(now=now, today=today)
