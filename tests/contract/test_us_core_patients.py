"""Patients that the desk of the US pack writes conform to US Core, judged by another people's validator."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic.core.json import dumps
from clinic.fhir.store import Store
from clinic.registration.rules.details import (
    ASKABLE,
    Absent,
    Address,
    FormerName,
    Number,
    PatientDetails,
    Relative,
)
from clinic.registration.service import register_patient
from clinic.registration.service.unnamed import register_newborn, register_unknown
from tests.contract.conftest import node

HOME = Address("8 Mill Lane", "2 B", "Albany", "NY", "12207", "US")
FULL = PatientDetails(
    "Beatriz", "García Leal", "1980-02-02", "female", birth_time="14:05", birth_order="2", middle="Ana Luz",
    prefix="Dr", suffix="PhD", preferred="Bea", nick="Bibi", maiden="Ruiz",
    former=FormerName("Beatriz", "Vos", "2001", "2009-08"), pronouns="she, her", birth_sex="F",
    gender_identity="woman", orientation="lesbian", mobile="+12025550177", mobile_hours="09:00-12:00, 17:00-24:00",
    home_phone="+12025550178", home_texts=True, work_phone="+12025550179", work_hours="09:00-17:00",
    email="bea@example.org", address=HOME, mailing=Address("PO Box 7", "", "Albany", "NY", "12201", "US"),
    temporary=Address("1 Lake Rd", "", "Troy", "NY", "12180", "US"), temporary_end="2027-06-01", language="es",
    interpreter=True, interpreter_language="ase", marital="M", race=("1002-5", "2028-9"),
    race_detail=("1586-7", "2036-2"), ethnicity="2135-2", ethnicity_detail=("2184-0",), tribes=("187",),
    emergency=Relative("Luis", "Leal", "SPS", "+12025550106"), emergency2=Relative("Ana", "Leal", "DAU", ""),
    guarantor=Relative("Rosa", "Leal", "MTH", "+12025550107"),
    numbers=(Number("ssn", "123121234"), Number("mbi", "1EG4TE5MK73"), Number("licence", "NY 123456789")),
    general_practitioner="Dr Iyer", pharmacy="Quayside", employer="Harbour Works", occupation="Welder",
    contact_by="phone", never_by=("email", "letter"), known_of="an anchor",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("version", ["us-core-610", "us-core-700"])
def test_every_patient_of_the_desk_conforms_to_us_core(store: Store, fhir_check: Path, version: str) -> None:
    full = register_patient(store, FULL)
    fields = (*ASKABLE, "number_ssn", "number_mbi")
    declined = PatientDetails("Ana", "Vos", "1980", "unknown", absent=tuple(Absent(f, "declined") for f in fields))
    unknown = PatientDetails("Bo", "Vos", "1980-02", "other", absent=tuple(Absent(f, "unknown") for f in fields))
    made = [full, *(register_patient(store, one) for one in (declined, unknown))]
    made.append(register_unknown(store, PatientDetails("", "", "1987", "male", deceased="2027-01-02")))
    made.append(register_newborn(store, full["id"], PatientDetails("", "", "2027-03-09", "female")))
    file = fhir_check / f"desk-{version}.ndjson"
    file.write_text("\n".join(map(dumps, made)), encoding="utf-8")
    told = node(fhir_check, "validate.mjs", str(file), "--profiles", version, "--assume-us-core")
    assert told.returncode == 0, told.stdout[-4000:] + told.stderr[-2000:]
    assert " 0 invalid" in told.stdout, told.stdout[-4000:]
