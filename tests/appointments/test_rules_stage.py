"""What a stage of the search reckons once is what a plain reckoning of each opening finds, on random calendars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.appointments.rules.free import Offer, Opening, Wish, free_times, offers_in
from clinic.appointments.rules.hours import Absence, Hours, open_spans
from clinic.appointments.rules.looking import Looking, Search, openings_of, whole_of
from clinic.appointments.rules.needs import Around, Option, Pool
from clinic.appointments.rules.resources import Device, Need, Resource, Room
from clinic.appointments.rules.setup import Provider, Setup, VisitType
from clinic.appointments.rules.spans import Span, left_of, meeting, merge, subtract
from clinic.appointments.rules.stage import Stage

ZONE = "America/New_York"
FIRST = date(2027, 3, 11)
"""Three days later the clocks go forward."""
DAYS = 5
WEEK = frozenset(range(7))
BEGIN = datetime(2027, 3, 11, 5, tzinfo=UTC)
Claims = dict[str, list[tuple[int, Span]]]


def a_span(start: int, length: int) -> Span:
    """So many five-minute steps after the first midnight, so many long."""
    return Span(BEGIN + timedelta(minutes=5 * start), BEGIN + timedelta(minutes=5 * (start + length)))


steps = st.builds(a_span, st.integers(0, 288 * DAYS), st.integers(1, 40))
hours = st.builds(
    Hours, st.just(WEEK), st.sampled_from([time(8), time(9, 30)]), st.sampled_from([time(12), time(17), time(0)])
)
needs = st.lists(
    st.builds(
        Need,
        st.sampled_from(["person", "room", "device"]),
        kind=st.just("k"),
        offset=st.sampled_from([0, 10, 20]),
        minutes=st.sampled_from([0, 15]),
    ),
    max_size=2,
)
uses = st.fixed_dictionaries(
    {
        "capacity": st.integers(1, 2),
        "before": st.sampled_from([0, 10]),
        "after": st.sampled_from([0, 5]),
        "hours": st.lists(hours, max_size=1).map(tuple),
    }
)


@st.composite
def lookings(draw: st.DrawFn) -> tuple[Looking, Claims]:
    """A practice of three people, two rooms and two devices, a visit type, and what is taken."""
    things = [draw(uses) for _ in range(4)]
    rooms = tuple(Room(f"r{at}", f"Room {at}", kind="k", **use) for at, use in enumerate(things[:2]))
    devices = tuple(Device(f"d{at}", f"Device {at}", kind="k", **use) for at, use in enumerate(things[2:]))
    people = tuple(
        Provider(f"p{at}", f"Dr {at}", (draw(hours),), room=draw(st.sampled_from(["", "r0"])), roles=frozenset({"k"}))
        for at in range(3)
    )
    kind = VisitType("t", "Visit", 30, needs=tuple(draw(needs)))
    setup = Setup(people, rooms, types=(kind,), devices=devices)
    around = Around(draw(st.sampled_from([0, 10])), draw(st.sampled_from([0, 15])))
    wish = Wish(draw(st.sampled_from([15, 30, 45])), BEGIN, ZONE, spread=draw(st.sampled_from([1, 9])), around=around)
    search = Search(wish.minutes, BEGIN, tuple(one.id for one in people), type_id="t")
    keys = [one.key for one in (*people, *rooms, *devices)]
    claims = {key: draw(st.lists(st.tuples(st.integers(0, 1), steps), max_size=6)) for key in keys}
    away = {key: (Absence(draw(steps)),) for key in draw(st.lists(st.sampled_from(["p1", "r1", "d0"]), max_size=2))}
    return Looking(setup, search, kind, wish, away), claims


def plainly(looking: Looking, claims: Claims, openings: Sequence[Opening], whole: Span) -> list[Offer]:
    """Everything of every opening from all claims, nothing kept."""

    def option(thing: Resource | Provider, day: date, margins: Around, *, capacity: int = 1) -> Option:
        gone = looking.away.get(thing.id, ())
        if isinstance(thing, Provider) or thing.hours:
            opened = open_spans(thing.hours, gone, day, ZONE)
        else:
            opened = subtract([whole], [one.span for one in gone])
        free = opened
        if claims.get(thing.key):
            found: set[Span] = set()
            for lane in range(capacity):
                taken = [span for at, span in claims[thing.key] if at == lane or (capacity == 1 and at > 0)]
                found |= set(subtract(opened, [margins.hole(span) for span in taken]))
            free = tuple(sorted(found))
        return Option(thing.key, thing.name, free, margins.before, margins.after)

    def pool(need: Need, opening: Opening) -> Pool:
        if need.what == "person":
            people = [one for one in looking.setup.helpers(need) if one.id != opening.provider]
            return Pool(need, tuple(option(one, opening.day, Around()) for one in people))
        usual = looking.wish.around if need.whole and need.what == "room" else Around()
        things = sorted(looking.setup.able(need), key=lambda one: one.id != opening.room)
        return Pool(
            need,
            tuple(
                option(
                    one,
                    opening.day,
                    Around(max(one.before, usual.before), max(one.after, usual.after)),
                    capacity=one.capacity,
                )
                for one in things
            ),
        )

    def whole_opening(opening: Opening) -> Opening:
        usual = looking.setup.room(opening.room)
        special = usual if usual and (usual.bounded or looking.away.get(usual.id)) else None
        wanted = [need for need in looking.needs if need.what == "room" and need.whole][:1]
        rest = [need for need in looking.needs if not (need.what == "room" and need.whole)]
        last = wanted or ([Need("room", special.id)] if special else [])
        pools = tuple(pool(need, opening) for need in (*rest, *last))
        return replace(opening, pools=pools, roomed=bool(last), room="" if last else opening.room) if pools else opening

    taken = {key.split("/")[1]: [span for _lane, span in some] for key, some in claims.items()}
    return free_times(looking.wish, [whole_opening(one) for one in openings], taken)


@given(lookings())
@settings(max_examples=150, deadline=None)
def test_a_stage_finds_what_a_plain_reckoning_finds(case: tuple[Looking, Claims]) -> None:
    looking, claims = case
    whole = whole_of(a_span(0, 288 * DAYS))
    openings = list(openings_of(looking, looking.setup.providers, FIRST, range(DAYS)))
    stage = Stage(looking, claims, whole)
    found = [
        offer
        for opening in openings
        if not looking.needs or stage.roomy(opening)
        for each in [stage.needing(opening)]
        for offer in offers_in(looking.wish, each, stage.held(each))
    ]
    assert sorted(found) == plainly(looking, claims, openings, whole)


@given(st.lists(steps, max_size=8), st.lists(steps, max_size=8), steps)
def test_what_is_left_of_spans_is_what_no_hole_touches(spans: list[Span], holes: list[Span], frame: Span) -> None:
    def cells(some: Sequence[Span]) -> set[datetime]:
        count = [int((span.end - span.start) / timedelta(minutes=5)) for span in some]
        return {span.start + timedelta(minutes=5 * at) for span, n in zip(some, count, strict=True) for at in range(n)}

    left = left_of(merge(spans), merge(holes))
    assert cells(left) == cells(spans) - cells(holes)
    assert left == merge(left)
    assert meeting(merge(spans), frame) == tuple(span for span in merge(spans) if span.meets(frame))
