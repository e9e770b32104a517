"""The application's objects for a command, and the command line's one commit."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

import click
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from clinic import make_state
from clinic.core.actor import SYSTEM
from clinic.core.practice import Practice
from clinic.fhir.practice import load_practice
from clinic.fhir.store import Store
from clinic.web import transaction
from clinic.web.state import State
from config import read_settings

T = TypeVar("T")


def open_state(*, migrated: bool = True) -> State:
    """The state by the settings of the environment. Ends the command when the database is not up to date."""
    state = make_state(read_settings())
    if migrated:
        if not sa.inspect(state.database.engine).has_table("resource"):
            raise click.ClickException("the database is empty; run `clinic db upgrade` first")
        with state.database.read() as conn:
            state.setting.practice = load_practice(conn) or Practice()
    return state


def transact(state: State, fn: Callable[[Store], T]) -> T:
    """Run `fn` in one audited transaction as the system."""
    return transaction.run(state, fn, actor_store=lambda conn, state: system_store(state, conn))


def look(state: State, fn: Callable[[Store], T]) -> T:
    """Run `fn` for reading only, as the system."""
    with state.database.read() as conn:
        return fn(system_store(state, conn))


def system_store(state: State, conn: Connection) -> Store:
    """The store as the system sees it, in a transaction that is open already."""
    return Store(conn, state.setting, actor=SYSTEM, now=state.clock.now())


def show_progress(word: str) -> Callable[[int, int], None]:
    """A progress line on standard error that renews itself on a terminal."""

    def show(done: int, total: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r{word}: {done} of {total}", nl=done == total, err=True)

    return show
