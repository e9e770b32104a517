"""People without a name, what the form offers, and reasons that stand for an answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import time, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.appointments.service import book
from clinic.core.errors import Invalid
from clinic.fhir.store import Store
from clinic.registration.mapping import display_name
from clinic.registration.mapping.names import stands_in
from clinic.registration.queries.said import places_of, said_like
from clinic.registration.queries.unfinished import unfinished_list
from clinic.registration.rules.contacting import HOURS, NEVER, NO_TEXTS, QUIET, may_contact
from clinic.registration.rules.details import Absent, Address, FormerName
from clinic.registration.rules.hours import read_hours, within
from clinic.registration.service import amend_patient, change_patient, load_details
from clinic.registration.service.unnamed import register_newborn
from tests.appointments import factories as calendar
from tests.registration.factories import a_patient, someone
from tests.registration.test_routes import post, text, write

HOME = Address("8 Mill Lane", "", "Albany", "NY", "12207", "US")


@pytest.fixture
def desk(client_of: Callable[[str], FlaskClient]) -> FlaskClient:
    return client_of("receptionist")


def test_an_unknown_person_is_registered_by_age_and_sex_and_completed_later(app: Flask, desk: FlaskClient) -> None:
    sent = {"birth_date": "about 40", "sex": "male", "known_of": "an anchor on the arm", "once": "one"}
    answer = post(desk, "/registration/unknown", sent)
    patient_id = answer.headers["Location"].rsplit("/", 1)[-1]
    waiting = text(desk.get("/registration/unfinished"))
    assert "Unknown HS-00001" in waiting
    assert "nobody could name them" in waiting
    page = text(desk.get(f"/registration/{patient_id}"))
    assert "an anchor on the arm" in page
    assert "Give the name" in page
    version = re.search(r'name="version"[^>]*value="(\d+)"', text(desk.get(f"/registration/{patient_id}/edit")))
    named = {"given": "Carl", "family": "Berg", "birth_date": "3 Feb 1985", "sex": "male", "version": version[1]}
    assert post(desk, f"/registration/{patient_id}/edit", named).status_code == 303
    assert "No record waits" in text(desk.get("/registration/unfinished"))
    kept = write(app, lambda store: store.read("Patient", patient_id))
    assert (display_name(kept), stands_in(kept)) == ("Carl Berg", "")
    assert kept["name"][0]["use"] == "official"
    assert "an anchor" in str(kept["extension"]), "what was not on that form stays"


def test_an_unknown_person_needs_an_age_and_a_sex(desk: FlaskClient) -> None:
    page = text(post(desk, "/registration/unknown", {"known_of": "a hat"}))
    assert "Give a birth date, or an age" in page
    assert "Choose the administrative sex" in page
    assert "a hat" in page


def test_twins_without_names_stand_beside_their_mother_and_are_told_apart(any_store: Store) -> None:
    mother = a_patient(any_store, "Maria", "Ochoa", address=HOME, language="es")
    born = someone("", "", "2026-11-30", sex="female", birth_time="14:05")
    twins = [register_newborn(any_store, mother["id"], replace(born, birth_order=str(place))) for place in (1, 2)]
    assert [display_name(one) for one in twins] == ["Baby girl 1 of Maria Ochoa", "Baby girl 2 of Maria Ochoa"]
    details = load_details(any_store, twins[1]["id"])
    assert (details.address, details.language, details.birth_order) == (HOME, "es", "2")
    assert details.guarantor.family == "Ochoa"
    assert details.emergency.relation == "MTH"
    found, total = unfinished_list(any_store)
    assert (total, {one.kind for one in found}) == (2, {"newborn"})
    assert unfinished_list(any_store, "ochoa")[1] == 2
    assert unfinished_list(any_store, "nobody") == ([], 0)


def test_a_newborn_is_registered_from_the_page_of_its_mother(app: Flask, desk: FlaskClient) -> None:
    mother = write(app, lambda store: a_patient(store, "Maria", "Ochoa"))
    page = text(desk.get(f"/registration/{mother['id']}/newborn"))
    assert 'value="today"' in page
    sent = {"sex": "male", "birth_date": "today", "birth_time": "25 o'clock"}
    assert "Give the time of birth" in text(post(desk, f"/registration/{mother['id']}/newborn", sent))
    answer = post(desk, f"/registration/{mother['id']}/newborn", {**sent, "birth_time": "2:05pm", "once": "two"})
    assert "Baby boy of Maria Ochoa" in text(desk.get(answer.headers["Location"]))


def test_the_lists_of_the_country_are_offered_and_no_others(desk: FlaskClient) -> None:
    assert "Cherokee" in text(desk.get("/registration/offers/tribes?q=cherok"))
    assert desk.get("/registration/offers/nothing?q=a").status_code == 404


def test_the_form_offers_what_others_said_and_the_town_of_a_postcode(any_store: Store) -> None:
    for given, doctor in (("Ana", "Dr Priya Iyer"), ("Bo", "Dr Priya Iyer"), ("Cy", "Dr Iyengar")):
        a_patient(any_store, given, "Vos", address=HOME, general_practitioner=doctor)
    assert said_like(any_store, "doctor", "iye") == ["Dr Priya Iyer", "Dr Iyengar"]
    assert said_like(any_store, "doctor", "priya iy") == ["Dr Priya Iyer"]
    assert said_like(any_store, "doctor", "") == []
    assert [place.city for place in places_of(any_store, "12207-1234")] == ["Albany"]
    assert places_of(any_store, "99999") == []


def test_a_declined_answer_is_no_empty_one(app: Flask, desk: FlaskClient) -> None:
    patient = write(app, lambda store: a_patient(store, "Ana", "Vos"))
    sent = {"given": "Ana", "family": "Vos", "birth_date": "2 Feb 1980", "sex": "female", "version": "1"}
    reasons = {"absent_email": "declined", "absent_race": "unknown", "absent_number_ssn": "declined"}
    assert post(desk, f"/registration/{patient['id']}/edit", {**sent, **reasons}).status_code == 303
    details = write(app, lambda store: load_details(store, patient["id"]))
    assert details.absent == (
        Absent("email", "declined"), Absent("number_ssn", "declined"), Absent("race", "unknown"),
    )  # fmt: skip
    assert details.answered("email")
    assert not details.answered("mobile")
    page = text(desk.get(f"/registration/{patient['id']}"))
    assert "declined" in page
    amended = write(app, lambda store: amend_patient(store, patient["id"], {"email": "a@b.example", "absent": ()}))
    assert [part["value"] for part in amended["telecom"]] == ["a@b.example"]


def test_a_move_keeps_the_old_address_and_a_correction_does_not(any_store: Store) -> None:
    patient = a_patient(any_store, "Ana", "Vos", address=HOME)
    moved = replace(HOME, line="9 Mill Lane")
    later = Store(any_store.conn, any_store.setting, actor=any_store.actor, now=any_store.now + timedelta(days=40))
    change_patient(later, patient["id"], replace(load_details(later, patient["id"]), address=moved))
    details = load_details(later, patient["id"])
    assert details.address == moved
    assert [one.address for one in details.past_addresses] == [HOME]
    assert details.past_addresses[0].end > details.past_addresses[0].start
    mended = replace(details, address=replace(moved, line="9 Mill Road"))
    change_patient(later, patient["id"], mended, moved=())
    assert len(load_details(later, patient["id"]).past_addresses) == 1


def test_a_new_name_leaves_the_old_one_as_a_former_name_when_asked(any_store: Store) -> None:
    patient = a_patient(any_store, "Ana", "Vos")
    change_patient(any_store, patient["id"], replace(someone("Ana", "Berg")), moved=("name",))
    former = load_details(any_store, patient["id"]).former
    assert former == FormerName("Ana", "Vos", "", former.end)
    assert former.end


def test_nobody_books_for_somebody_who_died(any_store: Store) -> None:
    calendar.a_practice(any_store)
    patient = a_patient(any_store, "Ana", "Vos", deceased="yes")
    with pytest.raises(Invalid, match="deceased"):
        book(any_store, calendar.a_booking(patient_id=patient["id"]))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("9-17", "09:00-17:00"), ("after 5pm", "17:00-24:00"), ("before 12", "00:00-12:00"),
        ("mornings", "08:00-12:00"), ("18-20, 9-12", "09:00-12:00, 18:00-20:00"), ("9 to 5pm", "09:00-17:00"), ("", ""),
    ],
)  # fmt: skip
def test_hours_are_read_as_people_say_them(typed: str, kept: str) -> None:
    assert read_hours(typed) == kept
    assert read_hours(kept) == kept


@pytest.mark.parametrize("typed", ["whenever", "17-9", "25-26", "1-2,3-4,5-6,7-8", "13pm-2pm"])
def test_nonsense_is_no_hours(typed: str) -> None:
    with pytest.raises(ValueError):
        read_hours(typed)


def test_a_message_goes_only_where_and_when_the_patient_wants_it() -> None:
    ana = someone("Ana", "Vos", mobile="+12025550143", mobile_hours="17:00-24:00", never_by=("email",))
    assert may_contact(ana, "sms", time(18, 0)).to == "+12025550143"
    assert may_contact(ana, "sms", time(9, 0)).why == HOURS
    assert may_contact(ana, "sms", time(23, 0)).why == HOURS, "the practice is quiet then"
    assert may_contact(replace(ana, email="a@b.example"), "email", time(9, 0)).why == NEVER
    assert may_contact(replace(ana, texts=False), "sms", time(18, 0)).why == NO_TEXTS
    assert may_contact(replace(ana, texts=False), "phone", time(18, 0))
    assert not may_contact(replace(ana, deceased="yes"), "phone", time(18, 0))
    assert not may_contact(ana, "sms", time(18, 0), consented=False)
    assert within(QUIET, time(12, 0))
