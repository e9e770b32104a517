"""Every change with old, new, who, when and from where; and one value put back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.core.clock import FixedClock
from clinic.core.json import Json
from clinic.core.source import IMPORT, TABLET, Source
from clinic.fhir.store import Store
from clinic.registration.queries.changes import past_of
from clinic.registration.queries.evidence import evidence_of
from clinic.registration.rules.details import Address, Number, PatientDetails, Relative
from clinic.registration.rules.own import OwnField, OwnValue
from clinic.registration.service.evidence import confirm_values
from clinic.registration.service.own import save_field
from clinic.registration.service.patients import amend_patient, load_details, register_patient
from tests.factories import token_in
from tests.intake.factories import write

ClientOf = Callable[[str], FlaskClient]
HOME = Address(line="12 Lantern Court", city="Harbor", state="NY", postal_code="10001")
MAFE = PatientDetails(
    "Mafe", "García Ochoa", "1979-08-14", "female", mobile="+12125550142", email="mafe@casaochoa.example",
    address=HOME, emergency=Relative("Andrés", "Ochoa Ruiz", "SPS", "+12125550150"),
    numbers=(Number("ssn", "536-90-4399"),),
)  # fmt: skip


@pytest.fixture
def mafe(app: Flask, clock: FixedClock) -> str:
    """A patient who changed three times: an import, the tablet, and a move."""

    def make(store: Store) -> str:
        return str(register_patient(store, MAFE)["id"])

    id_ = str(write(app, make))
    changes: list[tuple[Source, Json]] = [
        (Source(IMPORT, detail="patients.csv"), {"mobile": "+12125550199", "numbers": ()}),
        (Source(TABLET), {"email": ""}),
        (
            Source(IMPORT, detail="again.csv"),
            {"address": Address(line="7 Birch Lane", city="Bay", postal_code="10002")},
        ),
    ]
    for source, change in changes:
        clock.instant += timedelta(days=1)

        def amend(store: Store, source: Source = source, change: Json = change) -> None:
            with store.told_by(source):
                amend_patient(store, id_, change)

        write(app, amend)
    return id_


def page_of(client: FlaskClient, patient_id: str, query: str = "") -> str:
    return client.get(f"/registration/{patient_id}/history{query}").get_data(as_text=True)


def restores(page: str) -> list[str]:
    return [one.replace("&amp;", "&") for one in re.findall(r'action="(/registration/[^"]+/restore/[^"]+)"', page)]


def put_back(client: FlaskClient, patient_id: str, field: str) -> tuple[int, str]:
    page = page_of(client, patient_id)
    url = next(one for one in restores(page) if f"/restore/{field}?" in one)
    answer = client.post(url, data={"csrf_token": token_in(page)})
    return answer.status_code, answer.get_data(as_text=True)


def test_every_change_says_old_new_who_when_and_from_where(client_of: ClientOf, mafe: str) -> None:
    page = page_of(client_of("receptionist"), mafe)
    assert "(212) 555-0142" in page
    assert "(212) 555-0199" in page
    assert "patients.csv" in page
    assert "Given on the tablet" in page
    assert "12 Lantern Court" in page
    assert "Address(" not in page
    assert "Record made" in page
    assert "536-90" not in page, "an identity number stays masked"
    assert "4399" in page


def test_one_field_shows_how_it_began_and_what_was_confirmed(app: Flask, client_of: ClientOf, mafe: str) -> None:
    write(app, lambda store: confirm_values(store, mafe, ["mobile"]))
    page = page_of(client_of("receptionist"), mafe, "?field=mobile")
    assert page.count("(212) 555-0142") >= 2
    assert "Confirmed" in page
    assert "12 Lantern Court" not in page
    assert "Nothing changed here" in page_of(client_of("receptionist"), mafe, "?field=pharmacy")


def test_a_long_history_comes_in_pages(app: Flask, client_of: ClientOf, mafe: str) -> None:
    def often(store: Store) -> None:
        for number in range(45):
            amend_patient(store, mafe, {"preferred": f"Mafe {number}"})

    write(app, often)
    desk = client_of("receptionist")
    first, second = page_of(desk, mafe), page_of(desk, mafe, "?page=2")
    assert "1 to 40 of" in first
    assert "Older" in first
    assert "Record made" not in first
    assert "Record made" in second
    assert "Newer" in second
    assert "Nothing changed here" in page_of(desk, mafe, "?page=900")
    assert "1 to 40 of" in page_of(desk, mafe, "?page=²")


@pytest.mark.parametrize(
    ("field", "value"),
    [("mobile", MAFE.mobile), ("email", MAFE.email), ("address", HOME), ("number_ssn", None)],
)
def test_one_value_is_put_back_with_its_source_and_the_rest_stays(
    app: Flask, client_of: ClientOf, mafe: str, field: str, value: object
) -> None:
    before = write(app, lambda store: load_details(store, mafe))
    assert put_back(client_of("receptionist"), mafe, field)[0] == 303
    after = write(app, lambda store: load_details(store, mafe))
    if field == "number_ssn":
        assert after.number("ssn") == MAFE.number("ssn")
    else:
        assert getattr(after, field) == value
    for name in ("mobile", "email", "address", "numbers", "emergency", "given"):
        if name != field and not (name == "numbers" and field == "number_ssn"):
            assert getattr(after, name) == getattr(before, name)
    told = write(app, lambda store: evidence_of(store, mafe))[field].told
    assert told.source == "restored"
    assert told.document.startswith(f"Patient/{mafe}/_history/")


def test_a_restored_value_can_be_taken_back(app: Flask, client_of: ClientOf, mafe: str) -> None:
    desk = client_of("receptionist")
    put_back(desk, mafe, "mobile")
    page = page_of(desk, mafe)
    undo = re.search(r'class="toast".*?action="([^"]+)"', page, re.DOTALL)[1].replace("&amp;", "&")  # type: ignore[index]
    assert desk.post(undo, data={"csrf_token": token_in(page)}).status_code == 303
    assert write(app, lambda store: load_details(store, mafe)).mobile == "+12125550199"


def test_a_record_that_changed_meanwhile_is_shown_and_nothing_restored(
    app: Flask, client_of: ClientOf, mafe: str
) -> None:
    desk = client_of("receptionist")
    page = page_of(desk, mafe)
    url = next(one for one in restores(page) if "/restore/mobile?" in one)
    write(app, lambda store: amend_patient(store, mafe, {"preferred": "Fer"}))
    answer = desk.post(url, data={"csrf_token": token_in(page)})
    assert answer.status_code == 409
    assert "nothing was restored" in answer.get_data(as_text=True)
    assert write(app, lambda store: load_details(store, mafe)).mobile == "+12125550199"


def test_a_number_that_is_somebody_elses_now_is_refused_with_the_reason(
    app: Flask, client_of: ClientOf, mafe: str
) -> None:
    other = PatientDetails("Iker", "Prat", "1980-01-01", "male", numbers=MAFE.numbers)
    write(app, lambda store: register_patient(store, other))
    status, page = put_back(client_of("receptionist"), mafe, "number_ssn")
    assert status == 422
    assert "another patient already has this number" in page


def test_a_value_that_the_rules_no_longer_take_is_refused(app: Flask, client_of: ClientOf) -> None:
    def imported(store: Store) -> str:
        made = register_patient(store, PatientDetails("Ana", "Soler", "1980-01-01", "female", mobile="call my son"))
        amend_patient(store, made["id"], {"mobile": "+12125550142"})
        return str(made["id"])

    id_ = write(app, imported)
    status, page = put_back(client_of("receptionist"), id_, "mobile")
    assert status == 422
    assert "telephone" in page.lower() or "phone" in page.lower()
    assert write(app, lambda store: load_details(store, id_)).mobile == "+12125550142"


@pytest.mark.parametrize(
    "path", ["1/restore/given%20", "1/restore/guarantor", "1/restore/nothing", "99/restore/mobile"]
)
def test_what_is_not_there_cannot_be_restored(client_of: ClientOf, mafe: str, path: str) -> None:
    desk = client_of("receptionist")
    data = {"csrf_token": token_in(page_of(desk, mafe))}
    assert desk.post(f"/registration/{mafe}/history/{path}?at=4", data=data).status_code == 404


def test_who_may_only_read_sees_no_button(client_of: ClientOf, mafe: str) -> None:
    page = page_of(client_of("billing"), mafe)
    assert restores(page) == []
    assert "12 Lantern Court" in page


def test_the_history_is_read_in_few_statements_and_needs_no_evidence(any_store: Store) -> None:
    made = register_patient(any_store, MAFE)
    for one in any_store.search("Provenance", [], limit=5):
        any_store.delete("Provenance", one["id"])
    amend_patient(any_store, made["id"], {"email": ""})
    past = past_of(any_store, made["id"])
    assert [(line.kind, line.field) for line in past.lines] == [("changed", "email"), ("made", "")]
    assert past.lines[1].told is None
    assert past.version == 2
    assert [line.version for line in past_of(any_store, made["id"], "email").lines] == [2, 1]


def test_what_stands_behind_every_value_comes_in_one_answer(app: Flask, client_of: ClientOf, mafe: str) -> None:
    desk = client_of("receptionist")
    found = desk.get(f"/registration/{mafe}/evidence").get_data(as_text=True)
    stories = dict(re.findall(r'<section data-of="(\w+)"(.*?)</section>', found, re.DOTALL))
    there = {"given", "family", "birth_date", "sex", "mobile", "address", "past_addresses", "emergency"}
    assert set(stories) == there
    assert "patients.csv" in stories["mobile"]
    assert "Before:" in stories["mobile"]
    assert "(212) 555-0142" in stories["mobile"]
    assert "Past its term" in stories["mobile"]
    assert 'data-inputs="line line2 city state postal_code country"' in stories["address"]
    assert "12 Lantern Court" in stories["address"]
    assert client_of("stranger").get(f"/registration/{mafe}/evidence").status_code in (302, 303, 401)
    assert desk.get("/registration/nobody/evidence").status_code == 404


def test_how_it_was_told_is_kept_with_what_was_typed(app: Flask, client_of: ClientOf, mafe: str) -> None:
    desk = client_of("receptionist")
    page = desk.get(f"/registration/{mafe}/edit").get_data(as_text=True)
    form = page[page.index('id="edit-patient"') :]
    data = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', form))
    data |= {"sex": "female", "mobile": "212 555 0177", "told": "phone", "texts": "y"}
    data.pop("choose", None)
    assert desk.post(f"/registration/{mafe}/edit", data=data).status_code == 303
    known = write(app, lambda store: evidence_of(store, mafe))
    assert known["mobile"].told.source == "phone"
    assert known["mobile"].told.by_name.startswith("Receptionist")
    assert known["family"].told.source == "import"


def test_a_field_of_the_practices_own_has_its_evidence_and_its_history(app: Flask, client_of: ClientOf) -> None:
    def make(store: Store) -> str:
        save_field(store, OwnField(key="shoe", type="text", labels={"en": "Shoe size"}))
        made = register_patient(store, replace(MAFE, own=(OwnValue("shoe", "text", "39"),)))
        amend_patient(store, made["id"], {"own": (OwnValue("shoe", "text", "40"),)})
        return str(made["id"])

    id_ = write(app, make)
    assert write(app, lambda store: evidence_of(store, id_))["own:shoe"].told.version == 2
    desk = client_of("receptionist")
    page = page_of(desk, id_)
    assert "Shoe size" in page
    assert put_back(desk, id_, "own:shoe")[0] == 303
    assert write(app, lambda store: load_details(store, id_)).own[0].value == "39"
    assert 'data-of="own:shoe"' in desk.get(f"/registration/{id_}/evidence").get_data(as_text=True)


def test_the_orientation_is_typed_shown_and_traced_and_may_be_declined(client_of: ClientOf, mafe: str) -> None:
    desk = client_of("receptionist")

    def save(entry: dict[str, str]) -> str:
        page = desk.get(f"/registration/{mafe}/edit").get_data(as_text=True)
        form = page[page.index('id="edit-patient"') :]
        data = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', form))
        data |= {"sex": "female", "texts": "y"} | entry
        data.pop("choose", None)
        assert desk.post(f"/registration/{mafe}/edit", data=data).status_code == 303
        shown = desk.get(f"/registration/{mafe}").get_data(as_text=True)
        return next(iter(re.findall(r'<dd data-evidence="orientation">([^<]*)</dd>', shown)), "")

    assert save({}) == ""
    assert save({"orientation": "Lesbian"}) == "Lesbian"
    assert 'data-of="orientation"' in desk.get(f"/registration/{mafe}/evidence").get_data(as_text=True)
    assert save({"orientation": "", "absent_orientation": "declined"}) == "declined"
    page = page_of(desk, mafe, "?field=orientation")
    assert "Sexual orientation" in page
    assert "Lesbian" in page
