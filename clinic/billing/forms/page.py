"""What the sheet's page shows: rows with their letters, marks and faults, and the checks with their keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from clinic.billing.forms.sheet import RawLine, RawSheet, SheetForm, units_text
from clinic.billing.mapping.rows import provider_of, reason_of
from clinic.billing.rules import LETTERS, ChargeLine, Finding, Level, Sheet, letter
from clinic.billing.service import Question, VisitSheet
from clinic.core.ids import new_token
from clinic.core.money import Money
from clinic.web.filters import clock

_KEYS = 9
_KIND = {Level.STOP: "danger", Level.LOOK: "warn", Level.TOLD: "info", Level.FINE: "ok"}
_SHAPE = {Level.STOP: "stop", Level.LOOK: "warn", Level.TOLD: "info", Level.FINE: "check"}


@dataclass(frozen=True, slots=True)
class DiagnosisRow:
    """One diagnosis on the page; `used` says whether a line is linked to it."""

    place: int
    letter: str
    code: str
    display: str
    used: bool
    fault: bool


@dataclass(frozen=True, slots=True)
class LineRow:
    """One charge line on the page: as typed, as understood, and its mark."""

    number: int
    typed: RawLine
    line: ChargeLine
    pointers: tuple[tuple[int, str, bool], ...]
    mark: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Check:
    """One finding in words, with its buttons: deed, word, key."""

    kind: str
    shape: str
    title: str
    reason: str
    where: str
    buttons: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of a sheet that somebody else changed meanwhile."""

    name: str
    theirs: str
    mine: str


@dataclass(frozen=True)
class SheetPage:
    """Everything the template reads."""

    opened: VisitSheet
    raw: RawSheet
    form: SheetForm
    questions: Mapping[str, Question] = field(default_factory=dict)
    differences: tuple[Difference, ...] = ()
    writable: bool = True

    @property
    def diagnoses(self) -> list[DiagnosisRow]:
        """The rows of the diagnoses."""
        used = {pointer for line in self.opened.sheet.lines for pointer in line.pointers}
        wrong = {each.where for each in self.opened.findings if each.level is Level.STOP}
        return [
            DiagnosisRow(place, letter(place), each.code, each.display, place in used, f"dx-{place}" in wrong)
            for place, each in enumerate(self.opened.sheet.diagnoses, 1)
        ]

    @property
    def lines(self) -> list[LineRow]:
        """The rows of the charge lines."""
        places = range(1, len(self.opened.sheet.diagnoses) + 1)
        return [
            LineRow(
                number,
                typed,
                line,
                tuple((place, letter(place), place in line.pointers) for place in places),
                self._mark(number, typed),
            )
            for number, (typed, line) in enumerate(zip(self.raw.lines, self.opened.sheet.lines, strict=True), 1)
        ]

    @property
    def visit_line(self) -> str:
        """Why, with whom and when: the second line of the head."""
        encounter = self.opened.encounter
        who = str(provider_of(encounter).get("display", ""))
        at = clock(encounter.get("period", {}).get("start"))
        return ", ".join(each for each in (reason_of(encounter), who, _("visit %(time)s", time=at)) if each)

    @property
    def free(self) -> str:
        """The letters after the empty row: "F to L"."""
        rest = LETTERS[len(self.opened.sheet.diagnoses) + 1 :]
        if not rest:
            return ""
        return _("%(first)s to %(last)s are free", first=rest[0], last=rest[-1]) if len(rest) > 1 else rest

    @property
    def next_letter(self) -> str:
        """The letter of the empty row; nothing when all twelve are taken."""
        return LETTERS[len(self.opened.sheet.diagnoses) :][:1]

    @property
    def looks(self) -> int:
        """How many findings deserve a look."""
        return sum(1 for each in self.opened.findings if each.level is Level.LOOK)

    @property
    def checks(self) -> list[Check]:
        """The findings in the language of the screen; the first nine repairs have a key."""
        key, found = 0, []
        for each in self.opened.findings:
            buttons = []
            for repair in each.repairs:
                key += 1
                buttons.append((repair.deed, _(repair.label, **repair.values), key if key <= _KEYS else 0))
            found.append(_check(each, tuple(buttons)))
        return found

    @property
    def ready_word(self) -> str:
        """What the final action says."""
        many = self.opened.stops
        fixing = ngettext("Ready for the claim, %(num)s to fix", "Ready for the claim, %(num)s to fix", many)
        return str(fixing if many else _("Ready for the claim"))

    def _mark(self, number: int, typed: RawLine) -> tuple[str, str]:
        if typed.faults:
            return "danger", _("To fix")
        own = [each for each in self.opened.findings if each.line == number]
        worst = min((each.level for each in own), default=Level.FINE)
        if worst is Level.STOP:
            no_link = any(each.rule == "PTR_REQUIRED" for each in own)
            return "danger", _("No link") if no_link else _("To fix")
        return ("warn", _("Look")) if worst is Level.LOOK else ("ok", _("Ready"))


def fresh_form(version: int) -> SheetForm:
    """The hidden fields of a page just drawn."""
    return SheetForm(None, once=new_token(), version=str(version))


def differences(theirs: Sheet, mine: Sheet) -> tuple[Difference, ...]:
    """Where two sheets differ, field by field."""
    found = []
    pairs = [
        (_("Diagnoses"), _letters(theirs), _letters(mine)),
        *(
            (_("Line %(number)s", number=number), _said(theirs, number), _said(mine, number))
            for number in range(1, max(len(theirs.lines), len(mine.lines)) + 1)
        ),
        (_("Place of service"), theirs.place, mine.place),
    ]
    for name, one, other in pairs:
        if one != other:
            found.append(Difference(name, one or _("nothing"), other or _("nothing")))
    return tuple(found)


def said(deed: str, number: str) -> str:
    """What a press did, in the past tense."""
    words: dict[str, Any] = {
        "drop-line": _("Line %(number)s removed", number=number),
        "drop-dx": _("Diagnosis %(letter)s removed", letter=letter(int(number)) if number.isdigit() else ""),
        "copy": _("The last visit was copied"),
        "ready": _("The sheet is ready for the claim"),
        "reopen": _("The sheet is open again"),
        "save": _("The sheet was saved"),
    }
    return str(words.get(deed) or _("Repaired"))


def _check(finding: Finding, buttons: tuple[tuple[str, str, int], ...]) -> Check:
    values = {
        name: _(value) if isinstance(value, str) else value for name, value in finding.values.items() if value != ""
    }
    values = {**finding.values, **values}
    title, reason = _(finding.title, **values), _(finding.reason, **values)
    return Check(_KIND[finding.level], _SHAPE[finding.level], title, reason, finding.where, buttons)


def _letters(sheet: Sheet) -> str:
    return ", ".join(f"{letter(place)} {each.code}" for place, each in enumerate(sheet.diagnoses, 1))


def _said(sheet: Sheet, number: int) -> str:
    if number > len(sheet.lines):
        return ""
    line = sheet.lines[number - 1]
    code = "-".join((line.code, *line.modifiers))
    return f"{code} {line.letters} {units_text(line.units)} x {Money(line.fee).decimal}"
