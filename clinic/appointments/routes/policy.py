"""The manager decides about missed and late cancelled visits, their reasons and fees, and about visits by video."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from flask import g, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.appointments.forms.policy import PolicyForm, ReasonsForm
from clinic.appointments.queries.policy import own_reasons, policies, reasons_of
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.routes import blueprint
from clinic.appointments.routes.booking import done
from clinic.appointments.rules.policy import KINDS, VisitPolicy, chosen_policy
from clinic.appointments.service.missing import came_after_all, drop_policy, save_policy, save_reasons
from clinic.core.days import read_instant
from clinic.core.errors import ClinicError, Missing
from clinic.core.json import Json
from clinic.core.money import Money
from clinic.fhir.store import Store
from clinic.web.errors import status_of
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, transact

EVERY: Final = "every"


@blueprint.get("/missed-visits")
@requires("management.setup")
def missed_rules() -> Response:
    """The rules of each visit type, and the reasons that the desk may choose."""
    return _list(None)


@blueprint.post("/missed-visits/reasons")
@requires("management.setup")
def save_missed_reasons() -> Response:
    """Keep the lists of reasons."""
    form = ReasonsForm(request.form)
    if not form.validate():
        return _list(form, 422)
    lists = {kind: tuple(str(form[kind].data or "").splitlines()) for kind in KINDS}
    try:
        transact(lambda store: save_reasons(store, lists))
    except ClinicError as error:
        form.show(error)
        return _list(form, status_of(error))
    toast(_("Saved."))
    return go(url_for("appointments.missed_rules"))


def _list(form: ReasonsForm | None, status: int = 200) -> Response:
    g.nav_current = "management"

    def read(store: Store) -> dict[str, Any]:
        setup, known = calendar_setup(store), policies(store)
        rows = [(kind, chosen_policy(known, kind.id)) for kind in setup.types if kind.active]
        lists = {kind: "\n".join(_(words) for words in lines) for kind, lines in reasons_of(store).items()}
        shown = form or ReasonsForm.of_request(**lists)
        return {"rows": rows, "every": chosen_policy(known, ""), "form": shown, "own_lists": own_reasons(store)}

    return page("appointments/missed_rules.html", status, **look(read))


@blueprint.get("/missed-visits/<type_id>")
@requires("management.setup")
def missed_rule(type_id: str) -> Response:
    """The rules of one visit type, or of every one."""
    policy = look(lambda store: _policy(store, type_id)[1])
    given = {name: getattr(policy, name) for name in ("grace", "notice", "free", "follow_up", "video")}
    fees = {name: str(Money(getattr(policy, name)).decimal) for name in ("no_show_fee", "late_fee")}
    return _page(type_id, PolicyForm.of_request(version=str(policy.version), **given, **fees))


@blueprint.post("/missed-visits/<type_id>")
@requires("management.setup")
def save_missed_rule(type_id: str) -> Response:
    """Keep them."""
    kind, form = look(lambda store: _policy(store, type_id)[0]), PolicyForm(request.form)
    if not form.validate():
        return _page(type_id, form, 422)
    policy = VisitPolicy(
        kind, int(form.grace.data or 0), int(form.notice.data or 0), form.cents("no_show_fee"), form.cents("late_fee"),
        int(form.free.data or 0), bool(form.follow_up.data), str(form.video.data or "").strip(),
        form.loaded_version or 0,
    )  # fmt: skip
    try:
        transact(lambda store: save_policy(store, policy))
    except ClinicError as error:
        form.show(error)
        return _page(type_id, form, status_of(error))
    toast(_("Saved."))
    return go(url_for("appointments.missed_rules"))


@blueprint.post("/missed-visits/<type_id>/drop")
@requires("management.setup")
def drop_missed_rule(type_id: str) -> Response:
    """Let the visit type have the rules of all again."""
    kind = look(lambda store: _policy(store, type_id)[0])
    transact(lambda store: drop_policy(store, kind))
    toast(_("It has the rules of all again."))
    return go(url_for("appointments.missed_rules"))


@blueprint.post("/<appointment_id>/came")
@requires("appointments.write")
def came(appointment_id: str) -> Response:
    """Who was noted as missing came after all, or there was a mistake."""
    text = request.form.get("version", "")
    version = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None
    back: Json = transact(lambda store: came_after_all(store, appointment_id, version=version))
    toast(_("It is booked again; its fee and its call are off the list."))
    return done(read_instant(back["start"]))


def _policy(store: Store, type_id: str) -> tuple[str, VisitPolicy]:
    """The visit type of an address, empty for every one, with its rules. Raises Missing."""
    kind = "" if type_id == EVERY else type_id
    if kind and calendar_setup(store).visit_type(kind) is None:
        raise Missing("There is no such page or record.")
    found = chosen_policy(policies(store), kind)
    return kind, found if found.visit_type == kind else replace(found, visit_type=kind, version=0)


def _page(type_id: str, form: PolicyForm, status: int = 200) -> Response:
    g.nav_current = "management"

    def read(store: Store) -> dict[str, Any]:
        kind, _policy_of = _policy(store, type_id)
        return {"kind": calendar_setup(store).visit_type(kind), "own": kind in policies(store)}

    return page("appointments/missed_rule.html", status, form=form, type_id=type_id, **look(read))
