"""Commands about the database: schema, checks, backups."""

from __future__ import annotations

import sys
from itertools import chain
from pathlib import Path

import click
import sqlalchemy as sa

from clinic.audit import reader
from clinic.cli.backups import backup_to, restore_from
from clinic.cli.schema import load_code_lists, upgrade
from clinic.cli.state import open_state, show_progress, system_store
from clinic.fhir import upkeep

MOST_FAULTS = 200


@click.group()
def db() -> None:
    """The database's schema."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Create the database, or bring it to the newest schema."""
    database = open_state(migrated=False).database
    upgrade(database)
    load_code_lists(database)
    click.echo("the database is up to date")


@click.command()
def reindex() -> None:
    """Build every search index, read model and claim of time again from the records."""
    state = open_state()
    with state.database.write() as conn:
        if not state.database.is_sqlite:
            conn.execute(sa.text("SET LOCAL statement_timeout = 0"))
        done = upkeep.reindex(conn, state.setting.registry, show_progress("reindex"))
        upkeep.rebuild_parts(system_store(state, conn))
    click.echo(f"{done} records indexed")


@click.command()
def verify() -> None:
    """Check every record, index, read model, claim of time and the audit chain; exit 1 when something is wrong."""
    state = open_state()
    faults = 0
    with state.database.read() as conn:
        records = upkeep.verify(conn, state.setting.registry, show_progress("verify"))
        for fault in chain(records, upkeep.verify_parts(system_store(state, conn))):
            faults += 1
            if faults <= MOST_FAULTS:
                click.echo(fault)
        for fault in reader.verify(conn):
            faults += 1
            click.echo(f"audit: {fault}")
    if faults:
        click.echo(f"{faults} faults found")
        sys.exit(1)
    click.echo("everything is in order")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write an encrypted backup of the database and its keys to FILE."""
    size = backup_to(open_state(), file)
    click.echo(f"{file}: {size} bytes, encrypted")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Put the database of backup FILE in place of an empty one."""
    restore_from(open_state(migrated=False), file)
    click.echo("restored; run `clinic verify` to check it")


COMMANDS = (db, reindex, verify, backup, restore)
