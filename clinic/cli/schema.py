"""Bringing the database to the newest schema."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from clinic import load_slices, registry_of_slices
from clinic.codes import ensure_loaded
from clinic.core.actor import SYSTEM
from clinic.core.clock import SystemClock
from clinic.core.hooks import Hooks
from clinic.core.practice import Practice
from clinic.db.engine import Database
from clinic.fhir import upkeep
from clinic.fhir.practice import load_practice
from clinic.fhir.store import Setting, Store

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def alembic_config(conn: Connection) -> Config:
    """Alembic's settings for one connection; there is no ini file."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = conn
    return config


def upgrade(database: Database, to: str = "head") -> None:
    """Run every migration that this database has not seen, in one transaction.

    A migration that makes or changes derived tables names them in `refill`; they are filled at the end, once, by
    the code as it is now, so that no migration depends on later code.
    """
    if database.schema and not database.is_sqlite:
        with database.engine.begin() as conn:
            conn.exec_driver_sql(f'CREATE SCHEMA IF NOT EXISTS "{database.schema}"')
    with database.write() as conn:
        config = alembic_config(conn)
        before = MigrationContext.configure(conn).get_current_revision()
        command.upgrade(config, to)
        tables = _to_refill(config, before) if before and to == "head" else set()
        if tables:
            if not database.is_sqlite:
                conn.execute(sa.text("SET LOCAL statement_timeout = 0"))
            setting = Setting(registry_of_slices(load_slices()), Hooks(), load_practice(conn) or Practice())
            upkeep.refill(Store(conn, setting, actor=SYSTEM, now=SystemClock().now()), tables)


def _to_refill(config: Config, before: str) -> set[str]:
    scripts = ScriptDirectory.from_config(config).iterate_revisions("head", before)
    return {name for script in scripts for name in getattr(script.module, "refill", ())}


def downgrade(database: Database, to: str) -> None:
    """Undo migrations down to a revision."""
    with database.write() as conn:
        command.downgrade(alembic_config(conn), to)


def load_code_lists(database: Database) -> None:
    """Load the shipped code lists that are not in the database yet; seconds once for each release."""
    with database.write() as conn:
        ensure_loaded(conn)
