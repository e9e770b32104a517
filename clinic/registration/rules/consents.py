"""Consents: which kinds there are, who needs which, how long a signature holds, and what it allows."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from clinic.core.days import age
from clinic.core.errors import N_, Detail, Invalid

LIBRARY = Path(__file__).resolve().parent.parent / "library" / "consents.json"
LANGUAGES = ("en", "es", "nl", "ar")
CHANNELS = ("sms", "email", "voice")
LONGEST_TEXT, LONGEST_TITLE = 20_000, 120
SOON = timedelta(days=30)
"""A signature that ends within this time is shown as ending."""
OLDEST = date(1900, 1, 1)

Need = Literal["no", "ask", "must"]
NEEDS: tuple[Need, ...] = ("no", "ask", "must")
HOW = ("paper", "verbal")
SIGNERS = ("self", "guardian", "proxy")


@dataclass(frozen=True)
class Kind:
    """A kind of consent, and what the manager decided about it."""

    code: str
    label: str = ""
    months: int = 0
    """How long a signature lasts; 0 for ever."""
    renew: bool = True
    """Whether a new text has to be signed again."""
    need: Need = "no"
    visit_types: tuple[str, ...] = ()
    from_age: int | None = None
    to_age: int | None = None
    version: int = 0

    def wanted(self, visit_type: str, years: int | None) -> bool:
        """Whether a visit of this type needs it from a patient of this age; who has no known age counts as adult."""
        if self.need == "no" or (self.visit_types and visit_type not in self.visit_types):
            return False
        known = 18 if years is None else years
        return (self.from_age is None or known >= self.from_age) and (self.to_age is None or known <= self.to_age)


KINDS = (
    Kind("privacy", N_("Privacy notice"), need="ask"),
    Kind("treatment", N_("Consent to care"), need="ask"),
    Kind("financial", N_("Paying for care"), months=12),
    Kind("release", N_("Sharing the record"), months=12),
    Kind("telehealth", N_("Visit by video or telephone"), months=12),
    Kind("sms", N_("Text messages")),
    Kind("email", N_("E-mail")),
    Kind("voice", N_("Calls and voice messages")),
)
LABELS = {kind.code: kind.label for kind in KINDS}


@dataclass(frozen=True)
class ConsentText:
    """One text in one language, as it is signed."""

    title: str
    text: str

    @property
    def canonical(self) -> str:
        """What is hashed: title, empty line, text; composed characters, no blanks at line ends, one line end last."""
        whole = unicodedata.normalize("NFC", f"{self.title}\n\n{self.text}")
        lines = [line.rstrip() for line in whole.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
        return "\n".join(lines).strip("\n") + "\n"

    @property
    def sha256(self) -> str:
        """The seal of the exact text."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()

    @property
    def paragraphs(self) -> list[str]:
        """The text as it is drawn."""
        return [" ".join(part.split()) for part in self.text.replace("\r\n", "\n").split("\n\n") if part.strip()]


@lru_cache(maxsize=1)
def shipped() -> Mapping[str, Mapping[str, ConsentText]]:
    """The first version of every text, written for this product, by kind and language."""
    found: dict[str, dict[str, dict[str, str]]] = json.loads(LIBRARY.read_text("utf-8"))
    return {
        code: {language: ConsentText(one["title"], one["text"]) for language, one in texts.items()}
        for code, texts in found.items()
    }


def check_texts(texts: Mapping[str, ConsentText]) -> dict[str, ConsentText]:
    """The texts of a new version, cleaned. Raises Invalid with each fault beside its field."""
    faults, kept = [], {}
    for language in LANGUAGES:
        given = texts.get(language, ConsentText("", ""))
        text = given.text.replace("\r\n", "\n").strip()
        one = ConsentText(" ".join(given.title.split()), text)
        if bool(one.title) != bool(one.text):
            missing = "text" if one.title else "title"
            faults.append(Detail(f"{missing}_{language}", "A text needs both, a title and words to read."))
        if len(one.title) > LONGEST_TITLE:
            faults.append(Detail(f"title_{language}", "This is too long."))
        if len(one.text) > LONGEST_TEXT:
            faults.append(Detail(f"text_{language}", "This is too long."))
        if one.title and one.text:
            kept[language] = one
    if not kept and not faults:
        faults.append(Detail("text_en", "Write the text in one language at least."))
    if faults:
        raise Invalid("Please correct the marked fields.", details=tuple(faults))
    return kept


