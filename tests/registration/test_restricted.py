"""Restricted records: closed everywhere at once, opened with a reason, reviewed by a manager."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from clinic.access import restricted as r
from clinic.access.tables import user
from clinic.core.actor import Actor
from clinic.core.clock import FixedClock
from clinic.core.errors import Invalid, Missing, Restricted
from clinic.fhir.store import Store
from clinic.registration.queries.finder import find_patients, people
from clinic.registration.rules.query import read_query
from clinic.registration.service import restricting
from clinic.web.state import state_of
from tests.factories import token_in
from tests.registration.factories import a_patient

DESK = Actor("desk-1", "Noor Aziz", role="receptionist")


def barred_from(store: Store, patient_id: str) -> Store:
    """The same store for somebody to whom this record is closed."""
    store.actor = replace(DESK, barred=frozenset({patient_id}))
    return store


def test_a_label_makes_a_record_restricted_and_taking_it_off_opens_it(any_store: Store):
    made = a_patient(any_store, "Ada", "Quiroga")
    restricting.restrict(any_store, made["id"], "R", [])
    assert r.all_restricted(any_store.conn) == {made["id"]}
    assert r.label_of(any_store.read("Patient", made["id"])) == "R"
    restricting.restrict(any_store, made["id"], "", [])
    assert r.all_restricted(any_store.conn) == frozenset()
    assert "security" not in any_store.read("Patient", made["id"])["meta"]


def test_a_label_that_does_not_exist_is_refused(any_store: Store):
    made = a_patient(any_store, "Ada", "Quiroga")
    with pytest.raises(Invalid):
        restricting.restrict(any_store, made["id"], "X", [])


def test_changing_the_name_keeps_the_restriction(any_store: Store):
    from clinic.registration.service import change_patient, load_details

    made = a_patient(any_store, "Ada", "Quiroga")
    restricting.restrict(any_store, made["id"], "R", [])
    change_patient(any_store, made["id"], replace(load_details(any_store, made["id"]), family="Quiroga Paz"))
    assert r.all_restricted(any_store.conn) == {made["id"]}


def test_the_store_refuses_every_way_into_a_closed_record(any_store: Store):
    made = a_patient(any_store, "Ada", "Quiroga")
    note = any_store.create(
        {
            "resourceType": "Flag",
            "status": "active",
            "code": {"text": "x"},
            "subject": {"reference": f"Patient/{made['id']}"},
        }
    )
    picture = any_store.create(
        {
            "resourceType": "Binary",
            "contentType": "image/png",
            "securityContext": {"reference": f"Patient/{made['id']}"},
            "data": "AA==",
        }
    )
    other = a_patient(any_store, "Bruno", "Open")
    store = barred_from(any_store, made["id"])
    ways: list[Callable[[], object]] = [
        lambda: store.read("Patient", made["id"]),
        lambda: store.find("Flag", note["id"]),
        lambda: store.read("Binary", picture["id"]),
        lambda: store.vread("Patient", made["id"], 1),
        lambda: store.history("Flag", note["id"]),
        lambda: store.update({**note, "status": "inactive"}),
        lambda: store.delete("Flag", note["id"]),
        lambda: store.create({**note, "status": "inactive"}),
        lambda: store.saw(made["id"], "banner"),
        lambda: store.did("print", "label", made["id"]),
    ]
    for way in ways:
        with pytest.raises(Restricted) as refused:
            way()
        assert refused.value.patient_id == made["id"]
    assert [one["id"] for one in store.search("Patient")] == [other["id"]]
    assert store.search("Flag") == []
    assert store.read_many([f"Patient/{made['id']}", f"Patient/{other['id']}"]).keys() == {f"Patient/{other['id']}"}


def test_the_finder_shows_only_name_number_and_year_of_a_closed_record(any_store: Store):
    made = a_patient(any_store, "Ada", "Quiroga", "1979-08-14", mobile="+12125550142", preferred="Adi")
    store = barred_from(any_store, made["id"])
    hits = find_patients(store, read_query("quiroga", today=store.now.date()))
    assert len(hits) == 1
    for person in (hits[0].person, people(store, [made["id"]])[made["id"]]):
        assert person.closed
        assert (person.birth_date, person.phones, person.photo, person.sex) == ("1979", (), "", "")
        assert person.record_number


def test_a_reason_opens_it_for_an_hour_and_is_kept(any_store: Store):
    made = a_patient(any_store, "Ada", "Quiroga")
    restricting.restrict(any_store, made["id"], "R", [])
    store = barred_from(any_store, made["id"])
    restricting.open_with_reason(store, made["id"], "  checking in   for 10:40 ")
    rows, total = r.openings(store.conn, only_new=True)
    assert (total, rows[0].reason, rows[0].user_id) == (1, "checking in for 10:40", "desk-1")
    assert rows[0].ends - rows[0].opened == timedelta(minutes=60)
    assert [touch.action for touch in store.touched][-1] == "break-glass"


@pytest.mark.parametrize("reason", ["", "   ", "x", "....", "12345", "ab"])
def test_a_reason_that_says_nothing_is_refused(any_store: Store, reason: str):
    made = a_patient(any_store, "Ada", "Quiroga")
    restricting.restrict(any_store, made["id"], "R", [])
    with pytest.raises(Invalid):
        restricting.open_with_reason(barred_from(any_store, made["id"]), made["id"], reason)
    assert r.openings(any_store.conn, only_new=False)[1] == 0


def test_a_reason_for_an_ordinary_record_is_no_opening(any_store: Store):
    made = a_patient(any_store, "Ada", "Quiroga")
    with pytest.raises(Missing):
        restricting.open_with_reason(any_store, made["id"], "because I want to")


def test_reviewing_is_undone_and_not_done_twice(any_store: Store):
    made = a_patient(any_store, "Ada", "Quiroga")
    restricting.restrict(any_store, made["id"], "R", [])
    restricting.open_with_reason(barred_from(any_store, made["id"]), made["id"], "called about a bill")
    ids = [row.id for row in r.openings(any_store.conn, only_new=True)[0]]
    assert restricting.review_openings(any_store, ids) == 1
    assert r.openings(any_store.conn, only_new=True)[1] == 0
    with pytest.raises(Missing):
        restricting.review_openings(any_store, ids)
    assert restricting.review_openings(any_store, ids, undo=True) == 1
    assert r.openings(any_store.conn, only_new=True)[1] == 1


def test_what_replaces_a_restricted_record_is_restricted_too(any_store: Store):
    old, new = a_patient(any_store, "Ada", "Quiroga"), a_patient(any_store, "Ada", "Quiroga Paz")
    restricting.restrict(any_store, old["id"], "R", [])
    link = [{"type": "replaces", "other": {"reference": f"Patient/{old['id']}"}}]
    merged = any_store.update({**any_store.read("Patient", new["id"]), "link": link})
    restricting.follow_merge(any_store, merged)
    assert new["id"] in r.all_restricted(any_store.conn)


def restricted_patient(app: Flask, readers: tuple[str, ...] = ()) -> str:
    """A patient whose record is restricted, made by the system."""
    from clinic.cli.state import transact

    state = state_of(app)

    def fill(store: Store) -> str:
        made = a_patient(store, "Ada", "Quiroga", "1979-08-14", mobile="+12125550142")
        restricting.restrict(store, made["id"], "R", readers)
        return str(made["id"])

    return transact(state, fill)


def post(client: FlaskClient, page: str, url: str, **data: str):
    token = token_in(client.get(page).text)
    return client.post(url, data={"csrf_token": token, **data})


@pytest.mark.parametrize("role", ["receptionist", "billing", "manager", "administrator"])
def test_whoever_is_not_named_is_asked_why_and_then_goes_on(
    app: Flask, client_of: Callable[[str], FlaskClient], role: str
):
    id_, client = restricted_patient(app), client_of(role)
    page = client.get(f"/registration/{id_}/history?x=1")
    assert page.status_code == 403
    assert "Ada Quiroga" in page.text
    assert [secret for secret in ("555", "1979") if secret in page.text] == []
    answer = post(client, f"/registration/{id_}/history?x=1", f"/registration/{id_}/reason",
                  reason="checking in for 10:40", next=f"/registration/{id_}/history?x=1")  # fmt: skip
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/registration/{id_}/history?x=1")
    assert client.get(f"/registration/{id_}").status_code == 200


def test_a_colleague_who_is_named_or_gave_a_reason_opens_it_for_nobody_else(
    app: Flask, client_of: Callable[[str], FlaskClient]
):
    named, curious, other = client_of("manager"), client_of("receptionist"), client_of("receptionist")
    state = state_of(app)
    with state.database.read() as conn:
        ids = {row.name: row.id for row in conn.execute(sa.select(user.c.id, user.c.name))}
    id_ = restricted_patient(app, (ids["Manager0"],))
    assert named.get(f"/registration/{id_}").status_code == 200
    assert curious.get(f"/registration/{id_}").status_code == 403
    post(curious, f"/registration/{id_}", f"/registration/{id_}/reason", reason="checking in for 10:40")
    assert curious.get(f"/registration/{id_}").status_code == 200
    assert other.get(f"/registration/{id_}").status_code == 403


def test_an_opening_ends_by_itself(app: Flask, client_of: Callable[[str], FlaskClient], clock: FixedClock):
    id_, client = restricted_patient(app), client_of("receptionist")
    post(client, f"/registration/{id_}", f"/registration/{id_}/reason", reason="checking in for 10:40")
    for _step in range(5):
        clock.instant += timedelta(minutes=11)
        assert client.get(f"/registration/{id_}").status_code == 200
    clock.instant += timedelta(minutes=6)
    assert client.get(f"/registration/{id_}").status_code == 403


def test_a_bad_reason_keeps_what_was_typed_and_opens_nothing(app: Flask, client_of: Callable[[str], FlaskClient]):
    id_, client = restricted_patient(app), client_of("receptionist")
    answer = post(client, f"/registration/{id_}", f"/registration/{id_}/reason", reason="x", next="//evil.example")
    assert answer.status_code == 422
    assert "why you need this record" in answer.text
    answer = post(
        client, f"/registration/{id_}", f"/registration/{id_}/reason", reason="a good reason", next="//evil.example"
    )
    assert answer.headers["Location"] == f"/registration/{id_}"
    answer = post(client, f"/registration/{id_}", f"/registration/{id_}/reason", reason="y" * 500)
    assert answer.status_code == 422
