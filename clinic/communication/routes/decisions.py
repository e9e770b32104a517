"""The manager decides when patients are reminded, by which way, in which hours and in which words."""

from __future__ import annotations

from typing import Any, Final

from flask import g, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.appointments.queries.practice import calendar_setup
from clinic.communication.forms.decisions import LANGUAGE_NAMES, WAYS, PlanForm, plan_values
from clinic.communication.queries.decisions import decisions_of
from clinic.communication.queries.plans import plans_of
from clinic.communication.routes.calls import blueprint
from clinic.communication.rules.messages import ASKED, PURPOSES
from clinic.communication.rules.reminders import MOST_STAGES, Stage, plan_for
from clinic.communication.rules.texts import shipped
from clinic.communication.service.deciding import drop_plan, plan_subject, put_back, save_plan
from clinic.communication.service.words import texts_of
from clinic.core.errors import ClinicError, Missing
from clinic.fhir.store import Store
from clinic.web.errors import status_of
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, transact

EVERY: Final = "every"
"""What stands in an address for "every visit type"."""
NAMES: Final = {name: words for name, words in {**PURPOSES, **ASKED}.items() if name in shipped()}


@blueprint.app_template_filter("before_visit")
def before_visit(minutes: int) -> str:
    """`2 days before`, in the largest unit that fits."""
    stage = Stage(minutes)
    if stage.unit == "days":
        return ngettext("%(num)s day before", "%(num)s days before", stage.count)
    if stage.unit == "hours":
        return ngettext("%(num)s hour before", "%(num)s hours before", stage.count)
    return ngettext("%(num)s minute before", "%(num)s minutes before", stage.count)


@blueprint.get("/reminders")
@requires("management.setup")
def reminders() -> Response:
    """When the patients of each visit type are reminded, and the words of each message."""
    g.nav_current = "management"

    def read(store: Store) -> dict[str, Any]:
        setup, plans, texts = calendar_setup(store), plans_of(store), texts_of(store)
        own = {name: sorted({key[2] for key in texts if key[0] == name}) for name in NAMES}
        return {
            "rows": [(kind, plan_for(plans, kind.id)) for kind in setup.types if kind.active],
            "every": plan_for(plans, ""),
            "own_plans": set(plans),
            "own": own,
        }

    return page("communication/reminders.html", ways=dict(WAYS), names=NAMES, **look(read))


@blueprint.get("/reminders/<type_id>")
@requires("management.setup")
def reminders_of(type_id: str) -> Response:
    """The stages of one visit type, or of every type."""
    plan = look(lambda store: plan_for(plans_of(store), _known(store, type_id)))
    values = plan_values(plan)
    if plan.visit_type != ("" if type_id == EVERY else type_id):
        values["version"] = "0"
    return _plan_page(type_id, PlanForm.of_request(**values))


@blueprint.post("/reminders/<type_id>")
@requires("management.setup")
def save_reminders(type_id: str) -> Response:
    """Save the stages."""
    kind, form = look(lambda store: _known(store, type_id)), PlanForm(request.form)
    if not form.validate():
        return _plan_page(type_id, form, 422)
    try:
        number = transact(lambda store: save_plan(store, form.plan(kind)))
    except ClinicError as error:
        form.show(error)
        return _plan_page(type_id, form, status_of(error))
    return _decided(plan_subject(kind), number, _("Saved."), url_for("communication.reminders"))


@blueprint.post("/reminders/<type_id>/drop")
@requires("management.setup")
def drop_reminders(type_id: str) -> Response:
    """Let the visit type have the reminders of all again."""
    kind = look(lambda store: _known(store, type_id))
    number = transact(lambda store: drop_plan(store, kind))
    return _decided(
        plan_subject(kind), number, _("It has the reminders of all again."), url_for("communication.reminders")
    )


@blueprint.post("/decisions/<path:subject>/<int:number>/back")
@requires("management.setup")
def decision_back(subject: str, number: int) -> Response:
    """What counted before a decision counts again."""
    transact(lambda store: put_back(store, subject, number))
    toast(_("What was there before counts again."))
    return go(url_for("communication.reminders"))


def _decided(subject: str, number: int, said: str, to: str) -> Response:
    undo = url_for("communication.decision_back", subject=subject, number=number) if number else None
    toast(said, undo_url=undo)
    return go(to)


def _known(store: Store, type_id: str) -> str:
    """The visit type of an address; empty for every one. Raises Missing."""
    if type_id == EVERY:
        return ""
    if calendar_setup(store).visit_type(type_id) is None:
        raise Missing("There is no such page or record.")
    return type_id


def _plan_page(type_id: str, form: PlanForm, status: int = 200) -> Response:
    g.nav_current = "management"

    def read(store: Store) -> dict[str, Any]:
        kind = _known(store, type_id)
        shown = calendar_setup(store).visit_type(kind)
        return {
            "kind": shown,
            "own": kind in plans_of(store),
            "subject": plan_subject(kind),
            "decisions": decisions_of(store, plan_subject(kind)),
        }

    values = look(read)
    words = {"ways": dict(WAYS), "languages": LANGUAGE_NAMES, "lines": range(MOST_STAGES)}
    return page("communication/reminders_of.html", status, form=form, type_id=type_id, **words, **values)
