"""Day and week."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from flask import render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.appointments.forms import known_day
from clinic.appointments.queries.board import day_span
from clinic.appointments.queries.day import CalendarPage, day_page, week_page
from clinic.appointments.queries.mark import board_mark
from clinic.appointments.routes import blueprint
from clinic.appointments.routes.shown import day_title, tools
from clinic.fhir.store import Store
from clinic.web.filters import today
from clinic.web.respond import is_fragment, page, shown_mark, unchanged
from clinic.web.transaction import look
from clinic.web.wording import kept_part


class _Board(NamedTuple):
    """A board and what it stands for; no page when the screen shows it already."""

    mark: str
    page: CalendarPage | None


@blueprint.get("/day")
@requires("appointments.read")
def day() -> Response:
    """The day view: a column for each provider."""
    shown, site = known_day(request.args.get("day", ""), today()), request.args.get("site", "")
    what = f"calendar of {shown.isoformat()}"

    def read(store: Store) -> _Board:
        mark = board_mark(store, day_span(store, shown), f"day {site}")
        return _read(store, mark, what, lambda: day_page(store, shown, site))

    return _show(look(read))


@blueprint.get("/week")
@requires("appointments.read")
def week() -> Response:
    """Seven days of one provider."""
    shown, provider = known_day(request.args.get("day", ""), today()), request.args.get("provider", "")
    monday, what = shown - timedelta(days=shown.weekday()), f"calendar of the week of {shown.isoformat()}"

    def read(store: Store) -> _Board:
        mark = board_mark(store, day_span(store, monday, 7), f"week {provider}")
        return _read(store, mark, what, lambda: week_page(store, shown, provider))

    return _show(look(read))


def _read(store: Store, mark: str, what: str, draw: Callable[[], CalendarPage]) -> _Board:
    """The board to draw, or only its mark when the screen that asks by itself shows it already.

    Minutes of waiting and the line of the present time go on every minute: drawn anew they show nobody new, so
    only what changed otherwise is noted in the audit trail.
    """
    minute = f"{store.now:%H%M}"
    seen, _dot, drawn_at = shown_mark().partition(".")
    if seen != mark:
        store.did("search", what)
    return _Board(f"{mark}.{minute}", None if (seen, drawn_at) == (mark, minute) else draw())


def _show(board: _Board) -> Response:
    shown = board.page
    if shown is None:
        return unchanged()
    view = "day" if shown.provider is None else "week"
    step = timedelta(days=7 if view == "week" else 1)
    kept = {"site": shown.site} if shown.site else {}
    if shown.provider is not None:
        kept = {"provider": shown.provider.id}
    values = {"calendar": shown, "view": view, "mark": board.mark, **tools()}
    if is_fragment():
        return page("appointments/_board.html", **values)
    return page(
        f"appointments/{view}.html",
        kept=kept,
        kept_values=tuple(kept.items()),
        kept_part=kept_part,
        title=day_title(shown.day, shown.today),
        before=shown.day - step,
        after=shown.day + step,
        board=Markup(render_template("appointments/_board.html", **values)),  # noqa: S704 our own template
        **values,
    )
