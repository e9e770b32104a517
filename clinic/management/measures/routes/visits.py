"""The visits behind a number."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.appointments.queries.practice import calendar_setup
from clinic.core.errors import Missing
from clinic.fhir.store import Store
from clinic.management.measures.queries.behind import NO_KEY, PAGE, Wanted, visits_behind
from clinic.management.measures.reports import TOPICS
from clinic.management.measures.routes.measure import ANY, frame
from clinic.management.measures.routes.state import chosen
from clinic.management.measures.words import line_word, outcome_word
from clinic.management.routes import blueprint
from clinic.management.routes.paging import page_number
from clinic.web.respond import page
from clinic.web.transaction import look


@blueprint.get(f"/measures/<{ANY}:topic>/visits")
@requires("management.measures")
def measure_visits(topic: str) -> Response:
    """The visits of one line, the longest first; that somebody looked is noted."""
    if not TOPICS[topic].behind:
        raise Missing("There is no list behind this number.")
    key, number = request.args.get("key", NO_KEY)[:64], page_number()
    asked = replace(chosen(topic), key=key, only=request.args.get("only", "")[:12])

    def read(store: Store) -> dict[str, Any]:
        period = asked.asked.period
        store.did("search", f"visits behind {topic}, {period.first} to {period.last}")
        setup = calendar_setup(store)
        rows, total = visits_behind(store, topic, asked.asked, Wanted(key, asked.only, number))
        by = asked.asked.by or asked.asked.what
        return {"rows": rows, "total": total, "line": "" if key == NO_KEY else line_word(by, key, setup)}

    values: dict[str, Any] = {"number": number, "size": PAGE, "outcome_word": outcome_word}
    return page("management/measures/visits.html", **look(read), **values, **frame(asked))