@dataclass(frozen=True)
class Signing:
    """A consent as the desk writes it down."""

    kind: str
    language: str
    how: str
    signed: date | None
    signer: str = "self"
    signer_name: str = ""
    relation: str = ""
    witness: str = ""
    scope: str = ""
    number: int = 0
    """The version of the text that was signed; 0 for the one in force."""


def check_signing(given: Signing, kinds: Mapping[str, Kind], today: date, born: date | None) -> Signing:
    """The consent as it is kept. Raises Invalid with each fault beside its field."""
    names = ("signer_name", "relation", "witness", "scope")
    tidy: dict[str, Any] = {name: " ".join(str(getattr(given, name)).split()) for name in names}
    kept = replace(given, **tidy)
    faults = [
        *(() if kept.kind in kinds else (Detail("kind", "Choose what was signed."),)),
        *_choice_faults(kept),
        *_day_faults(kept.signed, today, born or OLDEST),
        *_name_faults(kept),
    ]
    if faults:
        raise Invalid("Please correct the marked fields.", details=tuple(faults))
    return kept


def _choice_faults(given: Signing) -> Iterable[Detail]:
    if given.how not in HOW:
        yield Detail("how", "Choose how consent was given.")
    if given.signer not in SIGNERS:
        yield Detail("signer", "Choose who signed.")
    if given.language not in LANGUAGES:
        yield Detail("language", "Choose the language in which the text was read.")


def _day_faults(signed: date | None, today: date, born: date) -> Iterable[Detail]:
    if signed is None:
        yield Detail("signed", "Write the day on which it was given.")
    elif signed > today:
        yield Detail("signed", "This day has not come yet.")
    elif signed < max(born, OLDEST):
        yield Detail("signed", "The patient was not born yet on this day.")


def _name_faults(given: Signing) -> Iterable[Detail]:
    if given.signer != "self" and not given.signer_name:
        yield Detail("signer_name", "Write the name of the person who signed.")
    if given.signer == "guardian" and not given.relation:
        yield Detail("relation", "Write how they are related to the patient.")
    if given.how == "verbal" and not given.witness:
        yield Detail("witness", "Consent by word of mouth needs a witness.")
    for name, most in (("signer_name", 120), ("relation", 120), ("witness", 120), ("scope", 400)):
        if len(getattr(given, name)) > most:
            yield Detail(name, "This is too long.")


def last_day(signed: date, months: int) -> str:
    """The last day on which a signature holds, as FHIR date; empty for ever."""
    if not months:
        return ""
    years, month = divmod(signed.month - 1 + months, 12)
    year, month = signed.year + years, month + 1
    for day in (signed.day, 30, 29, 28):
        try:
            return (date(year, month, day) - timedelta(days=1)).isoformat()
        except ValueError:
            continue
    return ""


@dataclass(frozen=True)
class Held:
    """The newest consent of a kind that a patient gave or took back."""

    kind: str
    status: str
    number: int
    ends: str
    deny: bool
    signed: datetime | None
    id: str = ""

    @property
    def withdrawn(self) -> bool:
        """Whether the patient took it back, or said no."""
        return self.status == "inactive" or self.deny


@dataclass(frozen=True)
class State:
    """How a patient stands to one kind of consent."""

    kind: Kind
    state: Literal["ok", "ending", "ended", "new-text", "withdrawn", "missing"]
    held: Held | None = None
    since: datetime | None = None
    """Since when there is a newer text."""

    @property
    def open(self) -> bool:
        """Whether somebody still has to sign: a no is an answer, and nobody is asked again."""
        return self.state in ("missing", "ended", "new-text")


