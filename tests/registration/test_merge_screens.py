"""Merging on the screens: finding the other, choosing, undoing by the toast and later, and old addresses."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.appointments.rules.booking import Booking
from clinic.appointments.service.booking import book, record
from clinic.cli.state import transact
from clinic.communication.rules import Call
from clinic.communication.service import log_call
from clinic.core.clock import FixedClock
from clinic.fhir.store import Store
from clinic.insurance.rules import Policy
from clinic.insurance.service import add_coverage
from clinic.registration.queries.merges import DONE, UNDONE, merges_of
from clinic.registration.service import amend_patient, register_patient
from clinic.registration.service.duplicates import say_different
from clinic.registration.service.merging import MergeOrder
from clinic.registration.service.merging import merge_patients as make_one
from clinic.visits.service import arrive
from clinic.web.state import state_of
from tests.appointments import factories as f
from tests.factories import token_in
from tests.registration.factories import someone
from tests.registration.merging import bare


@pytest.fixture
def two(app: Flask, clock: FixedClock) -> tuple[str, str]:
    """Two records of one person; the second has a call."""

    def fill(store: Store) -> tuple[str, str]:
        one = register_patient(store, someone("Ana", "Suarez Vidal", mobile="+12025550143"))["id"]
        two = register_patient(store, someone("Ana", "Suarez", "1980-02-20", mobile="+12025550199"))["id"]
        log_call(store, Call(two, reason="other", outcome="done"))
        return one, two

    made: tuple[str, str] = transact(state_of(app), fill)
    clock.instant += timedelta(seconds=5)
    return made


def read(app: Flask, fn: Callable[[Store], Any]) -> Any:
    return transact(state_of(app), fn)


def fields(html: str) -> dict[str, str]:
    """What a browser would send of the form of a page as it stands."""
    found = dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', html))
    found |= {"csrf_token": token_in(html)}
    for tag in re.findall(r"<input[^>]*>", html):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and value and (("radio" not in tag) or " checked" in tag):
            found[name[1]] = value[1]
    return found


def merge(client: FlaskClient, two: tuple[str, str], **changes: str) -> Any:
    url = f"/registration/{two[0]}/merge/{two[1]}"
    page = client.get(url)
    assert page.status_code == 200
    return client.post(url, data={**fields(page.text), **changes})


def test_the_page_shows_what_differs_and_what_moves_and_changes_nothing(app, client_of, two) -> None:  # type: ignore[no-untyped-def]
    before = read(app, lambda store: [store.read("Patient", id_) for id_ in two])
    page = client_of("receptionist").get(f"/registration/{two[0]}/merge/{two[1]}").text
    assert [word in page for word in ("Suarez Vidal", "(202) 555-0199", "20 Feb 1980")] == [True] * 3
    assert re.search(r"Calls and messages</div><b>1</b>", page)
    assert read(app, lambda store: [store.read("Patient", id_) for id_ in two]) == before


def test_the_page_says_channels_and_days_in_words(app, client_of, two) -> None:  # type: ignore[no-untyped-def]
    def fill(store: Store) -> None:
        amend_patient(store, two[1], {"contact_by": "sms", "never_by": ("email",), "birth_sex": "F"})
        for id_ in two:
            add_coverage(store, id_, Policy("Northline", member_id="N-1", starts=date(2026, 9, 15)))

    read(app, fill)
    page = client_of("receptionist").get(f"/registration/{two[0]}/merge/{two[1]}").text
    assert "<bdi>Text message</bdi>" in page
    assert "<bdi>E-mail</bdi>" in page
    assert "<bdi>sms</bdi>" not in page
    assert "<bdi>F</bdi>" not in page
    assert "15 Sep 2026\u00a0–" in page
    assert "2026-09-15" not in page


def test_merging_opens_the_survivor_with_undo_and_the_old_address_leads_there(app, client_of, two) -> None:  # type: ignore[no-untyped-def]
    desk = client_of("receptionist")
    answer = merge(desk, two)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/registration/{two[0]}")
    assert "HS-00002 is part of this record now" in desk.get(f"/registration/{two[0]}").text
    for path in ("", "/edit", "/history", "/merge"):
        old = desk.get(f"/registration/{two[1]}{path}")
        assert (old.status_code, old.headers["Location"]) == (303, f"/registration/{two[0]}{path}")
    for path in ("/cash/?patient={}", "/insurance/patients/{}", "/communication/calls?patient={}"):
        old = desk.get(path.format(two[1]))
        assert (old.status_code, old.headers.get("Location")) == (303, path.format(two[0]))
    assert "That record was merged" in desk.get(f"/registration/{two[0]}").text


def test_undo_of_the_toast_gives_both_back(app, client_of, two) -> None:  # type: ignore[no-untyped-def]
    before = read(app, lambda store: [bare(store.read("Patient", id_)) for id_ in two])
    desk = client_of("receptionist")
    merge(desk, two)
    page = desk.get(f"/registration/{two[0]}").text
    undo = re.search(r'action="(/registration/[^"]+/undo)"', page)
    assert undo is not None
    answer = desk.post(undo[1], data={"csrf_token": token_in(page)})
    assert answer.status_code == 303
    assert read(app, lambda store: [bare(store.read("Patient", id_)) for id_ in two]) == before
    assert desk.get(f"/registration/{two[1]}").status_code == 200


def test_undo_later_from_the_history_asks_about_what_came_since(app, client_of, two, clock) -> None:  # type: ignore[no-untyped-def]
    desk = client_of("manager")
    merge(desk, two)
    clock.instant += timedelta(minutes=5)
    call = read(app, lambda store: log_call(store, Call(two[0], reason="other", outcome="done", note="since")))["id"]
    history = desk.get(f"/registration/{two[0]}/history").text
    assert "Merged with HS-00002" in history
    url = re.search(rf'href="(/registration/{two[0]}/merges/[^"]+)"', history)
    assert url is not None
    page = desk.get(url[1]).text
    assert f'name="side.Communication/{call}"' in page
    answer = desk.post(url[1], data={**fields(page), f"side.Communication/{call}": "other"})
    assert answer.status_code == 303
    subject = read(app, lambda store: store.read("Communication", call))["subject"]["reference"]
    assert subject == f"Patient/{two[1]}"
    assert "undone" in desk.get(f"/registration/{two[0]}/history").text


def test_a_visit_made_since_is_named_by_its_time_and_its_provider(app, client_of, two, clock) -> None:  # type: ignore[no-untyped-def]
    merged = read(app, lambda store: make_one(store, MergeOrder(*two)))["id"]
    clock.instant += timedelta(minutes=1)

    def visit(store: Store) -> None:
        f.a_practice(store)
        book(store, Booking(two[0], "adams", "check", f.at("2027-03-10 09:00")))

    read(app, visit)
    page = client_of("receptionist").get(f"/registration/{two[0]}/merges/{merged}").text
    assert re.search(r"<b>Appointments</b> <bdi>[^<]*09:00, Dr Ann Adams</bdi>", page)


def test_sent_twice_it_is_done_once_and_answers_the_same(app, client_of, two) -> None:  # type: ignore[no-untyped-def]
    desk, url = client_of("receptionist"), f"/registration/{two[0]}/merge/{two[1]}"
    data = fields(desk.get(url).text)
    first, second = desk.post(url, data=data), desk.post(url, data=data)
    assert (first.status_code, second.status_code) == (303, 303)
    assert [one.state for one in read(app, lambda store: merges_of(store, two[0]))] == [DONE]


def test_a_page_that_is_too_old_says_so_and_merges_nothing(app, client_of, two) -> None:  # type: ignore[no-untyped-def]
    desk, url = client_of("receptionist"), f"/registration/{two[0]}/merge/{two[1]}"
    data = fields(desk.get(url).text)
    read(app, lambda store: store.update({**store.read("Patient", two[1]), "gender": "other"}))
    answer = desk.post(url, data=data)
    assert (answer.status_code, "changed by somebody else" in answer.text) == (409, True)
    assert read(app, lambda store: merges_of(store, two[0])) == []


def test_the_other_is_found_by_likeness_or_by_search(client_of, two) -> None:  # type: ignore[no-untyped-def]
    desk = client_of("receptionist")
    link = f"/registration/{two[0]}/merge/{two[1]}"
    found = desk.get(f"/registration/{two[0]}/merge?q=suarez").text
    assert (link in found, f"/merge/{two[0]}" in found) == (True, False)
    assert "Who it may be" in desk.get(f"/registration/{two[0]}/merge").text
    bar = desk.get("/registration/suggest?q=suarez+merge").text
    assert f"/registration/{two[0]}/merge" in bar


def test_who_may_not_merge_is_not_offered_it(app, client_of, two) -> None:  # type: ignore[no-untyped-def]
    billing = client_of("billing")
    assert billing.get(f"/registration/{two[0]}/merge/{two[1]}").status_code == 403
    assert "/merge" not in billing.get(f"/registration/{two[0]}/history").text


@pytest.mark.parametrize("other", ["0190a000-0000-7000-8000-000000000000", "%00", "x" * 300])
def test_records_that_are_not_there_are_no_fault(client_of, two, other) -> None:  # type: ignore[no-untyped-def]
    desk = client_of("receptionist")
    assert desk.get(f"/registration/{two[0]}/merge/{other}").status_code in (400, 404)
    assert desk.get(f"/registration/{two[0]}/merges/{other}").status_code in (400, 404)
    assert desk.get(f"/registration/{two[0]}/merge/{two[0]}").status_code == 409


def test_a_merge_is_shown_under_its_own_record_only(app, client_of, two) -> None:  # type: ignore[no-untyped-def]
    merged = read(app, lambda store: make_one(store, MergeOrder(*two)))["id"]
    third = read(app, lambda store: register_patient(store, someone("Lea", "Moss")))["id"]
    desk = client_of("receptionist")
    assert desk.get(f"/registration/{third}/merges/{merged}").status_code == 404
    token = token_in(desk.get(f"/registration/{two[0]}/merges/{merged}").text)
    assert desk.post(f"/registration/{third}/merges/{merged}/undo", data={"csrf_token": token}).status_code == 404
    assert read(app, lambda store: merges_of(store, two[0]))[0].state != UNDONE


def test_a_hindrance_is_shown_with_the_way_to_mend_it_and_no_button(app, client_of, two) -> None:  # type: ignore[no-untyped-def]
    def come(store: Store) -> str:
        f.a_practice(store)
        visit = record(store, Booking(two[1], "adams", "check", f.at("2027-03-09 09:00")))
        return str(arrive(store, visit["id"])["id"])

    encounter = read(app, come)
    page = client_of("receptionist").get(f"/registration/{two[0]}/merge/{two[1]}").text
    assert "still at a visit" in page
    assert f"/visits/visits/{encounter}/check-out" in page
    assert '<button class="btn p" type="submit">Merge' not in page


def test_two_who_were_said_to_be_different_people_are_warned_about(app, client_of, two) -> None:  # type: ignore[no-untyped-def]
    desk, url = client_of("receptionist"), f"/registration/{two[0]}/merge/{two[1]}"
    assert "different people" not in desk.get(url).text
    read(app, lambda store: say_different(store, *two))
    assert "These two were said to be different people" in desk.get(url).text
