"""Registering and changing people, on both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clinic.core.errors import Gone, Invalid, Missing, Stale
from clinic.fhir.store import Store
from clinic.regions import region_of
from clinic.registration.errors import NumberTaken
from clinic.registration.mapping import details_of, display_name, legal_name, record_number
from clinic.registration.rules.details import Address, Number, PatientDetails, Relative
from clinic.registration.service import (
    amend_patient,
    change_patient,
    load_details,
    register_patient,
    writers,
)

BEA = PatientDetails(
    given="Beatriz",
    middle="Ana Luz",
    family="García Leal",
    preferred="Bea",
    birth_date="1980-02-02",
    sex="female",
    pronouns="she, her",
    mobile="+12025550177",
    email="bea@example.org",
    address=Address("8 Mill Lane", "2 B", "Albany", "NY", "12207", "US"),
    language="es",
    interpreter=True,
    marital="M",
    emergency=Relative("Luis", "Leal", "SPS", "+12025550106"),
    guarantor=Relative("Rosa", "Leal", "MTH", "+12025550107"),
    numbers=(Number("itin", "912903456"),),
    general_practitioner="Dr Iyer",
    contact_by="phone",
)


def test_a_registered_patient_reads_back_the_same(any_store: Store):
    patient = register_patient(any_store, BEA)
    assert record_number(patient) == "HS-00001"
    assert display_name(patient) == "Bea García Leal"
    assert legal_name(patient) == "Beatriz Ana Luz García Leal"
    assert load_details(any_store, patient["id"]) == BEA


def test_record_numbers_follow_each_other_without_a_gap(any_store: Store):
    plain = replace(BEA, numbers=())
    assert [record_number(register_patient(any_store, plain)) for _ in range(3)] == [
        "HS-00001",
        "HS-00002",
        "HS-00003",
    ]


def test_a_number_of_somebody_else_is_refused_beside_its_field(any_store: Store):
    first = register_patient(any_store, BEA)
    with pytest.raises(NumberTaken) as refused:
        register_patient(any_store, replace(BEA, given="Ana"))
    assert refused.value.details[0].field == "number_itin"
    assert refused.value.holder == first["id"]


def test_a_number_given_up_is_free_for_the_right_person(any_store: Store):
    first = register_patient(any_store, BEA)
    change_patient(any_store, first["id"], replace(BEA, numbers=()))
    second = register_patient(any_store, replace(BEA, given="Ana"))
    assert details_of(second, region_of("us")).number("itin") == "912903456"


def test_changing_one_field_keeps_the_rest_and_makes_one_version(any_store: Store):
    patient = register_patient(any_store, BEA)
    changed = amend_patient(any_store, patient["id"], {"mobile": "+12025550188"})
    assert changed["meta"]["versionId"] == "2"
    assert load_details(any_store, patient["id"]) == replace(BEA, mobile="+12025550188")
    again = amend_patient(any_store, patient["id"], {"mobile": "+12025550188"})
    assert again["meta"]["versionId"] == "2"


def test_a_stale_change_is_refused_and_changes_nothing(any_store: Store):
    patient = register_patient(any_store, BEA)
    amend_patient(any_store, patient["id"], {"mobile": "+12025550188"}, version=1)
    with pytest.raises(Stale) as stale:
        amend_patient(any_store, patient["id"], {"email": "new@example.org"}, version=1)
    assert details_of(stale.value.current, region_of("us")).mobile == "+12025550188"
    assert load_details(any_store, patient["id"]).email == "bea@example.org"


def test_what_the_desk_does_not_know_of_an_imported_record_stays(any_store: Store):
    imported = {
        "resourceType": "Patient",
        "extension": [{"url": "http://example.org/fhir/eye-colour", "valueString": "green"}],
        "identifier": [{"system": "urn:oid:1.2.3", "value": "A-7"}],
        "name": [
            {"use": "official", "family": "Vos", "given": ["Jan", "Piet"], "period": {"start": "1999"}},
            {"use": "old", "family": "Bos"},
        ],
        "telecom": [
            {"system": "phone", "value": "020 555 0101", "use": "home", "rank": 2},
            {"system": "fax", "value": "020 555 0102"},
        ],
        "gender": "male",
        "birthDate": "1971-03",
        "multipleBirthInteger": 2,
        "contact": [
            {
                "relationship": [
                    {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0131", "code": "N"}]}
                ],
                "name": {"family": "Vos"},
            }
        ],
        "maritalStatus": {"coding": [{"system": "http://example.org/status", "code": "x"}]},
    }
    patient = writers["Patient"].create(any_store, imported)
    assert {key: patient[key] for key in imported} == imported
    changed = amend_patient(any_store, patient["id"], {"city": ""} and {"email": "jan@example.org"})
    for key in ("extension", "name", "gender", "birthDate", "multipleBirthInteger", "contact", "maritalStatus"):
        assert changed[key] == imported[key], key
    assert changed["telecom"][:2] == imported["telecom"]
    assert imported["identifier"][0] in changed["identifier"]
    assert record_number(changed) == "HS-00001"


def test_an_estimated_birth_date_says_so(any_store: Store):
    patient = register_patient(any_store, replace(BEA, birth_date="1987", birth_estimated=True, numbers=()))
    assert patient["birthDate"] == "1987"
    assert load_details(any_store, patient["id"]).birth_estimated
    exact = amend_patient(any_store, patient["id"], {"birth_date": "1987-04-01", "birth_estimated": False})
    assert "_birthDate" not in exact


def test_a_guarantor_is_a_person_and_can_be_taken_back(any_store: Store):
    patient = register_patient(any_store, BEA)
    people = any_store.search("RelatedPerson", [("patient", f"Patient/{patient['id']}")])
    assert people[0]["name"][0]["family"] == "Leal"
    amend_patient(any_store, patient["id"], {"guarantor": Relative()})
    assert load_details(any_store, patient["id"]).guarantor == Relative()
    account = any_store.search("Account", [("subject", f"Patient/{patient['id']}")])[0]
    assert account["guarantor"][0]["party"]["reference"] == f"Patient/{patient['id']}"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"given": ""}, "given"),
        ({"family": ""}, "family"),
        ({"sex": "robot"}, "sex"),
        ({"birth_date": ""}, "birth_date"),
        ({"birth_date": "2999-01-01"}, "birth_date"),
        ({"birth_date": "1980-13-45"}, "birth_date"),
    ],
)
def test_the_four_answers_are_required_whoever_calls(store: Store, changes, field):
    with pytest.raises(Invalid) as refused:
        register_patient(store, replace(BEA, **changes))
    assert [detail.field for detail in refused.value.details] == [field]


def test_the_interface_keeps_what_it_is_given_but_not_another_patients_number(any_store: Store):
    write = writers["Patient"]
    numbered = {
        "resourceType": "Patient",
        "identifier": [{"system": "http://hl7.org/fhir/sid/us-ssn", "value": "999-12-3456"}],
    }
    first = write.create(any_store, numbered)
    with pytest.raises(NumberTaken):
        write.create(any_store, numbered)
    second = write.create(any_store, {"resourceType": "Patient"})
    with pytest.raises(NumberTaken):
        write.update(any_store, {**numbered, "id": second["id"]}, None)
    write.delete(any_store, first["id"], None)
    with pytest.raises(Gone):
        any_store.read("Patient", first["id"])
    write.update(any_store, {**numbered, "id": second["id"]}, None)
    with pytest.raises(Missing):
        write.update(any_store, {**numbered, "id": "none-such", "identifier": []}, None)


def test_a_new_name_is_told_to_the_slices_above(store: Store):
    heard = []
    store.setting.hooks.patient_renamed.append(lambda _store, patient: heard.append(display_name(patient)))
    patient = register_patient(store, BEA)
    amend_patient(store, patient["id"], {"email": "new@example.org"})
    amend_patient(store, patient["id"], {"preferred": "Bibi"})
    assert heard == ["Bibi García Leal"]
