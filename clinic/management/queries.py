"""Lists of the management screens: small sets, each read in one or two statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from clinic.access import tables as access
from clinic.access.restricted import new_openings
from clinic.core.json import Json
from clinic.core.names import fold
from clinic.fhir.store import Store
from clinic.fhir.tables import outbox
from clinic.management import mapping
from clinic.management.rules import weekly_minutes

MOST: Final = 500


@dataclass(frozen=True)
class Row:
    """One line of a list: its name, a few facts for the columns, whether it is in use."""

    id: str
    name: str
    facts: tuple[str, ...]
    active: bool


@dataclass(frozen=True)
class Figures:
    """How many of what, for the tiles."""

    users: int
    disabled: int
    failed: int
    opened: int


def figures(store: Store) -> Figures:
    """People who sign in, work that failed, restricted records opened with a reason; one statement."""
    people = sa.select(sa.func.count()).select_from(access.user)
    query = sa.select(
        people.where(~access.user.c.disabled).scalar_subquery(),
        people.where(access.user.c.disabled).scalar_subquery(),
        sa.select(sa.func.count()).select_from(outbox).where(outbox.c.state == "failed").scalar_subquery(),
        new_openings(),
    )
    return Figures(*store.conn.execute(query).one())


def places(store: Store) -> tuple[list[Row], list[Row]]:
    """Sites with address and phone, and rooms with the site they belong to; one statement."""
    resources = _own(store, "Location")
    names = {one["id"]: str(one.get("name", "")) for one in resources}
    sites = [_site_row(one) for one in resources if mapping.kind_of(one) == mapping.SITE]
    rooms = [_room_row(one, names) for one in resources if mapping.kind_of(one) == mapping.ROOM]
    return _sorted(sites), _sorted(rooms)


def sites(store: Store) -> list[Row]:
    """Sites with their address and phone."""
    return places(store)[0]


def rooms(store: Store) -> list[Row]:
    """Rooms with the site they belong to."""
    return places(store)[1]


def _site_row(resource: Json) -> Row:
    site = mapping.site_of(resource)
    where = ", ".join(part for part in (site.address.line, site.address.city) if part)
    return Row(resource["id"], site.name, (where, site.address.phone), in_use(resource))


def _room_row(resource: Json, names: Mapping[str, str]) -> Row:
    room = mapping.room_of(resource)
    return Row(resource["id"], room.name, (names.get(room.site, ""), *_use_facts(room.use)), in_use(resource))


def _use_facts(use: mapping.Use) -> tuple[str, str]:
    return use.kind, str(use.capacity)


def devices(store: Store) -> list[Row]:
    """Devices with the site they stand at, and how they are used."""
    names = {row.id: row.name for row in sites(store)}
    found = []
    for resource in _own(store, "Device"):
        device = mapping.device_of(resource)
        facts = (names.get(device.site, ""), *_use_facts(device.use))
        found.append(Row(resource["id"], device.name, facts, in_use(resource)))
    return _sorted(found)


def visit_types(store: Store) -> list[Row]:
    """Visit types with minutes and colour."""
    found = []
    for resource in _own(store, "HealthcareService"):
        kind = mapping.visit_type_of(resource)
        facts = (str(kind.minutes), kind.colour, kind.comment)
        found.append(Row(resource["id"], kind.name, facts, in_use(resource)))
    return _sorted(found)


def providers(store: Store) -> list[Row]:
    """Providers with NPI, site and hours of a week."""
    roles = _own(store, "PractitionerRole")
    references = {str((role.get("practitioner") or {}).get("reference", "")) for role in roles}
    places = {str(one.get("reference", "")) for role in roles for one in role.get("location", ())}
    known = store.read_many([*references, *places])
    found = []
    for role in roles:
        person = known.get(str((role.get("practitioner") or {}).get("reference", "")))
        if person is not None:
            found.append(_provider_row(person, role, known))
    return _sorted(found)


def _provider_row(person: Json, role: Json, known: dict[str, Json]) -> Row:
    places = [known.get(str(one.get("reference", ""))) for one in role.get("location", ())]
    names = ", ".join(str(place.get("name", "")) for place in places if place)
    provider = mapping.provider_of(person, role)
    hours = f"{weekly_minutes(mapping.week_of(role)) / 60:g}"
    active = in_use(person) and in_use(role)
    return Row(person["id"], provider.name, (provider.npi, names, hours), active)


def choices(rows: Iterable[Row]) -> list[tuple[str, str]]:
    """Those in use, for a select."""
    return [(row.id, row.name) for row in rows if row.active]


def _own(store: Store, type_: str) -> list[Json]:
    """The practice's own records: those an import brought from other organisations are left out."""
    own = store.practice.organization_id
    query = [("organization", f"Organization/{own}")] if own else []
    return store.search(type_, query, limit=MOST)


def in_use(resource: Json) -> bool:
    """Whether a record can be chosen."""
    return resource.get("active", True) is not False and resource.get("status", "active") == "active"


def _sorted(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (not row.active, fold(row.name), row.id))
