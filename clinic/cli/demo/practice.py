"""The demo practice itself: two sites, rooms, six providers, visit types, fees, people who sign in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from clinic.access.users import NewUser, create_user
from clinic.billing.mapping.fees import Fee
from clinic.billing.service.fees import save_fee
from clinic.codes.systems import HCPCS
from clinic.core.practice import Practice
from clinic.fhir.practice import save_practice
from clinic.fhir.store import Store
from clinic.management.mapping import Address, Provider, Room, Site, VisitType
from clinic.management.rules import DAYS, Stretch
from clinic.management.service import save_provider, save_room, save_site, save_visit_type, save_week

SIGN_INS = (
    ("noor", "Receptionist", "front-desk"),
    ("bea", "Billing", "front-desk"),
    ("mara", "Manager", "front-desk"),
    ("ada", "Administrator", "front-desk"),
)
"""Sign-in name, role, password of the demo people."""

_NAMES = {"noor": "Noor Aziz", "bea": "Bea Lindgren", "mara": "Mara Okoye", "ada": "Ada Renner"}

_TYPES = (
    ("Follow-up", 20, "teal"),
    ("New patient", 40, "blue"),
    ("Annual visit", 30, "green"),
    ("Blood pressure", 15, "grey"),
    ("Results", 15, "amber"),
    ("Vaccination", 10, "violet"),
)
# NPIs begin with 1 or 2; none beginning with 2 has been issued, so these are nobody's.
_PROVIDERS = (
    ("Dr", "Adaeze", "Nwosu", "", "2000000010"),
    ("Dr", "Henrik", "Lindqvist", "", "2000000028"),
    ("Dr", "Meera", "Iyer", "", "2000000036"),
    ("", "Paolo", "Ferrante", "NP", "2000000044"),
    ("Dr", "Samir", "Haddad", "", "2000000051"),
    ("", "Tui", "Walker", "RN", "2000000069"),
)
_SPOKEN = ("en", "en, es", "en, nl")
_FEES = (
    Fee("V-EST-15", "Office visit, known patient, short", 9000, section="Visits"),
    Fee("V-EST-30", "Office visit, known patient, long", 16800, section="Visits"),
    Fee("V-NEW-40", "Office visit, new patient", 22000, section="Visits"),
    Fee("V-TEL-15", "Telephone visit", 6500, section="Visits"),
    Fee("P-EKG", "Heart tracing with reading", 5400, section="Done in the practice"),
    Fee("P-GLU", "Blood sugar, fingertip", 1200, section="Done in the practice"),
    Fee("P-WND", "Wound dressing", 3900, section="Done in the practice"),
    Fee("G0008", "Administration of influenza virus vaccine", 3100, HCPCS, section="Vaccines and injections"),
    Fee(
        "J3420",
        "Injection, vitamin B-12 cyanocobalamin, up to 1000 mcg",
        1200,
        HCPCS,
        section="Vaccines and injections",
    ),
    Fee("G0439", "Annual wellness visit, subsequent", 14500, HCPCS, section="Visits"),
    Fee("A6402", "Sterile gauze, 16 sq. in. or less", 150, HCPCS, section="Supplies"),
)


@dataclass(frozen=True)
class Made:
    """The ids of what was made."""

    sites: tuple[str, ...]
    providers: tuple[str, ...]
    types: dict[str, str]


def make_practice(store: Store) -> Practice:
    """The organisation and the settings; the rest is made in the next transaction, which sees them."""
    organization = store.create(
        {
            "resourceType": "Organization",
            "active": True,
            "type": [
                {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/organization-type", "code": "prov"}]}
            ],
            "name": "Harbour Street Clinic",
            "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "2000000077"}],
        }
    )
    settings = Practice(
        name="Harbour Street Clinic",
        organization_id=organization["id"],
        site_name="Main desk, ground floor",
        demo=True,
    )
    save_practice(store.conn, settings)
    return settings


def make_places(store: Store) -> Made:
    """Sites, rooms, visit types, providers with their weeks, and the fee list."""
    main = save_site(
        store, Site("Main desk, ground floor", Address("12 Harbour Street", "Harbor", "NY", "10990", "+12125550100"))
    )
    north = save_site(store, Site("Northgate", Address("4 Northgate", "Harbor", "NY", "10991", "+12125550101")))
    types = {name: save_visit_type(store, VisitType(name, minutes, colour))["id"] for name, minutes, colour in _TYPES}
    providers = []
    for number, (prefix, given, family, suffix, npi) in enumerate(_PROVIDERS, start=1):
        site = north["id"] if number > 4 else main["id"]
        room = save_room(store, Room(f"Room {number}", site))["id"]
        provider = Provider(given, family, prefix, suffix, npi, site, room, tuple(types.values()), _SPOKEN[number % 3])
        person = save_provider(store, provider)
        save_week(store, person["id"], _week(number))
        providers.append(person["id"])
    for fee in _FEES:
        save_fee(store, fee)
    return Made((main["id"], north["id"]), tuple(providers), types)


def _week(number: int) -> tuple[Stretch, ...]:
    """Monday to Friday with a lunch; two providers also keep the weekend clinic."""
    days = DAYS if number in (1, 6) else DAYS[:5]
    opens = time(8) if number % 2 else time(8, 30)
    return tuple(
        stretch for day in days for stretch in (Stretch(day, opens, time(12)), Stretch(day, time(13), time(17)))
    )


def make_users(store: Store) -> None:
    """The four demo people; their passwords are printed at every start."""
    for username, role, password in SIGN_INS:
        new = NewUser(username, _NAMES[username], role.lower(), password)
        create_user(store.conn, new, store.now, check=False)
