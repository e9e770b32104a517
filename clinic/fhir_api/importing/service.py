"""Importing files: bundles first, then what stands alone, so that a copy in a bundle never wins over the record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DataError, IntegrityError

from clinic.core.actor import SYSTEM
from clinic.core.errors import ClinicError, Invalid
from clinic.core.json import Json, canonical
from clinic.fhir.issues import Issue
from clinic.fhir.params import resource_types
from clinic.fhir.search import Scope, SearchQuery, find, read_term
from clinic.fhir.store import Store
from clinic.fhir.tables import resource as resource_table
from clinic.fhir.validate import check
from clinic.fhir_api.importing.keeping import keep
from clinic.fhir_api.importing.plan import COMMANDS, OPENED, Plan, read_bundle, stable_id
from clinic.fhir_api.importing.report import ImportReport
from clinic.fhir_api.importing.sources import Item, items_of
from clinic.web import transaction
from clinic.web.state import State

T = TypeVar("T")
Progress = Callable[[int, int], None]
AT_ONCE = 200
"""Single records of one transaction."""
MOST_REASONS = 5
NOT_KEPT = "the database cannot keep a value of it"


def import_files(state: State, paths: Sequence[Path], progress: Progress | None = None) -> ImportReport:
    """Bring the records of the files in and say what was done, what was refused and why.

    Can be repeated without duplicates or new versions. `progress(done, total)` counts files.
    """
    report = ImportReport()
    alone: list[Path] = []
    done = 0
    for path in paths:
        if _only_bundles(state, path, report):
            done += 1
        else:
            alone.append(path)
        _tell(progress, done, len(paths))
    for path in alone:
        for part in _chunks(items_of(path)):
            report.add(_singles(state, part))
        done += 1
        _tell(progress, done, len(paths))
    _report_missing(state, report)
    return report


def keep_item(store: Store, item: Item) -> ImportReport:
    """Bring one value of a file in, in the caller's transaction; a bundle goes in whole or not at all.

    What is refused is in the report, with the reasons, and changes nothing.
    """
    if not _is_bundle(item.value) or item.value.get("type") not in OPENED:
        return _keep_each(store, [item])
    step, touched = store.conn.begin_nested(), len(store.touched)
    try:
        report = _open(store, item.value, item.place)
        step.commit()
    except _Whole as error:
        step.rollback()
        del store.touched[touched:]
        report = ImportReport()
        report.refuse(item.place, error.faults[:MOST_REASONS])
    return report


def _tell(progress: Progress | None, done: int, total: int) -> None:
    if progress is not None:
        progress(done, total)


def _chunks(items: Iterator[Item]) -> Iterator[list[Item]]:
    while part := list(islice(items, AT_ONCE)):
        yield part


def _only_bundles(state: State, path: Path, report: ImportReport) -> bool:
    """Import a file whose first value is a Bundle; False for another, which comes later."""
    items = items_of(path)
    first = next(items, None)
    if first is None or not _is_bundle(first.value):
        return False
    for item in (first, *items):
        report.add(_bundle(state, item) if _is_bundle(item.value) else _singles(state, [item]))
    return True


def _is_bundle(value: Any) -> bool:
    return isinstance(value, dict) and value.get("resourceType") == "Bundle"


def _singles(state: State, items: list[Item]) -> ImportReport:
    """Records that stand alone; bundles among them are done one by one."""
    report = ImportReport()
    plain = [item for item in items if not _is_bundle(item.value)]
    if plain:
        report.add(_run(state, lambda store: _keep_each(store, plain)))
    for item in items:
        if _is_bundle(item.value):
            report.add(_bundle(state, item))
    return report


def _keep_each(store: Store, items: list[Item]) -> ImportReport:
    report = ImportReport()
    for item in items:
        fault = item.fault or _why_not(item.value)
        if fault:
            report.refuse(item.place, [fault])
            continue
        resource = {**item.value, "id": item.value.get("id") or stable_id(canonical(item.value))}
        place = f"{item.place}: {resource['resourceType']}/{str(resource['id'])[:64]}"
        step, touched = store.conn.begin_nested(), len(store.touched)
        try:
            keep(store, resource, place, report)
            step.commit()
        except (ClinicError, IntegrityError, DataError) as error:
            step.rollback()
            del store.touched[touched:]
            report.refuse(place, _reasons(error))
    return report


def _why_not(value: Any) -> str:
    if not isinstance(value, dict):
        return "this is no record (no JSON object)"
    type_ = value.get("resourceType")
    if not isinstance(type_, str) or type_ not in resource_types():
        return f"this is no record of FHIR R4 (resourceType {str(type_)[:64]})"
    return "" if isinstance(value.get("id", ""), str) else "the id is no text"


def _reasons(error: Exception) -> list[str]:
    if not isinstance(error, ClinicError):
        return [NOT_KEPT]
    issues = getattr(error, "issues", ())
    said = [_said(issue) for issue in issues[:MOST_REASONS]]
    more = len(issues) - len(said)
    return (said + ([f"and {more} more faults"] if more > 0 else [])) or [str(error)]


def _said(issue: Issue) -> str:
    named = issue.diagnostics.startswith(issue.expression)
    return issue.diagnostics if named else f"{issue.expression}: {issue.diagnostics}"


class _Whole(Exception):
    """A bundle that is not taken; ends its transaction."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__()
        self.faults = faults


