"""What a visit needs before its patient is seen: how each thing stands, how hard it is asked, and what mends it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

NEEDS = ("identity", "contact", "coverage", "eligibility", "referral", "consents", "forms", "due")
"""Everything, in the order in which the desk asks."""

LEVELS = ("off", "nice", "ask", "gate")
"""`off`: not looked at; `nice`: shown, never counted; `ask`: open until done or skipped with a reason; `gate`: nobody
passes check-in without it."""

USUAL: Mapping[str, str] = {
    "identity": "ask", "contact": "ask", "coverage": "ask", "eligibility": "off", "referral": "off",
    "consents": "ask", "forms": "ask", "due": "nice",
}  # fmt: skip

TERMS: Mapping[str, int] = {"identity": 0, "coverage": 365, "eligibility": 30, "referral": 90, "forms": 0}
"""Days until it is asked again. Identity 0: at every visit; coverage 0: never again; forms 0: only those handed out."""

LONGEST_TERM = 3650
COLUMNS = (("identity",), ("contact",), ("coverage", "eligibility", "referral"), ("consents", "forms"))
"""How a narrow board groups them; what is due has a column of its own."""

_OPEN = ("warn", "danger")
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Rules:
    """What the manager decided for one visit type."""

    levels: Mapping[str, str] = field(default_factory=lambda: dict(USUAL))
    days: Mapping[str, int] = field(default_factory=lambda: dict(TERMS))

    def lasts(self, name: str) -> timedelta:
        """How long something holds; for ever where the term is 0."""
        return timedelta(days=self.days[name]) if self.days[name] else timedelta.max


def rules_for(
    levels: Mapping[str, Mapping[str, str]],
    days: Mapping[str, Mapping[str, int]],
    visit_type: str,
    *,
    coverage_days: int = TERMS["coverage"],
) -> Rules:
    """The rules of a visit type: its own, over those for all types (under ""), over the usual ones."""
    own = [levels.get("", {}), levels.get(visit_type, {})]
    terms = [{"coverage": coverage_days}, days.get("", {}), days.get(visit_type, {})]
    chosen, lasting = dict(USUAL), dict(TERMS)
    for one in own:
        chosen |= {name: level for name, level in one.items() if name in USUAL and level in LEVELS}
    for term in terms:
        lasting |= {name: count for name, count in term.items() if name in TERMS}
    return Rules(chosen, lasting)


class Need(NamedTuple):
    """The state of one thing a visit needs, with a word for it.

    `ok`, `warn` or `danger` (open), `told` (shown, not asked), `todo` (asked when they come), `off`, or `cannot`.
    """

    name: str
    state: str
    word: str = ""
    detail: str = ""
    at: datetime | None = None
    gate: bool = False
    """Whether check-in does not end without it."""

    @property
    def open(self) -> bool:
        """Whether the desk still has to do something about it."""
        return self.state in _OPEN

    @property
    def at_desk(self) -> bool:
        """Whether it can only be done when they are here: a look at the card, a number said again."""
        return self.word in ("card", "confirm", "not yet", "on arrival")

    @property
    def mend(self) -> str:
        """The one action that mends it."""
        if self.name == "identity":
            return "scan" if self.word == "ended" else "identify"
        return _MENDS[self.name]


_MENDS = {
    "contact": "contact", "coverage": "coverage", "eligibility": "eligibility", "referral": "referral",
    "consents": "forms", "forms": "forms", "due": "pay",
}  # fmt: skip


@dataclass(frozen=True)
class Known:
    """What is known about the patient of a visit when its needs are judged."""

    confirmed: Mapping[str, datetime] = field(default_factory=dict)
    """When identity, coverage and eligibility were last confirmed, and when it was noted that there is no contact."""
    stale: tuple[str, ...] | None = None
    """The contact values past their term; None when nothing is known of any."""
    told: datetime | None = None
    """When a contact value was last told or confirmed."""
    here: bool = True
    """Whether the patient is in the building: nobody can be asked who they are before they come."""
    id_ended: str = ""
    """The last day of the photo ID on file, when it is over."""
    has_contact: bool = True
    cover: str = "none"
    """`active`, `ended`, `future` or `none` on the day of the visit; `self` for a patient who pays alone."""
    cover_name: str = ""
    eligible: str = ""
    """What the payer last said of this cover: `yes`, `no`, or "" for nothing."""
    eligible_at: datetime | None = None
    referral: str = "none"
    """`ok`, `ended`, `used` or `none` on the day of the visit."""
    referral_name: str = ""
    referral_asked: bool = False
    """Whether the cover itself asks for one, whatever the visit type."""
    consents: int = 0
    consents_must: int = 0
    """How many of them are consents without which nobody is seen."""
    consent_ends: str = ""
    """The last day of the first consent that is about to end."""
    forms_open: int = 0
    forms_done: datetime | None = None
    """When the patient last answered a form."""
    due_cents: int = 0


def needs_of(known: Known, now: datetime, today_start: datetime, rules: Rules | None = None) -> tuple[Need, ...]:
    """Everything a visit needs, in the desk's order, as hard as the manager asks for it.

    `now` is the moment for which it is judged: for a coming visit, its start.
    """
    rules = rules or Rules()
    found = []
    for name in NEEDS:
        level = _level(name, known, rules)
        found.append(_OFF[name] if level == "off" else _asked(_JUDGES[name](known, now, today_start, rules), level))
    return tuple(found)


def _level(name: str, known: Known, rules: Rules) -> str:
    if name == "referral" and known.referral_asked and rules.levels[name] in ("off", "nice"):
        return "ask"
    if name == "consents" and known.consents_must:
        return "gate"
    return rules.levels[name]


def _asked(need: Need, level: str) -> Need:
    """How a need stands once the manager's choice is applied; what is asked stands as it was judged."""
    if need.state == "ok" or level == "ask":
        return need
    if level == "gate" and (need.open or need.state == "todo"):
        return need._replace(gate=True, state=need.state if need.word == "on arrival" else "danger")
    if level == "nice" and need.open:
        return need._replace(state="told")
    return need


