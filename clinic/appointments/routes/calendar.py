"""Day and week."""

from __future__ import annotations

from datetime import timedelta

from flask import render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from clinic.access.guard import is_background, requires
from clinic.appointments.forms import known_day
from clinic.appointments.queries.day import CalendarPage, day_page, week_page
from clinic.appointments.routes import blueprint
from clinic.appointments.routes.shown import day_title, tools
from clinic.fhir.store import Store
from clinic.web.filters import today
from clinic.web.respond import is_fragment, page
from clinic.web.transaction import look


@blueprint.get("/day")
@requires("appointments.read")
def day() -> Response:
    """The day view: a column for each provider."""
    shown, site = known_day(request.args.get("day", ""), today()), request.args.get("site", "")

    def read(store: Store) -> CalendarPage:
        if not is_background():
            store.did("search", f"calendar of {shown.isoformat()}")
        return day_page(store, shown, site)

    return _show(look(read), "day")


@blueprint.get("/week")
@requires("appointments.read")
def week() -> Response:
    """Seven days of one provider."""
    shown, provider = known_day(request.args.get("day", ""), today()), request.args.get("provider", "")

    def read(store: Store) -> CalendarPage:
        if not is_background():
            store.did("search", f"calendar of the week of {shown.isoformat()}")
        return week_page(store, shown, provider)

    return _show(look(read), "week")


def _show(shown: CalendarPage, view: str) -> Response:
    step = timedelta(days=7 if view == "week" else 1)
    kept = {"site": shown.site} if shown.site else {}
    if shown.provider is not None:
        kept = {"provider": shown.provider.id}
    values = {"calendar": shown, "view": view, **tools()}
    if is_fragment():
        return page("appointments/_board.html", **values)
    return page(
        f"appointments/{view}.html",
        kept=kept,
        title=day_title(shown.day, shown.today),
        before=shown.day - step,
        after=shown.day + step,
        board=Markup(render_template("appointments/_board.html", **values)),  # noqa: S704 our own template
        **values,
    )
