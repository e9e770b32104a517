"""The weekly working hours of a provider."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import current_app, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.appointments.errors import FallsOutside
from clinic.appointments.queries.outside import Outside, outside_visits
from clinic.appointments.rules.weeks import latest_week
from clinic.appointments.service.weeks import hours_in
from clinic.core.days import read_date
from clinic.core.errors import N_, ClinicError, Invalid, Stale
from clinic.fhir.store import Store
from clinic.management import mapping, service
from clinic.management.forms import DAY_NAMES, WeekForm
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
    week, version, name = look(lambda store: _load(store, provider_id))
    form = WeekForm.of_request(**typed_week(week), version=str(version))
    return _show(form, provider_id, name)


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
    form = WeekForm(request.form)
    name = look(lambda store: _load(store, provider_id))[2]
    if not form.validate():
        return _show(form, provider_id, name, 422)
    try:
        week = read_week({key: str(value or "") for key, value in form.data.items()})
        version = form.loaded_version
        wanted = NewWeek(week, _since(form), bool(form["agreed"].data))
        transact(lambda store: service.save_week(store, provider_id, wanted, version=version))
    except FallsOutside as error:
        form.show(error)
        return _show(form, provider_id, name, 409, fallen=error.visits)
    except ClinicError as error:
        form.show(error)
        if isinstance(error, Stale):
            form.version.data = str(error.current["meta"]["versionId"])
        return _show(form, provider_id, name, 409 if error.kind == "conflict" else 422)
    toast(_("%(hours)s hours a week.", hours=f"{weekly_minutes(week) / 60:g}"))
    return go(url_for("management.things", name="providers"))


def _since(form: ScreenForm) -> date | None:
    """The first day of the week; none when it was left empty. Raises Invalid."""
    text = str(form["since"].data or "").strip()
    if not text:
        return None
    try:
        return read_date(text, today=today(), order=state_of(current_app).practice.date_order)
    except ValueError as error:
        raise Invalid(_BAD_DAY, field="since") from error


def _load(store: Store, provider_id: str) -> tuple[Any, int, str]:
    person, role = service.provider_records(store, provider_id)
    week = {Stretch(DAYS[day], one.opens, one.closes) for one in latest_week(hours_in(role)) for day in one.weekdays}
    return tuple(week), int(role["meta"]["versionId"]), mapping.provider_of(person, role).name


def _show(form: ScreenForm, provider_id: str, name: str, status: int = 200, *, fallen: Sequence[Any] = ()) -> Response:
    values = {"fallen": fallen, "days": DAY_NAMES, "stretches": range(1, STRETCHES + 1), "provider_id": provider_id}
    return page("management/hours.html", status, form=form, provider=name, **values)
