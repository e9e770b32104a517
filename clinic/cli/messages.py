"""Messages on their way: the gateways that the settings name, and the background work that uses them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from clinic.cli.state import look, transact
from clinic.communication.gateways import Gateway, NotNow, Refused, Unsure
from clinic.communication.gateways.mail import MailGateway
from clinic.communication.gateways.page import PageGateway
from clinic.communication.gateways.twilio import TwilioGateway
from clinic.communication.service import leaving, reminders
from clinic.communication.service.messages import JOB
from clinic.communication.service.replies import opted_out
from clinic.fhir.store import Store
from clinic.jobs import outbox
from clinic.jobs.outbox import Job
from clinic.jobs.worker import Transact, Work
from clinic.web.state import State

REMINDERS = "reminders"


def gateways_of(state: State) -> dict[str, Gateway]:
    """The gateway of each channel that is set up. The demo practice's people get everything on a page."""
    settings = state.settings
    page = partial(PageGateway, transact=partial(transact, state))
    found: dict[str, Gateway] = {}
    if settings.smtp_host:
        found["email"] = MailGateway(
            settings.smtp_host, settings.smtp_port, settings.smtp_from, settings.smtp_tls, settings.smtp_user,
            settings.smtp_password,
        )  # fmt: skip
    elif state.practice.demo or settings.text_gateway == "page":
        found["email"] = page("email")
    if settings.text_gateway == "twilio":
        found["sms"] = TwilioGateway(settings.text_url, settings.text_account, settings.text_token, settings.text_from)
    elif state.practice.demo or settings.text_gateway == "page":
        found["sms"] = page("sms")
    return found


def works(state: State) -> dict[str, Work]:
    """Handing over, asking what became of it, and making reminders."""

    def hand_over(job: Job, run: Transact) -> None:
        send_now(state, gateways_of(state), job, run)

    def ask(job: Job, run: Transact) -> None:
        ask_now(gateways_of(state), job, run)

    def remind(_job: Job, run: Transact) -> None:
        while run(reminders.remind):
            pass

    return {JOB: hand_over, leaving.STATE_JOB: ask, REMINDERS: remind}


def send_now(state: State, gateways: dict[str, Gateway], job: Job, run: Transact) -> None:
    """Hand one message over. Raises NotNow while there are tries left; the last one becomes a task."""
    number = int(job.key.rpartition(":")[2]) if job.key.rpartition(":")[2].isdigit() else 1
    public = state.settings.public_url

    def prepare(store: Store) -> leaving.Leaving | None:
        return leaving.prepare(store, job.payload, channels=tuple(gateways), public_url=public, number=number)

    ready: leaving.Leaving | None = run(prepare)
    if ready is None:
        return
    id_ = ready.outgoing.id
    try:
        handed = gateways[ready.channel].hand_over(ready.outgoing)
    except NotNow as fault:
        if job.attempts >= outbox.MOST_TRIES:
            run(partial(_give_up, id_, str(fault)))
            return
        run(lambda store: leaving.put_back(store, id_))
        raise
    except Refused as fault:
        run(partial(_give_up, id_, str(fault), out=fault.opted_out, address=ready.outgoing.to))
    except Unsure:
        run(partial(_give_up, id_, leaving.CUT_OFF))
    else:
        run(lambda store: leaving.handed_over(store, id_, handed))
        run(lambda store: outbox.forget(store.conn, job))


def _give_up(id_: str, why: str, store: Store, *, out: bool = False, address: str = "") -> None:
    leaving.gave_up(store, id_, why)
    if out:
        opted_out(store, address)


def ask_now(gateways: dict[str, Gateway], job: Job, run: Transact) -> None:
    """Ask the gateway what became of one message."""
    id_ = str(job.payload["message"])
    channel, name = run(lambda store: leaving.waiting_for(store, id_))
    if not name:
        return
    try:
        report = gateways[channel].look_up(name) if channel in gateways else None
    except NotNow:
        report = None
    if report is not None:
        run(lambda store: leaving.take_report(store, report))
    run(lambda store: leaving.ask_later(store, id_, int(job.payload["number"]) + 1))


def anything_due(state: State) -> bool:
    """Whether a reminder is due that is not made yet."""
    return look(state, reminders.anything_due)


OFTEN: dict[str, Callable[[State], Any]] = {REMINDERS: anything_due}
"""Work that is due in each minute in which there is any."""
