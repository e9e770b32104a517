"""What stands on the face sheet, on the visit summary and on the attestation that somebody was here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from clinic.appointments.queries.listing import visits_from
from clinic.cash.queries import Paid
from clinic.core import days
from clinic.fhir.store import Store
from clinic.fhir.subject import patient_of
from clinic.insurance.mapping import to_policy
from clinic.insurance.rules import Policy
from clinic.insurance.service import coverages_of
from clinic.registration.banner import Banner, banner_of
from clinic.registration.printing import Section, person_sections
from clinic.registration.rules.consents import LANGUAGES, State
from clinic.registration.service import load_details
from clinic.visits import mapping
from clinic.visits.queries.leaving import arrived_at, at_check_out
from clinic.visits.rules import CHECK_OUT, LEFT

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
class VisitSummary:
    """What a patient takes home: the visit, what was paid, what comes next. Nothing of why they came but its name.

    `until` is None while the visit goes on. `language` is the patient's, where it is one that papers are printed in.
    """

    banner: Banner
    what: str
    provider: str
    since: datetime
    until: datetime | None
    coming: tuple[Coming, ...]
    paid: tuple[Paid, ...]
    due: int
    unsigned: tuple[State, ...]
    insured: bool
    language: str

    @property
    def paid_cents(self) -> int:
        """What was paid at this visit, less what was paid back."""
        return sum(one.cents for one in self.paid)


def visit_summary_of(store: Store, encounter_id: str) -> VisitSummary:
    """What the papers of one visit say; noted in the audit trail as printed. Raises Missing, Restricted."""
    encounter = store.read("Encounter", encounter_id)
    patient_id = patient_of(encounter)
    banner, found = banner_of(store, patient_id, what="visit summary"), at_check_out(store, encounter)
    log = mapping.log_of(encounter)
    ends = [at for station, at in log if station in (CHECK_OUT, LEFT)]
    due = banner.amount_due if isinstance(banner.amount_due, int) else 0
    store.did("print", "visit summary", patient_id)
    return VisitSummary(
        banner,
        mapping.type_of(encounter)[1],
        mapping.provider_of(encounter)[1],
        arrived_at(encounter, store.now),
        ends[0] if ends else None,
        tuple(Coming(one.start, one.type_name, one.provider_name) for one in found.coming),
        found.paid,
        due,
        found.unsigned,
        bool(banner.coverage and banner.coverage.get("state") == "ok"),
        printed_in(found.language, store.practice.language),
    )


def printed_in(spoken: str, usual: str) -> str:
    """The language of a paper: the patient's, where there are words in it, else the practice's."""
    code = spoken.replace("_", "-").split("-")[0].lower()
    return code if code in LANGUAGES else usual


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
