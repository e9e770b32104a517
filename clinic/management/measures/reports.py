"""Each measure as a table: its columns, its lines in their order, and all of them together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from flask_babel import gettext as _

from clinic.appointments.rules.setup import Setup
from clinic.fhir.store import Store
from clinic.management.measures.queries import bookings, counts, times, use
from clinic.management.measures.queries.asked import Asked
from clinic.management.measures.queries.bookings import Outcomes
from clinic.management.measures.queries.counts import Fill
from clinic.management.measures.rules.report import Column, Line, Report, Value
from clinic.management.measures.rules.spread import FEW, HIGH, MEDIAN, Spread, share
from clinic.management.measures.words import LEAD_KEYS, line_word
from clinic.visits.queries.promises import Kept
from clinic.visits.rules import LATE_AFTER

T = TypeVar("T")
Figures = Mapping[str, Value]
_ORDERED = ("hour", "weekday", "lead")
_LATE = int(LATE_AFTER.total_seconds() // 60)


@dataclass(frozen=True)
class Topic:
    """What a measure can be asked by and of, and how it is made."""

    by: tuple[str, ...]
    make: Callable[[Store, Setup, Asked], Report]
    whats: tuple[str, ...] = ()
    filters: tuple[str, ...] = ("provider", "type", "site")
    behind: bool = True
    """Whether the visits behind a line can be listed here."""


def _waiting(store: Store, setup: Setup, asked: Asked) -> Report:
    if asked.by == "step":
        found = times.minutes_by_step(store, asked)
        whole = found.get("wait", (Spread(), Spread()))
        order = {step: number for number, step in enumerate(times.STEPS)}
    else:
        found, order = times.minutes_by(store, asked, times.STEPS[asked.what]), {}
        whole = _all_spreads(found)
    columns = (Column("number", _("Visits")), Column("median", _("Median"), "minutes"), _high("minutes"))
    lines = _lines(setup, asked, found, _of_spread, order=order)
    return Report(columns, lines, _total(whole, _of_spread), "median", "high")


def _lateness(store: Store, setup: Setup, asked: Asked) -> Report:
    found = times.minutes_by(store, asked, times.SIDES[asked.what])
    late = Column("late", _("More than %(count)s min late", count=_LATE), "percent")
    columns = (Column("number", _("Visits")), late, Column("median", _("Median"), "minutes"), _high("minutes"))
    lines = _lines(setup, asked, found, _of_lateness)
    return Report(columns, lines, _total(_all_spreads(found), _of_lateness), "late")


def _missed(store: Store, setup: Setup, asked: Asked) -> Report:
    found = bookings.outcomes_by(store, asked)
    columns = (
        Column("number", _("Visits")),
        Column("noshow", _("Did not come"), only="noshow"),
        Column("noshow_share", _("Did not come, of all"), "percent"),
        Column("late", _("Cancelled late"), only="late"),
        Column("late_share", _("Cancelled late, of all"), "percent"),
        Column("cancelled", _("Cancelled in time"), only="cancelled"),
    )
    whole = _sum(found, Outcomes())
    open_ = whole[0].open
    facts = ((str(open_), _("visits of which nothing was noted; they are not counted")),) if open_ else ()
    lines = _lines(setup, asked, found, _of_outcomes, order=_lead_order(asked))
    total = _total(whole, _of_outcomes)
    return Report(columns, lines, total, "noshow_share", "late_share", stacked=True, facts=facts)


def _use(store: Store, setup: Setup, asked: Asked) -> Report:
    found = use.used(store, setup, asked)
    columns = (
        Column("number", _("Visits")), Column("open", _("Open"), "hours"), Column("booked", _("Booked"), "hours"),
        Column("lost", _("Not used, nobody came"), "hours"), Column("share", _("Booked of open"), "percent"),
    )  # fmt: skip
    lines = _lines(setup, asked, found, _of_use)
    return Report(columns, lines, _total(_sum(found, use.Use()), _of_use), "share")


def _overbooked(store: Store, setup: Setup, asked: Asked) -> Report:
    found = counts.overbooked_by(store, asked)
    whole = (sum(one[0] for one in found.values()), sum(one[1] for one in found.values()))
    columns = (Column("number", _("Overbooked")),)
    return Report(columns, _lines(setup, asked, found, _of_count), _total(whole, _of_count), "number")


def _waitlist(store: Store, setup: Setup, asked: Asked) -> Report:
    found = counts.filled_by(store, asked)
    columns = (
        Column("number", _("Freed times offered")), Column("taken", _("Taken")),
        Column("share", _("Taken of offered"), "percent"), Column("median", _("Until taken, median"), "minutes"),
        _high("minutes"),
    )  # fmt: skip
    whole = tuple(Fill(sum(p[i].offered for p in found.values()), _all_spreads(_taken(found))[i]) for i in (0, 1))
    lines = _lines(setup, asked, found, _of_fill)
    return Report(columns, lines, _total((whole[0], whole[1]), _of_fill), "share")


def _ahead(store: Store, setup: Setup, asked: Asked) -> Report:
    found = bookings.leads_by(store, asked)
    columns = (Column("number", _("Visits")), Column("median", _("Median"), "days"), _high("days"))
    lines = _lines(setup, asked, found, _of_spread)
    return Report(columns, lines, _total(_all_spreads(found), _of_spread), "median", "high")


def _promises(store: Store, setup: Setup, asked: Asked) -> Report:
    found = counts.promises_by(store, asked)
    columns = (
        Column("number", _("Told")), Column("kept", _("Kept")), Column("share", _("Kept of told"), "percent"),
        Column("sooner", _("Sooner")), Column("later", _("Later")), Column("untold", _("Too little known")),
    )  # fmt: skip
    lines = _lines(setup, asked, found, _of_kept)
    return Report(columns, lines, _total(_sum(found, Kept()), _of_kept), "share")


TOPICS = {
    "waiting": Topic(("step", *times.BY), _waiting, tuple(times.STEPS)),
    "lateness": Topic(times.BY, _lateness, tuple(times.SIDES)),
    "missed": Topic(bookings.BY, _missed),
    "use": Topic(("",), _use, use.WHATS),
    "overbooked": Topic(counts.OVERBOOKED_BY, _overbooked, filters=("provider",), behind=False),
    "waitlist": Topic(counts.WAITLIST_BY, _waitlist, filters=("provider", "type"), behind=False),
    "ahead": Topic(("type", "provider", "site", "weekday"), _ahead),
    "promises": Topic(counts.PROMISED_BY, _promises, filters=("provider",), behind=False),
}


def _high(unit: Any) -> Column:
    return Column("high", _("9 in 10 within"), unit)


def _of_spread(spread: Spread) -> tuple[int, Figures]:
    return spread.number, {"median": spread.quantile(MEDIAN), "high": spread.quantile(HIGH)}


def _of_lateness(spread: Spread) -> tuple[int, Figures]:
    number, figures = _of_spread(spread)
    return number, {"late": share(spread.above(_LATE), number), **figures}


def _of_outcomes(one: Outcomes) -> tuple[int, Figures]:
    shares = {"noshow_share": share(one.noshow, one.visits), "late_share": share(one.late, one.visits)}
    return one.visits, {"noshow": one.noshow, "late": one.late, "cancelled": one.cancelled, **shares}


def _of_use(one: use.Use) -> tuple[int, Figures]:
    hours = {name: round(getattr(one, name) / 60, 1) for name in ("open", "booked", "lost")}
    return one.visits, {**hours, "share": share(one.booked, one.open)}


def _of_count(number: int) -> tuple[int, Figures]:
    return number, {}


def _of_fill(fill: Fill) -> tuple[int, Figures]:
    taken, figures = _of_spread(fill.taken)
    return fill.offered, {"taken": taken, "share": share(taken, fill.offered), **figures}


def _of_kept(kept: Kept) -> tuple[int, Figures]:
    rest = {"kept": kept.kept, "sooner": kept.sooner, "later": kept.later, "untold": kept.untold}
    return kept.told, {**rest, "share": share(kept.kept, kept.told)}


def _lines(
    setup: Setup,
    asked: Asked,
    found: Mapping[str, tuple[T, T]],
    figures: Callable[[T], tuple[int, Figures]],
    *,
    order: Mapping[str, int] | None = None,
) -> tuple[Line, ...]:
    """The lines that have anything now: those of hours, weekdays and steps in their order, others the fullest first."""
    by = asked.by or asked.what
    whole = by in ("provider", "room", "device") and not asked.by  # the use of time is not about single people
    made = [
        _line(key, line_word(by, key, setup), pair, figures, whole=whole)
        for key, pair in found.items()
        if figures(pair[0])[0] or whole
    ]
    if order:
        made.sort(key=lambda line: order.get(line.key, len(order)))
    elif by in _ORDERED:
        made.sort(key=lambda line: int(line.key or 0))
    else:
        made.sort(key=lambda line: (-line.number, line.label))
    return tuple(made)


def _line(
    key: str, label: str, pair: tuple[T, T], figures: Callable[[T], tuple[int, Figures]], *, whole: bool = False
) -> Line:
    (now, rest), (before, earlier) = figures(pair[0]), figures(pair[1])
    few = now < FEW and not whole and bool(rest)
    shown = {"number": now, **({} if few else rest)}
    known = {"number": before, **({} if before < FEW and not whole else earlier)}
    return Line(key, label, shown, known, now, few)


def _total(pair: tuple[T, T], figures: Callable[[T], tuple[int, Figures]]) -> Line:
    return _line("", _("All"), pair, figures)


def _sum(found: Mapping[str, tuple[Any, Any]], nothing: Any) -> tuple[Any, Any]:
    pairs = list(found.values())
    return sum((one for one, _before in pairs), nothing), sum((one for _now, one in pairs), nothing)


def _all_spreads(found: Mapping[str, tuple[Spread, Spread]]) -> tuple[Spread, Spread]:
    return _joined(one for one, _before in found.values()), _joined(one for _now, one in found.values())


def _joined(spreads: Iterable[Spread]) -> Spread:
    made = Spread()
    for one in spreads:
        made.join(one)
    return made


def _taken(found: Mapping[str, tuple[Fill, Fill]]) -> dict[str, tuple[Spread, Spread]]:
    return {key: (one.taken, other.taken) for key, (one, other) in found.items()}


def _lead_order(asked: Asked) -> dict[str, int]:
    return {key: number for number, key in enumerate(LEAD_KEYS)} if asked.by == "lead" else {}
