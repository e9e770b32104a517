"""Keeping one record of an import, so that doing it again changes nothing."""

from __future__ import annotations

import sqlalchemy as sa

from clinic.core.errors import ClinicError, Invalid
from clinic.core.json import Json, canonical, loads
from clinic.fhir.store import Store
from clinic.fhir.tables import resource_version
from clinic.fhir.tolerance import sorted_faults
from clinic.fhir_api.importing.report import ImportReport
from clinic.fhir_api.references import texts

_v = resource_version.c
_VERSIONS = sa.select(_v.json).where(_v.type == sa.bindparam("of_type"), _v.id == sa.bindparam("of_id"))


class _Gate:
    """The gate of an import: as strict as any, but it remembers the small faults of real forms and lets them by."""

    def __init__(self) -> None:
        self.tolerated: list[str] = []

    def __call__(self, resource: Json) -> None:
        """Raise Invalid with every fault that is not tolerated."""
        errors, small = sorted_faults(resource)
        self.tolerated += [issue.diagnostics for issue in small]
        if errors:
            raise Invalid("%(fault)s", fault=errors[0].diagnostics, issues=tuple(errors))


def keep(store: Store, resource: Json, place: str, report: ImportReport, *, only_new: bool = False) -> None:
    """Keep a record unless this content of it was kept before. Raises Invalid with the reasons."""
    gate = _Gate()
    store.gate = gate
    type_, id_ = str(resource["resourceType"]), str(resource["id"])
    known = [
        _content(loads(text)) for text in store.conn.execute(_VERSIONS, {"of_type": type_, "of_id": id_}).scalars()
    ]
    for text in texts(resource):
        report.references.setdefault(text, place)
    if known and (only_new or _content(resource) in known):
        report.unchanged += 1
        return
    wrong = _would_be_refused(store, resource)
    _write(store, resource, new=not known)
    if known:
        report.updated += 1
    else:
        report.created += 1
    for fault in (*gate.tolerated, *wrong):
        report.note(place, f"kept as it came, with a fault: {fault}")


def _would_be_refused(store: Store, resource: Json) -> list[str]:
    """What a program would not be let to write, and a record from elsewhere keeps: a number with a wrong digit."""
    writer = store.registry.writers.get(resource["resourceType"])
    try:
        if writer is not None and writer.check is not None:
            writer.check(store, resource)
    except Invalid as error:
        return [f"{detail.field}: {detail.message}" for detail in error.details]
    return []


def _write(store: Store, resource: Json, *, new: bool) -> None:
    """By the slice's rules where they take it as it is, else as the record that it is."""
    writer = store.registry.writers.get(resource["resourceType"])
    ruled = writer is not None and (writer.create if new else writer.update) is not None
    if not ruled or not _by_the_rules(store, resource, new=new):
        if new:
            store.create(resource, id=resource["id"], reason="import")
        else:
            store.update(resource, reason="import")


def _by_the_rules(store: Store, resource: Json, *, new: bool) -> bool:
    writer = store.registry.writers[resource["resourceType"]]
    touched = len(store.touched)
    step = store.conn.begin_nested()
    try:
        made: Json = {}
        if new and writer.create is not None:
            made = writer.create(store, resource)
        elif writer.update is not None:
            made = writer.update(store, resource, None)
        if _content(made) == _content(resource):
            step.commit()
            return True
    except Invalid as error:
        if error.issues:
            step.rollback()
            raise
    except ClinicError:
        pass
    step.rollback()
    del store.touched[touched:]
    return False


def _content(resource: Json) -> str:
    meta = resource.get("meta")
    rest = {k: v for k, v in meta.items() if k not in ("versionId", "lastUpdated")} if isinstance(meta, dict) else {}
    return canonical({**resource, "meta": rest})