@dataclass(frozen=True)
class Book:
    """What was decided about the kinds, which texts are in force, and what some patients signed."""

    kinds: Mapping[str, Kind] = field(default_factory=lambda: {kind.code: kind for kind in KINDS})
    numbers: Mapping[str, tuple[int, datetime | None]] = field(default_factory=dict)
    """The text in force of each kind: its version, and since when."""
    signed: Mapping[str, Mapping[str, Held]] = field(default_factory=dict)

    def number(self, code: str) -> int:
        """The version of the text in force."""
        return self.numbers.get(code, (1, None))[0]

    def state(self, patient_id: str, code: str, today: date) -> State:
        """How a patient stands to one kind."""
        kind, held = self.kinds[code], self.signed.get(patient_id, {}).get(code)
        if held is None:
            return State(kind, "missing")
        number, since = self.numbers.get(code, (1, None))
        if held.withdrawn:
            return State(kind, "withdrawn", held)
        if held.ends and held.ends < today.isoformat():
            return State(kind, "ended", held)
        if kind.renew and (held.number or 1) < number:
            return State(kind, "new-text", held, since)
        if held.ends and held.ends < (today + SOON).isoformat():
            return State(kind, "ending", held)
        return State(kind, "ok", held)

    def states(self, patient_id: str, today: date) -> list[State]:
        """How a patient stands to every kind, in the product's order."""
        return [self.state(patient_id, code, today) for code in self.kinds]

    def wanted(self, patient_id: str, visit_type: str, birth_date: str, today: date) -> list[State]:
        """How a patient stands to every kind that a visit needs."""
        asked = [kind for kind in self.kinds.values() if kind.need != "no"]
        years = years_of(birth_date, today) if asked else None
        return [self.state(patient_id, kind.code, today) for kind in asked if kind.wanted(visit_type, years)]

    def missing(self, patient_id: str, visit_type: str, birth_date: str, today: date) -> list[State]:
        """What a visit needs and is not signed, the ones without which nobody is seen first."""
        states = self.wanted(patient_id, visit_type, birth_date, today)
        return sorted((one for one in states if one.open), key=lambda one: one.kind.need != "must")


def years_of(birth_date: str, today: date) -> int | None:
    """Whole years of age; nothing for a birth date that is not known."""
    try:
        return age(date.fromisoformat((birth_date + "-01-01")[:10] if len(birth_date) == 4 else birth_date), today)
    except ValueError:
        return None


@dataclass(frozen=True)
class Answer:
    """Whether something may be done, and why not."""

    allowed: bool
    why: str = ""


REFUSED = N_("The patient took this consent back.")
NOT_ASKED = N_("The patient has not agreed to this yet.")
OVER = N_("The consent to this has ended.")


def judge(state: State) -> Answer:
    """What a state allows: a no counts, whatever else; a missing yes counts where the manager chose "must"."""
    if state.state == "withdrawn":
        return Answer(False, REFUSED)
    if state.state in ("ok", "ending", "new-text"):
        return Answer(True)
    if state.kind.need == "must" or state.kind.code == "release":
        return Answer(False, OVER if state.state == "ended" else NOT_ASKED)
    return Answer(True)


def read_book(rows: Iterable[Sequence[Any]]) -> Book:
    """A book out of the (tag, line, at, patient id) rows of `queries/consents.py`; rows of other tags are passed by."""
    kinds = {kind.code: kind for kind in KINDS}
    numbers: dict[str, tuple[int, datetime | None]] = {}
    signed: dict[str, dict[str, Held]] = {}
    for tag, line, at, patient_id in rows:
        if tag == "consent-kind":
            kinds = _with_kind(kinds, line)
        elif tag == "consent-text":
            code, number = line.split("\t")
            numbers[code] = (int(number), at)
        elif tag == "consent":
            held = _held(line, at)
            known = signed.setdefault(patient_id, {})
            if held.kind not in known or _later(held, known[held.kind]):
                known[held.kind] = held
    return Book(kinds, numbers, signed)


def _with_kind(kinds: dict[str, Kind], line: str) -> dict[str, Kind]:
    code, months, renew, need, youngest, oldest, version, types = line.split("\t", 7)
    if code not in kinds:
        return kinds
    changed = replace(
        kinds[code],
        months=int(months),
        renew=renew == "1",
        need=need if need in NEEDS else "no",
        from_age=int(youngest) if youngest else None,
        to_age=int(oldest) if oldest else None,
        version=int(version),
        visit_types=tuple(json.loads(types or "[]")),
    )
    return {**kinds, code: changed}


def _held(line: str, at: datetime | None) -> Held:
    kind, status, number, ends, deny, id_ = line.split("\t")
    return Held(kind, status, int(number), ends, deny == "1", at, id_)


def _later(one: Held, other: Held) -> bool:
    """The one given later; of one day the one written down later, whose number is higher."""
    if one.signed is None or other.signed is None:
        return one.signed is not None
    return (one.signed, one.id) > (other.signed, other.id)
