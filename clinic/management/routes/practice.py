"""The practice's own settings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from zoneinfo import available_timezones

from flask import current_app, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.core.errors import N_, Invalid
from clinic.core.practice import Practice
from clinic.fhir.store import Store
from clinic.management import queries, service
from clinic.management.forms import PracticeForm, options
from clinic.management.routes import blueprint
from clinic.web.context import forget_practice
from clinic.web.forms import ScreenForm
from clinic.web.respond import go, page, toast
from clinic.web.state import state_of
from clinic.web.transaction import look, transact

_FIELDS = ("name", "zone", "language", "date_order", "paper", "record_prefix")
_BAD_ZONE = N_("This time zone is not known; write for example America/New_York or Europe/Amsterdam.")


@blueprint.get("/practice")
@requires("management.setup")
def practice() -> Response:
    """Name, main site, time zone, language, paper."""
    present = state_of(current_app).practice
    values = {name: getattr(present, name) for name in _FIELDS}
    form = PracticeForm.of_request(**values, site=present.site_id)
    look(lambda store: _prepare(store, form))
    return page("management/practice.html", form=form)


@blueprint.post("/practice")
@requires("management.setup")
def save_practice() -> Response:
    """Save them; every screen uses them at once."""
    form = PracticeForm(request.form)
    look(lambda store: _prepare(store, form))
    good = form.validate()
    if good and form.zone.data not in available_timezones():
        form.show(Invalid(_BAD_ZONE, field="zone"))
        good = False
    if not good:
        return page("management/practice.html", 422, form=form)
    transact(lambda store: service.save_facts(store, _changed(store.practice, form)))
    forget_practice(state_of(current_app))
    toast(_("Saved."))
    return go(url_for("management.home"))


def _prepare(store: Store, form: ScreenForm) -> None:
    form["site"].choices = options(queries.choices(queries.sites(store)), none=not store.practice.site_id)


def _changed(present: Practice, form: ScreenForm) -> Practice:
    values: dict[str, Any] = {name: str(form[name].data or "").strip() for name in _FIELDS}
    return replace(present, **values, site_id=str(form["site"].data or ""))
