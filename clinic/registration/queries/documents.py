"""Documents of a patient: the list with search, filter and pages, and the newest ones for the tile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from clinic.core.names import fold
from clinic.db.together import Short
from clinic.fhir.store import Store
from clinic.registration.tables import document_row

PAGE = 25
_c = document_row.c
_SHOWN = ("id", "state", "kind", "title", "dated", "ends", "pages", "content_type", "content", "added")


@dataclass(frozen=True)
class Document:
    """One line of the list."""

    id: str
    state: str
    kind: str
    title: str
    dated: str
    ends: str
    pages: int
    content_type: str
    content: str
    added: datetime

    def ended(self, today: date) -> bool:
        """Whether its last day is over."""
        return bool(self.ends) and self.ends < today.isoformat()

    @property
    def here(self) -> bool:
        """Whether its content is kept here and can be shown."""
        return self.content.startswith("Binary/")


@dataclass(frozen=True)
class Wanted:
    """What is looked for: words of the title, a kind, those in use or all."""

    words: str = ""
    kind: str = ""
    state: str = "current"
    page: int = 1


def documents_of(store: Store, patient_id: str, wanted: Wanted) -> tuple[list[Document], int]:
    """One page of a patient's documents, newest first, and how many there are; two statements."""
    found = [_c.patient_id == patient_id]
    if wanted.state in ("current", "superseded", "retired"):
        found.append(_c.state == wanted.state)
    if wanted.kind:
        found.append(_c.kind == wanted.kind)
    found += [_c.folded.contains(word, autoescape=True) for word in fold(wanted.words).split()[:6]]
    count = store.conn.execute(sa.select(sa.func.count()).where(*found)).scalar_one()
    rows = store.conn.execute(
        _select().where(*found).order_by(_c.added.desc(), _c.id.desc()).limit(PAGE).offset(PAGE * (wanted.page - 1))
    )
    return [Document(*row) for row in rows], int(count)


def latest_documents() -> Short:
    """The newest documents in use, for the tile of the patient page."""
    wanted = _select().where(_c.patient_id == sa.bindparam("patient_id"), _c.state == "current")
    return Short(wanted, (_c.added.desc(), _c.id.desc()), 4)


def filed_since(kinds: Sequence[str]) -> Short:
    """The documents of these kinds in use that were filed from a moment on; the values are `patient_id`, `since`."""
    since = sa.bindparam("since", type_=_c.added.type)
    of_patient = _select().where(_c.patient_id == sa.bindparam("patient_id"), _c.state == "current")
    return Short(of_patient.where(_c.added >= since, _c.kind.in_(kinds)), (_c.added, _c.id), 10)


def document_from(row: tuple[Any, ...]) -> Document:
    """A row of `latest_documents`."""
    return Document(*row)


def _select() -> sa.Select[Any]:
    return sa.select(*(_c[name] for name in _SHOWN))
