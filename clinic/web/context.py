"""What every page shows around its content: rail, top bar, toast."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, has_request_context, request, url_for
from flask_babel import get_locale
from markupsafe import Markup

from clinic.access.guard import can, current_principal
from clinic.core.practice import Practice
from clinic.fhir.practice import load_practice
from clinic.fhir.store import Store
from clinic.web import help as pages_of_help
from clinic.web.forms import csrf_token
from clinic.web.respond import take_toast
from clinic.web.slice import Nav
from clinic.web.state import State, state_of
from clinic.web.wording import address, kept_part

_PRACTICE_SECONDS = 10.0
_RTL = {"ar", "he", "fa", "ur"}


@dataclass(frozen=True)
class Entry:
    """One line of the rail, ready to draw."""

    endpoint: str
    url: str
    label: str
    icon: str
    key: str
    count: int
    current: bool


def install(app: Flask) -> None:
    """Give templates the frame's values."""
    app.before_request(_refresh_practice)
    app.context_processor(_values)
    pages_of_help.install(app)
    app.jinja_env.globals.update(asset=asset, csrf_token=csrf_token, command_bar=command_bar, known_view=known_view)


def known_view(endpoint: str) -> bool:
    """Whether this application has a screen; one that is made of some slices alone has not all of them."""
    return endpoint in current_app.view_functions


def asset(name: str) -> str:
    """The address of a static file, changing with its content so that browsers keep it for ever.

    Files do not change under a running server; while somebody works on them (debug) they are looked at every time.
    """
    addresses: dict[tuple[str, str], str] = state_of(current_app).extra.setdefault("asset_addresses", {})
    key = (request.root_path if has_request_context() else "", name)
    if key not in addresses or current_app.debug:
        addresses[key] = _asset_address(name)
    return addresses[key]


def _asset_address(name: str) -> str:
    versions: dict[str, tuple[float, str]] = state_of(current_app).extra.setdefault("assets", {})
    path = Path(str(current_app.static_folder)) / name
    try:
        changed = path.stat().st_mtime
    except FileNotFoundError:
        return url_for("static", filename=name)
    known = versions.get(name)
    if known is None or known[0] != changed:
        known = versions[name] = (changed, hashlib.sha256(path.read_bytes()).hexdigest()[:10])
    return url_for("static", filename=name, v=known[1])


def forget_practice(state: State) -> None:
    """Read the practice's settings again at the next request."""
    state.extra.pop("practice_read", None)


def _refresh_practice() -> None:
    state = state_of(current_app)
    read = state.extra.get("practice_read", 0.0)
    if request.endpoint == "static" or time.monotonic() - read < _PRACTICE_SECONDS:
        return
    with state.database.look() as conn:
        state.setting.practice = load_practice(conn) or Practice()
    state.extra["practice_read"] = time.monotonic()


def _values() -> dict[str, Any]:
    principal = current_principal()
    language = str(get_locale() or "en")
    return {
        "practice": state_of(current_app).practice,
        "me": principal,
        "nav": _Later(rail),
        "actions": _Later(command_actions),
        "take_toast": take_toast,
        "language": language,
        "direction": "rtl" if language.partition("_")[0] in _RTL else "ltr",
        "theme": principal.preference("theme", "") if principal else "",
    }


@dataclass(frozen=True)
class _Later:
    """Entries that are made only when a template walks over them."""

    make: Callable[[], list[Entry]]

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.make())


def command_actions() -> list[Entry]:
    """What this person may start from the command bar."""
    offered = (action for part in state_of(current_app).slices for action in part.actions)
    return [
        Entry(endpoint, address(endpoint), str(label), icon, "", 0, current=False)
        for label, endpoint, icon, permission in offered
        if can(permission)
    ]


def command_bar(entries: list[Entry]) -> Markup:
    """Command bar and key list; the same on every page of somebody with the same rights and language."""
    places = tuple(replace(entry, count=0, current=False) for entry in entries)
    bar = kept_part("_layout/command.html", entries=places, actions=tuple(command_actions()))
    return bar + kept_part("_layout/keys.html", entries=places, help=pages_of_help.help_here())


def rail() -> list[Entry]:
    """What this person may go to, in order, with how much waits there."""
    state = state_of(current_app)
    entries = sorted((nav for part in state.slices for nav in part.nav), key=lambda nav: nav.order)
    allowed = [nav for nav in entries if can(nav.permission)]
    counts = _counts(state, allowed)
    here = (request.blueprint or "").split(".")[0]
    return [
        Entry(
            nav.endpoint,
            address(nav.endpoint),
            str(nav.label),
            nav.icon,
            nav.key,
            counts.get(nav.endpoint, 0),
            nav.endpoint.split(".", maxsplit=1)[0] == g.get("nav_current", here),
        )
        for nav in allowed
    ]


def _counts(state: State, entries: list[Nav]) -> dict[str, int]:
    known: dict[str, int] = state.extra.setdefault("counts", {})
    read: dict[str, float] = state.extra.setdefault("counts_read", {})
    now = time.monotonic()
    old = [nav for nav in entries if nav.count and not now - read.get(nav.endpoint, -nav.seconds) < nav.seconds]
    if not old:
        return known
    principal = current_principal()
    if principal is None:
        return {}
    with state.database.look() as conn:
        store = Store(conn, state.setting, actor=principal.actor, now=state.clock.now())
        for nav in old:
            known[nav.endpoint] = nav.count(store) if nav.count else 0
            read[nav.endpoint] = now
    return known
