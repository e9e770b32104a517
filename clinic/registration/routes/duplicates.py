"""The work list of likely duplicates: both people side by side, why, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.fhir.store import Store
from clinic.regions import region_of, show_phone
from clinic.registration.banner import age_text, photo_url_of
from clinic.registration.queries.pairs import SIZE, STATES, Likely, Side, Wanted, likely_pair, likely_pairs
from clinic.registration.routes import blueprint
from clinic.registration.routes.words import open_url, reason_text
from clinic.registration.service.duplicates import say_different, say_open_again
from clinic.registration.words import SEX_WORDS
from clinic.web.filters import day
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, transact


@dataclass(frozen=True)
class Line:
    """One fact of both, and whether it is the same (None when one of them lacks it)."""

    label: str
    one: str
    other: str
    same: bool | None


@blueprint.get("/duplicates")
@requires("patients.write")
def list_duplicates() -> Response:
    """The list, and beside it the pair in hand: the one asked for, else the first."""
    wanted = _wanted()

    def load(store: Store) -> dict[str, Any]:
        rows, total = likely_pairs(store, wanted)
        store.did("search", "likely duplicates")
        asked = request.args.get("pair", "").partition("~")
        ids = (asked[0], asked[2]) if asked[2] else (rows[0].one.id, rows[0].other.id) if rows else None
        shown = _pair(store, *ids) if ids else {"pair": None}
        return {"rows": rows, "total": total, **shown}

    return page("registration/duplicates.html", wanted=wanted, size=SIZE, **_words(), **look(load))


@blueprint.get("/duplicates/<one_id>/<other_id>")
@requires("patients.write")
def show_duplicate(one_id: str, other_id: str) -> Response:
    """The pair in hand, as a part of the page."""
    shown = look(lambda store: _pair(store, one_id, other_id))
    return page("registration/_pair.html", wanted=_wanted(), **_words(), **shown)


@blueprint.post("/duplicates/<one_id>/<other_id>/different")
@requires("patients.write")
def tell_apart(one_id: str, other_id: str) -> Response:
    """Remember that these two are not the same person; it can be taken back."""
    transact(lambda store: say_different(store, one_id, other_id))
    undo = url_for(".tell_apart_not", one_id=one_id, other_id=other_id)
    toast(_("Remembered: not the same person"), undo)
    return go(_back())


@blueprint.post("/duplicates/<one_id>/<other_id>/open")
@requires("patients.write")
def tell_apart_not(one_id: str, other_id: str) -> Response:
    """Put a pair back on the list."""
    transact(lambda store: say_open_again(store, one_id, other_id))
    toast(_("The pair is compared again"))
    return go(_back())


def _wanted() -> Wanted:
    given = request.values
    state, number = given.get("state", ""), given.get("page", "1")
    at = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1
    return Wanted(given.get("q", "")[:200], state if state in STATES else STATES[0], max(1, at))


def _back() -> str:
    wanted = _wanted()
    return url_for(".list_duplicates", q=wanted.text or None, state=wanted.state, page=wanted.page)


def _pair(store: Store, one: str, other: str) -> dict[str, Any]:
    pair = likely_pair(store, one, other)
    for side in (pair.one, pair.other):
        store.saw(side.id, "likely duplicate")
    merge = open_url("registration.merge_patients", survivor_id=pair.one.id, other_id=pair.other.id)
    ages = [age_text(side.birth_date, store) for side in (pair.one, pair.other)]
    return {"pair": pair, "lines": _lines(store, pair), "merge_url": merge, "ages": ages}


def _words() -> dict[str, Any]:
    return {"reason_text": reason_text, "photo_url": photo_url_of}


def _lines(store: Store, pair: Likely) -> list[Line]:
    sexes = {code: str(word) for code, word in SEX_WORDS}
    region = region_of(store.practice.region)

    def phones(side: Side) -> str:
        return ", ".join(show_phone(phone, region) for phone in side.phones.split())

    told = (
        (_("Legal name"), lambda side: side.legal),
        (_("Other names"), lambda side: side.others.replace("|", ", ")),
        (_("Birth date"), lambda side: day(side.birth_date)),
        (_("Administrative sex"), lambda side: sexes.get(side.sex, "")),
        (_("Telephone"), phones),
        (_("E-mail"), lambda side: side.email),
        (_("Street"), lambda side: side.street),
        (_("Postcode"), lambda side: side.postal_code),
        (_("Record"), lambda side: side.record_number),
        (_("Last visit"), lambda side: day(side.last_visit) if side.last_visit else ""),
    )
    lines = [Line(str(label), str(of(pair.one)), str(of(pair.other)), None) for label, of in told]
    return [_compared(line) for line in lines if line.one or line.other]


def _compared(line: Line) -> Line:
    if line.label in (_("Record"), _("Last visit")) or not (line.one and line.other):
        return line
    return Line(line.label, line.one, line.other, line.one.casefold() == line.other.casefold())
