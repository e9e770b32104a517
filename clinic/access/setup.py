"""The first start of a practice: its organisation, its first site, its administrator."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from clinic.access import setup_code, users
from clinic.access.permissions import ADMINISTRATOR
from clinic.access.users import NewUser
from clinic.core.actor import SYSTEM
from clinic.core.errors import N_, Forbidden, Invalid
from clinic.core.json import Json
from clinic.core.practice import Practice
from clinic.fhir.practice import save_practice
from clinic.fhir.store import Store

WRONG_CODE: Final = N_("This is not the code on the console, or it is older than a day. A restart prints a new one.")
BAD_ZONE: Final = N_("This time zone is not known; write for example America/New_York or Europe/Amsterdam.")

_BY_REGION: Final[dict[str, dict[str, Any]]] = {
    "us": {"currency": "USD", "date_order": "mdy", "paper": "letter", "language": "en"},
    "nl": {"currency": "EUR", "date_order": "dmy", "paper": "a4", "language": "nl"},
    "generic": {"currency": "EUR", "date_order": "dmy", "paper": "a4", "language": "en"},
}


@dataclass(frozen=True)
class FirstStart:
    """What the set-up page asks."""

    code: str
    practice: str
    site: str
    region: str
    zone: str
    administrator: NewUser


def set_up(store: Store, wanted: FirstStart) -> Practice:
    """Make the practice; the code is used up. Raises Forbidden for a wrong code, Invalid for a bad value."""
    if not setup_code.is_open(store.conn) or not setup_code.is_right(store.conn, wanted.code, store.now):
        raise Forbidden(WRONG_CODE, field="code")
    _require_zone(wanted.zone)
    store.actor = replace(SYSTEM, network=store.actor.network)
    organization = store.create(organization_of(wanted.practice), reason="set-up")
    site = store.create(site_of(wanted.site, organization["id"]), reason="set-up")
    practice = Practice(
        name=wanted.practice.strip(),
        organization_id=organization["id"],
        site_id=site["id"],
        site_name=wanted.site.strip(),
        zone=wanted.zone,
        region=wanted.region,
        **_BY_REGION.get(wanted.region, _BY_REGION["generic"]),
    )
    save_practice(store.conn, practice)
    users.create_user(store.conn, replace(wanted.administrator, role=ADMINISTRATOR), store.now)
    setup_code.burn(store.conn)
    return practice


def organization_of(name: str) -> Json:
    """The practice as a FHIR Organization."""
    kind = {"system": "http://terminology.hl7.org/CodeSystem/organization-type", "code": "prov"}
    return {
        "resourceType": "Organization",
        "active": True,
        "type": [{"coding": [kind]}],
        "name": name.strip(),
    }


def site_of(name: str, organization_id: str) -> Json:
    """A site as a FHIR Location."""
    kind = {"system": "http://terminology.hl7.org/CodeSystem/location-physical-type", "code": "si"}
    return {
        "resourceType": "Location",
        "status": "active",
        "name": name.strip(),
        "mode": "instance",
        "physicalType": {"coding": [kind]},
        "managingOrganization": {"reference": f"Organization/{organization_id}"},
    }


def _require_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid(BAD_ZONE, field="zone") from error
