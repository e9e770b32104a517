"""Flags: set, seen everywhere, ended by the day or by hand, clinical ones only by those who may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.access.permissions import permissions_of
from clinic.cli.state import transact
from clinic.core.actor import Actor
from clinic.core.errors import Conflict, Forbidden, Invalid, Missing
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.upkeep import verify
from clinic.registration.mapping.flags import project_flag
from clinic.registration.queries.finder import find_patients
from clinic.registration.queries.flags import all_kinds, flag_lines, flags_of_many
from clinic.registration.rules.flags import Flag, Kind, read_shown
from clinic.registration.rules.query import read_query
from clinic.registration.service.flags import add_kind, end_flag, restore_flag, set_flag, use_kind
from clinic.registration.service.writing import writers
from clinic.web.state import state_of
from tests.factories import token_in
from tests.registration.factories import a_patient

DESK = Actor("desk-1", "Noor Aziz", role="receptionist", permissions=permissions_of("receptionist"))
BILLER = Actor("bill-1", "Bo", role="billing", permissions=permissions_of("billing"))


def words(store: Store, patient: Json) -> list[str]:
    return [one.label for one in flags_of_many(store, [patient["id"]]).get(patient["id"], ())]


def test_a_flag_is_a_valid_record_with_who_set_it_and_until_when(any_store: Store):
    patient = a_patient(any_store, "Ada", "Quiroga")
    flag = set_flag(any_store, patient["id"], Flag("payment", "Pays 20 a month", ends="2027-06-30"))
    assert flag["period"] == {"start": "2027-03-09", "end": "2027-06-30"}
    assert flag["author"]["display"]
    assert words(any_store, patient) == ["Pays 20 a month"]
    assert list(verify(any_store.conn, any_store.registry, lambda done, total: None)) == []


def test_a_flag_ends_by_itself_and_one_of_later_is_not_shown_yet(any_store: Store):
    patient = a_patient(any_store, "Ada", "Quiroga")
    set_flag(any_store, patient["id"], Flag("vip", ends="2027-03-10"))
    set_flag(any_store, patient["id"], Flag("safety", starts="2027-03-12"))
    assert words(any_store, patient) == ["VIP"]
    any_store.now += timedelta(days=1)
    assert words(any_store, patient) == ["VIP"]
    any_store.now += timedelta(days=2)
    assert words(any_store, patient) == ["Safety"]
    assert [line.state for line in flag_lines(any_store, patient["id"])] == ["now", "over"]


def test_ending_is_undone_and_not_done_twice(any_store: Store):
    patient = a_patient(any_store, "Ada", "Quiroga")
    flag = set_flag(any_store, patient["id"], Flag("other", "Hard of hearing"))
    ended = end_flag(any_store, flag["id"])
    assert words(any_store, patient) == []
    with pytest.raises(Conflict):
        end_flag(any_store, flag["id"])
    restore_flag(any_store, flag["id"], version=int(ended["meta"]["versionId"]))
    assert words(any_store, patient) == ["Hard of hearing"]


def test_the_same_flag_is_not_set_twice(any_store: Store):
    patient = a_patient(any_store, "Ada", "Quiroga")
    set_flag(any_store, patient["id"], Flag("vip"))
    with pytest.raises(Conflict):
        set_flag(any_store, patient["id"], Flag("vip"))


@pytest.mark.parametrize(
    ("flag", "field"),
    [
        (Flag("nonsense"), "kind"),
        (Flag("other"), "text"),
        (Flag("other", "x" * 61), "text"),
        (Flag("vip", ends="2027-03-08"), "ends"),
        (Flag("vip", starts="2027-04-01", ends="2027-03-20"), "ends"),
    ],
)
def test_what_makes_no_sense_is_refused_beside_its_field(any_store: Store, flag: Flag, field: str):
    patient = a_patient(any_store, "Ada", "Quiroga")
    with pytest.raises(Invalid) as refused:
        set_flag(any_store, patient["id"], flag)
    assert [detail.field for detail in refused.value.details] == [field]


def test_words_of_others_cannot_break_the_line_they_are_read_from(any_store: Store):
    patient = a_patient(any_store, "Ada", "Quiroga")
    set_flag(any_store, patient["id"], Flag("other", "a\tb\nc  <b>"))
    assert words(any_store, patient) == ["a b c <b>"]


def test_a_clinical_flag_is_set_and_seen_only_by_those_who_may(any_store: Store):
    patient = a_patient(any_store, "Ada", "Quiroga")
    any_store.actor = BILLER
    flag = set_flag(any_store, patient["id"], Flag("allergy", "Latex allergy"))
    assert words(any_store, patient) == ["Latex allergy"]
    any_store.actor = DESK
    assert words(any_store, patient) == []
    assert flag_lines(any_store, patient["id"]) == []
    with pytest.raises(Forbidden):
        set_flag(any_store, patient["id"], Flag("allergy", "Nuts"))
    with pytest.raises(Missing):
        end_flag(any_store, flag["id"])


def test_flags_come_with_the_finder_and_the_weightiest_first(any_store: Store):
    patient = a_patient(any_store, "Ada", "Quiroga")
    for kind in ("vip", "safety", "interpreter"):
        set_flag(any_store, patient["id"], Flag(kind))
    hits = find_patients(any_store, read_query("quiroga", today=any_store.now.date()))
    assert [one.kind for one in hits[0].person.flags] == ["safety", "interpreter", "vip"]


def test_a_kind_of_ones_own_is_offered_until_it_is_not(any_store: Store):
    patient = a_patient(any_store, "Ada", "Quiroga")
    kind = add_kind(any_store, Kind("", "Guide dog", "heart", "info"))
    set_flag(any_store, patient["id"], Flag(kind.code))
    shown = flags_of_many(any_store, [patient["id"]])[patient["id"]][0]
    assert (shown.label, shown.shape, shown.colour) == ("Guide dog", "heart", "info")
    use_kind(any_store, kind.code, active=False)
    assert words(any_store, patient) == ["Guide dog"]
    with pytest.raises(Invalid):
        set_flag(any_store, a_patient(any_store, "Bo", "Quiroga")["id"], Flag(kind.code))
    use_kind(any_store, "vip", active=False)
    assert not next(one for one in all_kinds(any_store) if one.code == "vip").active


@pytest.mark.parametrize(
    "kind", [Kind("", "", "flag", "warn"), Kind("", "x" * 31, "flag", "warn"), Kind("", "Dog", "skull", "warn")]
)
def test_a_kind_that_cannot_be_drawn_is_refused(any_store: Store, kind: Kind):
    with pytest.raises(Invalid):
        add_kind(any_store, kind)


def test_two_kinds_of_one_name_are_refused(any_store: Store):
    add_kind(any_store, Kind("", "Guide dog", "heart", "info"))
    for name in ("guide  DOG", "VIP"):
        with pytest.raises(Conflict):
            add_kind(any_store, Kind("", name, "heart", "info"))


def sent(patient_id: str, **rest: object) -> Json:
    return {
        "resourceType": "Flag", "id": "sent", "status": "active", "code": {"text": "Carries oxygen"},
        "subject": {"reference": f"Patient/{patient_id}"}, **rest,
    }  # fmt: skip


def test_a_flag_of_a_program_is_shown_and_held_to_the_rules(any_store: Store):
    patient = a_patient(any_store, "Ada", "Quiroga")
    create = writers["Flag"].create
    assert create is not None
    create(any_store, sent(patient["id"], period={"start": "2027", "end": "2027-03"}))
    assert words(any_store, patient) == ["Carries oxygen"]
    with pytest.raises(Invalid):
        create(any_store, sent("nobody"))
    with pytest.raises(Invalid):
        create(any_store, {**sent(patient["id"], period={"start": "2027-03-02", "end": "2027-03-01"}), "id": "second"})


@pytest.mark.parametrize("broken", [{"code": {}}, {"code": {"coding": [{}]}}, {"category": [{}]}, {"extension": [{}]}])
def test_odd_flags_of_an_import_do_not_break_the_rows(broken: Json):
    rows = project_flag({**sent("p"), **broken})
    assert len(rows) == 1
    assert rows[0]["label"]


def test_a_broken_line_is_left_out():
    assert read_shown("a\tb\nsafety\tstop\tdanger\t0\t\tSafety\n", clinical=True)[0].kind == "safety"
    assert len(read_shown("a\tb", clinical=True)) == 0


def somebody(app: Flask) -> str:
    return transact(state_of(app), lambda store: str(a_patient(store, "Ada", "Quiroga")["id"]))


def test_the_desk_sets_a_flag_sees_it_in_the_banner_and_takes_it_down(
    app: Flask, client_of: Callable[[str], FlaskClient]
):
    id_, client = somebody(app), client_of("receptionist")
    token = token_in(client.get(f"/registration/{id_}/flags").text)
    data = {"csrf_token": token, "kind": "other", "text": "Bring <i>chair</i>", "ends": "12/31/2027"}
    assert client.post(f"/registration/{id_}/flags", data=data).status_code == 303
    page = client.get(f"/registration/{id_}")
    assert "Bring &lt;i&gt;chair&lt;/i&gt;" in page.text
    assert "Bring &lt;i&gt;" in client.get("/registration/?q=quiroga", headers={"HX-Request": "true"}).text
    listed = client.get(f"/registration/{id_}/flags").text
    end = listed.partition("/registration/flags/")[2].partition('"')[0]
    assert client.post(f"/registration/flags/{end}", data={"csrf_token": token}).status_code == 303
    page = client.get(f"/registration/{id_}").text
    assert "Bring" not in page.partition("toasts")[0]


def test_a_wrong_date_is_said_beside_its_field_and_what_was_typed_is_kept(
    app: Flask, client_of: Callable[[str], FlaskClient]
):
    id_, client = somebody(app), client_of("receptionist")
    token = token_in(client.get(f"/registration/{id_}/flags").text)
    data = {"csrf_token": token, "kind": "vip", "text": "Mayor", "ends": "31/31/2027"}
    answer = client.post(f"/registration/{id_}/flags", data=data)
    assert answer.status_code == 422
    assert "not a date" in answer.text
    assert "Mayor" in answer.text


def test_the_page_of_one_who_may_only_look_has_no_form(app: Flask, client_of: Callable[[str], FlaskClient]):
    id_ = somebody(app)
    page = client_of("billing").get(f"/registration/{id_}/flags").text
    assert "Set a flag" not in page
    assert "No flags" in page


def test_the_manager_adds_a_kind_and_stops_offering_one(app: Flask, client_of: Callable[[str], FlaskClient]):
    client = client_of("manager")
    token = token_in(client.get("/management/flags").text)
    data = {"csrf_token": token, "label": "Guide dog", "shape": "heart", "colour": "info"}
    assert client.post("/management/flags", data=data).status_code == 303
    assert "Guide dog" in client.get("/management/flags").text
    assert client.post("/management/flags", data=data).status_code == 422
    assert client.post("/management/flags/guide-dog/off", data={"csrf_token": token}).status_code == 303
    assert client.post("/management/flags/nothing/off", data={"csrf_token": token}).status_code == 404


def test_an_actor_without_clinical_right_is_the_default():
    assert not replace(DESK, permissions=frozenset()).may("clinical.read")
