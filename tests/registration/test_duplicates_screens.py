"""The work list of likely duplicates on the screen, and what is said at a warning."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from clinic.cli.state import transact
from clinic.fhir.store import Store
from clinic.registration.pair_tables import duplicate_pair
from clinic.registration.service.duplicates import compare_anew
from clinic.web.state import State, state_of
from tests.factories import token_in
from tests.registration.factories import a_patient

HOME = {"mobile": "+12025550177"}
TYPED = {"given": "Lucia", "family": "Garcia", "birth_date": "2 feb 1980", "sex": "female", "mobile": "202 555 0177",
         "searched": "garcia", "once": "abc"}  # fmt: skip


@pytest.fixture
def desk(client_of: Callable[[str], FlaskClient]) -> FlaskClient:
    return client_of("receptionist")


@pytest.fixture
def state(app: Flask) -> State:
    return state_of(app)


def a_pair(state: State, given: str = "Beatris", family: str = "García") -> tuple[str, str]:
    def make(store: Store) -> tuple[str, str]:
        one = a_patient(store, "Beatriz", "Garcia Leal", **HOME)["id"]
        other = a_patient(store, given, family, **HOME)["id"]
        compare_anew(store, [one, other])
        return one, other

    return transact(state, make)


def kept(state: State) -> list[tuple[str, str]]:
    with state.database.read() as conn:
        return [tuple(row) for row in conn.execute(sa.select(duplicate_pair.c.state, duplicate_pair.c.by_name))]


def test_the_list_shows_both_people_side_by_side_with_the_reasons(desk: FlaskClient, state: State) -> None:
    one, other = a_pair(state)
    shown = desk.get("/registration/duplicates").text
    assert "Beatriz Garcia Leal" in shown
    assert "Beatris García" in shown
    assert "First name one letter off: Beatriz, Beatris" in shown
    assert "Same telephone, ending 0177" in shown
    assert f"/registration/{one}" in shown
    assert f"/registration/{other}" in shown
    assert 'data-key="d"' in shown
    part = desk.get(f"/registration/duplicates/{other}/{one}", headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert "Same telephone" in part
    with state.database.read() as conn:
        seen = conn.execute(sa.text("select count(*) from audit_event where patient_id = :id"), {"id": one}).scalar()
    assert seen >= 2


def test_an_empty_list_says_what_would_come(desk: FlaskClient) -> None:
    assert "No likely duplicates" in desk.get("/registration/duplicates").text
    assert "Nobody was told apart yet" in desk.get("/registration/duplicates?state=different").text
    assert "No pair with “xyz”" in desk.get("/registration/duplicates?q=xyz").text


@pytest.mark.parametrize("query", ["beat", "garcia", "leal bea", "00001", "GARCÍA"])
def test_a_pair_is_found_by_a_part_of_either_name_or_a_record_number(
    desk: FlaskClient, state: State, query: str
) -> None:
    a_pair(state)
    assert "Beatriz Garcia Leal" in desk.get("/registration/duplicates", query_string={"q": query}).text
    assert "Beatriz" not in desk.get("/registration/duplicates", query_string={"q": f"{query} nowak"}).text


def test_pages_of_twenty(desk: FlaskClient, state: State) -> None:
    def make(store: Store) -> None:
        for number in range(7):
            one = a_patient(store, "Beatriz", "Garcia Leal", **HOME)
            compare_anew(store, [one["id"]])
            assert number < 7

    transact(state, make)
    first = desk.get("/registration/duplicates").text
    assert len(re.findall("data-pair=", first)) == 20
    assert "1 to 20 of 21" in first
    assert len(re.findall("data-pair=", desk.get("/registration/duplicates?page=2").text)) == 1
    assert desk.get("/registration/duplicates?page=99999").status_code == 200
    assert desk.get("/registration/duplicates?page=x&state=y").status_code == 200


def test_not_the_same_person_and_back(desk: FlaskClient, state: State) -> None:
    one, other = a_pair(state)
    token = token_in(desk.get("/registration/duplicates").text)
    answer = desk.post(f"/registration/duplicates/{one}/{other}/different", data={"csrf_token": token, "q": "bea"})
    assert answer.status_code == 303
    assert answer.location.endswith("/registration/duplicates?q=bea&state=open&page=1")
    assert [state_ for state_, _ in kept(state)] == ["different"]
    assert kept(state)[0][1].startswith("Receptionist")
    after = desk.get(answer.location).text
    assert "Remembered: not the same person" in after
    assert f"/registration/duplicates/{one}/{other}/open" in after
    shown = desk.get("/registration/duplicates?state=different").text
    assert "said on 9 Mar 2027 that these are not the same person" in shown or "said on Mar 9, 2027" in shown
    desk.post(f"/registration/duplicates/{one}/{other}/open", data={"csrf_token": token})
    assert kept(state) == [("open", "")]


def test_who_is_on_no_list_cannot_be_told_apart_by_a_made_up_address(desk: FlaskClient, state: State) -> None:
    one, _ = a_pair(state)
    token = token_in(desk.get("/registration/duplicates").text)
    for address in (f"{one}/nobody/different", f"{one}/{one}/different", f"{one}/nobody/open"):
        answer = desk.post(f"/registration/duplicates/{address}", data={"csrf_token": token})
        assert answer.status_code == 404
    assert desk.get(f"/registration/duplicates/{one}/nobody").status_code == 404
    assert desk.get("/registration/duplicates?pair=a~b").status_code == 404


def test_billing_neither_sees_nor_changes_the_list(client_of: Callable[[str], FlaskClient]) -> None:
    assert client_of("billing").get("/registration/duplicates").status_code == 403


def test_the_patients_screen_counts_the_pairs_and_the_command_bar_leads_to_them(
    desk: FlaskClient, state: State
) -> None:
    assert 'Likely duplicates <span class="count">' not in desk.get("/registration/").text
    a_pair(state)
    shown = desk.get("/registration/").text
    assert re.search(r'href="/registration/duplicates">Likely duplicates <span class="count">1<', shown)
    assert shown.count('"/registration/duplicates"') >= 2


def test_twins_are_a_maybe_whose_reason_is_the_first_name_and_never_a_refusal(desk: FlaskClient, state: State) -> None:
    twin = transact(state, lambda store: a_patient(store, "Beatriz", "Garcia", **HOME))
    page = desk.get("/registration/new?q=garcia").text
    data = TYPED | {"csrf_token": token_in(page)}
    warned = desk.post("/registration/check", data=data).text
    assert "Maybe someone we know" in warned
    assert "First name differs: Lucia, Beatriz" in warned
    assert f'href="/registration/{twin["id"]}"' in warned
    assert "Use this record" in warned
    silent = desk.post("/registration/check", data=data | {"someone_else": twin["id"]}).text
    assert "someone we know" not in silent
    answer = desk.post("/registration/new", data=data | {"someone_else": twin["id"]})
    assert answer.status_code == 303
    assert [state_ for state_, _ in kept(state)] == ["different"]
    edit = desk.get(answer.location + "/edit").text
    again = desk.post("/registration/check", data=data | {"csrf_token": token_in(edit), "patient_id": twin["id"],
                                                          "given": "Beatriz"}).text  # fmt: skip
    assert "someone we know" not in again


def test_what_was_said_at_a_warning_is_kept_when_the_form_comes_back_wrong(desk: FlaskClient, state: State) -> None:
    twin = transact(state, lambda store: a_patient(store, "Beatriz", "Garcia", **HOME))["id"]
    page = desk.get("/registration/new?q=garcia").text
    data = TYPED | {"csrf_token": token_in(page), "sex": "", "someone_else": twin}
    answer = desk.post("/registration/new", data=data)
    assert answer.status_code == 422
    assert f'name="someone_else" value="{twin}"' in answer.text
    assert "someone we know" not in answer.text


@pytest.mark.parametrize(
    ("given", "family"),
    [("Bea", "Garcia"), ("Mafe", "Garcia"), ("Beatriz", "Nakamura"), ("BEATRIZ", "GARCIA LEAL"), ("Garcia", "Beatriz")],
)
def test_every_name_in_use_warns_while_typing(desk: FlaskClient, state: State, given: str, family: str) -> None:
    known = transact(
        state, lambda store: a_patient(store, "Beatriz", "García Leal", preferred="Mafe", maiden="Nakamura", **HOME)
    )
    page = desk.get("/registration/new?q=garcia").text
    data = TYPED | {"csrf_token": token_in(page), "given": given, "family": family}
    assert f'href="/registration/{known["id"]}"' in desk.post("/registration/check", data=data).text


@pytest.mark.parametrize("name", ["X", "Ñ" * 200, "a" * 300, "محمد الحداد", "李", "O’Dowd-d'Arc", "<b>", "", "\u202e"])
def test_any_name_is_answered(desk: FlaskClient, state: State, name: str) -> None:
    transact(state, lambda store: a_patient(store, "Beatriz", "Garcia", **HOME))
    page = desk.get("/registration/new?q=garcia").text
    for field in ("given", "family"):
        data = TYPED | {"csrf_token": token_in(page), field: name}
        assert desk.post("/registration/check", data=data).status_code == 200
