"""Bringing lists of people in from the command line: the steps of the screens, one after another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from clinic.cli.state import transact
from clinic.core.errors import ClinicError
from clinic.fhir.store import Store
from clinic.jobs.outbox import Job
from clinic.regions import region_of
from clinic.transfer.queries.imports import counts, not_taken
from clinic.transfer.rules.analysis import Found, look_at, read_as
from clinic.transfer.service import runs
from clinic.transfer.service.people import mapping_faults
from clinic.transfer.service.work import do_import
from clinic.web.state import State

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx")
Progress = Callable[[int, int], None]


def import_list(state: State, path: Path, *, source: str, mapping: str, likely: str, progress: Progress) -> bool:
    """Bring one list in and say what became of it; False when a row was not taken.

    Ends the command when the file is no list or its columns are not known.
    """
    try:
        run_id = _begin(state, path, source, mapping)
        _phase(state, run_id, runs.CHECK, progress)
        transact(state, lambda store: runs.choose_rules(store, run_id, runs.Rules("fill", likely)))
        _phase(state, run_id, runs.RUN, progress)
    except ClinicError as error:
        raise click.ClickException(f"{path.name}: {error}") from error
    found, lines = transact(state, lambda store: (counts(store, run_id, "outcome"), _lines(store, run_id)))
    for line in lines:
        click.echo(f"{path.name}:{line}")
    click.echo(
        f"{path.name}: {found['created']} new, {found['filled']} filled in, {found['same']} unchanged, "
        f"{found['skipped']} left out, {found['fault']} not taken"
    )
    return not found["fault"]


def _begin(state: State, path: Path, source: str, name: str) -> str:
    with path.open("rb") as file:
        found = look_at(file, read_as(file, path.name), region_of(state.practice.region))

        def begin(store: Store) -> str:
            run_id = runs.begin_run(store, file, runs.Upload(path.name, source or name), found)
            _map(store, run_id, found, name)
            return run_id

        return str(transact(state, begin))


def _map(store: Store, run_id: str, found: Found, name: str) -> None:
    """The mapping that is kept under a name, else the guess; ends the command when nobody could be registered."""
    run = runs.run_of(store, run_id)
    mapping = run.mapping
    if name:
        kept = runs.named_mapping(store, name, found, run.source)
        if kept is None:
            known = ", ".join(runs.mapping_names(store)) or "none"
            raise click.ClickException(f"there is no mapping named {name!r}; there are: {known}")
        mapping = runs.with_words(kept, found, store)
    lacking = mapping_faults(mapping)
    if lacking:
        raise click.ClickException(
            f"no column of the file becomes: {', '.join(lacking)}; match them on the screen once"
        )
    runs.choose_mapping(store, run_id, mapping)


def _phase(state: State, run_id: str, phase: str, progress: Progress) -> None:
    transact(state, lambda store: runs.begin_phase(store, run_id, phase))

    def write(fn: Callable[[Store], Any], /) -> Any:
        return transact(state, fn)

    while True:
        run = transact(state, lambda store: runs.run_of(store, run_id))
        progress(run.done, max(run.total, run.done, 1))
        if run.state != runs.BUSY:
            break
        payload = {"run": run_id, "round": run.round}
        do_import(Job("", runs.JOB, "", payload, 1, state.clock.now()), write)
    if run.error:
        raise click.ClickException(run.error["message"] % run.error["params"])


def _lines(store: Store, run_id: str) -> list[str]:
    return [f"{row.number}: {'; '.join(map(str, row.said)) or row.outcome}" for row in not_taken(store, run_id)]
