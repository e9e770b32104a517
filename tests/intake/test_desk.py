"""Handing over, tablets and lists, as each role meets them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.intake.queries import open_forms, out_now, responses, signed_kinds
from clinic.intake.service import devices, packets
from clinic.intake.service.forms import install_library
from tests.factories import token_in
from tests.intake.factories import Tablet, a_patient, a_tablet, field, handed, write


def ready(app: Flask) -> tuple[str, str]:
    """A patient and a paired tablet."""

    def work(store):
        install_library(store)
        return a_patient(store)["id"], a_tablet(store)

    return write(app, work)


def hand(client: FlaskClient, patient: str, **data: object):
    path = f"/intake/hand-over/patient/{patient}"
    page = client.get(path).get_data(as_text=True)
    sent = {"csrf_token": token_in(page), "forms": ["intake-consent"], "prefill": "y", "language": "", **data}
    return client.post(path, data=sent)


def test_a_new_patient_is_offered_what_a_first_visit_needs(app: Flask, client_of: Callable[[str], FlaskClient]) -> None:
    patient, _ = ready(app)
    page = client_of("receptionist").get(f"/intake/hand-over/patient/{patient}").get_data(as_text=True)
    ticked = [
        name
        for name in ("contact-check", "new-patient", "privacy", "consent")
        if f'value="intake-{name}" checked' in page
    ]
    assert ticked == ["new-patient", "privacy", "consent"]


def test_the_desk_hands_over_and_takes_back(app: Flask, client_of: Callable[[str], FlaskClient]) -> None:
    patient, tablet = ready(app)
    desk = client_of("receptionist")
    assert hand(desk, patient, device=tablet).status_code == 303
    page = desk.get("/intake/").get_data(as_text=True)
    assert "Ana Soler" in page
    (out,) = write(app, out_now)
    answer = desk.post(f"/intake/packets/{out.id}/take-back", data={"csrf_token": token_in(page)})
    assert answer.status_code == 303
    assert write(app, out_now) == []


def test_a_second_click_hands_over_once(app: Flask, client_of: Callable[[str], FlaskClient]) -> None:
    patient, tablet = ready(app)
    desk = client_of("receptionist")
    assert [hand(desk, patient, device=tablet).status_code for _ in range(2)] == [303, 303]
    assert len(write(app, out_now)) == 1


def test_a_busy_tablet_is_told_and_what_was_chosen_stays(app: Flask, client_of: Callable[[str], FlaskClient]) -> None:
    patient, tablet = ready(app)
    other = write(app, lambda store: a_patient(store, given="Eva"))["id"]
    desk = client_of("receptionist")
    hand(desk, patient, device=tablet)
    answer = hand(desk, other, device=tablet)
    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert "Tablet 2 is in use" in page
    assert 'value="intake-consent" checked' in page


@pytest.mark.parametrize(
    "wrong", [{"forms": []}, {"forms": ["nowhere"]}, {"device": "nowhere"}, {"device": ""}, {"language": "xx"}]
)
def test_an_impossible_choice_is_refused(
    app: Flask, client_of: Callable[[str], FlaskClient], wrong: dict[str, object]
) -> None:
    patient, tablet = ready(app)
    assert hand(client_of("receptionist"), patient, **{"device": tablet, **wrong}).status_code == 422


def test_a_link_is_shown_once_with_its_code(app: Flask, client_of: Callable[[str], FlaskClient]) -> None:
    patient, _ = ready(app)
    answer = hand(client_of("receptionist"), patient, device="link")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "/intake/link/" in page
    assert "data:image/svg+xml" in page


@pytest.mark.parametrize(
    ("role", "status"), [("stranger", 303), ("billing", 403), ("receptionist", 200), ("manager", 200)]
)
def test_who_may_hand_over(app: Flask, client_of: Callable[[str], FlaskClient], role: str, status: int) -> None:
    patient, _ = ready(app)
    assert client_of(role).get(f"/intake/hand-over/patient/{patient}").status_code == status


@pytest.mark.parametrize(
    ("role", "status"), [("stranger", 303), ("receptionist", 403), ("billing", 403), ("manager", 200)]
)
def test_who_may_pair_tablets(client_of: Callable[[str], FlaskClient], role: str, status: int) -> None:
    assert client_of(role).get("/intake/tablets").status_code == status


def test_a_manager_adds_pairs_and_shuts_out_a_tablet(app: Flask, client_of: Callable[[str], FlaskClient]) -> None:
    boss = client_of("manager")
    page = boss.get("/intake/tablets").get_data(as_text=True)
    assert "No tablets yet" in page
    token = token_in(page)
    page = boss.post("/intake/tablets", data={"name": "Tablet 7", "csrf_token": token}).get_data(as_text=True)
    code = page.partition('code-big">')[2][:9]
    assert code not in boss.get("/intake/tablets").get_data(as_text=True)
    tablet = app.test_client()
    sent = {"code": code, "csrf_token": field(tablet.get("/intake/tablet").get_data(as_text=True), "csrf_token")}
    assert tablet.post("/intake/tablet/pair", data=sent).status_code == 303
    (row,) = write(app, devices.list_devices)
    assert row.state == "ready"
    boss.post(f"/intake/tablets/{row.id}/revoke", data={"csrf_token": token})
    assert write(app, devices.list_devices)[0].state == "revoked"


@pytest.mark.parametrize("name", ["", "   ", "x" * 61], ids=["empty", "blank", "long"])
def test_a_tablet_needs_a_short_name(client_of: Callable[[str], FlaskClient], name: str) -> None:
    boss = client_of("manager")
    token = token_in(boss.get("/intake/tablets").get_data(as_text=True))
    assert boss.post("/intake/tablets", data={"name": name, "csrf_token": token}).status_code == 422


@pytest.mark.parametrize(
    "query", ["?show=done", "?show=nonsense", "?q=ana", "?page=0", "?page=999", "?q=%25_'", "?page=x"]
)
def test_the_list_of_forms_takes_any_address(client_of: Callable[[str], FlaskClient], query: str) -> None:
    assert client_of("receptionist").get(f"/intake/{query}").status_code == 200


@pytest.mark.parametrize("path", ["/intake/answers/nowhere", "/intake/hand-over/nowhere", "/intake/blank/nowhere"])
def test_what_is_not_there_is_missing(client_of: Callable[[str], FlaskClient], path: str) -> None:
    assert client_of("receptionist").get(path).status_code == 404


def test_the_board_knows_how_many_forms_are_open(any_store) -> None:
    found = handed(any_store, "intake-privacy", "intake-consent", appointment_id="visit-1")
    assert open_forms(any_store, ["visit-1", "visit-2"]) == {"visit-1": 2}
    assert open_forms(any_store, []) == {}
    packets.take_back(any_store, found.packet.id)
    assert open_forms(any_store, ["visit-1"]) == {"visit-1": 2}


def test_lists_are_one_statement_each_and_page(any_store) -> None:
    patient = a_patient(any_store)
    for number in range(30):
        body = {
            "resourceType": "QuestionnaireResponse", "status": "completed", "authored": f"2027-03-09T15:{number:02}:00Z",
            "subject": {"reference": f"Patient/{patient['id']}", "display": "Ana Soler"},
        }  # fmt: skip
        any_store.create(body)
    rows, total = responses(any_store, review="open", text="SOLER")
    assert (len(rows), total) == (25, 30)
    assert responses(any_store, review="open", page=2)[0][-1].authored.minute == 0
    assert responses(any_store, text="100%") == ([], 0)


def test_a_signed_consent_is_known(app: Flask) -> None:
    tablet = Tablet(app)
    tablet.give("intake-consent")
    page = tablet.sit_down()
    tablet.send(**{page.partition('name="shown" value="')[2].split('"')[0]: "true", "signer": "Ana Soler"})
    (patient,) = write(app, lambda store: store.search("Patient", [], limit=2))
    assert write(app, lambda store: signed_kinds(store, patient["id"])) == {"treatment"}


def test_a_practice_without_forms_takes_those_that_come_with_clinic(
    app: Flask, client_of: Callable[[str], FlaskClient]
) -> None:
    patient = write(app, a_patient)["id"]
    desk = client_of("receptionist")
    path = f"/intake/hand-over/patient/{patient}"
    page = desk.get(path).get_data(as_text=True)
    assert "No forms are in use" in page
    desk.post("/intake/library", data={"csrf_token": token_in(page)})
    assert "Consent to care" in desk.get(path).get_data(as_text=True)


def test_the_patients_page_shows_the_last_forms(app: Flask, client_of: Callable[[str], FlaskClient]) -> None:
    tablet = Tablet(app)
    tablet.give("intake-consent")
    page = tablet.sit_down()
    tablet.send(**{page.partition('name="shown" value="')[2].split('"')[0]: "true", "signer": "Ana Soler"})
    (patient,) = write(app, lambda store: store.search("Patient", [], limit=2))
    page = client_of("receptionist").get(f"/registration/{patient['id']}", follow_redirects=True)
    assert "Consent to care" in page.get_data(as_text=True)
