"""Connections: one reader and one writer entry, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import math
import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError

from clinic.db.turnstile import Turnstile

T = TypeVar("T")

_TRIES = 8
_RETRIED_STATES = {"40001", "40P01"}
_LAST = "last_used"
_REST = 2.0
"""Seconds of rest after which a connection is asked before it is used."""
_LOOKS = "clinic_looks"
_READS = re.compile(r"\s*(?:SELECT|WITH(?!.*\b(?:INSERT INTO|UPDATE|DELETE FROM)\b))\b", re.DOTALL)
"""How a statement that reads begins; what people type is never in it, it is bound."""
_PREPARED = 500
"""Statements that a connection keeps prepared on PostgreSQL; the screens send some three hundred different ones."""
_WRITERS = 8
"""Write transactions of one process at a time on PostgreSQL; more only wait for each other inside the database."""


class Database:
    """One database: SQLite (a file, WAL, one writer at a time) or PostgreSQL.

    `schema` names the practice's schema on PostgreSQL (one schema a practice); nothing names it in SQL.
    """

    def __init__(self, url: str, *, schema: str = "", pool_size: int = 16) -> None:
        self.url = sa.make_url(url)
        self.schema = schema
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._writers = Turnstile(1 if self.is_sqlite else _WRITERS)
        self._thread = threading.local()
        if self.is_sqlite:
            self.engine = _sqlite_engine(self.url, pool_size)
        else:
            self.engine = _postgresql_engine(self.url, schema, pool_size)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading. On SQLite what is written on it is rolled back; PostgreSQL refuses to write.

        PostgreSQL's ends with a commit: its driver forgets every prepared statement at a rollback, and a page whose
        statements are planned anew each time takes twice as long.
        """
        with self.engine.connect() as conn:
            if self.is_sqlite:
                conn.exec_driver_sql("BEGIN")
            else:
                conn.execution_options(postgresql_readonly=True)
            try:
                yield conn
                if not self.is_sqlite:
                    conn.commit()
            finally:
                conn.rollback()

    @contextmanager
    def look(self) -> Iterator[Connection]:
        """The same for a page: on PostgreSQL without a transaction, where each statement sees what is committed anyway.

        It spares two turns to the server for each look. What begins like a writing statement raises RuntimeError.
        """
        if self.is_sqlite:
            with self.read() as conn:
                yield conn
            return
        with self.engine.connect() as conn:
            yield conn.execution_options(isolation_level="AUTOCOMMIT", **{_LOOKS: True})

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that commits when the body ends well and rolls back when it raises.

        One within another, in one thread, raises RuntimeError: the inner would wait for the outer for ever.
        """
        begun = self._immediate if self.is_sqlite else self.engine.begin
        with self._one_at_a_time(), self._writers, begun() as conn:
            yield conn

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        if getattr(self._thread, "writes", False):
            raise RuntimeError("This thread is in a write transaction already.")
        self._thread.writes = True
        try:
            yield
        finally:
            self._thread.writes = False

    @contextmanager
    def _immediate(self) -> Iterator[Connection]:
        with self.engine.connect() as conn:
            conn.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield conn
            except BaseException:
                conn.rollback()
                raise
            conn.commit()

    def run_write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a write transaction, again as a whole when the database asks for it.

        SQLSTATE 40001 and 40P01 and a busy SQLite are retried with growing random pauses, at most
        eight times; then the database's own error is raised.
        """
        for attempt in range(_TRIES):
            try:
                with self.write() as conn:
                    return work(conn)
            except DBAPIError as error:
                if attempt == _TRIES - 1 or not wants_retry(error):
                    raise
                time.sleep(random.uniform(0.5, 1.5) * 0.01 * 2**attempt)  # noqa: S311 a pause, not a secret
        raise AssertionError("unreachable")

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def wants_retry(error: DBAPIError) -> bool:
    """Whether the database said: nothing is wrong with this, try it again."""
    cause = error.orig
    state = getattr(cause, "sqlstate", None)
    if state is not None:
        return state in _RETRIED_STATES
    return "database is locked" in str(cause) or "database table is locked" in str(cause)


def _sqlite_engine(url: sa.URL, pool_size: int) -> Engine:
    engine = sa.create_engine(
        url,
        poolclass=sa.QueuePool,
        pool_size=pool_size,
        max_overflow=48,
        connect_args={"check_same_thread": False, "timeout": 15, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def _prepare(raw: Any, _record: Any) -> None:
        cursor = raw.cursor()
        for line in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=15000",
            "temp_store=MEMORY",
            "cache_size=-16000",
            "mmap_size=268435456",
        ):
            cursor.execute(f"PRAGMA {line}")
        cursor.close()

    return engine


def _postgresql_engine(url: sa.URL, schema: str, pool_size: int) -> Engine:
    options = "-c lock_timeout=4000 -c statement_timeout=5000 -c timezone=UTC"
    if schema:
        options += f" -c search_path={schema}"
    engine = sa.create_engine(
        url,
        pool_size=pool_size,
        max_overflow=48,
        isolation_level="READ COMMITTED",
        connect_args={"options": options},
    )
    _ask_after_a_rest(engine)

    @event.listens_for(engine, "connect")
    def _keep_prepared(raw: Any, _record: Any) -> None:
        raw.prepared_max = _PREPARED

    @event.listens_for(engine, "before_cursor_execute")
    def _only_read(conn: Connection, _cursor: Any, text: str, *_rest: Any) -> None:
        if _LOOKS in conn.get_execution_options() and not _READS.match(text):
            raise RuntimeError("A connection for looking was asked to write.")

    return engine


def _ask_after_a_rest(engine: Engine) -> None:
    """Ask a connection that nobody used for a while whether its server is still there.

    Asking each time costs a tenth of a booking; a connection that has just answered is believed.
    """

    @event.listens_for(engine, "checkin")
    def _note(_raw: Any, record: Any) -> None:
        record.info[_LAST] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _ask(raw: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get(_LAST, math.inf) < _REST:
            return
        try:
            engine.dialect.do_ping(raw)
        except engine.dialect.loaded_dbapi.Error as error:
            raise sa.exc.InvalidatePoolError("the server is gone") from error
