"""Programs that still use the id of a patient whose record was merged: they are led to where the person is now.

Reading the old id gives the old record as R4 means it: `active` false, a link `replaced-by`, and the address of the
other in a Link header. A search by the old id as a reference finds what is with the survivor; one by `_id` gives the
survivor along. A write that names the old one is refused with the new id, so that nothing is filed under a record
that nobody opens.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from clinic.core.errors import N_, Conflict
from clinic.core.json import Json, loads
from clinic.fhir.index import patients_in
from clinic.fhir.search import Found
from clinic.fhir.store import Store
from clinic.fhir_api.call import Call, Pairs
from clinic.fhir_api.records import present
from clinic.registration.mapping.patient import merged_into
from clinic.registration.queries.merges import merged_away, survivor_of

NAMED = N_("Patient/%(old)s was merged; this is about Patient/%(new)s now.")


def link_to_survivor(call: Call, record: Found, store: Store) -> dict[str, str]:
    """The header of a merged record that tells the address of the one that it is part of."""
    if record.type != "Patient" or '"replaced-by"' not in record.text or not merged_into(loads(record.text)):
        return {}
    return {"Link": f'<{call.base}/Patient/{survivor_of(store, record.id)}>; rel="canonical"'}


def led_query(store: Store, call: Call) -> Pairs:
    """The arguments of a search with the ids of merged patients replaced by those in which they live on."""
    params = store.registry.params_of(call.type)
    named: dict[int, list[str]] = {}
    for at, (name, value) in enumerate(call.query):
        bare, _colon, modifier = name.partition(":")
        param = params.get(bare)
        fits = param is not None and param.kind == "reference" and (not param.targets or "Patient" in param.targets)
        if fits and "." not in name and modifier in ("", "Patient"):
            named[at] = value.split(",")
    ids = {one.rpartition("/")[2] for values in named.values() for one in values}
    away = merged_away(store, ids) if ids else {}
    if not away:
        return call.query
    return tuple(
        (name, ",".join(_led(one, away) for one in named[at]) if at in named else value)
        for at, (name, value) in enumerate(call.query)
    )


def _led(text: str, away: dict[str, str]) -> str:
    before, slash, id_ = text.rpartition("/")
    return before + slash + away.get(id_, id_)


def survivors_of(store: Store, matches: Iterable[Found]) -> list[Found]:
    """The records in which merged patients among these live on, and that are not among them."""
    found = list(matches)
    away = merged_away(store, [one.id for one in found if one.type == "Patient" and '"replaced-by"' in one.text])
    missing = sorted(set(away.values()) - {one.id for one in found})
    return [present(store.conn, "Patient", id_) for id_ in missing]


def living(store: Store, type_: str, ids: list[str]) -> list[str]:
    """The records that a condition means: of a merged patient and the survivor it is the survivor."""
    if type_ != "Patient" or len(ids) < 2:
        return ids
    away = merged_away(store, ids)
    return list(dict.fromkeys(away.get(id_, id_) for id_ in ids))


def at_survivor(store: Store, call: Call) -> Call:
    """The same call about the record in which a merged patient lives on."""
    new = merged_away(store, [call.id]).get(call.id)
    return replace(call, id=new) if new else call


def refuse_merged(store: Store, resource: Json) -> None:
    """Keep nothing under a record that was merged. Raises Conflict, which names the id to use."""
    named = patients_in(resource) if resource.get("resourceType") != "Patient" else set()
    for old, new in merged_away(store, named).items() if named else ():
        raise Conflict(NAMED, field=str(resource.get("resourceType", "")), old=old, new=new)
