"""Commands about people and programs that sign in."""

from __future__ import annotations

import sys

import click

from clinic.access import clients
from clinic.access.permissions import STAFF
from clinic.access.users import NewUser, create_user
from clinic.cli.state import open_state, transact


@click.group()
def users() -> None:
    """People who sign in."""


@users.command("add")
@click.argument("name")
@click.option("--role", required=True, type=click.Choice(STAFF), help="What the person may do.")
@click.option("--display", default="", help="The name as colleagues know it; default: NAME.")
@click.option("--password-stdin", is_flag=True, required=True, help="Read the password from standard input.")
def users_add(name: str, role: str, display: str, *, password_stdin: bool) -> None:
    """Add a person NAME with a role; the password comes from standard input."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else ""
    state = open_state()
    new = NewUser(name, display or name, role, password)
    transact(state, lambda store: create_user(store.conn, new, store.now))
    click.echo(f"user {name} added as {role}")


@click.group("api-clients")
def api_clients() -> None:
    """Programs that use the FHIR interface."""


@api_clients.command("add")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, help="For example system/*.cruds; repeatable.")
def api_clients_add(name: str, scopes: tuple[str, ...]) -> None:
    """Add a program NAME; its secret is shown this one time."""
    state = open_state()
    scope_list = [scope for given in scopes for scope in given.split()]
    client_id, secret = transact(state, lambda store: clients.add_client(store.conn, name, scope_list, now=store.now))
    click.echo(f"client_id: {client_id}")
    click.echo(f"client_secret: {secret}")


COMMANDS = (users, api_clients)
