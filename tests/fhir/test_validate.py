"""The gate finds planted faults, says where they are and in which words, and lets good records through."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest

from clinic.core.errors import Invalid
from clinic.core.json import dumps, loads
from clinic.fhir.gate.definitions import resource_types
from clinic.fhir.validate import check, check_tolerant, require_valid
from tests.fhir.samples import GONE, a_sample, names, plant

HL7 = "http://hl7.org/fhir/StructureDefinition/"


def errors(resource: Any) -> list[tuple[str, str]]:
    return [(issue.code, issue.expression) for issue in check(resource) if issue.severity == "error"]


@pytest.mark.parametrize("name", names())
def test_a_good_record_passes_and_is_not_touched(name: str) -> None:
    resource = a_sample(name)
    before = dumps(resource)
    require_valid(resource)
    assert check(resource) == []
    assert dumps(resource) == before


PLANTED: list[tuple[str, str, Any, str, str]] = [
    # JSON types
    ("Patient", "active", "true", "value", "Patient.active"),
    ("Patient", "active", "yes", "value", "Patient.active"),
    ("Patient", "active", 1, "value", "Patient.active"),
    ("Patient", "birthDate", 1988, "value", "Patient.birthDate"),
    ("Patient", "name.0.family", {"a": 1}, "value", "Patient.name[0].family"),
    ("Patient", "name.0", "Ada Example", "structure", "Patient.name[0]"),
    ("Patient", "name", {"family": "Example"}, "structure", "Patient.name"),
    ("Patient", "birthDate", ["1988-02-29"], "value", "Patient.birthDate"),
    ("Patient", "name.0.given", "Ada", "structure", "Patient.name[0].given"),
    ("Appointment", "minutesDuration", "20", "value", "Appointment.minutesDuration"),
    ("Appointment", "minutesDuration", Decimal("20.0"), "value", "Appointment.minutesDuration"),
    ("Appointment", "minutesDuration", True, "value", "Appointment.minutesDuration"),
    ("Coverage", "costToBeneficiary.0.valueMoney.value", "25.00", "value",
     "Coverage.costToBeneficiary[0].valueMoney.value"),
    # ranges and spelling
    ("Appointment", "minutesDuration", 0, "value", "Appointment.minutesDuration"),
    ("Appointment", "priority", -1, "value", "Appointment.priority"),
    ("Coverage", "order", 2**31, "value", "Coverage.order"),
    ("Observation", "valueQuantity.value", Decimal("1E+999999"), "value", "Observation.valueQuantity.value"),
    ("Observation", "valueQuantity.value", 10**301, "value", "Observation.valueQuantity.value"),
    ("Observation", "valueQuantity.value", float("inf"), "value", "Observation.valueQuantity.value"),
    ("Patient", "id", "a" * 65, "value", "Patient.id"),
    ("Patient", "id", "a_b", "value", "Patient.id"),
    ("Patient", "id", "", "value", "Patient.id"),
    ("Patient", "birthDate", "1988-02-30", "value", "Patient.birthDate"),
    ("Patient", "birthDate", "1989-02-29", "value", "Patient.birthDate"),
    ("Patient", "birthDate", "1988-13-01", "value", "Patient.birthDate"),
    ("Patient", "birthDate", "02/29/1988", "value", "Patient.birthDate"),
    ("Patient", "birthDate", "1988-02-29T00:00:00Z", "value", "Patient.birthDate"),
    ("Appointment", "start", "2027-03-09T15:30:00", "value", "Appointment.start"),
    ("Appointment", "start", "2027-03-09T15:30Z", "value", "Appointment.start"),
    ("Appointment", "start", "2027-03-09", "value", "Appointment.start"),
    ("Observation", "effectiveDateTime", "2027-03-09T25:00:00Z", "value", "Observation.effectiveDateTime"),
    ("Patient", "gender", " female", "value", "Patient.gender"),
    ("Patient", "photo.0.data", "", "value", "Patient.photo[0].data"),
    ("Patient", "photo.0.data", 1, "value", "Patient.photo[0].data"),
    ("Patient", "photo.0.data", "QUJ", "value", "Patient.photo[0].data"),
    ("Patient", "photo.0.data", "Q*JD", "value", "Patient.photo[0].data"),
    ("Patient", "identifier.0.system", "http://a b", "value", "Patient.identifier[0].system"),
    ("Patient", "name.0.family", "   ", "value", "Patient.name[0].family"),
    ("Patient", "name.0.family", "a\x00b", "value", "Patient.name[0].family"),
    ("Patient", "name.0.family", "x" * 1_048_577, "value", "Patient.name[0].family"),
    # empty, null, unknown, missing, twice
    ("Patient", "name", [], "structure", "Patient.name"),
    ("Patient", "name.0", {}, "structure", "Patient.name[0]"),
    ("Patient", "name.0", None, "structure", "Patient.name[0]"),
    ("Patient", "gender", None, "structure", "Patient.gender"),
    ("Patient", "name.0.given", [None, "M."], "structure", "Patient.name[0].given[0]"),
    ("Patient", "name.0._given", [None], "structure", "Patient.name[0].given"),
    ("Patient", "name.0._family", {}, "structure", "Patient.name[0].family"),
    ("Patient", "_birthDate", {"valueDate": "1988"}, "structure", "Patient.birthDate.valueDate"),
    ("Patient", "_multipleBirthInteger", {"id": "x"}, "structure", "Patient.multipleBirthInteger"),
    ("Patient", "_name", [{"id": "x"}], "structure", "Patient._name"),
    ("Patient", "nickname", "Addie", "structure", "Patient.nickname"),
    ("Patient", "name.0.first", "Ada", "structure", "Patient.name[0].first"),
    ("Patient", "name.0.resourceType", "HumanName", "structure", "Patient.name[0].resourceType"),
    ("Patient", "deceasedDateTime", "2027-01-01", "structure", "Patient.deceased[x]"),
    ("Patient", "communication.0.language", GONE, "required", "Patient.communication[0].language"),
    ("Appointment", "status", GONE, "required", "Appointment.status"),
    ("Appointment", "participant", GONE, "required", "Appointment.participant"),
    ("Coverage", "payor", GONE, "required", "Coverage.payor"),
    ("Observation", "code", GONE, "required", "Observation.code"),
    # required codes
    ("Patient", "gender", "F", "code-invalid", "Patient.gender"),
    ("Patient", "gender", "Female", "code-invalid", "Patient.gender"),
    ("Patient", "telecom.0.system", "mobile", "code-invalid", "Patient.telecom[0].system"),
    ("Appointment", "status", "scheduled", "code-invalid", "Appointment.status"),
    ("Coverage", "costToBeneficiary.0.valueMoney.currency", "Dollar", "code-invalid",
     "Coverage.costToBeneficiary[0].valueMoney.currency"),
    ("Observation", "valueQuantity.comparator", "=", "code-invalid", "Observation.valueQuantity.comparator"),
    ("Patient", "photo.0.contentType", "png", "code-invalid", "Patient.photo[0].contentType"),
    ("Condition", "clinicalStatus.coding.0.code", "open", "code-invalid", "Condition.clinicalStatus"),
    ("Condition", "clinicalStatus.coding.0.system", "urn:x", "code-invalid", "Condition.clinicalStatus"),
    ("Condition", "clinicalStatus", {"text": "active"}, "code-invalid", "Condition.clinicalStatus"),
    # references
    ("Coverage", "beneficiary.reference", "Practitioner/d1", "structure", "Coverage.beneficiary"),
    ("Coverage", "beneficiary.reference", "https://x.example.org/fhir/Device/1", "structure",
     "Coverage.beneficiary"),
    ("Coverage", "beneficiary.reference", "Patient", "value", "Coverage.beneficiary.reference"),
    ("Coverage", "beneficiary.reference", "Pacient/1", "value", "Coverage.beneficiary.reference"),
    ("Coverage", "beneficiary.reference", "Patient/" + "a" * 65, "value", "Coverage.beneficiary.reference"),
    ("Coverage", "beneficiary.reference", "urn:uuid:1", "value", "Coverage.beneficiary.reference"),
    ("Coverage", "beneficiary.reference", "#nobody", "invariant", "Coverage.beneficiary.reference"),
    ("Coverage", "beneficiary.type", "Person", "value", "Coverage.beneficiary.type"),
    ("Coverage", "beneficiary", {"type": "Device", "display": "x"}, "structure", "Coverage.beneficiary"),
    ("Patient", "contained.0", {"resourceType": "Practitioner", "id": "gp", "active": True}, "structure",
     "Patient.managingOrganization"),
    # contained
    ("Patient", "managingOrganization", GONE, "invariant", "Patient.contained[0]"),
    ("Patient", "contained.0.id", GONE, "required", "Patient.contained[0].id"),
    ("Patient", "contained.0.meta", {"versionId": "2"}, "invariant", "Patient.contained[0].meta"),
    ("Patient", "contained.0.meta", {"security": [{"code": "R"}]}, "invariant",
     "Patient.contained[0].meta.security"),
    ("Patient", "contained.0.contained", [{"resourceType": "Basic", "id": "b", "code": {"text": "x"}}],
     "invariant", "Patient.contained[0].contained"),
    ("Patient", "contained.1", {"resourceType": "Organization", "id": "gp", "name": "x"}, "structure",
     "Patient.contained[1].id"),
    ("Patient", "contained.0.resourceType", "Nothing", "not-supported", "Patient.contained[0]"),
    # extensions
    ("Patient", "extension.0.url", GONE, "required", "Patient.extension[0].url"),
    ("Patient", "extension.0.url", "pronouns", "extension", "Patient.extension[0].url"),
    ("Patient", "extension.0.valueString", GONE, "invariant", "Patient.extension[0]"),
    ("Patient", "extension.0.extension", [{"url": "part", "valueString": "x"}], "invariant",
     "Patient.extension[0]"),
    ("Patient", "extension.0.valueCode", "x", "structure", "Patient.extension[0].value[x]"),
    ("Patient", "extension.0", {"url": f"{HL7}patient-birthTime", "valueDate": "1988-02-29"}, "extension",
     "Patient.extension[0]"),
    ("Patient", "extension.0", {"url": f"{HL7}patient-nationality", "valueCode": "NL"}, "extension",
     "Patient.extension[0]"),
    ("Patient", "extension.0", {"url": f"{HL7}patient-animal", "extension": [
        {"url": "breed", "valueCodeableConcept": {"text": "x"}}]}, "extension", "Patient.extension[0]"),
    ("Patient", "extension.0", {"url": f"{HL7}patient-nationality", "extension": [
        {"url": "period", "valueString": "x"}]}, "extension", "Patient.extension[0]"),
    ("Patient", "extension.0", {"url": f"{HL7}patient-nationality", "extension": [
        {"url": "code", "valueCodeableConcept": {"text": "x"}},
        {"url": "code", "valueCodeableConcept": {"text": "y"}}]}, "extension", "Patient.extension[0]"),
    ("Patient", "extension.0", {"url": f"{HL7}data-absent-reason", "valueCode": "lost"}, "code-invalid",
     "Patient.extension[0].valueCode"),
    # invariants
    ("Patient", "contact.0", {"gender": "female"}, "invariant", "Patient.contact[0]"),
    ("Patient", "contact.0.period.end", "2026-12-31", "invariant", "Patient.contact[0].period"),
    ("Patient", "telecom.0.system", GONE, "invariant", "Patient.telecom[0]"),
    ("Patient", "photo.0.contentType", GONE, "invariant", "Patient.photo[0]"),
    ("Patient", "contained.0.name", GONE, "invariant", "Patient.contained[0]"),
    ("Appointment", "end", GONE, "invariant", "Appointment"),
    ("Appointment", "cancelationReason", {"text": "ill"}, "invariant", "Appointment"),
    ("Appointment", "participant.0.actor", GONE, "invariant", "Appointment.participant[0]"),
    ("Observation", "dataAbsentReason", {"text": "refused"}, "invariant", "Observation"),
    ("Observation", "valueQuantity.system", GONE, "invariant", "Observation.valueQuantity"),
    ("Observation", "referenceRange.0", {"appliesTo": [{"text": "x"}]}, "invariant",
     "Observation.referenceRange[0]"),
    ("Condition", "abatementString", "better", "invariant", "Condition"),
    ("Questionnaire", "item.0.item.1.linkId", "1.1", "invariant", "Questionnaire"),
    ("Questionnaire", "item.0.item", GONE, "invariant", "Questionnaire.item[0]"),
    ("Questionnaire", "item.0.item.1.answerValueSet", "http://example.org/vs", "invariant",
     "Questionnaire.item[0].item[1]"),
    ("Questionnaire", "item.0.item.1.maxLength", 3, "invariant", "Questionnaire.item[0].item[1]"),
    ("Task", "lastModified", "2027-02-01T10:00:00Z", "invariant", "Task"),
    ("Timing", "dosageInstruction.0.timing.repeat.periodUnit", GONE, "invariant",
     "MedicationRequest.dosageInstruction[0].timing.repeat"),
    ("List", "entry.0.deleted", True, "invariant", "List"),
    # bundles
    ("Bundle", "entry.0.request", GONE, "invariant", "Bundle"),
    ("Bundle", "entry.0.fullUrl", "Patient/p1", "value", "Bundle.entry[0].fullUrl"),
    ("Bundle", "entry.1.fullUrl", "https://clinic.example.org/fhir/Patient/p3", "value",
     "Bundle.entry[1].fullUrl"),
    ("Bundle", "entry.0.fullUrl", "https://clinic.example.org/fhir/Patient/p2", "invariant",
     "Bundle.entry[1].fullUrl"),
    ("Bundle", "entry.1.resource.gender", "F", "code-invalid", "Bundle.entry[1].resource.gender"),
    ("Bundle", "total", 2, "invariant", "Bundle"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "place", "value", "code", "expression"), PLANTED)
def test_a_planted_fault_is_found_where_it_is(name: str, place: str, value: Any, code: str, expression: str) -> None:
    assert (code, expression) in errors(plant(a_sample(name), place, value))


@pytest.mark.parametrize(
    ("name", "place", "value"),
    [
        ("Patient", "birthDate", "1988"),
        ("Patient", "birthDate", "1988-02"),
        ("Appointment", "start", "2027-03-09T10:30:00.123456789-05:00"),
        ("Appointment", "status", "waitlist"),
        ("Observation", "valueQuantity.value", Decimal("-0.00")),
        ("Observation", "valueQuantity.value", 12345678901234567890),
        ("Observation", "valueQuantity.value", 70.5),
        ("Coverage", "beneficiary", {"display": "somebody"}),
        ("Coverage", "beneficiary.reference", "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"),
        ("Coverage", "beneficiary.reference", "https://x.example.org/fhir/Patient/1/_history/3"),
        ("Coverage", "beneficiary.reference", "Patient?identifier=urn:clinic:record-number|HS-00001"),
        ("Patient", "_gender", {"id": "g"}),
        ("Patient", "extension.0", {"url": "urn:clinic:x", "extension": [{"url": "a", "valueCode": "b"}]}),
        ("Patient", "extension.0", {"url": f"{HL7}patient-birthTime", "valueDateTime": "1988-02-29"}),
        ("Patient", "contact.0.period", {"start": "2027-02-15", "end": "2027-02"}),
        ("Patient", "telecom.0.use", "old"),
        ("Questionnaire", "item.0.item.2.maxLength", 3),
        ("Condition", "clinicalStatus.coding.1", {"system": "urn:own", "code": "open"}),
    ],
)
def test_what_is_unusual_but_right_passes(name: str, place: str, value: Any) -> None:
    assert errors(plant(a_sample(name), place, value)) == []


def test_a_primitive_without_value_counts_as_given() -> None:
    resource = plant(a_sample("Appointment"), "status", GONE)
    reason = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
    assert errors(resource | {"_status": {"extension": [reason]}}) == []


@pytest.mark.parametrize("value", [None, [], "Patient", 1, {}, {"resourceType": 1}, {"resourceType": "Patent"},
                                   {"resourceType": "DomainResource"}, {"resourceType": "HumanName"}])  # fmt: skip
def test_what_is_no_resource_is_refused(value: Any) -> None:
    assert [code for code, _ in errors(value)] in (["structure"], ["not-supported"])


def test_every_r4_type_is_known_also_those_that_the_models_lack() -> None:
    assert len(resource_types()) == 146
    assert errors({"resourceType": "MedicinalProduct", "name": [{"productName": "x"}]}) == []
    assert ("structure", "MedicinalProduct.colour") in errors({"resourceType": "MedicinalProduct", "colour": "x"})
    assert errors({"resourceType": "Evidence", "status": "draft", "exposureBackground": {"display": "x"}}) == []


def test_the_refusal_carries_the_issues_and_names_the_first() -> None:
    resource = plant(plant(a_sample("Patient"), "gender", "F"), "name.0.family", "")
    with pytest.raises(Invalid) as refusal:
        require_valid(resource)
    assert [issue.expression for issue in refusal.value.issues] == ["Patient.name[0].family", "Patient.gender"]
    assert str(refusal.value) == (
        "The Patient cannot be stored: Patient.name[0].family is an empty text; leave the element out instead."
    )
    assert refusal.value.field == "Patient.name[0].family"
    assert [detail.field for detail in refusal.value.details] == ["Patient.name[0].family", "Patient.gender"]


def test_a_wrong_code_is_answered_with_the_right_ones() -> None:
    (issue,) = check(plant(a_sample("Patient"), "gender", "F"))
    assert issue.diagnostics == (
        'Patient.gender is "F", which is not one of female, male, other, unknown '
        "(http://hl7.org/fhir/administrative-gender)."
    )


def test_an_invariant_is_said_in_its_official_words() -> None:
    (issue,) = check(plant(a_sample("Patient"), "contact.0", {"gender": "female"}))
    assert issue.diagnostics == (
        "SHALL at least contain a contact's details or a reference to an organization. (pat-1)"
    )


def test_advice_is_a_warning_and_refuses_nothing() -> None:
    resource = plant(a_sample("Questionnaire"), "name", "patient intake")
    assert [issue.severity for issue in check(resource)] == ["warning"]
    require_valid(resource)


def test_a_form_from_outside_is_kept_with_its_faults_as_warnings() -> None:
    form = plant(a_sample("Questionnaire"), "item.0.item.0.required", "true")
    assert [issue.severity for issue in check(form)] == ["error"]
    assert [issue.severity for issue in check_tolerant(form)] == ["warning"]
    assert [issue.severity for issue in check_tolerant({"resourceType": "Form"})] == ["error"]
    assert [issue.severity for issue in check_tolerant([])] == ["error"]


def test_whole_numbers_and_decimals_are_told_apart_by_their_spelling() -> None:
    def amount(text: str) -> list[tuple[str, str]]:
        return errors(plant(a_sample("Observation"), "valueQuantity.value", loads(text)))

    def minutes(text: str) -> list[tuple[str, str]]:
        return errors(plant(a_sample("Appointment"), "minutesDuration", loads(text)))

    assert [amount(text) for text in ("1", "1.0", "1.0E2", "-0", "0.00")] == [[]] * 5
    assert minutes("20") == []
    assert [bool(minutes(text)) for text in ("20.0", "2E1", "-0")] == [True] * 3


@pytest.mark.parametrize("name", ["Patient", "Appointment"])
def test_an_everyday_record_takes_well_under_three_milliseconds(name: str) -> None:
    resource = a_sample(name)
    check(resource)
    started = time.perf_counter()
    for _ in range(20):
        check(resource)
    assert (time.perf_counter() - started) / 20 < 0.003
