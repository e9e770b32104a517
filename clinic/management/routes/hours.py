"""The weekly working hours of a provider."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.core.errors import ClinicError, Stale
from clinic.fhir.store import Store
from clinic.management import mapping, service
from clinic.management.forms import DAY_NAMES, WeekForm
from clinic.management.routes import blueprint
from clinic.management.rules import STRETCHES, read_week, typed_week, weekly_minutes
from clinic.web.forms import ScreenForm
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, transact


@blueprint.get("/providers/<provider_id>/hours")
@requires("management.setup")
def hours(provider_id: str) -> Response:
    """The week of a provider."""
    week, version, name = look(lambda store: _load(store, provider_id))
    form = WeekForm.of_request(**typed_week(week), version=str(version))
    return _show(form, provider_id, name)


@blueprint.post("/providers/<provider_id>/hours")
@requires("management.setup")
def save_hours(provider_id: str) -> Response:
    """Save the week; it holds from now on."""
    form = WeekForm(request.form)
    name = look(lambda store: _load(store, provider_id))[2]
    if not form.validate():
        return _show(form, provider_id, name, 422)
    try:
        week = read_week({key: str(value or "") for key, value in form.data.items()})
        version = form.loaded_version
        transact(lambda store: service.save_week(store, provider_id, week, version=version))
    except ClinicError as error:
        form.show(error)
        if isinstance(error, Stale):
            form.version.data = str(error.current["meta"]["versionId"])
        return _show(form, provider_id, name, 409 if error.kind == "conflict" else 422)
    toast(_("%(hours)s hours a week.", hours=f"{weekly_minutes(week) / 60:g}"))
    return go(url_for("management.things", name="providers"))


def _load(store: Store, provider_id: str) -> tuple[Any, int, str]:
    person, role = service.provider_records(store, provider_id)
    return mapping.week_of(role), int(role["meta"]["versionId"]), mapping.provider_of(person, role).name


def _show(form: ScreenForm, provider_id: str, name: str, status: int = 200) -> Response:
    values = {"days": DAY_NAMES, "stretches": range(1, STRETCHES + 1), "provider_id": provider_id}
    return page("management/hours.html", status, form=form, provider=name, **values)