def _bundle(state: State, item: Item) -> ImportReport:
    """One bundle in one transaction: all of it or nothing."""
    bundle: Json = item.value
    kind = bundle.get("type")
    opened = kind in OPENED
    try:
        if opened:
            return _run(state, lambda store: _open(store, bundle, item.place))
        return _run(state, lambda store: _keep_each(store, [item]))
    except _Whole as error:
        report = ImportReport()
        report.refuse(item.place, error.faults[:MOST_REASONS])
        more = len(error.faults) - MOST_REASONS
        if more > 0:
            report.lines.append(f"{item.place}: and {more} more faults")
        return report


def _open(store: Store, bundle: Json, place: str) -> ImportReport:
    report = ImportReport()
    faults = _own_faults(bundle)
    if faults and bundle["type"] != "searchset":
        raise _Whole(faults)
    plan = _planned(store, bundle)
    problems = list(plan.faults)
    for piece in plan.pieces:
        where = f"{place}: {piece.place} {piece.resource['resourceType']}/{piece.resource['id']}"
        try:
            keep(store, piece.resource, where, report, only_new=piece.only_new)
        except ClinicError as error:
            problems += [f"{piece.place}: {reason}" for reason in _reasons(error)]
        except (IntegrityError, DataError) as error:
            raise _Whole([*problems, f"{piece.place}: {NOT_KEPT}"]) from error
    if problems:
        raise _Whole(problems)
    for note in plan.notes:
        report.note(place, note)
    for fault in faults:
        report.note(place, f"the records were taken, the bundle itself not: {fault}")
    if isinstance(bundle.get("id"), str) and not faults:
        keep(store, bundle, place, report)
    return report


def _own_faults(bundle: Json) -> list[str]:
    """The faults of a bundle that is a record itself; one without an id only carries records."""
    if not isinstance(bundle.get("entry", []), list):
        return ["Bundle.entry is no list"]
    if "id" not in bundle and bundle["type"] in COMMANDS:
        return []
    return [_said(issue) for issue in check(bundle) if issue.severity == "error"]


def _planned(store: Store, bundle: Json) -> Plan:
    scope = Scope(store.registry, zone=store.practice.zone, now=store.now)

    def finding(type_: str, pairs: tuple[tuple[str, str], ...]) -> list[str]:
        terms = [read_term(scope, type_, *pair) for pair in pairs]
        return [one.id for one in find(store.conn, scope, SearchQuery(type_, limit=2), terms)] if terms else []

    try:
        return read_bundle(bundle, finding)
    except Invalid as error:
        raise _Whole(_reasons(error)) from error


def _run(state: State, fn: Callable[[Store], ImportReport]) -> ImportReport:
    def as_system(conn: Connection, state: State) -> Store:
        return Store(conn, state.setting, actor=SYSTEM, now=state.clock.now())

    return transaction.run(state, fn, actor_store=as_system)


def _report_missing(state: State, report: ImportReport) -> None:
    """References to records that are not here: kept, and named once each."""
    wanted: dict[str, set[str]] = {}
    for text in report.references:
        parts = text.split("/_history/")[0].split("/")
        if ":" not in text and len(parts) == 2 and parts[0] in resource_types():
            wanted.setdefault(parts[0], set()).add(parts[1])
    r = resource_table.c
    with state.database.read() as conn:
        for type_, ids in sorted(wanted.items()):
            ordered = sorted(ids)
            for start in range(0, len(ordered), 500):
                part = ordered[start : start + 500]
                here = set(conn.execute(sa.select(r.id).where(r.type == type_, r.id.in_(part))).scalars())
                for id_ in part:
                    if id_ not in here:
                        named = report.references.get(f"{type_}/{id_}", "")
                        report.note(named, f"refers to {type_}/{id_}, which is not here")
