"""Five hundred invented patients: all ages, many languages, families, one or two policies or none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from clinic.cli.demo.names import NICKNAMES, PAYERS, PEOPLE, STREETS, WEIGHTS
from clinic.core.days import instant_text
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.insurance.rules import Policy
from clinic.insurance.service import add_coverage
from clinic.registration.rules.details import Address, PatientDetails, Relative
from clinic.registration.rules.family import Bond, told
from clinic.registration.service.family import relate_patient
from clinic.registration.service.patients import register_patient
from clinic.visits.service import confirm

_PRONOUNS = {"female": "she, her", "male": "he, him", "other": "they, them"}
SPOKEN = {"en": "en", "es": "es", "ar": "ar", "nl": "nl"}


@dataclass(frozen=True)
class Person:
    """One made patient."""

    id: str
    details: PatientDetails
    born: date


def make_person(store: Store, random: Random, number: int, family: Person | None) -> Person:
    """Register one patient; a `family` member shares name, address and guarantor."""
    today = store.now.date()
    details = _details(random, number, today)
    if family is not None:
        details = _child_of(random, details, family, today)
    patient = register_patient(store, details)
    if family is not None:
        bond = Bond(told("PRN", family.details.sex), emergency=True, guardian=True, pays=True)
        relate_patient(store, patient["id"], family.id, bond, together=True)
    person = Person(patient["id"], details, date.fromisoformat(details.birth_date))
    _insure(store, random, person, today)
    _confirm(store, random, patient)
    return person


def _details(random: Random, number: int, today: date) -> PatientDetails:
    language = random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    women, men, families = PEOPLE[language]
    sex = random.choices(("female", "male", "other"), (52, 47, 1))[0]
    given = random.choice(women if sex != "male" else men)
    age = min(97, int(random.triangular(0, 97, 45)))
    born = today - timedelta(days=age * 365 + random.randrange(1, 364))
    spoken = SPOKEN.get(language, "en") if random.random() < 0.5 else "en"
    return PatientDetails(
        given=given,
        family=random.choice(families),
        birth_date=born.isoformat(),
        sex=sex,
        preferred=NICKNAMES.get(given, "") if random.random() < 0.6 else "",
        pronouns=random.choices(("", _PRONOUNS[sex], "they, them"), (70, 27, 3))[0],
        mobile=f"+1{212 + number % 7}555{100 + number % 100:04d}" if random.random() < 0.93 else "",
        email=f"patient{number}@example.org" if random.random() < 0.7 else "",
        address=Address(
            line=f"{random.randrange(1, 180)} {random.choice(STREETS)}", city="Harbor", state="NY", postal_code="10990"
        ),
        language=spoken,
        interpreter=spoken != "en" and random.random() < 0.3,
        emergency=_emergency(random, number),
        contact_by=random.choice(("", "phone", "sms", "email")),
    )


def _emergency(random: Random, number: int) -> Relative:
    if random.random() < 0.3:
        return Relative()
    women, men, families = PEOPLE[random.choice(list(PEOPLE))]
    phone = f"+1646555{100 + number % 100:04d}"
    return Relative(random.choice(women + men), random.choice(families), random.choice(("SPS", "SIB", "FRND")), phone)


def _child_of(random: Random, details: PatientDetails, family: Person, today: date) -> PatientDetails:
    born = today - timedelta(days=random.randrange(40, 17 * 365))
    parent = family.details
    return replace(
        details,
        family=parent.family,
        birth_date=born.isoformat(),
        address=parent.address,
        language=parent.language,
        mobile="",
        email="",
        emergency=Relative(),
    )


def _insure(store: Store, random: Random, person: Person, today: date) -> None:
    kind = random.choices(("one", "two", "ended", "self", "none"), (70, 12, 7, 5, 6))[0]
    if kind == "none":
        return
    if kind == "self":
        add_coverage(store, person.id, Policy(self_pay=True, starts=today - timedelta(days=400)))
        return
    old = today.year - person.born.year >= 66
    first = PAYERS[4] if old else random.choice(PAYERS[:4])
    starts = today - timedelta(days=random.randrange(200, 1500))
    ends = today - timedelta(days=random.randrange(3, 60)) if kind == "ended" else None
    add_coverage(store, person.id, _policy(random, first, 1, starts, ends))
    if kind == "two":
        add_coverage(store, person.id, _policy(random, random.choice(PAYERS[:4]), 2, starts, None))


def _policy(random: Random, payer: tuple[str, str, int, str], rank: int, starts: date, ends: date | None) -> Policy:
    name, filing, copay, start = payer
    return Policy(
        payer_name=name,
        plan=random.choice(("", "Standard", "Plus", "Family")),
        member_id=f"{start}{random.randrange(10**8, 10**9)}",
        group=f"G{random.randrange(1000, 9999)}",
        rank=rank,
        starts=starts,
        ends=ends,
        copay_cents=copay,
        filing=filing,
    )


def _confirm(store: Store, random: Random, patient: Json) -> None:
    for kind, share in (("contact", 0.75), ("coverage", 0.8)):
        if random.random() < share:
            confirm(store, patient["id"], kind)
    for kind, share in (("privacy", 0.85), ("treatment", 0.92)):
        if random.random() < share:
            store.create(_signed(store, patient, kind))


def _signed(store: Store, patient: Json, kind: str) -> Json:
    """A consent on paper from before this system: no answers to point to, so it names its source in words."""
    scope = "treatment" if kind == "treatment" else "patient-privacy"
    return {
        "resourceType": "Consent",
        "extension": [{"url": "urn:clinic:consent", "valueCode": kind}],
        "status": "active",
        "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": scope}]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0", "display": "Consent Document"}]}],
        "patient": {"reference": f"Patient/{patient['id']}"},
        "dateTime": instant_text(store.now),
        "sourceAttachment": {"title": "Signed on paper, from the old file"},
        "policyRule": {"text": "Privacy notice" if kind == "privacy" else "Consent to care"},
    }
