"""The weekly hours of a provider, a room or a device, and the visits that a change of them left outside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from typing import Any

from flask import current_app, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.appointments.errors import FallsOutside
from clinic.appointments.queries.outside import Outside, outside_visits
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.weeks import Part, latest_week, parts_of
from clinic.appointments.service.weeks import hours_in
from clinic.core.days import read_date
from clinic.core.errors import N_, ClinicError, Invalid, Stale
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.management import mapping, service
from clinic.management.forms import DAY_NAMES, WeekForm
from clinic.management.kinds import kind
from clinic.management.routes import blueprint
from clinic.management.rules import DAYS, STRETCHES, Stretch, read_week, typed_week, weekly_minutes
from clinic.management.service import NewWeek
from clinic.web.filters import today
from clinic.web.forms import ScreenForm
from clinic.web.respond import go, page, toast
from clinic.web.state import state_of
from clinic.web.transaction import look, transact

_BAD_DAY = N_("Write a day such as 3/15/2027.")


@blueprint.get("/providers/<provider_id>/hours")
@requires("management.setup")
def hours(provider_id: str) -> Response:
    """The week of a provider."""
    return _opened("providers", provider_id)


@blueprint.get("/<any(rooms, devices):name>/<id_>/hours")
@requires("management.setup")
def thing_hours(name: str, id_: str) -> Response:
    """The week of a room or a device; without hours it can be used whenever somebody works."""
    return _opened(name, id_)


@blueprint.get("/outside")
@requires("management.setup")
def outside() -> Response:
    """The booked visits that a change of hours left outside, by time: to be moved or called."""

    def read(store: Store) -> list[Outside]:
        found = outside_visits(store)
        for one in found:
            store.saw_in_list(one.patient_id, "visits outside hours")
        return found

    return page("management/outside.html", visits=look(read))


@blueprint.post("/providers/<provider_id>/hours")
@requires("management.setup")
def save_hours(provider_id: str) -> Response:
    """Save the week from a day on; visits that would fall outside are shown first."""
    return _saved("providers", provider_id)


@blueprint.post("/<any(rooms, devices):name>/<id_>/hours")
@requires("management.setup")
def save_thing_hours(name: str, id_: str) -> Response:
    """Save the week of a room or a device from a day on; visits that would fall outside are shown first."""
    return _saved(name, id_)


def _opened(name: str, id_: str) -> Response:
    week, version, whose = look(lambda store: _load(store, name, id_))
    form = WeekForm.of_request(**typed_week(week), version=str(version))
    return _show(form, name, id_, whose)


def _saved(name: str, id_: str) -> Response:
    form = WeekForm(request.form)
    whose = look(lambda store: _load(store, name, id_))[2]
    if not form.validate():
        return _show(form, name, id_, whose, status=422)
    try:
        week = read_week({key: str(value or "") for key, value in form.data.items()})
        version = form.loaded_version
        wanted = NewWeek(week, _since(form), bool(form["agreed"].data), _part())
        transact(lambda store: _save(store, name, id_, wanted, version=version))
    except FallsOutside as error:
        form.show(error)
        return _show(form, name, id_, whose, status=409, fallen=error.visits)
    except ClinicError as error:
        form.show(error)
        if isinstance(error, Stale):
            form.version.data = str(error.current["meta"]["versionId"])
        return _show(form, name, id_, whose, status=409 if error.kind == "conflict" else 422)
    always = name != "providers" and not week
    toast(
        _("It can always be used.") if always else _("%(hours)s hours a week.", hours=f"{weekly_minutes(week) / 60:g}")
    )
    return go(url_for("management.things", name=name))


def _save(store: Store, name: str, id_: str, wanted: NewWeek, *, version: int | None) -> Json:
    if name == "providers":
        return service.save_week(store, id_, wanted, version=version)
    return service.save_thing_week(store, kind(name).resource, id_, wanted, version=version)


def _since(form: ScreenForm) -> date | None:
    """The first day of the week; none when it was left empty. Raises Invalid."""
    text = str(form["since"].data or "").strip()
    if not text:
        return None
    try:
        return read_date(text, today=today(), order=state_of(current_app).practice.date_order)
    except ValueError as error:
        raise Invalid(_BAD_DAY, field="since") from error


def _load(store: Store, name: str, id_: str) -> tuple[Any, int, str]:
    if name == "providers":
        person, record = service.provider_records(store, id_)
        whose = mapping.provider_of(person, record).name
    else:
        record = service.own(store, kind(name).resource, id_, mapping.ROOM if name == "rooms" else "")
        whose = mapping.name_of(record)
    mine = [one for one in hours_in(record) if name != "providers" or _part().holds(one)]
    limited = (one for one in latest_week(mine) if (one.opens, one.closes) != (time(), time()))
    week = {Stretch(DAYS[day], one.opens, one.closes) for one in limited for day in one.weekdays}
    return tuple(week), int(record["meta"]["versionId"]), whose


def _part() -> Part:
    """At which site and for which visit types, by the address."""
    types = request.args.getlist("type")[:60]
    return Part(request.args.get("site", "")[:64], frozenset(one[:64] for one in types if one))


def _parts(store: Store, id_: str) -> dict[str, Any]:
    """The parts that a provider's hours have, and the sites and visit types that another one could be for."""
    setup = calendar_setup(store)
    return {"part": _part(), "parts": parts_of(hours_in(service.provider_records(store, id_)[1])), "setup": setup}


def _show(
    form: ScreenForm, name: str, id_: str, whose: str, *, status: int = 200, fallen: Sequence[Any] = ()
) -> Response:
    more = look(lambda store: _parts(store, id_)) if name == "providers" else {}
    values = more | {
        "fallen": fallen,
        "days": DAY_NAMES,
        "stretches": range(1, STRETCHES + 1),
        "id_": id_,
        "name": name,
    }
    return page("management/hours.html", status, form=form, whose=whose, kind=kind(name), **values)
