"""Looking for the best new times of all visits of a provider who is out: the work after the commit.

The candidates are read in one transaction, the solver runs outside of any, and the outcome is kept in another; a visit
that somebody decided on in the meantime stays as it was decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final

import sqlalchemy as sa

from clinic.appointments.queries.free import Search, claim_keys, next_free, preferred_first
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.queries.replanning import (
    OPEN,
    OVER,
    PLANNING,
    Hit,
    Offered,
    Replan,
    busy_of,
    hit_by,
    offered_json,
    replan_of,
)
from clinic.appointments.replan_tables import replan_visit
from clinic.appointments.rules.free import Offer
from clinic.appointments.rules.replanning import Affected, Candidate, Plan, cost_of, plan, reasons_of
from clinic.appointments.rules.setup import Setup
from clinic.appointments.rules.spans import Span
from clinic.appointments.service.replanning import EXPIRE, JOB, change_plan, end_asking
from clinic.fhir.store import Store
from clinic.jobs.outbox import Job
from clinic.jobs.worker import Transact, Work

NOTICE: Final = timedelta(minutes=45)
"""Nobody is asked to come sooner than this."""
_MORE, _OWN = 60, 30
SHOWN: Final = 6
"""Times that are kept with a visit: the proposed one and others."""
_v = replan_visit.c
Options = dict[str, list[Candidate]]


def do_replan(job: Job, transact: Transact) -> None:
    """Find the candidates of every visit, choose for all together, keep what was chosen. May run twice."""
    id_, number = str(job.payload["replan"]), int(job.payload["round"])
    hits, options = transact(partial(_candidates, id_=id_, number=number))
    if not hits:
        transact(partial(_keep, id_=id_, number=number, hits=[], options={}, chosen=Plan({}, 0, proven=True)))
        return

    def beat(placed: int) -> None:
        transact(lambda store: change_plan(store, id_, done=placed))

    zone = transact(lambda store: store.practice.zone)
    chosen = plan([hit.affected for hit in hits], options, zone, beat=beat)
    transact(partial(_keep, id_=id_, number=number, hits=hits, options=options, chosen=chosen))


def _mine(store: Store, id_: str, number: int) -> Replan | None:
    found = replan_of(store, id_, lock=True)
    return found if found is not None and found.state == PLANNING and found.round == number else None


def _candidates(store: Store, *, id_: str, number: int) -> tuple[list[Hit], Options]:
    """The visits that somebody has to decide on, and times for each of them."""
    known = _mine(store, id_, number)
    if known is None:
        return [], {}
    settled = set(store.conn.execute(sa.select(_v.appointment).where(_v.replan == id_, _v.state != "open")).scalars())
    hits = [one for one in hit_by(store, known.provider, known.span) if one.affected.id not in settled]
    change_plan(store, id_, total=len(hits), done=0)
    setup = calendar_setup(store)
    busy = busy_of(store, [one.affected.patient_id for one in hits], store.now)
    options: Options = {}
    for kind in sorted({(one.type_id, _minutes(one)) for one in hits}):
        group = [one for one in hits if (one.type_id, _minutes(one)) == kind]
        found = _times(store, setup, known, group)
        for one in group:
            elsewhere = [span for id_of, span in busy.get(one.affected.patient_id, ()) if id_of != one.affected.id]
            options[one.affected.id] = [
                candidate for candidate in found if not any(span.meets(candidate.span) for span in elsewhere)
            ]
    return hits, options


def _minutes(hit: Hit) -> int:
    return int(hit.affected.span.length.total_seconds() // 60)


def _times(store: Store, setup: Setup, known: Replan, group: Sequence[Hit]) -> list[Candidate]:
    """Times at which a type of visit can be had: with anybody soon, and with the provider once they are back."""
    one = group[0]
    everybody = preferred_first(setup, one.type_id, known.provider)
    search = Search(
        _minutes(one), store.now + NOTICE, everybody, limit=_MORE + 2 * len(group), spread=99, type_id=one.type_id
    )
    soon = next_free(store, setup, search)
    back = replace(search, providers=(known.provider,), earliest=known.span.end, limit=_OWN + len(group))
    found = dict.fromkeys([*soon, *next_free(store, setup, back)])
    return [_candidate(setup, offer) for offer in found]


def _candidate(setup: Setup, offer: Offer) -> Candidate:
    span, person = Span(offer.start, offer.end), setup.provider(offer.provider)
    uses = [(key, span) for key in claim_keys(offer.provider, offer.room) if setup.capacity(key) == 1]
    uses += [(part.actor, part.claimed(span)) for part in offer.parts if setup.capacity(part.actor) == 1]
    room = setup.room(offer.room) if offer.room else None
    site = (room.site if room and room.site else "") or (person.site if person else "")
    return Candidate(span, offer.provider, tuple(uses), offer.room, site, person.languages if person else frozenset())


def _keep(store: Store, *, id_: str, number: int, hits: list[Hit], options: Options, chosen: Plan) -> None:
    """Keep the plan, and with each visit the times that come next to the chosen one."""
    known = _mine(store, id_, number)
    if known is None:
        return
    setup = calendar_setup(store)
    store.conn.execute(sa.delete(replan_visit).where(_v.replan == id_, _v.state == "open"))
    settled = set(store.conn.execute(sa.select(_v.appointment).where(_v.replan == id_)).scalars())
    rows = [_row(store, setup, id_, hit, _best(store, hit, options, chosen)) for hit in hits]
    fresh = [row for row in rows if row["appointment"] not in settled]
    if fresh:
        store.conn.execute(sa.insert(replan_visit), fresh)
    state = OPEN if fresh or replan_of(store, id_).left else OVER  # type: ignore[union-attr]
    change_plan(store, id_, state=state, done=len(chosen.chosen), proven=chosen.proven)


def _best(store: Store, hit: Hit, options: Options, chosen: Plan) -> list[Candidate]:
    visit, zone = hit.affected, store.practice.zone
    own = options.get(visit.id, [])
    first = [own[chosen.chosen[visit.id]]] if visit.id in chosen.chosen else []
    others = sorted(
        (one for one in own if one not in first), key=lambda one: (cost_of(visit, one, zone), one.span.start)
    )
    return [*first, *others][:SHOWN] if first else []


def _row(store: Store, setup: Setup, id_: str, hit: Hit, best: Sequence[Candidate]) -> dict[str, object]:
    visit = hit.affected
    offers = [offered_json(_offered(setup, visit, one, store.practice.zone)) for one in best]
    return {
        "replan": id_, "appointment": visit.id, "patient_id": visit.patient_id, "patient_name": hit.patient_name,
        "birth_date": hit.birth_date, "type_name": hit.type_name, "priority": visit.priority,
        "old_start": visit.span.start, "old_end": visit.span.end, "version": hit.version, "state": "open",
        "offers": offers, "holds": [], "until": None, "note": "",
    }  # fmt: skip


def _offered(setup: Setup, visit: Affected, one: Candidate, zone: str) -> Offered:
    person = setup.provider(one.provider)
    name = person.name if person else ""
    return Offered(one.span.start, one.span.end, one.provider, name, one.room, reasons_of(visit, one, zone))


def _expire(job: Job, transact: Transact) -> None:
    transact(lambda store: end_asking(store, str(job.payload["replan"]), str(job.payload["appointment"])))


WORKS: dict[str, Work] = {JOB: do_replan, EXPIRE: _expire}
"""Kind of work -> who does it."""