def _identity(known: Known, now: datetime, today_start: datetime, rules: Rules) -> Need:
    at, days = known.confirmed.get("identity"), rules.days["identity"]
    since = min(today_start, now - timedelta(days=days)) if days else today_start
    if at is not None and at >= since:
        return Need("identity", "ok", at=at)
    if known.id_ended:
        return Need("identity", "warn", "ended", known.id_ended, at)
    if not known.here:
        return Need("identity", "todo", "on arrival", at=at)
    return Need("identity", "todo", "confirm" if at else "not yet", at=at)


def _contact(known: Known, now: datetime, _today_start: datetime, _rules: Rules) -> Need:
    if not known.has_contact:
        noted = known.confirmed.get("contact")
        told = noted is not None and now - noted < _DAY
        return Need("contact", "ok" if told else "danger", "none", at=noted)
    if known.stale is None or known.stale:
        return Need("contact", "warn", "confirm", at=known.told)
    return Need("contact", "ok", at=known.told)


def _coverage(known: Known, now: datetime, _today_start: datetime, rules: Rules) -> Need:
    at = known.confirmed.get("coverage")
    if known.cover in ("ended", "none", "future"):
        waived = at is not None and now - at < _DAY
        return Need("coverage", "ok" if waived else "danger", known.cover, known.cover_name, at)
    if known.cover == "active" and (at is None or now - at > rules.lasts("coverage")):
        return Need("coverage", "warn", "card", known.cover_name, at)
    return Need("coverage", "ok", "", known.cover_name, at)


def _eligibility(known: Known, now: datetime, _today_start: datetime, rules: Rules) -> Need:
    """What the payer said, or what the desk noted of it; nothing to ask where there is no cover to ask about."""
    if known.cover != "active":
        return Need("eligibility", "ok")
    noted = known.confirmed.get("eligibility")
    answered = known.eligible_at
    said = known.eligible
    if noted is not None and (answered is None or noted >= answered):
        said, answered = "yes", noted
    if not said or answered is None:
        return Need("eligibility", "warn", "not asked", known.cover_name)
    if said == "no":
        return Need("eligibility", "danger", "not covered", known.cover_name, answered)
    if now - answered > rules.lasts("eligibility"):
        return Need("eligibility", "warn", "old answer", known.cover_name, answered)
    return Need("eligibility", "ok", "", known.cover_name, answered)


