"""What is tidied up once a day: rows that were needed for a while and mean nothing any more."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from clinic.appointments.queries.recalls import rules
from clinic.appointments.service.holds import drop_expired
from clinic.appointments.service.links import drop_old_links
from clinic.appointments.service.recall_rules import make_due, stop_over
from clinic.appointments.service.requests import forget_requests
from clinic.communication.gateways.page import forget_page
from clinic.core.days import day_bounds, local
from clinic.fhir.claims import prune_cells
from clinic.fhir.store import Store
from clinic.intake.service.packets import close_over
from clinic.jobs import outbox
from clinic.jobs.outbox import Job
from clinic.jobs.worker import Transact
from clinic.transfer.service.tidy import forget_imports
from clinic.web.transaction import forget_once

UPKEEP = "upkeep"
ONCE_LIVES = timedelta(days=2)


def keep_tidy(_job: Job, transact: Transact) -> None:
    """Do each part in a transaction of its own; a second run finds nothing left to do.

    Sessions and throttles that are over go at every sign-in.
    """
    for part in (
        lambda store: outbox.prune(store.conn, store.now),
        past_time,
        lambda store: forget_once(store.conn, (store.now - ONCE_LIVES).date()),
        drop_expired,
        drop_old_links,
        forget_requests,
        close_over,
        forget_imports,
        forget_page,
    ):
        transact(part)
    recall(transact)


def recall(transact: Transact) -> None:
    """End the recalls of those who must not be asked, and make those that are due; some in each transaction.

    A run that broke off carries on with what it left: what was made is not made again.
    """
    after = transact(stop_over)
    while after:
        after = transact(partial(stop_over, after=after))
    for rule in transact(rules):
        after = transact(partial(make_due, rule=rule)) if rule.active else ""
        while after:
            after = transact(partial(make_due, rule=rule, after=after))


def past_time(store: Store) -> int:
    """Forget who had the time of the days before today, by the practice's own midnight; gives how many cells."""
    zone = store.practice.zone
    midnight, _ = day_bounds(local(store.now, zone).date(), zone)
    return prune_cells(store.conn, midnight)
