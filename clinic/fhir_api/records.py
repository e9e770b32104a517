"""Rows of records and of their versions, as text: what is read is not parsed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from clinic.core.errors import Gone, Missing
from clinic.fhir.search import Found
from clinic.fhir.tables import resource, resource_version

_r = resource.c
_v = resource_version.c

NO_RECORD = "There is no %(type)s/%(id)s."
DELETED = "%(type)s/%(id)s was deleted."
NO_VERSION = "There is no version %(version)s of %(type)s/%(id)s."


@dataclass(frozen=True)
class Kept:
    """One version of a record, a deletion included."""

    type: str
    id: str
    version: int
    updated: datetime
    deleted: bool
    text: str


def present(conn: Connection, type_: str, id_: str) -> Found:
    """The current record. Raises Missing, or Gone when it was deleted."""
    wanted = sa.select(_r.version, _r.updated, _r.deleted, _r.json).where(_r.type == type_, _r.id == id_)
    row = conn.execute(wanted).first()
    if row is None:
        raise Missing(NO_RECORD, field=f"{type_}.id", type=type_, id=id_)
    if row.deleted:
        raise Gone(DELETED, field=f"{type_}.id", type=type_, id=id_)
    return Found(type_, id_, row.version, row.updated, row.json)


def one_version(conn: Connection, type_: str, id_: str, version: str) -> Found:
    """One version of a record. Raises Missing, or Gone where that version is a deletion."""
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
    rows = versions(conn, type_, id_, number=number)
    if not rows:
        raise Missing(NO_VERSION, field=f"{type_}.meta.versionId", type=type_, id=id_, version=version[:64])
    if rows[0].deleted:
        raise Gone(DELETED, field=f"{type_}.id", type=type_, id=id_)
    one = rows[0]
    return Found(type_, id_, one.version, one.updated, one.text)


def versions(conn: Connection, type_: str, id_: str, *, number: int) -> list[Kept]:
    """One version of one record, as a list of none or one."""
    return _kept(conn, [_v.type == type_, _v.id == id_, _v.version == number], 1, 0)


@dataclass(frozen=True)
class Span:
    """Which versions a history is asked for: of everything, of one type, or of one record."""

    type: str = ""
    id: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def tests(self) -> list[sa.ColumnElement[bool]]:
        """The conditions in SQL."""
        tests: list[sa.ColumnElement[bool]] = []
        if self.type:
            tests.append(_v.type == self.type)
        if self.id:
            tests.append(_v.id == self.id)
        if self.since:
            tests.append(_v.at >= self.since)
        if self.until:
            tests.append(_v.at <= self.until)
        return tests


def history(conn: Connection, span: Span, limit: int, offset: int) -> list[Kept]:
    """Versions, newest first."""
    return _kept(conn, span.tests(), limit, offset)


def count_versions(conn: Connection, span: Span) -> int:
    """How many versions a history has."""
    counting = sa.select(sa.func.count()).select_from(resource_version).where(*span.tests())
    return int(conn.execute(counting).scalar_one())


def _kept(conn: Connection, tests: Sequence[sa.ColumnElement[bool]], limit: int, offset: int) -> list[Kept]:
    wanted = sa.select(_v.type, _v.id, _v.version, _v.at, _v.deleted, _v.json).where(*tests)
    wanted = wanted.order_by(_v.at.desc(), _v.type, _v.id, _v.version.desc())
    return [Kept(*row) for row in conn.execute(wanted.limit(limit).offset(offset))]


def any_version(conn: Connection, type_: str, id_: str) -> int | None:
    """The version number that a record has reached, deleted or not; None when it never was."""
    found = conn.execute(sa.select(_r.version).where(_r.type == type_, _r.id == id_)).scalar()
    return None if found is None else int(found)
