"""What a patient leaves as it is on the tablet is confirmed by them; what was confirmed lately is not asked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from clinic.core.json import Json
from clinic.core.source import LINK, TABLET, Source
from clinic.fhir.store import Store
from clinic.intake.questionnaire import Answers, Form
from clinic.intake.record import ADDRESS, EMERGENCY, field_of, given_answers, instances_of
from clinic.intake.service.forms import CONTACT_CHECK
from clinic.intake.service.packets import Packet
from clinic.intake.service.review import changes_of
from clinic.regions import region_of
from clinic.registration.mapping.evidence import values_of
from clinic.registration.queries.evidence import acts_on, evidence_of_record
from clinic.registration.rules.evidence import ages_of, standing
from clinic.registration.service.evidence import confirm_values

TILE = "tile:"


def source_of(packet: Packet, response: Json) -> Source:
    """Where these answers come from: a tablet, or a link on the patient's own phone."""
    through = LINK if packet.device_id == packet.id else TABLET
    answers = f"QuestionnaireResponse/{response['id']}/_history/{response['meta']['versionId']}"
    return Source(through, document=answers)


def confirm_same(
    store: Store, packet: Packet, form: Form, *, given: Answers, asked: frozenset[str], kept: Json
) -> None:
    """Keep that the patient confirmed every value of the record that they answered with as it is.

    Of the check of the record only what they were asked counts, not what is shown beside it.
    """
    record = store.find("Patient", packet.patient_id)
    if record is None:
        return
    found = given_answers(form, given, asked)
    if form.url == CONTACT_CHECK:
        answered = _answered(packet, form, given)
        found = [one for one in found if one.field in answered]
    there = values_of(record, region_of(store.practice.region))
    same = [one.key for one in changes_of(store, found, record) if one.state == "same" and one.key in there]
    if same:
        with store.told_by(source_of(packet, kept)):
            confirm_values(store, packet.patient_id, same)


def fresh_dates(store: Store, patient_id: str) -> dict[str, datetime]:
    """Since when each value is known to be right that needs no asking now, by field."""
    record = store.read("Patient", patient_id)
    known = evidence_of_record(record, acts_on(store, [patient_id]), region_of(store.practice.region))
    fresh = standing(known, ages_of(store.practice.ages), store.now).fresh
    return {one.field: one.since for one in fresh if one.since is not None}


def values_asked(fields: Iterable[str]) -> set[str]:
    """The values of the record that questions ask for, by the names that evidence has for them."""
    return {"address" if name in ADDRESS else "emergency" if name in EMERGENCY else name for name in fields if name}


def _answered(packet: Packet, form: Form, given: Answers) -> set[str]:
    groups = [found for link in packet.view if link.startswith(TILE) and (found := form.by_link.get(link[len(TILE) :]))]
    return {field_of(one.item) for group in groups for one in instances_of(form, given, group)}
