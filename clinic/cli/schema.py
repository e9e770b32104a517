"""Bringing the database to the newest schema."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Connection

from clinic.codes import ensure_loaded
from clinic.db.engine import Database

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def alembic_config(conn: Connection) -> Config:
    """Alembic's settings for one connection; there is no ini file."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = conn
    return config


def upgrade(database: Database, to: str = "head") -> None:
    """Run every migration that this database has not seen, in one transaction."""
    if database.schema and not database.is_sqlite:
        with database.engine.begin() as conn:
            conn.exec_driver_sql(f'CREATE SCHEMA IF NOT EXISTS "{database.schema}"')
    with database.write() as conn:
        command.upgrade(alembic_config(conn), to)


def downgrade(database: Database, to: str) -> None:
    """Undo migrations down to a revision."""
    with database.write() as conn:
        command.downgrade(alembic_config(conn), to)


def load_code_lists(database: Database) -> None:
    """Load the shipped code lists that are not in the database yet; seconds once for each release."""
    with database.write() as conn:
        ensure_loaded(conn)
