"""What every page for people at home shares: its look, who is at work in a transaction, and slowing down guessers."""

from __future__ import annotations

import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any, TypeVar

from flask import current_app, g, request, session, url_for
from flask_babel import gettext as _
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response

from clinic.access import throttle
from clinic.access.guard import require_own_form, safe_path
from clinic.access.principal import network
from clinic.appointments.queries.practice import calendar_setup
from clinic.core.actor import Actor
from clinic.fhir.store import Store
from clinic.web.gate import require_told
from clinic.web.respond import page
from clinic.web.state import State, state_of
from clinic.web.transaction import look, run

T = TypeVar("T")
LANGUAGES = {"en": "English", "es": "Español", "nl": "Nederlands", "ar": "العربية"}
"""Languages by their own names; the same order everywhere."""
VIEW = "home_view"
_PHONE_SECONDS = 60.0
FREE_TRIES = 20
"""So many tries of one network pass before each further one has to wait."""


def speak() -> None:
    """Use the language, text size and contrast that were chosen on these pages."""
    view = session.get(VIEW)
    g.home_view = dict(view) if isinstance(view, dict) else {}
    if g.home_view.get("language") in LANGUAGES:
        g.language = g.home_view["language"]


def home_page(template: str, status: int = 200, **values: Any) -> Response:
    """A page for people at home."""
    view = g.get("home_view", {})
    here = request.full_path.rstrip("?") if request.method == "GET" else request.path
    values.setdefault("here", here)
    return page(template, status, view=view, languages=LANGUAGES, phone=_phone(), **values)


def _phone() -> str:
    """The practice's number, read once a minute: it stands on every page."""
    kept: dict[str, tuple[float, str]] = state_of(current_app).extra.setdefault("home_phone", {})
    if "phone" not in kept or time.monotonic() - kept["phone"][0] > _PHONE_SECONDS:
        kept["phone"] = (time.monotonic(), look(practice_phone))
    return kept["phone"][1]


def practice_phone(store: Store) -> str:
    """The number under which the practice is called; empty when none is on file."""
    sites = [store.practice.site_id, *(one.id for one in calendar_setup(store).sites)]
    site = store.find("Location", next((id_ for id_ in sites if id_), "-"))
    telecom = (site or {}).get("telecom") or []
    return next((str(one.get("value", "")) for one in telecom if one.get("system") == "phone"), "")


def home_path() -> str:
    """Where a switch of language or look came from: only a page for people at home."""
    path = safe_path(request.form.get("here", ""))
    allowed = (url_for("appointments.online"), url_for("appointments.own", token="-")[:-1])  # noqa: S106 no secret
    return path if path.startswith(allowed) else url_for("appointments.online")


def as_patient(fn: Callable[[Store], T], patient_id: str = "") -> T:
    """Run `fn` in one write transaction for somebody at home: a patient by a link, or nobody known yet."""
    require_own_form()
    require_told()

    def store_of(conn: Connection, state: State) -> Store:
        actor = Actor(f"home:{patient_id}"[:80], _("Patient, from home"), kind="patient", network=network())
        return Store(conn, state.setting, actor=actor, now=state.clock.now())

    return run(state_of(current_app), fn, actor_store=store_of)


def slow_down() -> bool:
    """Count one try from this network; whether it has to wait."""
    return bool(as_patient(lambda store: throttle.attempt(store.conn, (_key(),), store.now)))


def forgive() -> None:
    """The try was a good one: take it back from the count."""
    as_patient(lambda store: throttle.forgive(store.conn, _key()))


def _key() -> throttle.Key:
    return throttle.Key("home:" + (network() or "none")[:64], FREE_TRIES)


def origin() -> str:
    """Where a request comes from, as a hash for counting."""
    secret = state_of(current_app).secret
    return sha256(b"home:" + secret + network().encode()).hexdigest()


def busy_page() -> Response:
    """Too many tries from one place."""
    answer = home_page("appointments/home_said.html", 429, title=_("One moment"), said=_(
        "There were many tries from this place. Please wait some minutes, or call the practice."
    ))  # fmt: skip
    answer.headers["Retry-After"] = "60"
    return answer
