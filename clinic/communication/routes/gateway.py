"""What a text gateway tells us: texts that came in, and what became of ours. Every post is signed, or refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, current_app, request
from sqlalchemy.engine import Connection

from clinic.access.guard import by_token
from clinic.communication.gateways.twilio import TwilioGateway, read_incoming, read_report
from clinic.communication.routes.calls import blueprint
from clinic.communication.service.leaving import take_report
from clinic.communication.service.replies import take_incoming
from clinic.core.actor import Actor
from clinic.core.errors import N_, Forbidden, Missing
from clinic.fhir.store import Store
from clinic.web.state import State, state_of
from clinic.web.transaction import run

GATEWAY = Actor("text-gateway", "Text gateway", kind="system", role="system")
UNSIGNED = N_("This does not come from the text gateway.")
NONE_SET = N_("No text gateway is set up.")


@blueprint.post("/gateway/incoming")
@by_token
def incoming() -> Response:
    """A text that somebody sent to the practice."""
    said = read_incoming(_signed())
    if said is not None:
        _transact(lambda store: take_incoming(store, said))
    return Response('<?xml version="1.0" encoding="UTF-8"?><Response></Response>', mimetype="text/xml")


@blueprint.post("/gateway/report")
@by_token
def report() -> Response:
    """What became of a text of ours. A report about a message that is not known yet is asked for again."""
    said = read_report(_signed())
    if said is not None and not _transact(lambda store: take_report(store, said)):
        raise Missing(N_("There is no message with this name."))
    return Response(status=204)


def _signed() -> dict[str, str]:
    settings = state_of(current_app).settings
    if settings.text_gateway != "twilio" or not settings.public_url:
        raise Missing(NONE_SET)
    gateway = TwilioGateway(settings.text_url, settings.text_account, settings.text_token, settings.text_from)
    fields = list(request.form.items(multi=True))
    address = settings.public_url.rstrip("/") + request.full_path.rstrip("?")
    if not gateway.is_signed(address, fields, request.headers.get("X-Twilio-Signature", "")):
        raise Forbidden(UNSIGNED)
    return dict(fields)


def _transact(fn: Callable[[Store], Any]) -> Any:
    def store_of(conn: Connection, state: State) -> Store:
        return Store(conn, state.setting, actor=GATEWAY, now=state.clock.now())

    return run(state_of(current_app), fn, actor_store=store_of)
