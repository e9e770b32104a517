"""Writing an order or a recall down, and the manager's rules that make recalls."""

from __future__ import annotations

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.queries.recalls import policy, rules
from clinic.appointments.recall_forms import PolicyForm, RecallForm, RuleForm
from clinic.appointments.routes import blueprint
from clinic.appointments.routes.entering import practice
from clinic.appointments.routes.recall_words import fill_policy, fill_recall, fill_rule, rule_values, words
from clinic.appointments.rules.recalls import Policy, Rule
from clinic.appointments.rules.setup import Setup
from clinic.appointments.service import recalls as service
from clinic.appointments.service.recall_rules import save_policy, save_rule
from clinic.core.errors import ClinicError
from clinic.core.ids import new_id
from clinic.fhir.store import Store
from clinic.registration.queries.finder import find_patients
from clinic.registration.queries.flags import all_kinds
from clinic.registration.queries.merges import person_in_use
from clinic.registration.rules.flags import Kind
from clinic.registration.rules.query import read_query
from clinic.registration.rules.ranking import Hit, Person
from clinic.web.errors import status_of
from clinic.web.filters import day, today
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, once, transact

_HITS = 8


@blueprint.get("/recalls/new")
@requires("appointments.write")
def new_recall() -> Response:
    """Write down what is to be booked: first for whom, then what and when."""
    names = ("patient", "kind", "visit_type", "provider", "requester", "due")
    given = {name: request.args[name][:64] for name in names if request.args.get(name)}
    return _form_page(RecallForm.of_request(**{"priority": "routine", "days": "7"} | given))


@blueprint.post("/recalls/new")
@requires("appointments.write")
def add_recall() -> Response:
    """Keep it; what is wrong comes back beside its field."""
    form = RecallForm(request.form)
    if not form.validate():
        return _form_page(form, status=422)
    try:
        wanted, key = form.read(today=today(), order=practice().date_order), str(form.once.data or "")[:80]
        made = transact(lambda store: once(store, key, lambda: service.add(store, wanted)))
    except ClinicError as error:
        form.show(error)
        return _form_page(form, status=status_of(error))
    undo = url_for("appointments.undo_recall", recall_id=made["id"], version=int(made["meta"]["versionId"]))
    said = _("To be booked by %(day)s: %(name)s.", day=day(wanted.last, "d MMM"), name=made["subject"]["display"])
    toast(said, undo)
    return go(url_for("appointments.recalls", open=made["id"]))


def _form_page(form: RecallForm, *, status: int = 200) -> Response:
    text = request.args.get("q", "")[:120]

    def read(store: Store) -> tuple[Setup, Person | None, list[Hit]]:
        person = person_in_use(store, str(form.patient.data or ""))
        if person:
            store.saw(person.id, "order or recall")
        query = read_query(text, today=today(), order=practice().date_order)
        hits = find_patients(store, query, limit=_HITS) if text and not person else []
        return calendar_setup(store), person, [hit for hit in hits if not hit.person.deceased]

    setup, person, hits = look(read)
    fill_recall(form, setup)
    return page("appointments/recall_new.html", status, edit_form=form, person=person, hits=hits, q=text, **words())


@blueprint.get("/recalls/rules")
@requires("management.setup")
def recall_rules() -> Response:
    """The rules that make recalls, one of them open to change, and what follows attempts in vain."""
    return _rules_page()


def _rules_page(form: RuleForm | None = None, policy_form: PolicyForm | None = None, *, status: int = 200) -> Response:
    def read(store: Store) -> tuple[Setup, list[Rule], Policy, tuple[Kind, ...]]:
        return calendar_setup(store), rules(store), policy(store), all_kinds(store)

    setup, known, present, flags = look(read)
    asked = request.args.get("open", "")[:64]
    chosen = next((one for one in known if one.id == asked), Rule(new_id()))
    form = fill_rule(form or RuleForm(None, **rule_values(chosen)), setup, flags)
    values = {"most_failed": str(present.most_failed), "then": present.then, "version": str(present.version)}
    return page(
        "appointments/recall_rules.html", status, known=known, setup=setup, rule_form=form,
        policy_form=fill_policy(policy_form or PolicyForm(None, **values)), flags={one.code: one for one in flags},
        **words(),
    )  # fmt: skip


@blueprint.post("/recalls/rules")
@requires("management.setup")
def save_recall_rule() -> Response:
    """Keep a rule."""
    form = RuleForm(request.form)
    if not form.validate():
        return _rules_page(form, status=422)
    try:
        wanted = form.read()
        transact(lambda store: save_rule(store, wanted))
    except ClinicError as error:
        form.show(error)
        return _rules_page(form, status=status_of(error))
    toast(_("The rule is saved. It recalls patients from the next night on."))
    return go(url_for("appointments.recall_rules"))


@blueprint.post("/recalls/policy")
@requires("management.setup")
def save_recall_policy() -> Response:
    """Keep what follows attempts in vain."""
    form = PolicyForm(request.form)
    if not form.validate():
        return _rules_page(policy_form=form, status=422)
    try:
        wanted = form.read()
        transact(lambda store: save_policy(store, wanted))
    except ClinicError as error:
        form.show(error)
        return _rules_page(policy_form=form, status=status_of(error))
    toast(_("Saved."))
    return go(url_for("appointments.recall_rules"))
