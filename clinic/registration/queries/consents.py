"""Consents of patients beside any list of theirs, in one statement or as part of another; texts and their versions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from clinic.db.together import Short
from clinic.fhir.store import Store
from clinic.registration.mapping.consents import Signed, signed_of
from clinic.registration.rules.consents import LANGUAGES, Book, ConsentText, read_book, shipped
from clinic.registration.tables import consent_kind, consent_row, consent_text

_c, _k, _t = consent_row.c, consent_kind.c, consent_text.c
MOST = 300
_NEVER = datetime(1, 1, 1, tzinfo=UTC)


def book_lines(of: Any) -> list[sa.Select[Any]]:
    """(tag, line, at, id) of what some patients signed, of the kinds and of the texts; to be joined by UNION ALL.

    `of` is one patient's id or a list of ids.
    """
    mine = _c.patient_id.in_(of) if isinstance(of, list | tuple | set | frozenset | sa.Select) else _c.patient_id == of
    held = _c.kind + "\t" + _c.status + "\t" + _text(_c.number) + "\t" + _c.ends + "\t" + _yes(_c.deny) + "\t" + _c.id
    kinds = (
        _k.code + "\t" + _text(_k.months) + "\t" + _yes(_k.renew) + "\t" + _k.need + "\t" + _maybe(_k.from_age) + "\t"
        + _maybe(_k.to_age) + "\t" + _text(_k.version) + "\t" + sa.type_coerce(_k.visit_types, sa.Text)
    )  # fmt: skip
    nothing = sa.cast(sa.null(), _c.signed.type)
    newest = sa.func.max(_t.number)
    return [
        sa.select(sa.literal("consent").label("tag"), held.label("line"), _c.signed.label("at"), _c.patient_id)
        .where(mine),
        sa.select(sa.literal("consent-kind"), kinds, nothing, sa.literal("")),
        sa.select(sa.literal("consent-text"), _t.code + "\t" + _text(newest), sa.func.max(_t.since), sa.literal(""))
        .group_by(_t.code),
    ]  # fmt: skip


def _text(column: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    return sa.cast(column, sa.Text)


def _yes(column: sa.ColumnElement[bool]) -> sa.ColumnElement[str]:
    return sa.case((column, "1"), else_="0")


def _maybe(column: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    return sa.func.coalesce(sa.cast(column, sa.Text), "")


def book_of(store: Store, patient_ids: Iterable[str] = ()) -> Book:
    """What these patients signed, and what they need; one statement. Of closed records nothing is read."""
    ids = sorted({one for one in patient_ids if one and not store.is_closed(one)})
    first, *rest = book_lines(ids)
    return read_book(store.conn.execute(first.union_all(*rest)))


def _tile() -> Short:
    first, *rest = book_lines(sa.bindparam("patient_id"))
    lines = first.union_all(*rest).subquery()
    return Short(sa.select(*lines.c), (lines.c.tag, lines.c.at.desc(), lines.c.line), limit=100)


TILE = _tile()
"""The rows of a book of one patient, for the tile on the patient page."""


def signed_by(store: Store, patient_id: str) -> list[Signed]:
    """Every consent of a patient, newest first; one statement."""
    found = store.search("Consent", [("patient", f"Patient/{patient_id}"), ("_sort", "-date")], limit=MOST)
    kept = [signed_of(one) for one in found if one.get("status") not in ("entered-in-error", "draft", "proposed")]
    return sorted(kept, key=lambda one: (one.signed or _NEVER, one.id), reverse=True)


@dataclass(frozen=True)
class TextVersion:
    """One version of a text in all its languages."""

    number: int
    texts: dict[str, ConsentText]
    since: datetime | None = None
    by: str = ""


def versions_of(store: Store, code: str) -> list[TextVersion]:
    """Every version of a text, the one in force first; the shipped one is the first and has no date."""
    found: dict[int, TextVersion] = {}
    wanted = sa.select(consent_text).where(_t.code == code).order_by(_t.number.desc(), _t.language)
    for row in store.conn.execute(wanted):
        one = found.setdefault(row.number, TextVersion(row.number, {}, row.since, row.by_name))
        one.texts[row.language] = ConsentText(row.title, row.text)
    first = dict(shipped().get(code, {}))
    return [*found.values(), TextVersion(1, {name: first[name] for name in LANGUAGES if name in first})]


def text_of(store: Store, code: str, language: str, number: int = 0) -> tuple[int, ConsentText, str] | None:
    """The text of a version (0: in force) with its number and language; another language where this one lacks."""
    for version in versions_of(store, code):
        if number in (0, version.number):
            chosen = language if language in version.texts else next(iter(version.texts), "")
            return (version.number, version.texts[chosen], chosen) if chosen else None
    return None
