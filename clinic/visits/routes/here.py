"""Self check-in: the page behind the QR code of the poster, and the page of one's own number."""

from __future__ import annotations

import hashlib
from datetime import date, time
from typing import Any

from flask import current_app, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import public
from clinic.access.principal import network
from clinic.access.sessions import digest
from clinic.access.throttle import Key, attempt, clear, forgive
from clinic.access.throttle import network as network_key
from clinic.appointments.service.links import require_link
from clinic.core import days
from clinic.fhir.store import Store
from clinic.visits import words
from clinic.visits.queries.waiting_room import Own, own_visit
from clinic.visits.routes import blueprint
from clinic.visits.rules.arriving import Said, arriving_of, is_present
from clinic.visits.service.arriving import HERE, check_in_alone
from clinic.web.respond import page
from clinic.web.state import state_of
from clinic.web.transaction import look, transact

LANGUAGES = {"en": "English", "es": "Español", "nl": "Nederlands", "ar": "العربية"}


def speak() -> None:
    """The language that was chosen on the page, else the telephone's, else the practice's."""
    chosen = request.values.get("lang", "")
    own = request.accept_languages.best_match(list(LANGUAGES))
    g.language = chosen if chosen in LANGUAGES else own or state_of(current_app).practice.language


@blueprint.get("/here")
@public
def here() -> Response:
    """Ask two facts; the page holds nothing about anybody."""
    speak()
    return _ask()


@blueprint.post("/here")
@public
def say_here() -> Response:
    """Note the arrival of whoever knows both facts; anything else gets one and the same answer."""
    speak()
    state = state_of(current_app)
    rules, code = arriving_of(state.practice.arriving), request.form.get("code", "")[:8]
    said = _said()
    if said is None:
        return _ask(_("Please give your birth date in numbers, and your initials or the time of your visit."), 422)
    born = Key("here:" + hashlib.sha256(said.birth_date.encode()).hexdigest(), 5)
    keys = (network_key(network()), born)
    if transact(lambda store: attempt(store.conn, keys, store.now)):
        return _ask(_("Too many tries. Please wait a moment, or come to the desk."), 429)
    if rules["present"] and not is_present(state.secret, state.clock.now(), code):
        return _ask(_("The code on the screen of the waiting room has changed. Please type it again."), 422)
    token = transact(lambda store: _arrive(store, said, keys))
    if not token:
        return _ask(_("We cannot check you in this way. Please come to the desk, we will help you."), 422)
    return redirect(url_for("visits.my_number", token=token, lang=str(g.language)), 303)


def _arrive(store: Store, said: Said, keys: tuple[Key, Key]) -> str:
    token = check_in_alone(store, said)
    if token:
        forgive(store.conn, keys[0])
        clear(store.conn, keys[1])
    return token


def _said() -> Said | None:
    try:
        born = date(*(int(request.form.get(part, "")[:4]) for part in ("y", "m", "d")))
    except (ValueError, TypeError):
        return None
    text = request.form.get("fact", "").strip()[:20]
    moment: time | None = None
    if any(letter.isdigit() for letter in text):
        try:
            moment = days.read_time(text)
        except ValueError:
            return None
    return Said(born.isoformat(), "" if moment else text, moment) if text else None


def _ask(error: str = "", status: int = 200) -> Response:
    practice = state_of(current_app).practice
    rules = arriving_of(practice.arriving)
    typed = {part: request.form.get(part, "")[:4] for part in ("y", "m", "d")} if status == 422 else {}
    values: dict[str, Any] = {
        "error": error,
        "open": bool(rules["phone"]),
        "present": bool(rules["present"]),
        "code": request.values.get("code", "")[:8],
        "order": "mdy" if practice.date_order == "mdy" and g.language == "en" else "dmy",
        "typed": typed,
        "languages": LANGUAGES,
    }
    return page("visits/here.html", status, **values)


@blueprint.get("/my/<token>")
@public
def my_number(token: str) -> Response:
    """The own number, how many are ahead and about how long it takes; no name."""
    speak()
    return page("visits/my_number.html", token=token[:100], **look(lambda store: _mine(store, token)))


@blueprint.get("/my/<token>/now")
@public
def my_number_now(token: str) -> Response:
    """The same, for the telephone that asks again by itself."""
    speak()
    return page("visits/_my_number.html", token=token[:100], **look(lambda store: _mine(store, token)))


def _mine(store: Store, token: str) -> dict[str, Any]:
    link = require_link(store, digest(token[:100]), HERE)
    mine: Own | None = own_visit(store, link.target)
    return {"mine": mine, "told_word": words.told_word, "languages": LANGUAGES, "lang": str(g.language)}
