"""Who may do what: users, roles, permissions, sessions, sign-in, the guard and API clients."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Flask

if TYPE_CHECKING:
    from clinic.web.state import State


def install(app: Flask, state: State) -> None:
    """Give the application its sessions, the guard and the sign-in screens."""
    from clinic.access import guard, sessions
    from clinic.access.routes import blueprint

    settings = state.settings
    idle, absolute = timedelta(minutes=settings.idle_minutes), timedelta(hours=settings.session_hours)
    app.config["SESSION_COOKIE_SECURE"] = settings.behind_tls
    sessions.install(app, state.database, state.clock, sessions.Limits(idle, absolute))
    guard.install(app)
    app.register_blueprint(blueprint, url_prefix="/access")
    app.jinja_env.globals["idle_seconds"] = settings.idle_minutes * 60
