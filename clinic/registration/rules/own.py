"""Fields that the practice added to registration itself: what they are, and values read from what was typed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from clinic.core.days import read_date
from clinic.core.errors import N_, Detail, Invalid
from clinic.core.names import fold, words
from clinic.registration.rules.text import read_line

TEXT, NUMBER, DATE, YESNO, CHOICE, CHOICES = TYPES = ("text", "number", "date", "yesno", "choice", "choices")
NEVER, REGISTER, CHECKIN = NEEDS = ("never", "register", "checkin")
SECTIONS = ("name", "birth", "contact", "address", "language", "numbers")
SEES: Mapping[str, str] = {
    "all": "patients.read", "desk": "patients.write", "office": "billing.read", "leaders": "management.setup",
}  # fmt: skip
"""Who sees a field, and the permission that stands for them."""
LANGUAGES = ("en", "es", "nl", "ar")
KEY = re.compile(r"[a-z][a-z0-9-]{0,23}")
LONGEST_TEXT = 200
MOST_OPTIONS = 60
MOST_FIELDS = 60

NO_LABEL = N_("Give the field a name in the first language")
BAD_KEY = N_("Use small letters, figures and hyphens, beginning with a letter, at most 24")
FEW_OPTIONS = N_("Give at least two choices, one a line")
TWICE = N_("Two choices are the same: %(word)s")
ONE_OF = N_("Choose one from the list")
BAD_NUMBER = N_("This is no number; type it as 12 or 12.5")
BAD_DATE = N_("This is no date; type it as 14/8/79 or 3 Feb 1980")
NEEDED = N_("%(label)s is needed")
FIXED = N_("There are values of this kind already, so that it cannot change; retire this field and add another")


@dataclass(frozen=True)
class Option:
    """One choice: the code that is kept, and its word by language."""

    code: str
    words: Mapping[str, str] = field(default_factory=dict, hash=False)

    def word(self, language: str) -> str:
        """Its word in this language, else in the first there is."""
        return said(self.words, language) or self.code


@dataclass(frozen=True)
class OwnField:
    """One field of the practice's own. `labels` and `helps` by language; `need` never, register or checkin."""

    key: str
    type: str = TEXT
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    helps: Mapping[str, str] = field(default_factory=dict, hash=False)
    options: tuple[Option, ...] = ()
    need: str = NEVER
    section: str = "contact"
    sees: str = "all"
    place: int = 10
    searched: bool = False
    active: bool = True
    id: str = field(default="", compare=False)
    version: int = field(default=0, compare=False)

    def label(self, language: str) -> str:
        """Its name in this language, else in the first there is."""
        return said(self.labels, language) or self.key

    def help(self, language: str) -> str:
        """What to write there."""
        return said(self.helps, language)

    def word(self, code: str, language: str) -> str:
        """The word of a choice; the code itself for one that is no longer there."""
        return next((one.word(language) for one in self.options if one.code == code), code)


@dataclass(frozen=True)
class OwnValue:
    """One value of one field; a field of several choices has several. `display` is the word of a choice as kept."""

    key: str
    type: str
    value: str
    display: str = field(default="", compare=False)


def said(words_by_language: Mapping[str, str], language: str) -> str:
    """The words in this language, in English, or in whichever there is."""
    wanted = (language.partition("_")[0], "en", *LANGUAGES)
    return next((words_by_language[one] for one in wanted if words_by_language.get(one)), "")


def key_of(label: str) -> str:
    """A key from a name: `Shoe size` is `shoe-size`; for a name in another script nothing."""
    plain = "-".join(word for word in words(label) if word.isascii())
    return re.sub(r"^[^a-z]+", "", plain)[:24].strip("-")


def read_options(typed: str) -> tuple[Option, ...]:
    """Choices from lines such as `Yes, daily | Sí, a diario | Ja`: one a line, languages in order of LANGUAGES.

    A line may begin with the code to keep, `daily = Yes, daily`. Raises Invalid.
    """
    found: list[Option] = []
    for number, line in enumerate((one for one in typed.splitlines() if one.strip()), 1):
        code, equals, rest = line.partition("=")
        texts = [
            read_line(one, field="options", label="Choice", limit=80) for one in (rest if equals else line).split("|")
        ]
        named = {language: text for language, text in zip(LANGUAGES, texts, strict=False) if text}
        kept = key_of(code) if equals else key_of(texts[0]) or f"choice-{number}"
        if not named or not kept:
            raise Invalid(FEW_OPTIONS, field="options")
        if any(one.code == kept for one in found):
            raise Invalid(TWICE, field="options", word=said(named, "en"))
        found.append(Option(kept, named))
    return tuple(found)


def shown_options(options: Iterable[Option]) -> str:
    """The lines that `read_options` reads back to these choices."""
    lines = []
    for one in options:
        texts = [one.words.get(language, "") for language in LANGUAGES]
        while texts and not texts[-1]:
            texts.pop()
        lines.append(f"{one.code} = {' | '.join(texts)}")
    return "\n".join(lines)


