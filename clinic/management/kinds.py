"""The records of the practice that share one list and one form: sites, rooms, visit types, providers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from flask_babel import lazy_gettext as _l

from clinic.appointments.queries.practice import calendar_setup
from clinic.appointments.rules.listed import PER_DAY
from clinic.core.errors import N_, Missing
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.management import forms, mapping, queries, service
from clinic.management.mapping import Address, Device, Provider, Room, Site, Use, VisitType
from clinic.management.needs import read_lengths, read_needs, typed_lengths, typed_needs
from clinic.management.queries import Row
from clinic.web.forms import ScreenForm

Values = dict[str, Any]


@dataclass(frozen=True)
class Words:
    """What a kind is called on the screen."""

    many: Any
    one: Any
    new: Any
    columns: tuple[Any, ...]
    empty: Any
    hint: Any
    icon: str


@dataclass(frozen=True)
class Loaded:
    """One record for its form."""

    values: Values
    version: int
    name: str
    active: bool


@dataclass(frozen=True)
class Kind:
    """One kind of record: its words, its form, and how it is listed, loaded and saved."""

    resource: str
    words: Words
    form: type[ScreenForm]
    rows: Callable[[Store], list[Row]]
    load: Callable[[Store, str, ScreenForm], Loaded]
    save: Callable[[Store, Values, str, int | None], Json]
    prepare: Callable[[Store, ScreenForm], None] = lambda _store, _form: None
    numbers: tuple[int, ...] = ()
    """Columns with figures, aligned at the end side."""


def kind(name: str) -> Kind:
    """The kind with this name in the address. Raises Missing."""
    if name not in KINDS:
        raise Missing(N_("There is no such page or record."))
    return KINDS[name]


def _loaded(resource: Json, values: Values) -> Loaded:
    return Loaded(values, int(resource["meta"]["versionId"]), mapping.name_of(resource), queries.in_use(resource))


def _load_site(store: Store, id_: str, _form: ScreenForm) -> Loaded:
    resource = service.own(store, "Location", id_, mapping.SITE)
    site = mapping.site_of(resource)
    a = site.address
    values = {"name": site.name, "phone": a.phone, "line": a.line, "city": a.city, "state": a.state}
    return _loaded(resource, {**values, "postal_code": a.postal_code})


def _save_site(store: Store, given: Values, id_: str, version: int | None) -> Json:
    address = Address(given["line"], given["city"], given["state"], given["postal_code"], given["phone"])
    return service.save_site(store, Site(given["name"], address), id_, version=version)


def _load_room(store: Store, id_: str, _form: ScreenForm) -> Loaded:
    resource = service.own(store, "Location", id_, mapping.ROOM)
    room = mapping.room_of(resource)
    return _loaded(resource, {"name": room.name, "site": room.site, **_typed_use(room.use)})


def _save_room(store: Store, given: Values, id_: str, version: int | None) -> Json:
    return service.save_room(store, Room(given["name"], given["site"], _use(given)), id_, version=version)


def _typed_use(use: Use) -> Values:
    return {"kind": use.kind, "capacity": str(use.capacity), "before": str(use.before), "after": str(use.after)}


def _use(given: Values) -> Use:
    return Use(given["kind"], int(given["capacity"] or 1), int(given["before"] or 0), int(given["after"] or 0))


def _load_device(store: Store, id_: str, _form: ScreenForm) -> Loaded:
    resource = service.own(store, "Device", id_)
    device = mapping.device_of(resource)
    return _loaded(resource, {"name": device.name, "site": device.site, **_typed_use(device.use)})


def _save_device(store: Store, given: Values, id_: str, version: int | None) -> Json:
    return service.save_device(store, Device(given["name"], given["site"], _use(given)), id_, version=version)


def _prepare_device(store: Store, form: ScreenForm) -> None:
    form["site"].choices = forms.options(queries.choices(queries.sites(store)), none=True)


def _prepare_room(store: Store, form: ScreenForm) -> None:
    form["site"].choices = forms.options(queries.choices(queries.sites(store)))


def _load_visit_type(store: Store, id_: str, _form: ScreenForm) -> Loaded:
    resource = service.own(store, "HealthcareService", id_)
    found = mapping.visit_type_of(resource)
    values = {"name": found.name, "minutes": str(found.minutes), "colour": found.colour, "comment": found.comment}
    values |= {"before": str(found.before), "after": str(found.after), "needs": typed_needs(found.needs)}
    rest: Values = {"untimed": found.untimed, "per_day": str(found.per_day or PER_DAY)}
    rest["lengths"] = typed_lengths(found.lengths, _names(store))
    return _loaded(resource, {**values, **rest})


def _save_visit_type(store: Store, given: Values, id_: str, version: int | None) -> Json:
    known = mapping.visit_type_of(service.own(store, "HealthcareService", id_)).needs if id_ else ()
    lengths = read_lengths(given["lengths"], _names(store))
    wanted = VisitType(
        given["name"], int(given["minutes"]), given["colour"], given["comment"], int(given["before"] or 0),
        int(given["after"] or 0), read_needs(given["needs"], known=known), lengths, bool(given["untimed"]),
        int(given["per_day"] or 0) if given["untimed"] else 0,
    )  # fmt: skip
    return service.save_visit_type(store, wanted, id_, version=version)


def _names(store: Store) -> dict[str, str]:
    """The providers' names by their id."""
    return {one.id: one.name for one in calendar_setup(store).providers}


