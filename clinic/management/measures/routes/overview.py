"""All measures at a glance: one number each, fetched by itself."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.appointments.queries.practice import calendar_setup
from clinic.fhir.store import Store
from clinic.management.measures.queries.asked import Asked
from clinic.management.measures.reports import TOPICS
from clinic.management.measures.routes.measure import ANY, frame
from clinic.management.measures.routes.state import Chosen, chosen, chosen_period
from clinic.management.measures.rules.report import Report
from clinic.management.measures.words import TOPICS as NAMES
from clinic.management.measures.words import change_word, value_word
from clinic.management.routes import blueprint
from clinic.web.respond import is_fragment, page
from clinic.web.transaction import look


@blueprint.get("/measures")
@requires("management.measures")
def measures() -> Response:
    """The tiles, each of which asks for its number."""
    return page("management/measures/overview.html", **frame(Chosen("", Asked(chosen_period(), by=""))))


@blueprint.get(f"/measures/<{ANY}:topic>/tile")
@requires("management.measures")
def measure_tile(topic: str) -> Response:
    """The one number of a measure, and what it was before."""
    asked = chosen(topic)
    if not is_fragment():
        return redirect(url_for("management.measure", **asked.link()), 303)

    def read(store: Store) -> Report:
        return TOPICS[topic].make(store, calendar_setup(store), asked.asked)

    report = look(read)
    words: dict[str, Any] = {"value_word": value_word, "change_word": change_word}
    return page("management/measures/_tile.html", report=report, chosen=asked, names=NAMES, **words)
