"""Questions as a page draws them: which control, what is in it, what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from clinic.core.days import local, read_instant
from clinic.intake.questionnaire import Entry, Fault, Item, Settled, Value
from clinic.intake.questionnaire.enabling import equal
from clinic.intake.questionnaire.entry import Posted

_ORDERS = {"mdy": "mdy", "dmy": "dmy", "ymd": "ymd"}


@dataclass(frozen=True)
class Choice:
    """One tile or line to choose."""

    value: str
    label: str
    chosen: bool
    exclusive: bool = False


@dataclass(frozen=True)
class DateEntry:
    """One date in three fields, and a time where one is asked."""

    year: str = ""
    month: str = ""
    day: str = ""
    clock: str = ""


@dataclass(frozen=True)
class FieldView:
    """One question, ready to draw."""

    name: str
    anchor: str
    control: str
    label: str
    note: str = ""
    help: str = ""
    prompt: str = ""
    required: bool = False
    optional: bool = False
    many: bool = False
    error: str = ""
    lines: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    dates: tuple[DateEntry, ...] = ()
    order: str = "mdy"
    other: str | None = None
    units: tuple[Choice, ...] = ()
    unit: str = ""
    columns: str = ""
    mode: str = "text"
    limits: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Showing:
    """In which language, zone and date order a page is drawn, and what was just sent if it was refused."""

    language: str = "en"
    zone: str = "UTC"
    order: str = "mdy"
    yes: str = "Yes"
    no: str = "No"
    posted: Posted | None = None
    faults: Mapping[str, str] = field(default_factory=dict)

    @property
    def date_order(self) -> str:
        """English follows the practice; the other languages of the tablet write the day first."""
        return _ORDERS.get(self.order, "mdy") if self.language == "en" else "dmy"


def field_view(entry: Entry, settled: Settled, showing: Showing) -> FieldView:
    """One question with its answer, or with what was typed when that was refused."""
    item, language = entry.item, showing.language
    values = settled.answers.get(entry.name)
    help_text = item.help.say(language)
    label = f"{item.prefix} {item.text.say(language)}".strip() or item.link_id
    short = bool(help_text) and len(label) + len(help_text) < 60
    control = control_of(item)
    sent = control != "file" and entry.name in (showing.posted or {}).get("shown", ())
    return FieldView(
        name=entry.name,
        anchor=entry.anchor,
        control=control,
        label=label,
        note=help_text if short else "",
        help="" if short else help_text,
        prompt=(item.hints.get("prompt") or item.hints.get("lower") or item.text.__class__()).say(language),
        required=item.required,
        optional=not item.required and control in ("line", "lines") and not help_text,
        many=item.answers_many,
        error=showing.faults.get(entry.name, ""),
        lines=_lines(item, values, entry.name, showing, sent=sent),
        choices=_choices(item, values, entry.name, showing, sent=sent),
        dates=_dates(item, values, entry.name, showing, sent=sent),
        order=showing.date_order,
        other=_other(item, values, entry.name, showing, sent=sent),
        units=_units(item, values, entry.name, showing, sent=sent),
        unit=_unit(item),
        columns=_columns(item, language),
        mode=_mode(item),
        limits=_limits(item),
    )


def control_of(item: Item) -> str:
    """The control of a question: tiles, a list to open, one line, a date..."""
    if item.read_only or item.logic.calculated:
        return "fixed"
    if item.options:
        listed = item.control in ("drop-down", "autocomplete", "lookup") or len(item.options) > 12
        if listed and not item.repeats and item.kind != "open-choice":
            return "select"
        return "checks" if item.repeats else "radios"
    if item.kind == "boolean":
        return "tick" if item.control == "check-box" else "radios"
    if item.control == "slider" and item.kind in ("integer", "decimal"):
        return "slider"
    named = {"text": "lines", "date": "date", "dateTime": "date", "quantity": "quantity", "attachment": "file"}
    return named.get(item.kind, "line")


def _mode(item: Item) -> str:
    return {"integer": "numeric", "decimal": "decimal", "quantity": "decimal", "url": "url"}.get(item.kind) or (
        "tel" if item.field.endswith(("mobile", "phone")) else "email" if item.field == "email" else "text"
    )


def _limits(item: Item) -> dict[str, str]:
    found = {"maxlength": item.limits.max_length, "min": item.limits.least, "max": item.limits.most}
    if item.kind in ("integer", "decimal") and item.control == "slider":
        found = {"min": item.limits.least or 0, "max": item.limits.most or 100}
    elif item.kind not in ("string", "text", "url"):
        found = {}
    kept = {key: value for key, value in found.items() if value is not None}
    if item.kind == "dateTime":
        kept["clock"] = "1"
    return {key: str(value) for key, value in kept.items()}


def _columns(item: Item, language: str) -> str:
    if len(item.options) == 3 and all(len(option.text.say(language)) < 14 for option in item.options):
        return "three"
    return "one" if any(len(option.text.say(language)) > 60 for option in item.options) else ""


def _sent(showing: Showing, name: str) -> Sequence[str]:
    return (showing.posted or {}).get(name, ())


def _lines(item: Item, values: tuple[Value, ...], name: str, showing: Showing, *, sent: bool) -> tuple[str, ...]:
    if item.options or item.kind in ("boolean", "date", "dateTime"):
        return tuple(plain(value, item, showing) for value in values) if control_of(item) == "fixed" else ()
    found = (
        [text for text in _sent(showing, name) if text] if sent else [plain(value, item, showing) for value in values]
    )
    if item.answers_many and control_of(item) != "fixed":
        most = item.limits.max_occurs
        least = item.limits.min_occurs or 1
        blanks = max(1, least - len(found))
        found = [*found, *[""] * (blanks if most is None else max(0, min(blanks, most - len(found))))]
    return tuple(found) or ("",)


def plain(value: Value, item: Item, showing: Showing) -> str:
    """An answer as text in a field."""
    if isinstance(value, bool):
        return showing.yes if value else showing.no
    if isinstance(value, dict):
        if "value" in value:
            return f"{value['value']:f}" if isinstance(value["value"], Decimal) else str(value["value"])
        option = next((one for one in item.options if equal(one.value, value)), None)
        return option.text.say(showing.language) if option else str(value.get("display") or value.get("title") or "")
    if item.kind == "time":
        return str(value)[:5]
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _choices(item: Item, values: tuple[Value, ...], name: str, showing: Showing, *, sent: bool) -> tuple[Choice, ...]:
    given = set(_sent(showing, name))
    if item.kind == "boolean":
        words = (("true", showing.yes, True), ("false", showing.no, False))
        return tuple(Choice(code, word, code in given if sent else values == (value,)) for code, word, value in words)
    found = []
    for at, option in enumerate(item.options):
        chosen = str(at) in given if sent else any(equal(option.value, value) for value in values)
        label = f"{option.prefix} {option.text.say(showing.language)}".strip()
        found.append(Choice(str(at), label, chosen, option.exclusive))
    return tuple(found)


def _other(item: Item, values: tuple[Value, ...], name: str, showing: Showing, *, sent: bool) -> str | None:
    if item.kind != "open-choice" or not item.options:
        return None
    if sent:
        return " ".join(_sent(showing, f"{name}.other"))
    listed = [option.value for option in item.options]
    return next((value for value in values if isinstance(value, str) and value not in listed), "")


def _dates(item: Item, values: tuple[Value, ...], name: str, showing: Showing, *, sent: bool) -> tuple[DateEntry, ...]:
    if item.kind not in ("date", "dateTime"):
        return ()
    if sent:
        columns = [_sent(showing, f"{name}.{part}") for part in "ymdt"]
        count = max([len(column) for column in columns] or [0])
        found = [DateEntry(*(column[at] if at < len(column) else "" for column in columns)) for at in range(count)]
    else:
        found = [_date(str(value), showing.zone) for value in values]
    if item.answers_many or not found:
        found.append(DateEntry())
    return tuple(found)


def _date(value: str, zone: str) -> DateEntry:
    if "T" in value:
        try:
            wall: datetime = local(read_instant(value), zone)
        except ValueError:
            return DateEntry()
        return DateEntry(f"{wall.year:04}", f"{wall.month:02}", f"{wall.day:02}", wall.strftime("%H:%M"))
    return DateEntry(value[:4], value[5:7], value[8:10])


def _units(item: Item, values: tuple[Value, ...], name: str, showing: Showing, *, sent: bool) -> tuple[Choice, ...]:
    if item.kind != "quantity":
        return ()
    held = values[0] if values and isinstance(values[0], dict) else {}
    given = next(iter(_sent(showing, f"{name}.unit")), "") if sent else ""
    return tuple(
        Choice(
            str(at),
            str(unit.get("display") or unit.get("code") or ""),
            given == str(at) if sent else held.get("code") == unit.get("code"),
        )
        for at, unit in enumerate(item.units)
    )


def _unit(item: Item) -> str:
    unit = item.units[0] if item.units and item.kind != "quantity" else {}
    return str(unit.get("display") or unit.get("code") or "")


def faults_by_name(faults: Sequence[Fault], translate: Mapping[int, str]) -> dict[str, str]:
    """The first sentence for each field; `translate` holds the sentences by their place."""
    found: dict[str, str] = {}
    for at, fault in enumerate(faults):
        found.setdefault(fault.name, translate[at])
    return found
