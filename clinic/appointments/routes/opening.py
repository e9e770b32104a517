"""The manager opens visit types to people at home."""

from __future__ import annotations

from typing import Any

from flask import g, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.appointments.forms import OnlineRuleForm
from clinic.appointments.queries.online import online_rules, rule_of
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.routes import blueprint
from clinic.appointments.rules.online import MODES, OnlineRule, read_questions
from clinic.appointments.rules.setup import VisitType
from clinic.appointments.service.online import save_rule
from clinic.core.errors import ClinicError, Missing
from clinic.fhir.store import Store
from clinic.web.errors import status_of
from clinic.web.forms import choices
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, transact

MODE_WORDS = {
    "off": (_l("Off"), _l("Off: nobody sees it from home.")),
    "view": (_l("View"), _l("View: free times are shown; to take one, people call.")),
    "request": (_l("Request"), _l("Request: people ask for a time, which is held until the desk answers.")),
    "book": (_l("Book"), _l("Book: patients on file book at once; new people ask.")),
}
_FIELDS = ("mode", "notice_hours", "horizon_days", "cancel_hours", "new_patients", "publish", "words")
NO_TYPE = "There is no such page or record."


@blueprint.get("/opening")
@requires("management.setup")
def opening() -> Response:
    """Every visit type, and how it stands open."""
    g.nav_current = "management"
    setup, rules = look(lambda store: (calendar_setup(store), online_rules(store)))
    rows = [(kind, rules.get(kind.id) or OnlineRule(kind.id)) for kind in setup.types if kind.active]
    address = url_for("appointments.online", _external=True)
    feed = f"{request.url_root}fhir/$bulk-publish"
    published = any(rule.publish and rule.shown for _kind, rule in rows)
    values: dict[str, Any] = {
        "rows": rows,
        "modes": MODE_WORDS,
        "address": address,
        "feed": feed,
        "published": published,
    }
    return page("appointments/opening.html", **values)


@blueprint.get("/opening/<type_id>")
@requires("management.setup")
def opening_of(type_id: str) -> Response:
    """One visit type."""
    kind, rule = look(lambda store: (_kind(store, type_id), rule_of(store, type_id)))
    given = {name: getattr(rule, name) for name in _FIELDS}
    return _page(kind, OnlineRuleForm.of_request(questions="\n".join(rule.questions), **given))


@blueprint.post("/opening/<type_id>")
@requires("management.setup")
def save_opening(type_id: str) -> Response:
    """Save how it stands open."""
    kind, form = look(lambda store: _kind(store, type_id)), OnlineRuleForm(request.form)
    if not form.validate():
        return _page(kind, form, status=422)
    given = {name: form[name].data for name in _FIELDS}
    rule = OnlineRule(type_id, questions=read_questions(str(form.questions.data or "")), **given)
    try:
        transact(lambda store: save_rule(store, rule))
    except ClinicError as error:
        form.show(error)
        return _page(kind, form, status=status_of(error))
    toast(_("Saved."))
    return go(url_for("appointments.opening"))


def _kind(store: Store, type_id: str) -> VisitType:
    found = calendar_setup(store).visit_type(type_id)
    if found is None:
        raise Missing(NO_TYPE)
    return found


def _page(kind: VisitType, form: OnlineRuleForm, *, status: int = 200) -> Response:
    g.nav_current = "management"
    form.mode.choices = choices((mode, MODE_WORDS[mode][1]) for mode in MODES)
    return page("appointments/opening_of.html", status, kind=kind, form=form)
