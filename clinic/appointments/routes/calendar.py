"""Day and week, and which columns of them one person sees."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, NamedTuple

from flask import current_app, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from clinic.access import users
from clinic.access.guard import current_principal, is_background, requires
from clinic.appointments.forms import known_day
from clinic.appointments.queries.day import Asked, CalendarPage, Months, day_page, week_page
from clinic.appointments.queries.mark import pulse
from clinic.appointments.routes import blueprint
from clinic.appointments.routes.shown import WAY_WORDS, day_title, tools
from clinic.appointments.rules.owners import MOST_COLUMNS, WAYS, By, ways
from clinic.core.errors import N_, Forbidden
from clinic.fhir.store import Store
from clinic.web.filters import today
from clinic.web.respond import go, is_fragment, page, shown_mark, unchanged
from clinic.web.state import state_of
from clinic.web.transaction import look, transact
from clinic.web.wording import kept_part

_BY, _COLUMNS = "calendar_by", "calendar_{}"
"""Choices of a person: by what the calendar is drawn, and the ids of the columns they want, one line for each way."""
_MOST_KEPT = 2 * MOST_COLUMNS


class _View(NamedTuple):
    """Day or week, what of it is noted in the audit trail, and what else tells it from other views."""

    name: str
    what: str
    asked: str


class _Board(NamedTuple):
    """A board and what it stands for; no page when the screen shows it already."""

    mark: str
    page: CalendarPage | None


@blueprint.get("/day")
@requires("appointments.read")
def day() -> Response:
    """The day view: a column for each provider, room, device or site."""
    shown, asked = known_day(request.args.get("day", ""), today()), read_asked(month=not is_fragment())
    what = f"calendar of {shown.isoformat()}"
    view = _View("day", what, asked.text)
    return _show(look(lambda store: _read(store, view, lambda months: day_page(store, shown, asked, months))), view)


@blueprint.get("/week")
@requires("appointments.read")
def week() -> Response:
    """Seven days of one provider, room, device or site."""
    shown, asked = known_day(request.args.get("day", ""), today()), read_asked(month=not is_fragment())
    what = f"calendar of the week of {shown.isoformat()}"
    view = _View("week", what, asked.text)
    return _show(look(lambda store: _read(store, view, lambda months: week_page(store, shown, asked, months))), view)


@blueprint.post("/columns")
@requires("appointments.read")
def columns() -> Response:
    """Keep which columns this person wants to see, and by what; nothing ticked means all."""
    me, by = current_principal(), _way(request.form.get("by", ""))
    if me is None:
        raise Forbidden(N_("Please sign in first."))
    ids = [id_[:64] for id_ in request.form.getlist("column") if "," not in id_][:_MOST_KEPT]
    chosen = {_BY: by, _COLUMNS.format(by): ",".join(ids)}
    transact(lambda store: users.set_preferences(store.conn, me.id, chosen))
    view = "week" if request.form.get("view") == "week" else "day"
    kept: dict[str, Any] = {name: request.form[name][:64] for name in ("day", "site", "who") if request.form.get(name)}
    return go(url_for(f"appointments.{view}", by=by, **kept))


def read_asked(*, month: bool) -> Asked:
    """What the address asks for, and where it is silent what this person chose."""
    args, me = request.args, current_principal()
    by = _way(args.get("by") or (me.preference(_BY) if me else ""))
    if "provider" in args:
        by = "provider"
    kept = me.preference(_COLUMNS.format(by)) if me else ""
    return Asked(
        by=by,
        site=args.get("site", "")[:64],
        who=(args.get("who") or args.get("provider", ""))[:64],
        chosen=tuple(filter(None, kept.split(","))),
        month=month,
    )


def _way(text: str) -> By:
    return next((by for by in WAYS if by == text), "provider")


def _read(store: Store, view: _View, draw: Callable[[Months], CalendarPage]) -> _Board:
    """The board to draw, or only its mark when the screen that asks by itself shows it already.

    Minutes of waiting and the line of the present time go on every minute: drawn anew they show nobody new, so
    only what changed otherwise is noted in the audit trail.
    """
    beat, minute = pulse(store, f"{view.what} {view.asked}"), f"{store.now:%H%M}"
    mark, _dot, rest = shown_mark().partition(".")
    seen_beat, _dot, seen_minute = rest.partition(".")
    if is_background() and (seen_beat, seen_minute) == (beat, minute):
        return _Board(f"{mark}.{rest}", None)
    shown = draw(Months(state_of(current_app).extra.setdefault("months", {}), beat))
    if shown.mark != mark:
        store.did("search", view.what)
    same = (shown.mark, minute) == (mark, seen_minute)
    return _Board(f"{shown.mark}.{beat}.{minute}", None if same else shown)


def _show(board: _Board, view: _View) -> Response:
    shown = board.page
    if shown is None:
        answer = unchanged()
        answer.headers["X-Mark"] = board.mark
        return answer
    values = {"calendar": shown, "view": view.name, "mark": board.mark, **tools()}
    if is_fragment():
        return page("appointments/_board.html", **values)
    step = timedelta(days=7 if view.name == "week" else 1)
    return page(
        f"appointments/{view.name}.html",
        **_around(shown, shown.day - step, shown.day + step),
        board=Markup(render_template("appointments/_board.html", **values)),  # noqa: S704 our own template
        **values,
    )


def _around(shown: CalendarPage, before: date, after: date) -> dict[str, Any]:
    """What stands around the board: title, the ways to other days, by what it can be drawn."""
    kept = {"by": shown.asked.by} | ({"site": shown.site} if shown.site else {})
    if shown.owner is not None:
        kept["who"] = shown.owner.id
    return {
        "kept": kept,
        "kept_values": tuple(kept.items()),
        "kept_part": kept_part,
        "title": day_title(shown.day, shown.today),
        "before": before,
        "after": after,
        "ways": ways(shown.setup),
        "way_words": WAY_WORDS,
        "most_columns": MOST_COLUMNS,
    }
