"""One series: its dates, and changing or cancelling one of them, it and the following, or all that are to come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.appointments.errors import NO_SERIES
from clinic.appointments.forms import ChangeSeriesForm, known_instant, local_parts
from clinic.appointments.mapping.appointment import place_of
from clinic.appointments.mapping.bonds import SERIES, number_of
from clinic.appointments.queries.policy import reasons_of
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.queries.series import Asked, Frame, Looked, look_ahead, series_row
from clinic.appointments.routes import blueprint
from clinic.appointments.routes.entering import practice, start_of
from clinic.appointments.routes.repeating import decisions, pattern_words
from clinic.appointments.routes.shown import choices, reason_words, tools
from clinic.appointments.rules.series import AHEAD, SCOPES, Scope, further, shifted
from clinic.appointments.rules.setup import Setup
from clinic.appointments.service.many import stamp_of, undo_many
from clinic.appointments.service.series import (
    Moved,
    Whole,
    cancel_series,
    change_series,
    extend_series,
    in_scope,
    stop_series,
    visits_of,
)
from clinic.core.days import local, read_instant, to_utc
from clinic.core.errors import ClinicError, Invalid, Missing
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.web.errors import status_of
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, transact

SCOPE_WORDS = {
    "one": _l("this date"),
    "following": _l("this and the following dates"),
    "all": _l("all dates to come"),
}


@blueprint.get("/series/<series_id>")
@requires("appointments.read")
def series(series_id: str) -> Response:
    """The dates of a series, and with a change in the address what each of them would meet."""
    return _page(series_id, ChangeSeriesForm.of_request(**request.args.to_dict()), request.args.get("plan", ""))


@blueprint.post("/series/<series_id>/change")
@requires("appointments.write")
def change_series_now(series_id: str) -> Response:
    """Change the dates as they were decided: all of them or none."""
    return _write(
        series_id,
        "change",
        _change,
        lambda count: ngettext(
            "Changed: %(num)s visit of the series.", "Changed: %(num)s visits of the series.", count
        ),
    )


@blueprint.post("/series/<series_id>/cancel")
@requires("appointments.write")
def cancel_series_now(series_id: str) -> Response:
    """Cancel one date, it and the following, or all to come, with a reason."""
    return _write(
        series_id,
        "cancel",
        _cancel,
        lambda count: ngettext(
            "Cancelled: %(num)s visit of the series.", "Cancelled: %(num)s visits of the series.", count
        ),
    )


@blueprint.post("/series/<series_id>/extend")
@requires("appointments.write")
def extend_series_now(series_id: str) -> Response:
    """Book the further dates as they were decided; or let the series end."""
    if request.form.get("stop"):
        transact(lambda store: stop_series(store, series_id))
        toast(_("The series ends with its last date."))
        return go(url_for("appointments.series", series_id=series_id))
    return _write(
        series_id,
        "extend",
        _extend,
        lambda count: ngettext("Booked: %(num)s further visit.", "Booked: %(num)s further visits.", count),
    )


@blueprint.post("/series/<series_id>/undo/<stamp>")
@requires("appointments.write")
def undo_series(series_id: str, stamp: str) -> Response:
    """Take back what was done to the series at one moment, within a minute of it."""
    moment = known_instant(stamp)
    if moment is None:
        raise Missing(NO_SERIES)
    back = transact(lambda store: undo_many(store, SERIES, series_id, moment))
    toast(ngettext("Taken back: %(num)s visit.", "Taken back: %(num)s visits.", len(back)))
    return go(url_for("appointments.series", series_id=series_id))


def _write(
    series_id: str,
    plan: str,
    work: Callable[[Store, str, ChangeSeriesForm], Sequence[Json]],
    said: Callable[[int], str],
) -> Response:
    """Do what was decided for the dates of a series, all of it or nothing; a refusal comes back with what was typed."""
    form = ChangeSeriesForm(request.form)
    try:
        saved = transact(lambda store: work(store, series_id, form))
    except ClinicError as error:
        form.show(error)
        return _page(series_id, form, plan, status=status_of(error))
    return _done(series_id, saved[0], said(len(saved)))


def _extend(store: Store, series_id: str, form: ChangeSeriesForm) -> Sequence[Json]:
    return extend_series(store, series_id, decisions(request.form, reason=str(form.overbook_reason.data or "")))


def _done(series_id: str, resource: Json, said: str) -> Response:
    toast(said, url_for("appointments.undo_series", series_id=series_id, stamp=stamp_of(resource)))
    return go(url_for("appointments.series", series_id=series_id))


def _change(store: Store, series_id: str, form: ChangeSeriesForm) -> list[Json]:
    known = {number_of(one): one for one in _visits(store, series_id)}
    plans = decisions(request.form, reason=str(form.overbook_reason.data or ""))
    moves = []
    for plan in plans:
        id_, _slash, version = request.form.get(f"v{plan.number}", "").partition("/")
        if plan.number in known and known[plan.number]["id"] == id_ and version.isascii() and version.isdigit():
            moves.append(Moved(id_, plan, int(version[:9])))
    whole = Whole(form.read_minutes(), form.room.data or None, form.visit_type.data or None, *_turn(known, form))
    return change_series(store, series_id, moves, whole)


def _turn(known: dict[int, Json], form: ChangeSeriesForm) -> tuple[int, time | None]:
    """By how many days the dates go on, and at which clock time they are from now on."""
    one = known.get(_number(form))
    if one is None or not form.day.data:
        return 0, None
    wall, old = local(start_of(form), practice().zone), local(read_instant(one["start"]), practice().zone)
    return (wall.date() - old.date()).days, wall.time() if wall.time() != old.time() else None


def _cancel(store: Store, series_id: str, form: ChangeSeriesForm) -> list[Json]:
    found = in_scope(_visits(store, series_id), _number(form), _scope(form), store.now)
    dates = [(str(one["id"]), int(one["meta"]["versionId"])) for one in found]
    return cancel_series(store, series_id, dates, reason=str(form.reason.data or ""))


def _visits(store: Store, series_id: str) -> list[Json]:
    found = visits_of(store, series_id)
    if not found:
        raise Missing(NO_SERIES)
    return found


def _number(form: ChangeSeriesForm) -> int:
    text = str(form.number.data or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def _scope(form: ChangeSeriesForm) -> Scope:
    return next((code for code in SCOPES if code == form.scope.data), "one")


def _page(series_id: str, form: ChangeSeriesForm, plan: str, *, status: int = 200) -> Response:
    values = look(lambda store: _read(store, series_id, form, plan))
    return page("appointments/series.html", status=status, form=form, **values, **tools())


def _read(store: Store, series_id: str, form: ChangeSeriesForm, plan: str) -> dict[str, Any]:
    visits, setup, row = _visits(store, series_id), calendar_setup(store), series_row(store, series_id)
    places = [(number_of(one), one, place_of(one)) for one in visits]
    store.saw(places[0][2].patient_id, "series")
    coming = in_scope(visits, 0, "all", store.now)
    _fill(form, setup, coming)
    fault: ClinicError | None = None
    dates: tuple[Looked, ...] = ()
    try:
        dates = _planned(store, setup, visits, form, plan)
    except Invalid as error:
        fault = error
    return {
        "series_id": series_id, "places": places, "row": row, "setup": setup, "plan": plan, "dates": dates,
        "fault": fault, "coming": len(coming), "cancel_reasons": reason_words(reasons_of(store))["cancel"],
        "scopes": SCOPE_WORDS, "rule": pattern_words(row.pattern) if row else "",
    }  # fmt: skip


def _planned(
    store: Store, setup: Setup, visits: Sequence[Json], form: ChangeSeriesForm, plan: str
) -> tuple[Looked, ...]:
    if plan not in ("change", "extend"):
        return ()
    last = place_of(visits[-1])
    length = int(last.span.length.total_seconds()) // 60
    frame = Frame(form.read_minutes() or length, str(form.visit_type.data or "") or last.type_id, last.patient_id)
    asked = _extended(store, visits) if plan == "extend" else _moved(store, visits, form)
    return look_ahead(store, setup, asked, frame)


def _moved(store: Store, visits: Sequence[Json], form: ChangeSeriesForm) -> list[Asked]:
    days, wall = _turn({number_of(one): one for one in visits}, form)
    found = []
    for one in in_scope(visits, _number(form), _scope(form), store.now):
        place = place_of(one)
        start = shifted(place.span.start, days=days, wall=wall, zone=store.practice.zone)
        provider = str(form.provider.data or "") or place.provider_id
        version = int(one["meta"]["versionId"])
        found.append(Asked(number_of(one), start, provider, str(one["id"]), version, place.span.start))
    return found


def _extended(store: Store, visits: Sequence[Json]) -> list[Asked]:
    last, zone = place_of(visits[-1]), store.practice.zone
    wall = local(last.span.start, zone)
    row = series_row(store, str(visits[-1]["identifier"][0]["value"]))
    days = further(row.pattern, wall.date()) if row else iter(())
    kept = [day for day in days if day <= wall.date() + AHEAD]
    first = number_of(visits[-1]) + 1
    return [Asked(first + at, _at(day, wall.time(), zone), last.provider_id) for at, day in enumerate(kept)]


def _at(day: date, wall: time, zone: str) -> datetime:
    return to_utc(datetime.combine(day, wall), zone)


def _fill(form: ChangeSeriesForm, setup: Setup, coming: Sequence[Json]) -> None:
    known = choices(setup)
    chosen = next((one for one in coming if number_of(one) == _number(form)), coming[0] if coming else None)
    if chosen is not None:
        form.number.data = str(number_of(chosen))
        if not form.day.data:
            form.day.data, form.time.data = local_parts(place_of(chosen).span.start, practice().zone)
    same = ("", str(_("as it is")))
    form.place(
        scope=[(code, str(words)) for code, words in SCOPE_WORDS.items()],
        provider=[same, *known["provider"]],
        visit_type=[same, *known["visit_type"]],
        room=[same, *known["room"][1:]],
        minutes=[same, *known["minutes"]],
    )
