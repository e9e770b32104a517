"""One import at its present step: columns, progress, the check, the result; and its rows as a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response as FlaskResponse
from flask import request
from werkzeug.wrappers import Response

from clinic.access.guard import requires
from clinic.core.csvline import csv_line
from clinic.core.json import Json, dumps
from clinic.fhir.store import Store
from clinic.transfer.forms import RulesForm, StepForm
from clinic.transfer.queries import imports as q
from clinic.transfer.routes import blueprint
from clinic.transfer.routes.matching import columns_page
from clinic.transfer.routes.uploading import page_number, paged
from clinic.transfer.routes.words import OUTCOMES, PHASES, STATES, VERDICTS, said_text
from clinic.transfer.rules.columns import REASON
from clinic.transfer.service import runs
from clinic.transfer.service.runs import Run
from clinic.web.respond import page
from clinic.web.transaction import look


@blueprint.get("/imports/<run_id>")
@requires("patients.import")
def one_import(run_id: str) -> Response:
    """The step at which an import is."""
    run = look(lambda store: runs.run_of(store, run_id))
    if run.state == runs.COLUMNS:
        return columns_page(run)
    if run.state == runs.BUSY:
        return page("transfer/progress.html", **_progress(run_id))
    if run.state == runs.CHECKED:
        return check_page(run_id)
    return _result(run_id)


@blueprint.get("/imports/<run_id>/progress")
@requires("patients.import")
def progress(run_id: str) -> Response:
    """How far the worker is; the part of the page that renews itself."""
    return page("transfer/_progress.html", **_progress(run_id))


@blueprint.get("/imports/<run_id>/not-taken.csv")
@requires("patients.import")
def not_taken_csv(run_id: str) -> Response:
    """The rows that were not taken, or not as a whole, as they were, with the reason; to be mended and sent again."""
    run, text = look(lambda store: _file(store, run_id))
    headers = {"Content-Disposition": f'attachment; filename="not-taken-{run.created:%Y-%m-%d}.csv"'}
    return FlaskResponse("\ufeff" + text, mimetype="text/csv", headers=headers)


def check_page(run_id: str, form: RulesForm | None = None, status: int = 200) -> Response:
    """What a check found, and the decisions about people who are on file."""

    def load(store: Store) -> Json:
        run = runs.run_of(store, run_id)
        counts = q.counts(store, run_id, "verdict")
        kind = _kind(counts, ("likely", "fault", "certain", "new", "same"))
        return {
            "run": run, "counts": counts, "kind": kind, "rows": q.rows_shown(store, run, kind, page_number()),
            "undecided": q.undecided(store, run_id), "remarked": q.remarked(store, run_id),
            "before": q.same_file_before(store, run_id),
        }  # fmt: skip

    values = look(load)
    run: Run = values["run"]
    form = form or RulesForm(None, certain=run.rules.certain, likely=run.rules.likely)
    foot = paged(values["counts"][values["kind"]], page_number(), len(values["rows"]))
    return page("transfer/check.html", status, form=form, kinds=VERDICTS, said=said_text, **foot, **values)


def _result(run_id: str) -> Response:
    def load(store: Store) -> Json:
        run = runs.run_of(store, run_id)
        counts = q.counts(store, run_id, "outcome")
        kind = _kind(counts, ("kept", "fault", "skipped", "created", "filled", "undone", "same"))
        return {"run": run, "counts": counts, "kind": kind, "rows": q.rows_shown(store, run, kind, page_number())}

    values = look(load)
    foot = paged(values["counts"][values["kind"]], page_number(), len(values["rows"]))
    return page(
        "transfer/result.html", form=StepForm(), kinds=OUTCOMES, said=said_text, states=STATES, phases=PHASES, **foot,
        **values,
    )  # fmt: skip


def _progress(run_id: str) -> Json:
    def load(store: Store) -> Json:
        run = runs.run_of(store, run_id)
        total = run.total
        if run.phase == runs.UNDO:
            counts = q.counts(store, run_id, "outcome")
            total = sum(counts[name] for name in ("created", "filled", "undone", "kept"))
        return {"run": run, "total": max(total, run.done)}

    return {**look(load), "form": StepForm(), "phases": PHASES}


def _kind(counts: dict[str, int], order: tuple[str, ...]) -> str:
    """The kind of rows to show: as asked, else the first in order of which there are any."""
    asked = request.args.get("show", "")
    return asked if asked in counts else next((kind for kind in order if counts[kind]), order[-1])


def _file(store: Store, run_id: str) -> tuple[Run, str]:
    run = runs.run_of(store, run_id)
    store.did("export", f"rows not taken of import {run.title}"[:120])
    return run, "".join(_lines(store, run))


def _lines(store: Store, run: Run) -> Iterator[str]:
    heads = run.found.heads or ("FHIR",)
    yield csv_line((*heads, REASON))
    for row in q.not_taken(store, run.id):
        cells = [_text(cell) for cell in row.cells[: len(heads)]]
        cells += [""] * (len(heads) - len(cells))
        reason = "; ".join(said_text(one) for one in row.said) or str(OUTCOMES.get(row.outcome, OUTCOMES["skipped"]))
        yield csv_line((*cells, reason))


def _text(cell: Any) -> str:
    return cell if isinstance(cell, str) else dumps(cell)[:30_000]
