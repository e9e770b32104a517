"""What the billing tests need: a few codes, a priced list, a patient with a visit."""

from __future__ import annotations

from decimal import Decimal

from clinic.billing.mapping import Fee, definition_of
from clinic.billing.rules import ChargeLine, Diagnosis, Sheet
from clinic.codes import HCPCS, ICD10CM, MODIFIER, OWN_PROCEDURES, PLACE, URI, Code
from clinic.codes.load import load
from clinic.core.json import Json
from clinic.fhir.store import Store

NPI = "http://hl7.org/fhir/sid/us-npi"
ICD = [
    ("I10", "Essential (primary) hypertension", True),
    ("E11.65", "Type 2 diabetes mellitus with hyperglycemia", True),
    ("E11.9", "Type 2 diabetes mellitus without complications", True),
    ("E10.9", "Type 1 diabetes mellitus without complications", True),
    ("Z79.4", "Long term (current) use of insulin", True),
    ("E53.8", "Deficiency of other specified B group vitamins", True),
    ("M25.56", "Pain in knee", False),
    ("M25.561", "Pain in right knee", True),
    ("M25.562", "Pain in left knee", True),
    ("S93.401", "Sprain of unspecified ligament of right ankle", False),
    ("S93.401A", "Sprain of unspecified ligament of right ankle, initial encounter", True),
    ("S93.401D", "Sprain of unspecified ligament of right ankle, subsequent encounter", True),
    ("W19.XXXA", "Unspecified fall, initial encounter", True),
    ("N40.1", "Benign prostatic hyperplasia with lower urinary tract symptoms", True),
    ("Z00.129", "Encounter for routine child health examination without abnormal findings", True),
]


def few_codes(store: Store) -> None:
    """A short piece of each list, loaded in no time."""
    load(store.conn, ICD10CM, "test", [Code(ICD10CM, code, text, billable=ok) for code, text, ok in ICD])
    load(
        store.conn,
        HCPCS,
        "test",
        [
            Code(HCPCS, "J3420", "Injection, vitamin b-12 cyanocobalamin, up to 1000 mcg"),
            Code(HCPCS, "G0438", "Annual wellness visit, initial"),
        ],
    )
    load(store.conn, MODIFIER, "test", [Code(MODIFIER, name, name) for name in ("LT", "RT", "GA", "GZ", "QW")])
    load(store.conn, PLACE, "test", [Code(PLACE, "11", "Office"), Code(PLACE, "12", "Home")])


def price_list(store: Store) -> list[Json]:
    """Two own codes and one HCPCS code with fees."""
    wanted = [
        Fee("V-EST-15", "Visit, known patient, 15 minutes", 10500, OWN_PROCEDURES, "Visit"),
        Fee("LB-03", "Glucose, finger", 1100, OWN_PROCEDURES, "In the room"),
        Fee("J3420", "Vitamin B12", 800, URI[HCPCS], "Injections"),
    ]
    return [store.create(definition_of(fee, "USD")) for fee in wanted]


def a_provider(store: Store, *, npi: str = "1234567893") -> Json:
    """Someone who sees patients; the number is the documented example with a right check digit."""
    identifiers = [{"system": NPI, "value": npi}] if npi else []
    resource: Json = {"resourceType": "Practitioner", "name": [{"family": "Nwosu", "given": ["Ada"]}]}
    if identifiers:
        resource["identifier"] = identifiers
    return store.create(resource)


def a_person(store: Store, *, gender: str = "male", birth: str = "1965-10-07", family: str = "Boateng") -> Json:
    """A patient."""
    return store.create(
        {
            "resourceType": "Patient",
            "name": [{"use": "official", "family": family, "given": ["Kwame"]}],
            "gender": gender,
            "birthDate": birth,
        }
    )


def a_coverage(store: Store, patient: Json, *, start: str = "2027-01-01", end: str = "", copay: int = 0) -> Json:
    """A coverage that is in force from a day on."""
    period = {"start": start, **({"end": end} if end else {})}
    resource: Json = {
        "resourceType": "Coverage",
        "status": "active",
        "beneficiary": {"reference": f"Patient/{patient['id']}"},
        "subscriberId": "MX-4471",
        "payor": [{"display": "Meridian PPO"}],
        "order": 1,
        "period": period,
    }
    if copay:
        coding = {"system": "http://terminology.hl7.org/CodeSystem/coverage-copay-type", "code": "copay"}
        amount = {"value": Decimal(copay) / 100, "currency": "USD"}
        resource["costToBeneficiary"] = [{"type": {"coding": [coding]}, "valueMoney": amount}]
    return store.create(resource)


def a_visit(
    store: Store,
    patient: Json,
    *,
    provider: Json | None = None,
    start: str = "2027-03-09T14:00:00Z",
    status: str = "finished",
) -> Json:
    """A visit of this patient."""
    name = patient["name"][0]
    visit: Json = {
        "resourceType": "Encounter",
        "status": status,
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "extension": [{"url": "urn:clinic:station", "valueCode": "left" if status == "finished" else "waiting"}],
        "subject": {
            "reference": f"Patient/{patient['id']}",
            "display": f"{' '.join(name['given'])} {name['family']}",
        },
        "period": {"start": start},
        "type": [{"text": "Blood pressure"}],
    }
    if provider is not None:
        reference = {"reference": f"Practitioner/{provider['id']}", "display": "Dr Nwosu"}
        visit["participant"] = [{"individual": reference}]
    return store.create(visit)


def a_sheet() -> Sheet:
    """Two diagnoses and two linked lines that nothing is wrong with."""
    return Sheet(
        (Diagnosis("E11.65"), Diagnosis("I10")),
        (
            ChargeLine("V-EST-15", OWN_PROCEDURES, pointers=(1, 2), fee=10500),
            ChargeLine("J3420", URI[HCPCS], modifiers=("QW",), pointers=(1,), fee=800),
        ),
    )