def _referral(known: Known, now: datetime, _today_start: datetime, rules: Rules) -> Need:
    """A referral or authorisation that a record holds, or that somebody at the desk saw within the term."""
    seen = known.confirmed.get("referral")
    if known.referral == "ok" or (seen is not None and now - seen <= rules.lasts("referral")):
        return Need("referral", "ok", "", known.referral_name, seen)
    return Need("referral", "warn", "seen long ago" if seen else known.referral, known.referral_name, seen)


def _consents(known: Known, _now: datetime, _today_start: datetime, _rules: Rules) -> Need:
    if known.consents:
        state = "danger" if known.consents_must else "warn"
        return Need("consents", state, "to sign", str(known.consents), gate=bool(known.consents_must))
    if known.consent_ends:
        return Need("consents", "told", "ends", known.consent_ends)
    return Need("consents", "ok")


def _forms(known: Known, now: datetime, _today_start: datetime, rules: Rules) -> Need:
    if known.forms_open:
        return Need("forms", "warn", "open", str(known.forms_open), known.forms_done)
    days, done = rules.days["forms"], known.forms_done
    if days and (done is None or now - done > timedelta(days=days)):
        return Need("forms", "warn", "old answers" if done else "not filled in", at=done)
    return Need("forms", "ok", at=done)


def _due(known: Known, _now: datetime, _today_start: datetime, _rules: Rules) -> Need:
    if known.due_cents > 0:
        return Need("due", "warn", "owes", str(known.due_cents))
    return Need("due", "ok")


_JUDGES: Mapping[str, Callable[[Known, datetime, datetime, Rules], Need]] = {
    "identity": _identity, "contact": _contact, "coverage": _coverage, "eligibility": _eligibility,
    "referral": _referral, "consents": _consents, "forms": _forms, "due": _due,
}  # fmt: skip

_OFF = {name: Need(name, "off") for name in NEEDS}
CLOSED = tuple(Need(name, "cannot", "restricted") for name in NEEDS)
"""The needs of a restricted patient for somebody to whom the record is closed."""


def left_to_do(needs: Sequence[Need]) -> int:
    """How many things are still open."""
    return sum(need.open for need in needs)


def worst(needs: Sequence[Need]) -> Need | None:
    """The worst open need, for narrow screens: a gate first."""
    open_ones = sorted((n for n in needs if n.open), key=lambda need: (not need.gate, need.state != "danger"))
    return open_ones[0] if open_ones else None


def shut_gates(needs: Sequence[Need]) -> tuple[Need, ...]:
    """The gates that are shut."""
    return tuple(need for need in needs if need.open and need.gate)


def is_fresh(needs: Sequence[Need]) -> bool:
    """Whether one key checks the patient in: nothing is open; who they are is confirmed by the key itself."""
    return not any(need.open or need.state == "cannot" for need in needs)


def in_columns(needs: Sequence[Need]) -> tuple[Need, ...]:
    """The needs of a narrow board: of each group the worst, else one that is not well, else the first looked at."""
    by_name = {need.name: need for need in needs}
    return tuple(_of_group([by_name[name] for name in group if name in by_name]) for group in COLUMNS)


def _of_group(group: Sequence[Need]) -> Need:
    bad = worst(group)
    if bad is not None:
        return bad
    looked_at = [need for need in group if need.state != "off"] or list(group[:1])
    return next((need for need in looked_at if need.state not in ("ok", "told")), looked_at[0])


def before_they_come(needs: Sequence[Need]) -> tuple[Need, ...]:
    """What is open and can be mended before the patient comes."""
    return tuple(need for need in needs if need.open and not need.at_desk)
