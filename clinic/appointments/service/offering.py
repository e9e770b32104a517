"""Freed time offered to those who wait: found, held, told, passed on, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from clinic.appointments.queries.free import Search, find_times
from clinic.appointments.queries.listing import busy_spans
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.queries.waiting import (
    OfferRow,
    offered_before,
    offers_of_round,
    rules_of,
    undo_holds,
    unsent_offers,
    waiting,
)
from clinic.appointments.rules.free import Offer
from clinic.appointments.rules.hours import site_at
from clinic.appointments.rules.setup import Provider, Setup
from clinic.appointments.rules.spans import Span
from clinic.appointments.rules.waitlist import OPEN_STATES, Entry, Moment, Rule, When, answer_by, fits, in_turn, suits
from clinic.appointments.service.freed import tell_freed
from clinic.appointments.service.holds import keep_for_offer, let_go
from clinic.appointments.waitlist_tables import waitlist_offer
from clinic.core.ids import new_id, new_token
from clinic.core.json import Json
from clinic.core.keyed import keyed_hash
from clinic.fhir.store import Store

TELL, PASS = "waitlist-tell", "waitlist-pass"
_GRACE = timedelta(minutes=2)
"""The time stays kept this long after the last moment to answer, while it is passed on to the next."""
_MOST_ASKED = 60
"""How many of those who wait are looked at more closely for one freed time."""
_o = waitlist_offer.c


@dataclass(frozen=True)
class _Freed:
    """The time of one provider that became free, and all that is needed to offer it."""

    setup: Setup
    provider: Provider
    span: Span
    rules: dict[str, Rule]
    before: set[tuple[str, datetime]]
    undo: dict[str, datetime]
    """Times kept for undo that the offers would take over: nobody is told before these run out."""

    def when(self, store: Store, entry: Entry) -> When:
        """The present, and the rule for what somebody waits for."""
        return When(store.now, store.practice.zone, self.rules.get(entry.type_id, Rule(entry.type_id)))

    def moment(self, offer: Offer, zone: str) -> Moment:
        """Where the provider is at an offered time."""
        site = site_at(self.provider.hours, offer.start, zone) or self.provider.site
        return Moment(self.provider, Span(offer.start, offer.end), site)


def offer_freed(store: Store, provider_id: str, span: Span) -> list[str]:
    """Offer the freed time of a provider to those who wait for such a time, by the rules; gives the offers' ids.

    Each time is kept for those it is offered to. Times that cannot serve anybody stay as free as they are.
    """
    setup = calendar_setup(store)
    provider = setup.provider(provider_id)
    span = Span(max(span.start, store.now), span.end)
    if provider is None or not provider.active or span.start >= span.end:
        return []
    before, undo = offered_before(store, provider_id, span), undo_holds(store, provider_id, span)
    freed = _Freed(setup, provider, span, rules_of(store), before, undo)
    waits = [entry for entry in in_turn(waiting(store, span)) if _is_asked(store, freed, entry)]
    made: list[str] = []
    served: set[str] = set()
    for entry in waits[:_MOST_ASKED]:
        if entry.id in served:
            continue
        found = _time_for(store, freed, entry)
        group = _group(store, freed, found, entry, [one for one in waits if one.id not in served]) if found else []
        if found and group:
            made += _keep(store, freed, found, group)
            served |= {one.id for one in group}
            freed = replace(freed, undo={})
    return made


def _is_asked(store: Store, freed: _Freed, entry: Entry) -> bool:
    """Whether it is worth looking for a time for somebody; places and times are looked at later."""
    rule = freed.when(store, entry).rule
    return rule.at_once > 0 and suits(entry, freed.provider, entry.wants.site)


def _time_for(store: Store, freed: _Freed, entry: Entry) -> Offer | None:
    """The first time within what was freed that suits; it may begin in free time before it."""
    when, zone, length = freed.when(store, entry), store.practice.zone, timedelta(minutes=entry.minutes)
    if not suits(entry, freed.provider, entry.wants.site) or freed.span.end <= entry.since:
        return None
    busy = busy_spans(store, entry.patient_id, store.now, except_for=entry.wants.instead)
    search = Search(
        entry.minutes, freed.span.start, (freed.provider.id,), limit=24, spread=99, busy=busy,
        site=entry.wants.site, type_id=entry.type_id,
        weekdays=entry.wants.weekdays or Search.weekdays, latest=min(freed.span.end, entry.until),
        except_for=next(iter(freed.undo), ""),
    )  # fmt: skip
    for earliest in (freed.span.start, freed.span.start - length + timedelta(minutes=5)):
        for part in sorted(entry.wants.parts) or ["any"]:
            for offer in find_times(store, freed.setup, replace(search, earliest=earliest, part=part)).offers:
                inside = offer.start < freed.span.end and offer.end > freed.span.start
                fresh = (entry.id, offer.start) not in freed.before
                if inside and fresh and fits(entry, freed.moment(offer, zone), when):
                    return offer
    return None


def _group(store: Store, freed: _Freed, offer: Offer, first: Entry, others: Sequence[Entry]) -> list[Entry]:
    """Who is asked at once for the same time: the first, and by the rule of its type some who could take it too."""
    moment, group = freed.moment(offer, store.practice.zone), [first]
    for entry in others:
        if len(group) >= freed.when(store, first).rule.at_once:
            break
        same = (entry.type_id, entry.minutes) == (first.type_id, first.minutes) and entry.id != first.id
        if not same or (entry.id, offer.start) in freed.before or not fits(entry, moment, freed.when(store, entry)):
            continue
        busy = busy_spans(store, entry.patient_id, store.now, except_for=entry.wants.instead)
        if not any(span.meets(moment.span) for span in busy):
            group.append(entry)
    return group


def _keep(store: Store, freed: _Freed, offer: Offer, group: Sequence[Entry]) -> list[str]:
    when = freed.when(store, group[0])
    tell_at = max([store.now, *freed.undo.values()])
    expires = answer_by(tell_at, offer.start, when)
    if expires is None:
        return []
    for holder in freed.undo:
        let_go(store, holder)
    room = offer.room or freed.provider.room
    span, until = Span(offer.start, offer.end), expires + _GRACE
    hold = keep_for_offer(store, span, provider=freed.provider.id, room=room, until=until, type_id=group[0].type_id)
    shared = {
        "round": new_id(), "state": "ready", "provider": freed.provider.id, "provider_name": freed.provider.name[:200],
        "room": room, "start": offer.start, "end": offer.end, "hold": hold, "made": store.now, "tell_at": tell_at,
        "told": None, "expires": expires, "answered": None, "answered_by": "", "token": "",
    }  # fmt: skip
    rows = [shared | {"id": new_id(), "wish": entry.id} for entry in group]
    store.conn.execute(sa.insert(waitlist_offer), rows)
    turn = {"round": shared["round"]}
    store.enqueue(TELL, turn, f"{TELL}:{turn['round']}", not_before=tell_at)
    store.enqueue(PASS, turn, f"{PASS}:{turn['round']}", not_before=expires)
    return [str(row["id"]) for row in rows]


def token_hash(token: str) -> str:
    """What is kept of the token in a patient's link."""
    return keyed_hash(f"offer:{token}")


