"""Commands that serve: the web server and the background worker."""

from __future__ import annotations

import logging
import threading

import click
import structlog
from flask import Flask

from clinic import LANGUAGES, create_app
from clinic.access.setup_code import create_setup_code
from clinic.cli.data import demo_sign_ins, load_demo_if_empty
from clinic.cli.schema import load_code_lists, upgrade
from clinic.cli.state import transact
from clinic.cli.work import make_worker
from clinic.pdf import missing_fonts
from clinic.web import warm
from clinic.web.state import State, state_of
from config import Settings, read_settings

CONNECTIONS = 1000
WARM_AFTER = 1.0
"""Seconds: the first answer comes first."""


def _log_quietly(settings: Settings) -> None:
    level = getattr(logging, settings.log_level.upper(), logging.INFO)
    logging.basicConfig(level=level, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    for chatty in ("fontTools", "weasyprint", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(level))


@click.command()
def serve() -> None:
    """Serve the screens and the FHIR interface, with the background worker inside."""
    settings = read_settings()
    _log_quietly(settings)
    _serve(create_app(settings))


@click.command()
def start() -> None:
    """What `make run` does: bring the database up to date, load the demo into an empty one, serve."""
    settings = read_settings()
    _log_quietly(settings)
    app = create_app(settings)
    state = state_of(app)
    upgrade(state.database)
    load_code_lists(state.database)
    if settings.demo:
        load_demo_if_empty(state)
    _serve(app)


@click.command()
def work() -> None:
    """Do background work (reminders, exports, checks) until stopped; for a process of its own."""
    settings = read_settings()
    _log_quietly(settings)
    state = state_of(create_app(settings))
    make_worker(state).run_forever(threading.Event())


def _serve(app: Flask) -> None:
    import waitress

    state = state_of(app)
    settings = state.settings
    _greet(state)
    if settings.worker:
        make_worker(state).start()
    warm.keep_templates(app, settings.data_dir / "templates")
    warm.begin(app, LANGUAGES, after=WARM_AFTER)
    waitress.serve(
        app,
        host=settings.host,
        port=settings.port,
        threads=settings.threads,
        connection_limit=CONNECTIONS,
        channel_timeout=60,
        max_request_body_size=app.config["MAX_CONTENT_LENGTH"] + 1024,
        ident=None,
        clear_untrusted_proxy_headers=True,
    )


def _greet(state: State) -> None:
    settings = state.settings
    address = f"http://{settings.host}:{settings.port}"
    click.echo(f"\nClinic is at {address}")
    sign_ins = demo_sign_ins(state)
    if sign_ins:
        click.echo("Demo sign-ins (fictional practice, do not use for real patients):")
        for name, role, password in sign_ins:
            click.echo(f"  {name:<12} {password:<12} {role}")
    code = transact(state, lambda store: create_setup_code(store.conn, store.now))
    if code:
        click.echo(f"First visit: open {address}/access/set-up and enter this one-time code: {code}")
    if lacking := missing_fonts():
        click.echo(lacking, err=True)
    click.echo("Stop with Ctrl+C.\n")


COMMANDS = (serve, start, work)
