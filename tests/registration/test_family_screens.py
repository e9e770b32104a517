"""The screens about the people beside a patient, as the desk meets them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.registration.rules.details import Address
from clinic.registration.rules.family import Bond, Facts
from clinic.registration.service import load_details
from clinic.registration.service.family import relate_person
from clinic.registration.service.household import housemates_of, live_together
from tests.registration.factories import a_patient
from tests.registration.test_routes import text, token, write

HOME = Address("12 Lantern Court", "", "Harbor", "NY", "10990")
Client = FlaskClient


@pytest.fixture
def desk(client_of: Callable[[str], FlaskClient]) -> FlaskClient:
    return client_of("receptionist")


@pytest.fixture
def mother(app: Flask) -> str:
    made = write(
        app, lambda store: a_patient(store, "María", "García", "1980-08-14", mobile="+12025550142", address=HOME)
    )
    return str(made["id"])


@pytest.fixture
def child(app: Flask) -> str:
    return str(write(app, lambda store: a_patient(store, "Inés", "García", "2015-01-01", address=HOME))["id"])


def post(client: Client, url: str, data: dict[str, Any] | None = None, **rest: Any) -> Any:
    return client.post(url, data={**(data or {}), "csrf_token": token(client)}, **rest)


def version_in(page: str) -> str:
    found = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert found
    return found[1]


def test_somebody_is_searched_among_patients_first_and_put_beside(
    app: Flask, desk: Client, mother: str, child: str
) -> None:
    page = text(desk.get(f"/registration/{child}/people"))
    assert "Nobody named yet" in page
    assert "No guardian named." in page
    found = text(desk.get(f"/registration/{child}/people?q=maria", headers={"HX-Request": "true"}))
    assert f"other={mother}" in found
    assert "<html" not in found
    form = text(desk.get(f"/registration/{child}/people/new?other={mother}&q=maria"))
    assert "A patient here" in form
    sent = {"other": mother, "relation": "MTH", "guardian": "y", "pays": "y", "together": "y", "once": "k1"}
    for _twice in range(2):
        answer = post(desk, f"/registration/{child}/people/new", sent)
        assert answer.status_code == 303, text(answer)
    page = text(desk.get(f"/registration/{child}/people"))
    assert page.count("María García") >= 1
    assert "Mother, guardian, pays the bills" in page
    assert "No guardian named" not in page
    other_side = text(desk.get(f"/registration/{mother}"))
    assert "Daughter; María pays for her" in other_side
    assert write(app, lambda store: housemates_of(store, child)) == [mother]


def test_somebody_new_is_kept_with_the_address_as_a_link(app: Flask, desk: Client, child: str) -> None:
    form = text(desk.get(f"/registration/{child}/people/new?q=Rosa+Ochoa"))
    assert 'value="Rosa"' in form
    sent = {"given": "Rosa", "family": "Ochoa", "mobile": "202 555 0199", "relation": "GRPRN", "emergency": "y",
            "follows": "y"}  # fmt: skip
    assert post(desk, f"/registration/{child}/people/new", sent).status_code == 303
    page = text(desk.get(f"/registration/{child}"))
    assert "Grandparent, emergency contact, (202) 555-0199" in page
    assert write(app, lambda store: load_details(store, child)).emergency.given == "Rosa"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"relation": ""}, "Choose what this person is"),
        ({"relation": "DRAGON"}, "Choose what this person is"),
        ({"given": "", "family": ""}, "Give this person&#39;s name"),
        ({"given": "<script>"}, "cannot hold"),
        ({"given": "x" * 300}, "longer than"),
        ({"mobile": "12"}, "error"),
        ({"email": "rosa@quaymail"}, "No ending after"),
        ({"postal_code": "??"}, "error"),
        ({"other": "nobody"}, "There is no"),
        ({"person": "nobody"}, "There is no"),
    ],
)
def test_bad_entries_about_a_person_come_back_with_what_was_typed(
    desk: Client, child: str, wrong: dict[str, str], said: str
) -> None:
    sent = {"given": "Rosa", "family": "Ochoa", "relation": "GRPRN", "city": "Harbor", **wrong}
    answer = post(desk, f"/registration/{child}/people/new", sent)
    assert answer.status_code in (404, 422)
    assert said in text(answer)
    if answer.status_code == 422 and not {"other", "person"} & set(wrong):
        assert 'value="Harbor"' in text(answer)


def test_a_person_is_changed_ended_brought_back_and_belongs_to_one_patient(
    app: Flask, desk: Client, child: str, mother: str
) -> None:
    made = write(app, lambda store: relate_person(store, child, Facts("Rosa", "Ochoa"), Bond("GRPRN", pays=True)))
    url = f"/registration/{child}/people/{made['id']}"
    page = text(desk.get(url))
    assert "checked" in page
    sent = {"given": "Rosa", "family": "Ochoa Ruiz", "relation": "GRPRN", "pays": "y", "version": version_in(page)}
    assert post(desk, url, sent).status_code == 303
    assert write(app, lambda store: load_details(store, child)).guarantor.family == "Ochoa Ruiz"
    stale = post(desk, url, {**sent, "relation": "FRND", "version": "1"})
    assert stale.status_code in (303, 422)
    assert post(desk, f"{url}/end").status_code == 303
    after = text(desk.get(f"/registration/{child}/people"))
    assert "no longer beside the patient" in after
    assert f"{url}/back?pays=1" in after
    assert not write(app, lambda store: load_details(store, child)).guarantor
    assert post(desk, f"{url}/back?pays=1").status_code == 303
    assert write(app, lambda store: load_details(store, child)).guarantor.given == "Rosa"
    for step in ("", "/end", "/back"):
        assert post(desk, f"/registration/{mother}/people/{made['id']}{step}", sent).status_code == 404
    assert desk.get(f"/registration/{mother}/people/{made['id']}").status_code == 404


def test_a_new_address_is_offered_for_those_who_live_together_with_a_way_back(
    app: Flask, desk: Client, mother: str, child: str
) -> None:
    write(app, lambda store: live_together(store, mother, child))
    page = text(desk.get(f"/registration/{mother}/edit"))
    entry = {"given": "María", "family": "García", "birth_date": "14 Aug 1980", "sex": "female", "mobile": "(202) 555-0142",
             "line": "8 Mill Lane", "city": "Harbor", "state": "NY", "postal_code": "10991", "version": version_in(page)}  # fmt: skip
    answer = post(desk, f"/registration/{mother}/edit", entry)
    assert answer.status_code == 303
    offer = answer.headers["Location"]
    assert "/moved/" in offer
    page = text(desk.get(offer))
    assert f'value="{child}" checked' in page
    assert post(desk, offer, {"who": child}).status_code == 303
    assert write(app, lambda store: load_details(store, child)).address.line == "8 Mill Lane"
    back = text(desk.get(f"/registration/{mother}"))
    assert f"{offer}/undo" in back
    assert post(desk, f"{offer}/undo").status_code == 303
    assert write(app, lambda store: load_details(store, child)).address.line == "12 Lantern Court"
    assert post(desk, offer, {"who": "stranger"}).status_code == 422
    assert desk.get(f"/registration/{mother}/moved/999").status_code == 404


def test_moving_out_and_in_again(app: Flask, desk: Client, mother: str, child: str) -> None:
    write(app, lambda store: live_together(store, mother, child))
    assert "lives at the same address" in text(desk.get(f"/registration/{mother}/people"))
    assert post(desk, f"/registration/{mother}/household/{child}/leave").status_code == 303
    assert write(app, lambda store: housemates_of(store, mother)) == []
    assert post(desk, f"/registration/{mother}/household/{child}/leave").status_code == 404
    assert post(desk, f"/registration/{mother}/household/{child}/join").status_code == 303
    assert write(app, lambda store: housemates_of(store, mother)) == [child]


def member(**rest: str) -> dict[str, str]:
    return {"searched": "García", "given": "Leo", "family": "García", "birth_date": "5/5/2018", "sex": "male",
            "kin": "CHILD", "together": "y", "line": "12 Lantern Court", "city": "Harbor", "state": "NY",
            "postal_code": "10990", "then": "next", **rest}  # fmt: skip


def test_a_family_is_registered_one_after_another_with_what_is_shared(app: Flask, desk: Client, mother: str) -> None:
    finder = text(desk.get("/registration/?next=family&q=garcia"))
    assert f"/registration/{mother}/family" in finder
    form = text(desk.get(f"/registration/{mother}/family"))
    for shared in ('value="García"', 'value="12 Lantern Court"', 'value="10990"'):
        assert shared in form
    assert re.search(r'name="given"[^>]*autofocus|autofocus[^>]*name="given"', form)
    url = f"/registration/{mother}/family"
    ids = []
    for number, given in enumerate(("Leo", "Noa", "Iker")):
        then = "finish" if given == "Iker" else "next"
        sent = member(given=given, payer=f"Patient/{mother}", once=f"m{number}", then=then)
        answer = post(desk, url, sent)
        assert answer.status_code == 303, text(answer)
        url = answer.headers["Location"]
        ids = re.split(",|%2C", url.partition("done=")[2].partition("&")[0])
    page = text(desk.get(url))
    assert "3 registered" in page
    assert page.count("/label") == 3
    assert len(ids) == 3
    details = write(app, lambda store: load_details(store, ids[0]))
    assert details.guarantor.given == "María"
    assert details.address == HOME
    assert set(write(app, lambda store: housemates_of(store, mother))) == set(ids)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"kin": ""}, "Choose what the new patient is"), ({"kin": "X"}, "Choose what the new patient is"),
     ({"given": ""}, "Give a first name"), ({"payer": "Patient/someone"}, "Choose one from the list"),
     ({"birth_date": "tomorrow"}, "birth date")],
)  # fmt: skip
def test_bad_entries_of_a_family_member_are_said_and_nothing_is_registered(
    app: Flask, desk: Client, mother: str, wrong: dict[str, str], said: str
) -> None:
    answer = post(desk, f"/registration/{mother}/family", member(**wrong))
    assert answer.status_code == 422
    assert said in text(answer)
    assert write(app, lambda store: housemates_of(store, mother)) == []


def test_who_may_only_read_sees_people_and_changes_nothing(
    client_of: Callable[[str], FlaskClient], mother: str, child: str
) -> None:
    biller = client_of("billing")
    page = text(biller.get(f"/registration/{mother}/people"))
    assert "Add somebody" not in page
    assert biller.get(f"/registration/{mother}/people/new").status_code == 403
    assert biller.get(f"/registration/{mother}/family").status_code == 403
    assert biller.get("/registration/nobody/people").status_code == 404