def tell_round(store: Store, round_id: str) -> int:
    """Let those be told whose offers nobody was told of yet; gives how many.

    Each hears it by whatever listens to `offer_made`; its link carries a token of which only the hash is kept.
    """
    ready = [one for one in offers_of_round(store, round_id) if one.state == "ready"]
    for one in ready:
        token = new_token()
        values = {"state": "open", "told": store.now, "token": token_hash(token)}
        store.conn.execute(sa.update(waitlist_offer).where(_o.id == one.id, _o.state == "ready").values(**values))
        store.fire("offer_made", _news(one) | {"token": token})
    return len(ready)


def _news(one: OfferRow) -> Json:
    return {
        "offer": one.id, "wish": one.wish, "state": one.state, "provider": one.provider,
        "provider_name": one.provider_name, "start": one.start, "end": one.end, "expires": one.expires,
        "told": one.told,
    }  # fmt: skip


def over(store: Store, offers: Sequence[OfferRow], state: str) -> None:
    """Close open offers and say so to those who were told."""
    ids = [one.id for one in offers if one.is_open]
    if not ids:
        return
    store.conn.execute(sa.update(waitlist_offer).where(_o.id.in_(ids), _o.state.in_(OPEN_STATES)).values(state=state))
    for one in offers:
        if one.state == "open":
            store.fire("offer_over", _news(replace(one, state=state)))


def pass_on(store: Store, round_id: str) -> list[str]:
    """Close the offers of a round that were not answered in time, and offer its time to who comes next.

    Does nothing while an offer may still be answered, and nothing when the time was taken.
    """
    offers = offers_of_round(store, round_id)
    still = [one for one in offers if one.is_open]
    if not offers or any(one.expires > store.now for one in still):
        return []
    over(store, still, "expired")
    if any(one.state == "accepted" for one in offers):
        return []
    let_go(store, offers[0].hold)
    return offer_freed(store, offers[0].provider, offers[0].span)


def withdraw_round(store: Store, round_id: str) -> None:
    """Take the offers of a time back; the time is free for anybody, and is not offered by itself again."""
    offers = offers_of_round(store, round_id)
    over(store, offers, "withdrawn")
    for hold in {one.hold for one in offers}:
        let_go(store, hold)


def withdraw_unsent(store: Store, provider_id: str, span: Span) -> None:
    """Take back what nobody was told of yet, so that a visit can have its old time again within the minute of undo."""
    for round_id in {one.round for one in unsent_offers(store, provider_id, span)}:
        withdraw_round(store, round_id)


def offer_again(store: Store, offers: Sequence[OfferRow]) -> None:
    """After a no, when nobody else was asked: the next one's turn, at once."""
    if offers and not any(one.is_open for one in offers):
        let_go(store, offers[0].hold)
        tell_freed(store, [f"Practitioner/{offers[0].provider}"], offers[0].span)
