"""Backups by the database's own backup interface, encrypted, with the keys that the data needs."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from pathlib import Path

import sqlalchemy as sa

from clinic.cli.sealed import seal, unseal
from clinic.core.errors import Conflict, Invalid
from clinic.web.state import State
from config import kept_secret

_KEYS = ("audit.key", "secret.key")
_NOT_EMPTY = "The database is not empty. Restore into a new data directory or an empty database."
_OTHER_ENGINE = "This backup was made on %(made)s; restore it on the same kind of database."


def backup_to(state: State, file: Path) -> int:
    """Write one encrypted file with the whole database and its keys; gives its size in bytes.

    A copy of the SQLite file would miss what is still in its log, so the backup interface is used.
    """
    with tempfile.TemporaryDirectory(prefix="clinic-backup-") as folder:
        dump = Path(folder) / ("clinic.sqlite3" if state.database.is_sqlite else "clinic.pgdump")
        _dump(state, dump)
        archive = Path(folder) / "backup.tar"
        with tarfile.open(archive, "w") as tar:
            tar.add(dump, dump.name)
            for name in _KEYS:
                tar.add(state.settings.data_dir / name, name)
        return seal(archive, file, _passphrase(state))


def restore_from(state: State, file: Path) -> None:
    """Put a backup in place of an empty database. Raises Invalid, or Conflict when there is data."""
    if sa.inspect(state.database.engine).has_table("resource"):
        with state.database.read() as conn:
            if conn.exec_driver_sql("SELECT 1 FROM resource LIMIT 1").first():
                raise Conflict(_NOT_EMPTY)
    with tempfile.TemporaryDirectory(prefix="clinic-restore-") as folder:
        archive = Path(folder) / "backup.tar"
        unseal(file, archive, _passphrase(state))
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
        _put_back(state, Path(folder))


def _passphrase(state: State) -> bytes:
    return kept_secret(state.settings, "backup", state.settings.backup_key)


def _dump(state: State, target: Path) -> None:
    if state.database.is_sqlite:
        source = sqlite3.connect(f"file:{state.database.url.database}?mode=ro", uri=True)
        copy = sqlite3.connect(target)
        try:
            source.backup(copy)
        finally:
            copy.close()
            source.close()
        return
    _run(state, "pg_dump", "--format=custom", "--no-owner", f"--file={target}")


def _put_back(state: State, folder: Path) -> None:
    dump = folder / ("clinic.sqlite3" if state.database.is_sqlite else "clinic.pgdump")
    if not dump.exists():
        raise Invalid(_OTHER_ENGINE, made="PostgreSQL" if state.database.is_sqlite else "SQLite")
    if state.database.is_sqlite:
        state.database.dispose()
        place = Path(str(state.database.url.database))
        for suffix in ("-wal", "-shm"):
            place.with_name(place.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(dump, place)
    else:
        _run(state, "pg_restore", "--clean", "--if-exists", "--no-owner", "--exit-on-error", str(dump))
    for name in _KEYS:
        shutil.copyfile(folder / name, state.settings.data_dir / name)
        (state.settings.data_dir / name).chmod(0o600)


def _run(state: State, program: str, *arguments: str) -> None:
    path = shutil.which(program)
    if path is None:
        raise Invalid("%(program)s is not installed; it comes with PostgreSQL's client.", program=program)
    url = state.database.url
    where = {
        "PGHOST": url.host or "", "PGPORT": str(url.port or ""), "PGUSER": url.username or "",
        "PGPASSWORD": str(url.password or ""), "PGDATABASE": url.database or "",
    }  # fmt: skip
    environment = {**os.environ, **{name: value for name, value in where.items() if value}}
    target = ["--dbname", url.database or ""] if program == "pg_restore" else []
    done = subprocess.run(  # noqa: S603 a fixed program with our own arguments
        [path, *target, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Invalid("%(program)s failed: %(why)s", program=program, why=done.stderr.strip()[-500:])
