"""One measure: its picture, its table, and the table as a file."""

from __future__ import annotations

from typing import Any

from flask import Response as FlaskResponse
from flask import redirect, url_for
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.appointments.queries.free import Search, next_free, preferred_first
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.free import Offer
from clinic.appointments.rules.setup import Setup
from clinic.fhir.store import Store
from clinic.management.measures.drawing import drawn
from clinic.management.measures.files import MIME, XLSX, as_csv, as_xlsx, table_of
from clinic.management.measures.queries.asked import Asked
from clinic.management.measures.reports import TOPICS
from clinic.management.measures.routes.state import Chosen, chosen, day_in, period_values
from clinic.management.measures.rules.periods import KINDS, period_around
from clinic.management.measures.rules.report import Report
from clinic.management.measures.words import BYS, MEANINGS, change_word, value_word, what_word
from clinic.management.measures.words import TOPICS as NAMES
from clinic.management.routes import blueprint
from clinic.web.filters import today
from clinic.web.respond import is_fragment, page
from clinic.web.transaction import look

ANY = "any(" + ",".join(TOPICS) + ")"
_THIRD = 3


@blueprint.get(f"/measures/<{ANY}:topic>")
@requires("management.measures")
def measure(topic: str) -> Response:
    """The page; the numbers of a long range follow by themselves."""
    asked = chosen(topic)
    if asked.asked.period.is_long:
        setup = look(calendar_setup)
        return page("management/measures/measure.html", report=None, setup=setup, **frame(asked))
    return page("management/measures/measure.html", **look(lambda store: _read(store, asked)), **frame(asked))


@blueprint.get(f"/measures/<{ANY}:topic>/body")
@requires("management.measures")
def measure_body(topic: str) -> Response:
    """The picture and the table alone."""
    asked = chosen(topic)
    if not is_fragment():
        return redirect(url_for("management.measure", **asked.link()), 303)
    return page("management/measures/_body.html", **look(lambda store: _read(store, asked)), **frame(asked))


@blueprint.get(f"/measures/<{ANY}:topic>.<any(csv,xlsx):kind>")
@requires("management.measures")
def measure_file(topic: str, kind: str) -> Response:
    """The table as a file; that it was taken out is noted. There is no patient in it."""
    asked = chosen(topic)

    def read(store: Store) -> Report:
        store.did("export", f"measure {topic}, {asked.asked.period.first} to {asked.asked.period.last}")
        return TOPICS[topic].make(store, calendar_setup(store), asked.asked)

    table = table_of(look(read), str(BYS[asked.asked.by or asked.asked.what]))
    body = as_xlsx(table, str(NAMES[topic])) if kind == XLSX else as_csv(table)
    headers = {"Content-Disposition": f'attachment; filename="{topic}-{asked.asked.period.first}.{kind}"'}
    return FlaskResponse(body, mimetype=MIME[kind], headers=headers)


def frame(asked: Chosen) -> dict[str, Any]:
    """What stands around every measure: periods, topics, the links of its filters, and its words."""
    period = asked.asked.period
    day = day_in(period, today())
    periods = {kind: period_values(period_around(kind, day)) for kind in KINDS if kind != "own"}
    own = {"period": "own", "first": period.first.isoformat(), "last": period.last.isoformat()}
    values: dict[str, Any] = {
        "chosen": asked, "period": period, "periods": {**periods, "own": own}, "names": NAMES, "bys": BYS,
        "earlier": period_values(period.before()), "later": period_values(period.after()),
        "this": period_values(period), "known": TOPICS.get(asked.topic), "meanings": MEANINGS,
        "value_word": value_word, "change_word": change_word, "what_word": what_word,
    }  # fmt: skip
    return values


def _read(store: Store, asked: Chosen) -> dict[str, Any]:
    setup = calendar_setup(store)
    report = TOPICS[asked.topic].make(store, setup, asked.asked)
    free = _free(store, setup, asked.asked) if asked.topic == "ahead" else ("", ())
    return {"report": report, "picture": drawn(report), "setup": setup, "free": free, "third": _THIRD}


def _free(store: Store, setup: Setup, asked: Asked) -> tuple[str, tuple[Offer, ...]]:
    """The visit type that was chosen (else the first one) and its next free times, up to the third."""
    kind = setup.visit_type(asked.type_id) or next((one for one in setup.types if one.active), None)
    if kind is None:
        return "", ()
    who = (asked.provider,) if asked.provider else preferred_first(setup, kind.id)
    search = Search(0, store.now, who, limit=_THIRD, spread=99, type_id=kind.id, site=asked.site)
    return kind.name, tuple(next_free(store, setup, search))
