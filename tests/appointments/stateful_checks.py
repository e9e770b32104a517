"""What must hold of a calendar at any moment, reckoned from the records themselves and not by the product's own rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

import sqlalchemy as sa

from clinic.appointments.rules.resources import Need
from clinic.appointments.rules.spans import Span
from clinic.appointments.tables import absence_row, appointment_hold
from clinic.core.days import cells, local, read_instant
from clinic.core.json import Json, loads
from clinic.fhir.store import Store
from clinic.fhir.tables import resource, slot_claim, unique_claim
from tests.appointments import factories as f

HOLDING = {"pending", "booked", "arrived", "checked-in", "fulfilled"}
OPEN = ((time(9), time(12)), (time(13), time(17)))


@dataclass(frozen=True)
class Rules:
    """What the practice of a test promises: the needs of each visit type, who can meet them, how many at once."""

    needs: Mapping[str, Sequence[Need]]
    able: Mapping[tuple[str, str], frozenset[str]]
    """By what and kind (`person`, `assistant`), or what and id, the actors that can meet a need."""
    capacity: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Visit:
    """One appointment as its record says."""

    id: str
    status: str
    span: Span
    actors: tuple[str, ...]
    patient: str
    kind: str
    group: str
    seats: int
    never: frozenset[str]
    """Who would come in after its end, because it was made short."""
    over: bool
    """Booked beyond what there is: on purpose, as a walk-in, or in a lane that a program named."""

    @property
    def holds(self) -> bool:
        return self.status in HOLDING

    @property
    def provider(self) -> str:
        return next((actor for actor in self.actors if actor.startswith("Practitioner/")), "")


def visits(store: Store) -> list[Visit]:
    """Every appointment that has a time."""
    wanted = sa.select(resource.c.json).where(resource.c.type == "Appointment", ~resource.c.deleted)
    records = [loads(text) for text in store.conn.execute(wanted.order_by(resource.c.id)).scalars()]
    return [visit_of(one) for one in records if one.get("start") and one.get("end")]


def visit_of(record: Json) -> Visit:
    """The appointment without our mapping: by what FHIR says of it."""
    names = [str(part.get("actor", {}).get("reference", "")) for part in record["participant"]]
    urls = {one["url"]: one for one in record.get("extension", [])}
    ties = {one.get("system"): one.get("value", "") for one in record.get("identifier", [])}
    kinds = [c.get("code", "") for one in record.get("serviceType", []) for c in one.get("coding", [])]
    return Visit(
        record["id"],
        record["status"],
        Span(read_instant(record["start"]), read_instant(record["end"])),
        tuple(name for name in names if not name.startswith("Patient/")),
        next((name.removeprefix("Patient/") for name in names if name.startswith("Patient/")), ""),
        kinds[0] if kinds else "",
        ties.get("urn:clinic:group", ""),
        int(urls.get("urn:clinic:seats", {}).get("valuePositiveInt", 0)),
        frozenset(
            part["actor"]["reference"]
            for part in record["participant"]
            if "period" in part and part["period"]["start"] == part["period"]["end"]
        ),
        bool(urls.keys() & {"urn:clinic:overbook-reason", "urn:clinic:walk-in", "urn:clinic:lane"}),
    )


def check(store: Store, rules: Rules, *, by_program: Collection[str], gone: Collection[str]) -> None:
    """All of it. `by_program` were written by a program, which knows no visit types; `gone` are merged records."""
    everything = visits(store)
    claimed = _claims(store)
    holds = {row.holder: row for row in store.conn.execute(sa.select(appointment_hold))}
    needing = [one for one in everything if one.holds and not (one.group and not one.seats)]
    owners = {one.id: one for one in needing}
    strange = set(claimed) - set(owners) - set(holds)
    assert not strange, f"claims without a visit: {strange}"
    for one in needing:
        if one.span.end > store.now:
            _has_its_claims(one, claimed.get(one.id, {}), rules, strict=one.id not in by_program)
    for holder in holds:
        assert claimed.get(holder), f"{holder} holds nothing"
    _no_more_than_there_is(claimed, owners, rules, by_program)
    _no_overlap(needing, store.now)
    _seats(store, everything)
    assert not {one.id for one in everything if one.patient in gone}, "a visit of a record that was merged"


def _claims(store: Store) -> dict[str, dict[str, set[tuple[int, int]]]]:
    """For each holder and actor the cells and lanes."""
    found: dict[str, dict[str, set[tuple[int, int]]]] = {}
    for row in store.conn.execute(sa.select(slot_claim)):
        found.setdefault(row.appointment, {}).setdefault(row.actor, set()).add((row.cell, row.lane))
    return found


def _has_its_claims(one: Visit, mine: Mapping[str, set[tuple[int, int]]], rules: Rules, *, strict: bool) -> None:
    whole = set(cells(*one.span))
    has = {actor: {cell for cell, _lane in places} for actor, places in mine.items()}
    assert not one.provider or has.get(one.provider, set()) >= whole, f"{one.id} lacks its provider"
    for actor, places in mine.items():
        assert len({lane for _cell, lane in places}) == 1, f"{one.id} has two places of {actor}"
        assert actor in one.actors, f"{one.id} claims {actor} and does not say so"
    if strict:
        for actor in one.actors:
            assert actor in has or actor == "Location/site" or actor in one.never, (
                f"{one.id} names {actor} without its time"
            )
        assert _met(rules, one, rules.needs.get(one.kind, ()), has, {one.provider}), f"{one.id} lacks what it needs"


def _met(rules: Rules, one: Visit, needs: Sequence[Need], has: Mapping[str, set[int]], used: set[str]) -> bool:
    """Whether the claims meet every need, each with another actor."""
    if not needs:
        return True
    need, rest = needs[0], needs[1:]
    wanted = set(cells(*need.span(one.span)))
    if not wanted:
        return _met(rules, one, rest, has, used)
    able = rules.able[need.what, need.kind or need.id]
    return any(
        _met(rules, one, rest, has, used | {actor})
        for actor in sorted(able & has.keys())
        if actor not in used and has[actor] >= wanted
    )


def _no_more_than_there_is(
    claimed: Mapping[str, Mapping[str, set[tuple[int, int]]]],
    owners: Mapping[str, Visit],
    rules: Rules,
    by_program: Collection[str],
) -> None:
    """Nobody is in a place that does not exist unless somebody said so; undo keeps no such place either."""
    for holder, mine in claimed.items():
        known = owners.get(holder)
        if known is not None and (known.over or holder in by_program):
            continue
        for actor, places in mine.items():
            assert max(lane for _cell, lane in places) < rules.capacity.get(actor, 1), f"{holder} overfills {actor}"


def _no_overlap(needing: Sequence[Visit], now: datetime) -> None:
    """Of two visits of one provider at one time, at least one was meant to be beside the other."""
    by_provider: dict[str, list[Visit]] = defaultdict(list)
    for one in sorted(needing, key=lambda one: one.span):
        if one.provider and one.span.end > now:
            by_provider[one.provider].append(one)
    for mine in by_provider.values():
        for at, one in enumerate(mine):
            for two in mine[at + 1 :]:
                assert not one.span.meets(two.span) or one.over or two.over, f"{one.id} and {two.id} overlap"


def _seats(store: Store, everything: Sequence[Visit]) -> None:
    """Every seat has a number of its own group, at the time of the group, and there are no more than it has."""
    u = unique_claim.c
    rows = store.conn.execute(sa.select(u.holder, u.key).where(u.kind == "group-seat")).all()
    held = {row.holder.removeprefix("Appointment/"): row.key for row in rows}
    hosts = {one.id: one for one in everything if one.seats}
    sitting = {one.id: one for one in everything if one.holds and one.group and not one.seats}
    assert held.keys() == sitting.keys(), "seats and their numbers are two things"
    for id_, one in sitting.items():
        group, _, number = held[id_].rpartition(":")
        host = hosts[one.group]
        assert group == one.group, f"{id_} sits in {held[id_]}"
        assert 1 <= int(number) <= host.seats, f"{id_} sits in {held[id_]} of {host.seats}"
        assert one.span == host.span or not host.holds, f"{id_} is not at the time of its group"


def away(store: Store) -> Iterator[tuple[str, Span]]:
    """Who is away when; schedules are named like their owners here."""
    for row in store.conn.execute(sa.select(absence_row)):
        yield row.schedule, Span(row.start, row.end)


def check_bookable(store: Store, record: Any) -> None:
    """A visit that was just booked without a reason is in working hours, and none of its people or rooms is away."""
    one = visit_of(record)
    if one.over:
        return
    start, end = local(one.span.start, f.ZONE), local(one.span.end, f.ZONE)
    inside = any(since <= start.time() and end.time() <= until for since, until in OPEN)
    inside = inside and start.weekday() < 5 and start.date() == end.date()
    assert inside, f"{one.id} is outside of working hours"
    mine = _claims(store).get(one.id, {})
    for who, span in away(store):
        for actor, places in mine.items():
            if actor.partition("/")[2] == who and actor != one.provider:
                assert not {cell for cell, _lane in places} & set(cells(*span)), f"{one.id} uses {actor}, who is away"
        assert one.provider != f"Practitioner/{who}" or not one.span.meets(span), f"{who} is away"