def check_field(wanted: OwnField) -> None:
    """Raises Invalid with a Detail for each part of a field that cannot be."""
    faults = []
    if not said(wanted.labels, "en"):
        faults.append(Detail("label_en", NO_LABEL))
    if not KEY.fullmatch(wanted.key):
        faults.append(Detail("key", BAD_KEY))
    for name, allowed in (("type", TYPES), ("need", NEEDS), ("section", SECTIONS), ("sees", tuple(SEES))):
        if getattr(wanted, name) not in allowed:
            faults.append(Detail(name, ONE_OF))
    if wanted.type in (CHOICE, CHOICES) and not 2 <= len(wanted.options) <= MOST_OPTIONS:
        faults.append(Detail("options", FEW_OPTIONS))
    if faults:
        raise Invalid("Please correct the marked fields.", details=tuple(faults))


@dataclass(frozen=True)
class Reader:
    """How values are read: the day, and the order in which the practice writes dates."""

    today: date
    order: str = "mdy"


def read_value(one: OwnField, typed: str, how: Reader) -> tuple[OwnValue, ...]:
    """The values of a field from what was typed; none for nothing. Raises Invalid."""
    text = typed.strip()
    if not text:
        return ()
    if one.type == NUMBER:
        return (OwnValue(one.key, NUMBER, read_number(text)),)
    if one.type == DATE:
        return (OwnValue(one.key, DATE, _day(text, how)),)
    if one.type == YESNO:
        return (OwnValue(one.key, YESNO, _chosen(text, ("yes", "no"))),)
    if one.type in (CHOICE, CHOICES):
        picked = dict.fromkeys(part.strip() for part in (text.split(",") if one.type == CHOICES else [text]))
        known = [option.code for option in one.options]
        codes = [_chosen(code, known) for code in picked if code]
        codes.sort(key=known.index)
        return tuple(OwnValue(one.key, CHOICE, code, one.word(code, "en")) for code in codes)
    return (OwnValue(one.key, TEXT, read_line(text, field=one.key, label=one.label("en"), limit=LONGEST_TEXT)),)


def read_number(text: str) -> str:
    """A number in its shortest form, a comma being a point. Raises Invalid."""
    plain = re.sub(r"\s", "", text).replace(",", ".")
    if not re.fullmatch(r"[+-]?\d{1,12}(\.\d{1,6})?", plain, re.ASCII):
        raise Invalid(BAD_NUMBER)
    try:
        value = Decimal(plain).normalize()
    except InvalidOperation as error:
        raise Invalid(BAD_NUMBER) from error
    return f"{value:f}"


def missing(fields: Sequence[OwnField], values: Iterable[OwnValue], when: Iterable[str]) -> list[OwnField]:
    """The fields in use that are needed at one of these times and have no value."""
    there, times = {one.key for one in values}, set(when)
    return [one for one in fields if one.active and one.need in times and one.key not in there]


def grouped(values: Iterable[OwnValue]) -> dict[str, tuple[OwnValue, ...]]:
    """The values by the key of their field."""
    found: dict[str, list[OwnValue]] = {}
    for one in values:
        found.setdefault(one.key, []).append(one)
    return {key: tuple(some) for key, some in found.items()}


def searched(value: str) -> str:
    """A value as it is looked for."""
    return fold(" ".join(value.split()))[:80]


def split_query(text: str, fields: Sequence[OwnField]) -> tuple[tuple[tuple[str, str], ...], str]:
    """The `field:value` parts of a search, and what is left of it: `garcia shoe-size:42`, `card:"green one" ana`.

    The field is said by its key or by its name in any language, without blanks.
    """
    names = {name: one for one in fields for name in _names(one)}
    found: list[tuple[str, str]] = []

    def take(match: re.Match[str]) -> str:
        one = names.get(fold(match[1]))
        if one is None:
            return match[0]
        found.append((one.key, searched(_code_of(one, match[2] or match[3]))))
        return " "

    rest = re.sub(r'([^\s:"]+):(?:"([^"]*)"|([^\s"]+))', take, text)
    return tuple(found), " ".join(rest.split())


def _names(one: OwnField) -> set[str]:
    labels = {fold("".join(label.split())) for label in one.labels.values()}
    return {one.key, *labels, *(fold("-".join(label.split())) for label in one.labels.values())}


def _code_of(one: OwnField, value: str) -> str:
    if one.type == NUMBER:
        try:
            return read_number(value)
        except Invalid:
            return value
    for option in one.options:
        if fold(value) in {option.code, *(fold(word) for word in option.words.values())}:
            return option.code
    return value


def _chosen(text: str, known: Sequence[str]) -> str:
    if text not in known:
        raise Invalid(ONE_OF)
    return text


def _day(text: str, how: Reader) -> str:
    try:
        return read_date(text, today=date(how.today.year + 20, 12, 31), order=how.order).isoformat()
    except ValueError as error:
        raise Invalid(BAD_DATE) from error
