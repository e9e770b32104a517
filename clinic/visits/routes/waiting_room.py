"""The screen of the waiting room: numbers without names, by a secret address that can be taken back."""

from __future__ import annotations

from typing import Any

from flask import current_app, g, url_for
from werkzeug.wrappers import Response

from clinic.access.guard import public
from clinic.core.errors import N_, Missing
from clinic.fhir.store import Store
from clinic.pdf import qr
from clinic.visits import words
from clinic.visits.queries.waiting_room import Room, Screen, screen_of, waiting_room
from clinic.visits.routes import blueprint
from clinic.visits.rules.arriving import arriving_of, presence_code
from clinic.web.respond import page, shown_mark, unchanged
from clinic.web.state import state_of
from clinic.web.transaction import look

SHUT = N_("This screen was taken out of use, or its address is not right.")


@blueprint.get("/screen/<token>")
@public
def screen(token: str) -> Response:
    """The whole page, for a television or a tablet on the wall."""
    found, room = look(lambda store: _read(store, token))
    return page("visits/screen.html", **_values(found, room, token))


@blueprint.get("/screen/<token>/now")
@public
def screen_now(token: str) -> Response:
    """What is called and who waits now; nothing when the screen shows it already."""
    found, room = look(lambda store: _read(store, token))
    return unchanged() if shown_mark() == room.mark else page("visits/_screen.html", **_values(found, room, token))


def _read(store: Store, token: str) -> tuple[Screen, Room]:
    found = screen_of(store, token[:60])
    if found is None:
        raise Missing(SHUT)
    return found, waiting_room(store, site=found.site)


def _values(found: Screen, room: Room, token: str) -> dict[str, Any]:
    g.language = found.language
    state = state_of(current_app)
    rules, now = arriving_of(state.practice.arriving), state.clock.now()
    code = presence_code(state.secret, now) if rules["present"] else ""
    address = url_for("visits.here", _external=True, code=code or None)
    return {
        "screen": found,
        "room": room,
        "token": token,
        "code": code,
        "phone": qr(address, 40) if rules["phone"] else "",
        "told_word": words.told_word,
    }
