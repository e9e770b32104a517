"""The screens of registration, as each role meets them."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from clinic.core.actor import SYSTEM
from clinic.fhir.store import Store
from clinic.registration.rules.details import Number
from clinic.registration.service import amend_patient
from clinic.web.state import state_of
from tests.factories import token_in
from tests.registration.factories import a_patient

ENTRY = {
    "searched": "beatriz garcia",
    "given": "Beatriz",
    "family": "Garcia Leal",
    "birth_date": "2 2 80",
    "sex": "female",
    "mobile": "202 555 0177",
    "once": "once-1",
}


def write(app: Flask, fn: Callable[[Store], Any]) -> Any:
    state = state_of(app)
    with state.database.write() as conn:
        return fn(Store(conn, state.setting, actor=SYSTEM, now=state.clock.now()))


@pytest.fixture
def bea(app: Flask) -> str:
    patient = write(
        app,
        lambda store: a_patient(
            store,
            "Beatriz",
            "Garcia Leal",
            mobile="+12025550177",
            email="bea@example.org",
            numbers=(Number("itin", "912903456"),),
        ),
    )
    return str(patient["id"])


@pytest.fixture
def desk(client_of: Callable[[str], FlaskClient]) -> FlaskClient:
    return client_of("receptionist")


def text(answer) -> str:
    return answer.get_data(as_text=True)


def token(client: FlaskClient) -> str:
    return token_in(text(client.get("/registration/?q=zz&new=1")))


def post(client: FlaskClient, url: str, data: dict[str, str], **rest):
    return client.post(url, data={**data, "csrf_token": token(client)}, **rest)


def audited(app: Flask, verb: str) -> int:
    import sqlalchemy as sa

    from clinic.audit.tables import audit_event

    with state_of(app).database.read() as conn:
        return conn.execute(sa.select(sa.func.count()).where(audit_event.c.verb == verb)).scalar_one()


def test_the_finder_shows_who_was_meant_and_how_it_was_read(desk: FlaskClient, bea: str):
    page = text(desk.get("/registration/?q=garcia+80"))
    assert "Read as" in page
    assert "born 1980 or aged 80" in page
    assert "<mark>Garcia</mark>" in page
    assert f"/registration/{bea}" in page


def test_a_fragment_holds_only_the_results(desk: FlaskClient, bea: str):
    page = text(desk.get("/registration/?q=garcia", headers={"HX-Request": "true"}))
    assert "<html" not in page
    assert "Garcia" in page


def test_creating_is_offered_only_after_a_search_and_carries_over_what_was_typed(desk: FlaskClient):
    assert "new=1" not in text(desk.get("/registration/"))
    assert "new=1" not in text(desk.get("/registration/?q=b"))
    page = text(desk.get("/registration/?q=ingrid+s%C3%B8rensen+14/8/79&new=1"))
    assert 'name="given"' in page
    assert re.search(r'name="given"[^>]*value="Ingrid"|value="Ingrid"[^>]*name="given"', page)
    assert "1979-08-14" in page
    answer = desk.get("/registration/new")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/registration/")
    answer = post(desk, "/registration/new", {**ENTRY, "searched": ""})
    assert answer.status_code == 422
    assert "Search first" in text(answer)


def test_registering_opens_the_new_record_and_says_so(desk: FlaskClient):
    answer = post(desk, "/registration/new", ENTRY)
    assert answer.status_code == 303
    page = text(desk.get(answer.headers["Location"]))
    assert "Beatriz Garcia Leal is registered as HS-00001" in page
    assert "(202) 555-0177" in page


def test_a_second_click_registers_once(desk: FlaskClient):
    first, second = (post(desk, "/registration/new", ENTRY) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert "1 found" in text(desk.get("/registration/?q=beatriz+garcia"))


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("given", "", "Give a first name"),
        ("given", "Bea 😀", "😀"),
        ("family", "<script>alert(1)</script>", "cannot hold"),
        ("family", "x" * 300, "longer than 200"),
        ("birth_date", "30 feb 1980", "does not read"),
        ("birth_date", "3/10/2027", "future"),
        ("sex", "", "administrative sex"),
        ("email", "bea@quaymail", "No ending after"),
        ("mobile", "12", "too few digits"),
        ("postal_code", "=1+1", "ZIP"),
        ("number_ssn", "000-00-0000", "ever given out"),
        ("city", "'; DROP TABLE patient_row; --" * 20, "longer"),
        ("language", "x' OR 1=1", "list"),
    ],
)
@pytest.mark.parametrize("panel", ["", "1"])
def test_a_wrong_answer_is_told_beside_its_field_and_nothing_typed_is_lost(desk, field, typed, words, panel):
    answer = post(desk, "/registration/new", {**ENTRY, field: typed, "panel": panel})
    page = text(answer)
    assert answer.status_code == 422
    assert f'id="{field}-note"' in page
    note = page.split(f'id="{field}-note"', 1)[1].split("</div>", 1)[0]
    assert words in note
    assert "<script>alert" not in page
    if field != "mobile":
        assert "202 555 0177" in page


def test_ten_megabytes_in_a_field_are_refused_in_words(desk: FlaskClient):
    answer = post(desk, "/registration/new", {**ENTRY, "family": "x" * 10_000_000})
    assert answer.status_code in (413, 422)


def test_a_form_without_the_sessions_token_changes_nothing(desk: FlaskClient):
    answer = desk.post("/registration/new", data={**ENTRY, "csrf_token": "wrong"})
    assert 400 <= answer.status_code < 500
    assert "Nobody found" in text(desk.get("/registration/?q=beatriz+garcia"))


def test_who_it_may_be_is_told_while_typing_with_reasons(desk: FlaskClient, bea: str):
    page = text(post(desk, "/registration/check", {**ENTRY, "given": "Beatris", "email": "b@quaymail"}))
    assert "Probably someone we know" in page
    assert "Same birth date, 2 Feb 1980" in page
    assert "Same telephone, ending 0177" in page
    assert f"/registration/{bea}" in page
    assert "Read as 2 February 1980" in page
    assert "Read as (202) 555-0177" in page
    assert "No ending after" in page


def test_a_half_typed_entry_gives_hints_and_no_error(desk: FlaskClient):
    page = text(post(desk, "/registration/check", {"given": "Be", "birth_date": "2 2"}))
    assert "does not read as a birth date" in page
    assert "Give a surname" not in page
    assert "more than 120 years old" in text(post(desk, "/registration/check", {"birth_date": "1/1/1900"}))


def test_the_patient_page_shows_contact_people_and_a_masked_number(desk: FlaskClient, bea: str):
    page = text(desk.get(f"/registration/{bea}"))
    assert "bea@example.org" in page
    assert "•••••3456" in page
    assert "912903456" not in page


def test_showing_a_number_is_a_click_that_is_written_down(app: Flask, desk: FlaskClient, bea: str):
    answer = post(desk, f"/registration/{bea}/reveal/itin", {})
    assert "912903456" in text(answer)
    assert audited(app, "reveal") == 1
    assert post(desk, f"/registration/{bea}/reveal/ssn", {}).status_code == 404
    assert desk.get(f"/registration/{bea}/reveal/itin").status_code == 405


def test_the_keystrokes_of_one_search_are_one_line_of_the_trail(app: Flask, desk: FlaskClient, bea: str):
    for typed in ("ga", "gar", "garc", "garcia"):
        desk.get(f"/registration/?q={typed}&s=one", headers={"HX-Request": "true"})
    assert audited(app, "search") == 1
    desk.get("/registration/?q=leal&s=two", headers={"HX-Request": "true"})
    assert audited(app, "search") == 2


def test_opening_a_record_writes_one_line_and_lists_it_under_the_finder(app: Flask, desk: FlaskClient, bea: str):
    before = audited(app, "read")
    desk.get(f"/registration/{bea}")
    assert audited(app, "read") == before + 1
    assert "at 10:24" in text(desk.get("/registration/"))


def test_a_change_is_saved_and_stands_in_the_history(desk: FlaskClient, bea: str):
    page = text(desk.get(f"/registration/{bea}/edit"))
    assert 'value="(202) 555-0177"' in page
    assert 'value="2 Feb 1980"' in page
    assert "912903456" not in page
    changed = {**ENTRY, "mobile": "202 555 0188", "number_itin": "•••••3456", "version": "1"}
    answer = post(desk, f"/registration/{bea}/edit", changed)
    assert answer.status_code == 303
    assert "912903456" in text(post(desk, f"/registration/{bea}/reveal/itin", {}))
    history = text(desk.get(f"/registration/{bea}/history"))
    assert "(202) 555-0177" in history
    assert "(202) 555-0188" in history
    assert "Record made" in history


def test_a_stale_save_shows_both_versions_and_loses_neither(app: Flask, desk: FlaskClient, bea: str):
    write(app, lambda store: amend_patient(store, bea, {"mobile": "+12025550111", "preferred": "Bibi"}))
    mine = {**ENTRY, "mobile": "202 555 0122", "email": "new@example.org", "number_itin": "912903456", "version": "1"}
    answer = post(desk, f"/registration/{bea}/edit", mine)
    page = text(answer)
    assert answer.status_code == 409
    assert "Two people changed this record" in page
    assert "202 555 0122" in page
    assert "(202) 555-0111" in page
    assert 'value="Bibi"' in page
    chosen = {**mine, "version": "2", "preferred": "Bibi", "choose_mobile": "theirs", "theirs_mobile": "(202) 555-0111"}
    assert post(desk, f"/registration/{bea}/edit", chosen).status_code == 303
    page = text(desk.get(f"/registration/{bea}"))
    assert "(202) 555-0111" in page
    assert "new@example.org" in page
    assert "Bibi" in page


def test_a_number_of_somebody_else_is_refused_beside_its_field(desk: FlaskClient, bea: str):
    answer = post(desk, "/registration/new", {**ENTRY, "number_itin": "912-90-3456"})
    assert answer.status_code == 422
    assert "another patient already has this number" in text(answer)


def a_picture(kind: str = "PNG", size: tuple[int, int] = (60, 80)) -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **({"comment": b"<script>x</script>"} if kind == "JPEG" else {}))
    out.seek(0)
    return out


def test_a_photo_is_cleaned_kept_and_served(desk: FlaskClient, bea: str):
    assert desk.get(f"/registration/{bea}/photo").status_code == 404
    files = {"photo": (a_picture("JPEG"), "me.jpg"), "csrf_token": token(desk)}
    assert desk.post(f"/registration/{bea}/photo", data=files).status_code == 303
    answer = desk.get(f"/registration/{bea}/photo")
    assert answer.mimetype == "image/jpeg"
    assert b"<script>" not in answer.data
    assert Image.open(io.BytesIO(answer.data)).size == (60, 60)
    assert "/photo?v=" in text(desk.get(f"/registration/{bea}"))


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"<svg onload=alert(1)>", b"\x89PNG\r\n\x1a\n" + b"x" * 100])
def test_what_is_no_picture_is_refused_in_words(desk: FlaskClient, bea: str, data: bytes):
    files = {"photo": (io.BytesIO(data), "x.png"), "csrf_token": token(desk)}
    answer = desk.post(f"/registration/{bea}/photo", data=files)
    assert answer.status_code == 422
    assert "no picture that can be read" in text(answer)


def test_the_command_bar_offers_people_and_what_can_be_done_with_them(desk: FlaskClient, bea: str):
    page = text(desk.get("/registration/suggest?q=leal"))
    assert f'href="/registration/{bea}"' in page
    assert 'role="option"' in page
    assert f"/registration/{bea}/edit" in text(desk.get("/registration/suggest?q=leal+edit"))
    for said in ("leal+check+in", "check+in+leal", "leal+check-in"):
        bar = text(desk.get(f"/registration/suggest?q={said}"))
        assert f'href="/visits/patients/{bea}/check-in"' in bar
        assert "Check in" in bar
    assert "Garcia" not in text(desk.get("/registration/suggest?q=g"))


@pytest.mark.parametrize("path", ["", "/edit", "/history", "/photo", "/label"])
def test_nobody_there_is_a_plain_404(desk: FlaskClient, path: str):
    assert desk.get(f"/registration/no-such-patient{path}").status_code == 404


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [
        ("receptionist", 200, 200),
        ("billing", 200, 403),
        ("manager", 200, 200),
        ("administrator", 200, 200),
        ("stranger", 303, 303),
    ],
)
def test_each_role_may_what_its_permission_says(client_of, bea: str, role: str, reads: int, writes: int):
    client = client_of(role)
    for path in ("/registration/", f"/registration/{bea}", f"/registration/{bea}/history"):
        assert client.get(path).status_code == reads, path
    for path in ("/registration/new?q=ana", f"/registration/{bea}/edit"):
        assert client.get(path).status_code == writes, path


@pytest.mark.parametrize(
    "typed", ["%00", "%E2%80%AE", "' OR 1=1 --", "%25%25%25", "a" * 5000, "%F0%9F%98%80", "(((((", "\\"]
)
def test_no_search_text_gives_a_server_error(desk: FlaskClient, typed: str):
    for path in ("/registration/?q=", "/registration/suggest?q=", "/registration/new?q="):
        assert desk.get(path + typed).status_code < 500


@pytest.mark.parametrize("language", ["en", "es", "nl"])
@pytest.mark.parametrize("month", range(1, 13))
def test_a_record_reads_back_from_its_own_form_in_every_language(app: Flask, language: str, month: int):
    from flask_babel import force_locale

    from clinic.regions import region_of
    from clinic.registration.forms import shown_entry
    from clinic.registration.rules.checking import Desk, read_changes, read_details
    from clinic.registration.rules.details import PatientDetails

    details = PatientDetails(
        given="Ana",
        family="Ruiz",
        birth_date=f"1980-{month:02d}-02",
        sex="female",
        mobile="+12025550143",
        numbers=(Number("itin", "912903456"),),
    )
    region = region_of("us")
    with app.test_request_context("/"), force_locale(language):
        entry = shown_entry(details, region)
        desk = Desk(region, date(2027, 3, 9))
        assert read_changes(entry, entry, details, desk) == details
        assert read_details({**entry, "number_itin": "912903456"}, desk) == details


def test_registering_on_the_way_to_a_booking_goes_on_to_it(desk: FlaskClient):
    page = text(desk.get("/registration/?q=beatriz+garcia&new=1&next=book"))
    assert re.search(r'<input[^>]*name="next"[^>]*value="book"', page)
    answer = post(desk, "/registration/new", {**ENTRY, "next": "book"})
    assert answer.headers["Location"].startswith("/appointments/book?patient=")
    elsewhere = post(desk, "/registration/new", {**ENTRY, "once": "two", "next": "https://example.org/"})
    assert elsewhere.headers["Location"].startswith("/registration/")


def test_an_untouched_form_changes_nothing_of_a_record_from_elsewhere(app: Flask, desk: FlaskClient):
    from clinic.registration.service import writers

    imported = {
        "resourceType": "Patient",
        "name": [{"family": "Vos", "given": ["Jan", "Piet"]}],
        "gender": "male",
        "birthDate": "1971-03",
        "telecom": [{"system": "phone", "value": "(03) 5555 6473 ext 9"}, {"system": "email", "value": "jan at home"}],
        "address": [{"line": ["a", "b", "c"], "postalCode": "3999", "country": "AU"}],
        "contact": [
            {
                "relationship": [
                    {
                        "coding": [
                            {"system": "http://terminology.hl7.org/CodeSystem/v2-0131", "code": "C"},
                            {"system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": "WIFE"},
                        ]
                    }
                ],
                "name": {"text": "Els"},
            }
        ],
    }
    made = write(app, lambda store: writers["Patient"].create(store, imported))
    page = text(desk.get(f"/registration/{made['id']}/edit"))
    sent = {}
    for tag in re.findall(r"<input[^>]+>", page.split('id="edit-patient"', 1)[1].split("</form>", 1)[0]):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and (("radio" not in tag and "checkbox" not in tag) or "checked" in tag):
            sent[name[1]] = html.unescape(value[1]) if value else ""
    answer = desk.post(f"/registration/{made['id']}/edit", data={**sent, "pronouns": "he, him"})
    assert answer.status_code == 303, text(answer)
    kept = write(app, lambda store: store.read("Patient", made["id"]))
    for key in ("name", "gender", "birthDate", "telecom", "address", "contact"):
        assert kept[key] == imported[key], key
    assert kept["extension"][0]["extension"][0]["valueCodeableConcept"]["text"] == "he, him"
