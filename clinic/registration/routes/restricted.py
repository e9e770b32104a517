"""Restricted records: the page that asks for a reason, and the manager's page that restricts one.

What the store refuses is answered here with a form instead of a plain refusal, whatever screen, print or picture
was asked for.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import asks_why, came_from, require_own_form, requires, safe_path
from clinic.access.restricted import OPEN_FOR, label_of, readers_of
from clinic.access.users import list_users
from clinic.core.errors import ClinicError, Missing, Restricted
from clinic.fhir.store import Store
from clinic.registration.banner import banner_of
from clinic.registration.forms import ReasonForm, RestrictForm
from clinic.registration.routes import blueprint
from clinic.registration.routes.record import tabs_of
from clinic.registration.service import restricting
from clinic.registration.tables import patient_row
from clinic.web.forms import choices
from clinic.web.respond import go, is_fragment, page, toast
from clinic.web.transaction import look, transact

_MOST_USERS = 500


@blueprint.app_errorhandler(Restricted)
def closed(error: Restricted) -> Response:
    """Ask for the reason, on the way to where one was going."""
    back = safe_path(request.full_path.rstrip("?")) if request.method == "GET" else came_from()
    if is_fragment():
        url = url_for("registration.ask_reason", patient_id=error.patient_id, next=came_from())
        return page("registration/_closed.html", 403, url=url)
    return _ask(error.patient_id, ReasonForm.of_request(next=back) if request.method == "GET" else _fresh(back))


@blueprint.get("/<patient_id>/reason")
@requires("patients.read")
@asks_why
def ask_reason(patient_id: str) -> Response:
    """The form that opens a restricted record."""
    url = url_for("registration.patient", patient_id=patient_id)
    return _ask(patient_id, _fresh(safe_path(request.args.get("next", url))), 200)


@blueprint.post("/<patient_id>/reason")
@requires("patients.read")
@asks_why
def open_record(patient_id: str) -> Response:
    """Open it for an hour, and go on to where one was going."""
    form = ReasonForm.of_request()
    if form.validate():
        try:
            transact(lambda store: restricting.open_with_reason(store, patient_id, str(form.reason.data or "")))
        except Missing:
            raise
        except ClinicError as error:
            form.show(error)
        else:
            toast(_("Open to you for %(minutes)s minutes; the manager sees the reason", minutes=OPEN_FOR.seconds // 60))
            target = safe_path(str(form.next.data or ""))
            return go(target if target != "/" else url_for("registration.patient", patient_id=patient_id))
    return _ask(patient_id, form, 422)


@blueprint.post("/<patient_id>/close")
@requires("patients.read")
@asks_why
def close_record(patient_id: str) -> Response:
    """Close it again before the hour is over."""
    require_own_form()
    transact(lambda store: restricting.close_again(store, patient_id))
    toast(_("The record is closed again"))
    return go(url_for("registration.find"))


@blueprint.get("/<patient_id>/restriction")
@requires("patients.restrict")
def restriction(patient_id: str) -> Response:
    """Who may open this record without a reason."""
    return _restriction(patient_id, None)


@blueprint.post("/<patient_id>/restriction")
@requires("patients.restrict")
def save_restriction(patient_id: str) -> Response:
    """Restrict the record, change who is named on it, or open it to all again."""
    form = RestrictForm.of_request()
    form.readers.choices = choices(look(_users))
    if form.validate():
        label, readers = str(form.label.data or ""), list(form.readers.data or [])
        try:
            transact(lambda store: restricting.restrict(store, patient_id, label, readers, version=form.loaded_version))
        except (Missing, Restricted):
            raise
        except ClinicError as error:
            form.show(error)
        else:
            toast(_("The record is restricted") if label else _("The record is open to everybody again"))
            return go(url_for("registration.restriction", patient_id=patient_id))
    return _restriction(patient_id, form)


def _fresh(back: str) -> ReasonForm:
    form = ReasonForm(None, next=back)
    form.process(None, next=back)
    return form


def _ask(patient_id: str, form: ReasonForm, status: int = 403) -> Response:
    def name_of(store: Store) -> Any:
        c = patient_row.c
        row = store.conn.execute(sa.select(c.display, c.record_number).where(c.id == patient_id)).first()
        if row is None:
            raise Missing("There is no patient with this number.")
        return row

    minutes = OPEN_FOR.seconds // 60
    return page(
        "registration/closed.html", status, who=look(name_of), patient_id=patient_id, form=form, minutes=minutes
    )


def _users(store: Store) -> list[tuple[str, str]]:
    rows = list_users(store.conn, limit=_MOST_USERS)
    return [(row.id, row.name) for row in rows if not row.disabled]


def _restriction(patient_id: str, form: RestrictForm | None) -> Response:
    def load(store: Store) -> dict[str, Any]:
        banner = banner_of(store, patient_id, what="restriction")
        patient = store.read("Patient", patient_id)
        named = readers_of(store.conn, patient_id)
        filled = form or RestrictForm(
            None, label=label_of(patient), readers=[one for one, _n in named], version=patient["meta"]["versionId"]
        )
        filled.readers.choices = choices(_users(store))
        return {"banner": banner, "form": filled, "named": named}

    status = 200 if form is None else 422
    tabs = tabs_of(patient_id, "restriction")
    return page("registration/restriction.html", status, patient_id=patient_id, tabs=tabs, **look(load))
