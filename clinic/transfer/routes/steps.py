"""What people do with an import: decide, run, stop, go on, take back, discard."""

from __future__ import annotations

from functools import partial

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.core.errors import N_, Invalid
from clinic.fhir.store import Store
from clinic.transfer.forms import RulesForm, StepForm
from clinic.transfer.queries.imports import undecided
from clinic.transfer.routes import blueprint
from clinic.transfer.routes.imports import check_page
from clinic.transfer.service import runs
from clinic.transfer.service.runs import Rules
from clinic.web.respond import go, page, toast
from clinic.web.transaction import look, transact

DECISIONS = ("fill", "skip", "new", "")
_BAD = N_("Choose one from the list")


@blueprint.post("/imports/<run_id>/run")
@requires("patients.import")
def run_import(run_id: str) -> Response:
    """Begin to write, by these rules about people who are on file."""
    form = RulesForm.of_request()
    if not form.validate():
        return check_page(run_id, form, 422)
    rules = Rules(str(form.certain.data), str(form.likely.data))

    def begin(store: Store) -> None:
        runs.choose_rules(store, run_id, rules)
        runs.begin_phase(store, run_id, runs.RUN)

    transact(begin)
    return go(url_for("transfer.one_import", run_id=run_id))


@blueprint.post("/imports/<run_id>/rows/<int:number>")
@requires("patients.import")
def decide_row(run_id: str, number: int) -> Response:
    """Who the person of one row is: the one on file, somebody else, or left out."""
    decision = request.form.get("decision", "")
    if not StepForm.of_request().validate() or decision not in DECISIONS:
        raise Invalid(_BAD)
    transact(lambda store: runs.decide(store, run_id, number, decision))
    if request.headers.get("HX-Request"):
        left = look(lambda store: undecided(store, run_id))
        return page("transfer/_decided.html", decision_now=decision, number=number, run_id=run_id, undecided=left)
    place = url_for("transfer.one_import", run_id=run_id, show="likely", page=request.form.get("page", "1"))
    return go(f"{place}#row-{number}")


@blueprint.post("/imports/<run_id>/<any(stop, resume, undo, discard, columns_again):act>")
@requires("patients.import")
def act_on_import(run_id: str, act: str) -> Response:
    """Stop what is under way, take it up again, take the import back, go back to the columns, or forget it."""
    if not StepForm.of_request().validate():
        raise Invalid(_BAD)
    transact(partial(_act, run_id=run_id, act=act))
    if act == "discard":
        toast(_("The file is forgotten; nothing was written."))
        return go(url_for("transfer.imports"))
    return go(url_for("transfer.one_import", run_id=run_id))


def _act(store: Store, *, run_id: str, act: str) -> None:
    if act == "stop":
        runs.stop_run(store, run_id)
    elif act == "discard":
        runs.discard_run(store, run_id)
    elif act == "columns_again":
        run = runs.run_of(store, run_id)
        runs.choose_mapping(store, run_id, run.mapping)
    else:
        phase = runs.UNDO if act == "undo" else runs.run_of(store, run_id).phase
        runs.begin_phase(store, run_id, phase)