def _load_provider(store: Store, id_: str, form: ScreenForm) -> Loaded:
    person, role = service.provider_records(store, id_)
    found = mapping.provider_of(person, role, [choice.value for choice in form["room"].choices])
    values = {name: getattr(found, name) for name in Provider.__dataclass_fields__}
    active = queries.in_use(person) and queries.in_use(role)
    return Loaded({**values, "types": list(found.types)}, service.version_of(person, role), found.name, active)


def _save_provider(store: Store, given: Values, id_: str, version: int | None) -> Json:
    wanted = Provider(**{**given, "types": tuple(given["types"]), "column": bool(given["column"])})
    return service.save_provider(store, wanted, id_, version=version)


def _prepare_provider(store: Store, form: ScreenForm) -> None:
    sites, rooms = queries.places(store)
    form["site"].choices = forms.options(queries.choices(sites), none=True)
    form["room"].choices = forms.options(queries.choices(rooms), none=True)
    form["types"].choices = forms.options(queries.choices(queries.visit_types(store)))


KINDS: Final[dict[str, Kind]] = {
    "providers": Kind(
        "Practitioner",
        Words(
            _l("Providers"), _l("Provider"), _l("New provider"), (_l("NPI"), _l("Where"), _l("Hours a week")),
            _l("No providers yet"), _l("Add the people whom patients come to see."), "doctor",
        ),
        forms.ProviderForm, queries.providers, _load_provider, _save_provider, _prepare_provider, (2,),
    ),
    "visit-types": Kind(
        "HealthcareService",
        Words(
            _l("Visit types"), _l("Visit type"), _l("New visit type"),
            (_l("Minutes"), _l("Colour"), _l("For the desk")),
            _l("No visit types yet"), _l("A visit type says how long a visit is."), "calendar",
        ),
        forms.VisitTypeForm, queries.visit_types, _load_visit_type, _save_visit_type, numbers=(0,),
    ),
    "sites": Kind(
        "Location",
        Words(
            _l("Sites"), _l("Site"), _l("New site"), (_l("Address"), _l("Phone")),
            _l("No sites yet"), _l("A site is a place where patients come."), "home",
        ),
        forms.SiteForm, queries.sites, _load_site, _save_site,
    ),
    "rooms": Kind(
        "Location",
        Words(
            _l("Rooms"), _l("Room"), _l("New room"), (_l("Site"), _l("Kind"), _l("Visits at once")),
            _l("No rooms yet"), _l("A room can be booked with a visit and shows on the arrivals board."), "door",
        ),
        forms.RoomForm, queries.rooms, _load_room, _save_room, _prepare_room, (2,),
    ),
    "devices": Kind(
        "Device",
        Words(
            _l("Devices"), _l("Device"), _l("New device"), (_l("Site"), _l("Kind"), _l("Visits at once")),
            _l("No devices yet"), _l("A device that a visit type needs is booked with the visit."), "device",
        ),
        forms.DeviceForm, queries.devices, _load_device, _save_device, _prepare_device, (2,),
    ),
}  # fmt: skip
