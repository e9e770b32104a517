"""What a manager can do with the practice: sites, rooms, visit types, providers and their hours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from clinic.appointments.queries.free import HORIZON
from clinic.appointments.queries.listed import is_booked
from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.closing import concerned
from clinic.appointments.rules.hours import Hours
from clinic.appointments.rules.spans import Span
from clinic.appointments.rules.weeks import WHOLE, Part, PartWeek
from clinic.appointments.service.freed import tell_freed
from clinic.appointments.service.things import restore_thing, retire_thing
from clinic.appointments.service.weeks import change_hours, change_week
from clinic.core.days import local
from clinic.core.errors import N_, Conflict, Invalid, Missing, Stale
from clinic.core.json import Json
from clinic.core.practice import Practice
from clinic.fhir.practice import save_practice
from clinic.fhir.store import STALE, Store
from clinic.management import mapping
from clinic.management.mapping import Device, Provider, Room, Site, VisitType
from clinic.management.rules import DAYS, Stretch
from clinic.regions import checks

MAIN_SITE: Final = N_("This is the practice's main site; make another one the main site first.")
SITE_HAS_ROOMS: Final = N_("Rooms in use belong to this site: %(names)s. Retire them first.")
TIMED_OR_NOT: Final = N_("Visits of this type are booked. Make another visit type for those with another manner.")
HAS_VISITS: Final = N_("This provider still has booked visits; move or cancel them first.")
NPI_TAKEN: Final = N_("Another provider has this NPI.")
NOT_HERE: Final = N_("There is no such record in this practice.")
_OWNER: Final = {"Location": "managingOrganization", "HealthcareService": "providedBy", "Device": "owner"}
VERSIONS: Final = 100_000
"""A provider is two records; a form carries both versions as one number: practitioner times this plus role."""


def save_site(store: Store, site: Site, id_: str = "", *, version: int | None = None) -> Json:
    """Add or change a site; the main site's name is also the practice's. Raises Stale, Missing, Invalid."""
    before = own(store, "Location", id_, mapping.SITE) if id_ else None
    resource = mapping.site_resource(site, store.practice.organization_id, before)
    saved = store.update(resource, version=version) if before else store.create(resource)
    if saved["id"] == store.practice.site_id and site.name != store.practice.site_name:
        save_practice(store.conn, replace(store.practice, site_name=site.name))
    return _told(store, before, saved)


def save_room(store: Store, room: Room, id_: str = "", *, version: int | None = None) -> Json:
    """Add or change a room. Raises Stale, Missing, Invalid."""
    before = own(store, "Location", id_, mapping.ROOM) if id_ else None
    resource = mapping.room_resource(room, store.practice.organization_id, before)
    saved = store.update(resource, version=version) if before else store.create(resource)
    return _told(store, before, saved)


def save_device(store: Store, device: Device, id_: str = "", *, version: int | None = None) -> Json:
    """Add or change a device. Raises Stale, Missing, Invalid."""
    before = own(store, "Device", id_) if id_ else None
    resource = mapping.device_resource(device, store.practice.organization_id, before)
    saved = store.update(resource, version=version) if before else store.create(resource)
    return _told(store, before, saved)


def save_visit_type(store: Store, visit_type: VisitType, id_: str = "", *, version: int | None = None) -> Json:
    """Add or change a visit type; visits that are booked keep their length. Raises Stale, Missing, Invalid."""
    before = own(store, "HealthcareService", id_) if id_ else None
    if before is not None and mapping.visit_type_of(before).untimed != visit_type.untimed and is_booked(store, id_):
        raise Conflict(TIMED_OR_NOT, field="untimed")
    resource = mapping.visit_type_resource(visit_type, store.practice.organization_id, before)
    saved = store.update(resource, version=version) if before else store.create(resource)
    return _told(store, before, saved)


def save_provider(store: Store, provider: Provider, id_: str = "", *, version: int | None = None) -> Json:
    """Add or change a provider: the person, the role with its places, and the schedule; gives the Practitioner.

    Raises Invalid for an NPI that fails its check digit, Conflict for one in use, Stale, Missing.
    """
    provider = replace(provider, npi=_checked_npi(provider.npi))
    if not id_:
        return _add_provider(store, provider)
    person_version, role_version = (None, None) if version is None else divmod(version, VERSIONS)
    person, role = provider_records(store, id_)
    if version is not None and version != version_of(person, role):
        raise Stale(STALE, current=person)
    before = mapping.provider_of(person, {}).npi
    if before and before != provider.npi:
        store.release("npi", before, f"Practitioner/{id_}")
    _claim_npi(store, provider.npi, id_)
    saved = store.update(mapping.practitioner_resource(provider, person), version=person_version)
    changed = mapping.role_resource(provider, id_, store.practice.organization_id, role)
    store.update(changed, version=role_version)
    return _told(store, person, saved)


def _told(store: Store, before: Json | None, saved: Json) -> Json:
    """The saved record, after those who copied its name were told of another one."""
    if before is not None and (saved.get("name"), saved.get("deviceName")) != (
        before.get("name"),
        before.get("deviceName"),
    ):
        store.fire("practice_renamed", saved)
    return saved


@dataclass(frozen=True)
class NewWeek:
    """A week of working hours, the day from which it holds (None for always), and whether those who saw which visits
    fall outside agreed.
    """

    stretches: tuple[Stretch, ...]
    since: date | None = None
    agreed: bool = True
    part: Part = WHOLE
    """At which site and for which visit types it holds."""


def save_week(store: Store, id_: str, week: tuple[Stretch, ...] | NewWeek, *, version: int | None = None) -> Json:
    """Give a provider weekly working hours; gives the role. Who waits for a time hears of new ones.

    A week from a day on leaves the one before it as it was. Raises FallsOutside with the booked visits that would be
    outside until that is agreed; Stale, Missing.
    """
    _, role = provider_records(store, id_)
    wanted = week if isinstance(week, NewWeek) else NewWeek(week)
    bare = (Hours(frozenset({DAYS.index(one.day)}), one.opens, one.closes) for one in wanted.stretches)
    hours = tuple(replace(one, site=wanted.part.site, types=wanted.part.types) for one in bare)
    new = PartWeek(hours, wanted.part)
    saved = change_week(store, role, new, since=wanted.since, version=version, agreed=wanted.agreed)
    tell_freed(store, [f"Practitioner/{id_}"], Span(store.now, store.now + timedelta(days=HORIZON)))
    return saved


def save_thing_week(store: Store, type_: str, id_: str, wanted: NewWeek, *, version: int | None = None) -> Json:
    """Give a room or a device weekly hours of its own from a day on; without any it can always be used.

    Raises FallsOutside with the booked visits that would be outside until that is agreed; Stale, Missing.
    """
    resource = own(store, type_, id_, mapping.ROOM if type_ == "Location" else "")
    hours = [Hours(frozenset({DAYS.index(one.day)}), one.opens, one.closes) for one in wanted.stretches]
    saved = change_hours(store, resource, hours, since=wanted.since, version=version, agreed=wanted.agreed)
    people = concerned(calendar_setup(store), f"{type_}/{id_}")
    ahead = Span(store.now, store.now + timedelta(days=HORIZON))
    tell_freed(store, [f"Practitioner/{one}" for one in people], ahead)
    return saved


def set_active(store: Store, type_: str, id_: str, *, active: bool, agreed: bool = False) -> Json:
    """Take a record of the practice out of use, or back into it. Raises Conflict when it is still needed.

    Booked visits that use a room or a device refuse it until that is `agreed`: StillUsed names them. They stay booked
    and stand in the list of visits outside hours.
    """
    if type_ == "Practitioner":
        resource, role = provider_records(store, id_)
        if not active:
            _require_free(store, resource)
        store.update({**role, "active": active})
        return store.update({**resource, "active": active})
    resource = own(store, type_, id_)
    if not active:
        _require_free(store, resource)
    if type_ == "HealthcareService":
        return store.update({**resource, "active": active})
    if type_ == "Location" and mapping.kind_of(resource) == mapping.SITE:
        return store.update({**resource, "status": "active" if active else "inactive"})
    return restore_thing(store, resource) if active else retire_thing(store, resource, agreed=agreed)


def own(store: Store, type_: str, id_: str, kind: str = "") -> Json:
    """A record of this practice; one of another organisation or kind is not there. Raises Missing, Gone."""
    resource = store.read(type_, id_)
    owner = (resource.get(_OWNER[type_]) or {}).get("reference")
    if store.practice.organization_id and owner != f"Organization/{store.practice.organization_id}":
        raise Missing(NOT_HERE)
    if kind and mapping.kind_of(resource) != kind:
        raise Missing(NOT_HERE)
    return resource


def save_facts(store: Store, changed: Practice) -> Practice:
    """Change the practice's own settings and its Organization's name; gives the settings."""
    if changed.organization_id:
        organization = store.find("Organization", changed.organization_id)
        if organization is not None:
            store.update({**organization, "name": changed.name})
    site = store.find("Location", changed.site_id) if changed.site_id else None
    if site is not None:
        changed = replace(changed, site_name=str(site.get("name", "")))
    save_practice(store.conn, changed)
    store.did("practice-changed", "practice settings")
    return changed


def provider_records(store: Store, id_: str) -> tuple[Json, Json]:
    """The Practitioner and the role in this practice. Raises Missing for somebody who has none here."""
    person = store.read("Practitioner", id_)
    roles = store.search("PractitionerRole", [("practitioner", f"Practitioner/{id_}")], limit=20)
    ours = store.practice.organization_id
    for role in roles:
        if not ours or (role.get("organization") or {}).get("reference") == f"Organization/{ours}":
            return person, role
    raise Missing(NOT_HERE)


def version_of(person: Json, role: Json) -> int:
    """Both versions of a provider as one number for the form."""
    return int(person["meta"]["versionId"]) * VERSIONS + int(role["meta"]["versionId"])


def _add_provider(store: Store, provider: Provider) -> Json:
    person = store.create(mapping.practitioner_resource(provider))
    _claim_npi(store, provider.npi, person["id"])
    store.create(mapping.role_resource(provider, person["id"], store.practice.organization_id))
    actor = {"reference": f"Practitioner/{person['id']}", "display": provider.name}
    store.create({"resourceType": "Schedule", "active": True, "actor": [actor]}, id=person["id"])
    return person


def _claim_npi(store: Store, npi: str, id_: str) -> None:
    if not npi:
        return
    if store.holder("npi", npi) not in (None, f"Practitioner/{id_}"):
        raise Conflict(NPI_TAKEN, field="npi")
    store.claim("npi", npi, f"Practitioner/{id_}")


def _checked_npi(text: str) -> str:
    if not text.strip():
        return ""
    try:
        return checks.npi(text)
    except ValueError as error:
        raise Invalid(str(error), field="npi") from error


def _require_free(store: Store, resource: Json) -> None:
    reference = f"{resource['resourceType']}/{resource['id']}"
    if resource["id"] == store.practice.site_id:
        raise Conflict(MAIN_SITE)
    if resource["resourceType"] == "Location" and mapping.kind_of(resource) == mapping.SITE:
        rooms = store.search("Location", [("partof", reference), ("status", "active")], limit=20)
        if rooms:
            raise Conflict(SITE_HAS_ROOMS, names=", ".join(str(room.get("name", "")) for room in rooms))
    if resource["resourceType"] == "Practitioner" and _has_visits(store, reference):
        raise Conflict(HAS_VISITS)


def _has_visits(store: Store, reference: str) -> bool:
    today = local(store.now, store.practice.zone).date().isoformat()
    coming = [("actor", reference), ("date", f"ge{today}"), ("status", "booked,pending,arrived,checked-in")]
    return bool(store.search("Appointment", coming, limit=1))
