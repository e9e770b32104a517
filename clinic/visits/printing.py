"""What stands on the face sheet (`templates/pdf/face_sheet.html`): everything about one patient on one page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from clinic.appointments.queries.listing import visits_from
from clinic.core import days
from clinic.fhir.store import Store
from clinic.insurance.mapping import to_policy
from clinic.insurance.rules import Policy
from clinic.insurance.service import coverages_of
from clinic.registration.banner import Banner, banner_of
from clinic.registration.printing import Section, person_sections
from clinic.registration.service import load_details

_SHOWN = 4
_VISITS = 5


@dataclass(frozen=True)
class Cover:
    """One policy: who is insured by whom, the number masked as on the screens, and the days on which it counts."""

    policy: Policy
    number: str


@dataclass(frozen=True)
class Coming:
    """One visit that is booked."""

    start: datetime
    what: str
    provider: str


@dataclass(frozen=True)
class FaceSheet:
    """The values of the face sheet. `numbers` are masked: the sheet lies on desks."""

    banner: Banner
    sections: tuple[Section, ...]
    covers: tuple[Cover, ...]
    coming: tuple[Coming, ...]


def face_sheet_of(store: Store, patient_id: str) -> FaceSheet:
    """The sheet of one patient; noted in the audit trail as seen. Raises Missing."""
    banner = banner_of(store, patient_id, what="face sheet")
    today = days.local(store.now, store.practice.zone).date()
    policies = [to_policy(coverage) for coverage in coverages_of(store, patient_id)]
    shown = [one for one in policies if not one.cancelled and (one.ends is None or one.ends >= today)]
    coming = [one for one in visits_from(store, patient_id, store.now) if one.start >= store.now]
    return FaceSheet(
        banner,
        tuple(part for part in person_sections(store, load_details(store, patient_id)) if part.lines),
        tuple(Cover(one, _masked(one.member_id)) for one in sorted(shown, key=lambda one: one.rank)[:_SHOWN]),
        tuple(Coming(one.start, one.type_name, one.provider_name) for one in coming[:_VISITS]),
    )


def _masked(number: str) -> str:
    return f"•••• {number[-4:]}" if len(number) > _SHOWN else number


def line_of(patient: Banner) -> str:
    """Whose paper it is, for the head of each further page."""
    return ", ".join(filter(None, (patient.legal_name or patient.name, patient.born, patient.record_number)))
