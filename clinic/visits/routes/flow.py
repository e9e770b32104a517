"""The flow board: where everybody is, and one key or one drag to the next place."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from typing import Any

from flask import current_app, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.appointments.queries.practice import calendar_setup
from clinic.core.errors import Missing
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.visits import mapping, service, words
from clinic.visits.check_out import leave_the_desk
from clinic.visits.errors import StillOpen
from clinic.visits.forms import CallForm, FlowForm
from clinic.visits.queries.flow_board import Card, columns_of, flow_cards, flow_mark
from clinic.visits.routes import blueprint, name_of, require_valid, to_check_out
from clinic.visits.rules import ARRIVED, EXPECTED, LEFT
from clinic.visits.rules.stations import limits_of
from clinic.visits.screens import WORDS, today_of
from clinic.visits.service import flow as steps
from clinic.web.respond import go, is_fragment, page, shown_mark, take_toast, toast, unchanged
from clinic.web.state import state_of
from clinic.web.transaction import look, transact

_ON_FLOW = "flow"
"""In the session: the patients that this person's flow board has shown since it was opened."""
_MOST = {EXPECTED: 30, LEFT: 15}


@dataclass
class _Flow:
    """One drawn board; `columns` is None when the screen shows it already."""

    mark: str
    columns: dict[str, list[Card]] | None = None
    known: list[str] = field(default_factory=list)


@blueprint.get("/flow")
@requires("visits.read")
def flow() -> Response:
    """The whole board, with the providers to choose from and the rooms to bring people to."""
    drawn, setup = look(lambda store: (_board(store, ()), calendar_setup(store)))
    return _show("visits/flow.html", drawn, setup=setup, form=FlowForm())


@blueprint.get("/flow/board")
@requires("visits.read")
def flow_board() -> Response:
    """The board alone, for the screens that renew themselves: one cheap statement while nothing moved."""
    drawn = look(lambda store: _board(store, session.get(_ON_FLOW, []), shown=shown_mark()))
    return unchanged() if drawn.columns is None else _show("visits/_flow.html", drawn)


@blueprint.post("/flow/move")
@requires("visits.write")
def flow_move() -> Response:
    """Somebody is at another station now; who was expected arrives first."""
    form = FlowForm.of_request()
    require_valid(form)
    try:
        encounter = transact(lambda store: _move(store, form))
    except StillOpen as error:
        return to_check_out(str(error.params["visit"]), error)
    station = words.station_word(str(form.station.data))
    return _moved(encounter, _("%(name)s: %(station)s", name=name_of(encounter), station=station))


@blueprint.post("/flow/call")
@requires("visits.write")
def flow_call() -> Response:
    """Call a ticket on the screens of the waiting room."""
    form = CallForm.of_request()
    require_valid(form)
    encounter = transact(lambda store: steps.call(store, str(form.visit.data), to=str(form.to.data or "")))
    number = mapping.ticket_of(encounter)
    return _moved(encounter, _("Number %(number)s was called", number=number))


def _move(store: Store, form: FlowForm) -> Json:
    station = str(form.station.data)
    encounter = service.visit_of(store, str(form.appointment.data))
    if encounter is None:
        encounter = service.arrive(store, str(form.appointment.data))
        if station == ARRIVED:
            return encounter
        return steps.step(store, encounter["id"], station, room=str(form.room.data or ""))
    if form.loaded_version is None:
        raise Missing("This board is old. Look at it again.")
    if station == LEFT:
        return leave_the_desk(store, encounter["id"], version=form.loaded_version)
    return steps.step(store, encounter["id"], station, room=str(form.room.data or ""), version=form.loaded_version)


def _moved(encounter: Json, said: str) -> Response:
    version = int(encounter["meta"]["versionId"])
    toast(said, undo_url=url_for("visits.undo", encounter_id=encounter["id"], version=version, back="flow"))
    if not is_fragment():
        return go(url_for("visits.flow"))
    drawn = look(lambda store: _board(store, session.get(_ON_FLOW, [])))
    return _show("visits/_flow.html", drawn, said=take_toast())


def _board(store: Store, known: Container[str], *, shown: str = "") -> _Flow:
    provider = request.args.get("provider", "")[:64]
    day = today_of(store)
    mark = flow_mark(store, day, f"flow {provider}", provider=provider)
    if shown == mark:
        return _Flow(mark)
    cards = flow_cards(store, day, provider=provider)
    for card in cards:
        if card.patient_id not in known:
            store.saw_in_list(card.patient_id, "flow board")
    return _Flow(mark, columns_of(cards), sorted({card.patient_id for card in cards}))


def _show(template: str, drawn: _Flow, **more: Any) -> Response:
    if drawn.known != session.get(_ON_FLOW):
        session[_ON_FLOW] = drawn.known
    columns = drawn.columns or {}
    values: dict[str, Any] = {
        "columns": columns,
        "mark": drawn.mark,
        "most": _MOST,
        "provider": request.args.get("provider", "")[:64],
        "limits": limits_of(state_of(current_app).practice.stations),
        "longest": {name: max((card.minutes for card in cards), default=0) for name, cards in columns.items()},
        "pace_word": words.pace_word,
        "told_word": words.told_word,
        **WORDS,
    }
    return page(template, **values | more)
