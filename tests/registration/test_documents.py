"""Documents of a patient: kept, looked at, replaced, put in order, retired; and never through another patient."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from datetime import date

import pikepdf
import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.core.errors import Conflict, Invalid, Missing
from clinic.fhir.store import Store
from clinic.registration.queries.documents import Wanted, documents_of
from clinic.registration.rules.documents import Described, described, moved
from clinic.registration.service import documents as service
from clinic.registration.service.documents import record_document, rewrite_document
from clinic.web.papers import Part, clean_paper
from tests.registration.factories import a_patient
from tests.registration.test_routes import audited, post, text, write
from tests.web.test_papers import a_pdf, a_trap, everything_in, photo

LETTER = Described("letter", "Letter from Dr Haddad", "2027-03-01")
ONE = clean_paper([Part(a_pdf(3))])
OTHER = clean_paper([Part(photo())])


def kept(store: Store, patient_id: str, said: Described = LETTER, paper=ONE) -> str:
    return str(service.add_document(store, patient_id, said, paper)["id"])


# -- rules and services


def test_what_is_said_of_a_document_is_checked_field_by_field():
    assert described("letter", "  A   letter ", date(2027, 1, 2), None) == Described("letter", "A letter", "2027-01-02")
    with pytest.raises(Invalid) as refused:
        described("novel", "x" * 121, date(2027, 1, 2), date(2027, 1, 1))
    assert [detail.field for detail in refused.value.details] == ["kind", "title", "ends"]


def test_pages_move_turn_and_go():
    assert moved(3, 2, "up") == [(1, 0), (0, 0), (2, 0)]
    assert moved(3, 3, "down") == [(0, 0), (1, 0), (2, 0)]
    assert moved(2, 1, "left") == [(0, 270), (1, 0)]
    assert moved(2, 1, "remove") == [(1, 0)]
    for number, act in ((0, "up"), (4, "up"), (1, "burn")):
        with pytest.raises(Invalid):
            moved(3, number, act)


def test_a_document_is_listed_found_by_words_and_kind(any_store: Store):
    patient = a_patient(any_store, "Mafe", "Garcia")["id"]
    kept(any_store, patient)
    kept(any_store, patient, Described("identity", "", "", "2027-02-28"), OTHER)
    every, count = documents_of(any_store, patient, Wanted())
    assert (count, {one.kind for one in every}) == (2, {"identity", "letter"})
    for wanted in (Wanted("HADDAD letter"), Wanted(kind="letter")):
        found, count = documents_of(any_store, patient, wanted)
        assert [(one.title, one.pages, one.dated) for one in found] == [("Letter from Dr Haddad", 3, "2027-03-01")]
    assert documents_of(any_store, patient, Wanted("100%_"))[1] == 0


def test_a_newer_one_replaces_and_the_old_one_stays(any_store: Store):
    patient = a_patient(any_store, "Mafe", "Garcia")["id"]
    old = kept(any_store, patient)
    new = service.replace_document(any_store, patient, old, said=LETTER, content=OTHER)
    assert new["relatesTo"] == [{"code": "replaces", "target": {"reference": f"DocumentReference/{old}"}}]
    assert any_store.read("DocumentReference", old)["status"] == "superseded"
    assert service.content_of(any_store, any_store.read("DocumentReference", old))[0] == ONE.data
    with pytest.raises(Conflict):
        service.replace_document(any_store, patient, old, said=LETTER, content=OTHER)
    service.retire_document(any_store, patient, old, "older one")
    assert service.restore_document(any_store, patient, old)["status"] == "superseded"


def test_a_document_is_retired_with_a_reason_and_comes_back_the_same(any_store: Store):
    patient = a_patient(any_store, "Mafe", "Garcia")["id"]
    document = kept(any_store, patient)
    before = {k: v for k, v in any_store.read("DocumentReference", document).items() if k != "meta"}
    with pytest.raises(Invalid):
        service.retire_document(any_store, patient, document, "  ")
    service.retire_document(any_store, patient, document, "wrong patient")
    assert documents_of(any_store, patient, Wanted())[1] == 0
    assert documents_of(any_store, patient, Wanted(state="retired"))[1] == 1
    with pytest.raises(Conflict):
        service.describe_document(any_store, patient, document, said=LETTER)
    after = service.restore_document(any_store, patient, document)
    assert {k: v for k, v in after.items() if k != "meta"} == before


def test_pages_are_put_back_as_they_were(any_store: Store):
    patient = a_patient(any_store, "Mafe", "Garcia")["id"]
    document = kept(any_store, patient)
    service.arrange_document(any_store, patient, document, content=OTHER, version=1)
    assert documents_of(any_store, patient, Wanted())[0][0].pages == 1
    service.take_back_pages(any_store, patient, document, 1)
    found = documents_of(any_store, patient, Wanted())[0][0]
    assert (found.pages, found.title) == (3, LETTER.title)
    assert service.content_of(any_store, any_store.read("DocumentReference", document))[0] == ONE.data


def test_a_document_is_reached_only_through_its_own_patient(store: Store):
    mine, other = (a_patient(store, name, "Garcia")["id"] for name in ("Mafe", "Bruno"))
    document = kept(store, mine)
    for act in (
        lambda: service.document_of(store, other, document),
        lambda: service.retire_document(store, other, document, "mischief"),
        lambda: service.replace_document(store, other, document, said=LETTER, content=OTHER),
        lambda: service.add_document(store, "nobody", LETTER, OTHER),
    ):
        with pytest.raises(Missing):
            act()


def test_what_a_program_sends_is_cleaned_like_an_upload(store: Store):
    patient, other = (a_patient(store, name, "Garcia")["id"] for name in ("Mafe", "Bruno"))
    trap = base64.b64encode(a_trap()).decode()
    sent = {
        "resourceType": "DocumentReference", "status": "current", "subject": {"reference": f"Patient/{patient}"},
        "content": [{"attachment": {"contentType": "application/pdf", "data": trap, "title": "Letter"}}],
    }  # fmt: skip
    made = record_document(store, sent)
    attachment = made["content"][0]["attachment"]
    assert "data" not in attachment
    assert "CANARY" not in everything_in(service.content_of(store, made)[0])
    assert rewrite_document(store, {**made, "description": "Mine"}, None)["content"] == made["content"]
    raw = store.create({"resourceType": "Binary", "contentType": "application/pdf", "data": trap})
    pointed = record_document(store, {**sent, "content": [{"attachment": {"url": f"Binary/{raw['id']}"}}]})
    assert "CANARY" not in everything_in(service.content_of(store, pointed)[0])
    theirs = {**sent, "subject": {"reference": f"Patient/{other}"}, "content": made["content"]}
    with pytest.raises(Invalid):
        record_document(store, theirs)
    for bad in ("!!", base64.b64encode(b"%PDF-rubbish").decode()):
        with pytest.raises(Invalid):
            record_document(
                store, {**sent, "content": [{"attachment": {"contentType": "application/pdf", "data": bad}}]}
            )


def test_documents_of_other_makers_are_listed_too(store: Store):
    patient = a_patient(store, "Mafe", "Garcia")["id"]
    card = {"coding": [{"system": "http://loinc.org", "code": "64290-0"}], "text": "Health insurance card"}
    store.create(
        {
            "resourceType": "DocumentReference", "status": "current", "type": card,
            "subject": {"reference": f"Patient/{patient}"},
            "content": [{"attachment": {"contentType": "image/jpeg", "url": "https://elsewhere.example/1"}}],
        }
    )  # fmt: skip
    found = documents_of(store, patient, Wanted("health"))[0][0]
    assert (found.kind, found.here) == ("insurance", False)
    with pytest.raises(Missing):
        service.content_of(store, service.document_of(store, patient, found.id))


# -- screens


@pytest.fixture
def mafe(app: Flask) -> str:
    return str(write(app, lambda store: a_patient(store, "Mafe", "Garcia Ochoa"))["id"])


@pytest.fixture
def desk(client_of: Callable[[str], FlaskClient]) -> FlaskClient:
    return client_of("receptionist")


def add(desk: FlaskClient, patient: str, *files: tuple[bytes, str], **rest: str):
    data = {"kind": "letter", "title": "From Dr Haddad", "dated": "3/1/27", **rest}
    data["pages"] = [(io.BytesIO(content), name) for content, name in files]  # type: ignore[assignment]
    return post(desk, f"/registration/{patient}/documents/new", data, content_type="multipart/form-data")


def test_pages_in_order_become_one_document_that_is_shown(desk: FlaskClient, mafe: str, app: Flask):
    assert "No documents yet" in text(desk.get(f"/registration/{mafe}/documents"))
    answer = add(desk, mafe, (photo(), "1.jpg"), (a_pdf(2), "2.pdf"), turns="90,0")
    assert answer.status_code == 303
    seen = audited(app, "read")
    page = text(desk.get(answer.headers["Location"]))
    assert "From Dr Haddad" in page
    assert "Page 3 of 3" in page
    content = desk.get(answer.headers["Location"] + "/content")
    assert (content.mimetype, content.headers["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
    assert content.headers["Cache-Control"] == "no-store"
    with pikepdf.open(io.BytesIO(content.data)) as pdf:
        assert len(pdf.pages) == 3
    picture = desk.get(answer.headers["Location"] + "/pages/1/small")
    assert (picture.status_code, picture.mimetype) == (200, "image/jpeg")
    assert desk.get(answer.headers["Location"] + "/pages/9/small").status_code == 404
    assert audited(app, "read") - seen == 4
    listed = text(desk.get(f"/registration/{mafe}/documents?q=haddad"))
    assert "Mar 1, 2027" in listed or "1 Mar 2027" in listed
    assert "No document like this" in text(desk.get(f"/registration/{mafe}/documents?q=haddad&kind=result"))


def test_the_content_is_not_served_through_another_patient_nor_to_a_stranger(
    desk: FlaskClient, mafe: str, app: Flask, client_of: Callable[[str], FlaskClient]
):
    bruno = str(write(app, lambda store: a_patient(store, "Bruno", "Garcia"))["id"])
    document = write(app, lambda store: kept(store, mafe))
    for rest in ("", "/content", "/pages/1/large", "/replace"):
        assert desk.get(f"/registration/{bruno}/documents/{document}{rest}").status_code == 404
        assert client_of("stranger").get(f"/registration/{mafe}/documents/{document}{rest}").status_code == 303
    answer = post(desk, f"/registration/{bruno}/documents/{document}/retire", {"reason": "mischief"})
    assert answer.status_code == 404


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_kept(desk: FlaskClient, mafe: str, app: Flask):
    for files, rest, said in (
        ([], {}, "Choose a file"),
        ([(b"%PDF-1.7 rubbish", "a.pdf")], {}, "damaged"),
        ([(b"MZ\x90", "a.exe")], {}, "no picture"),
        ([(photo(), "a.jpg")], {"dated": "the other day"}, "no date"),
        ([(photo(), "a.jpg")], {"kind": "novel"}, "Choose one from the list"),
    ):
        answer = add(desk, mafe, *files, **rest)
        assert answer.status_code == 422
        assert said in text(answer)
    assert write(app, lambda store: documents_of(store, mafe, Wanted(state="all"))[1]) == 0


def test_a_second_click_keeps_one_document(desk: FlaskClient, mafe: str, app: Flask):
    places = {add(desk, mafe, (photo(), "a.jpg"), once="twice").headers["Location"] for _ in range(2)}
    assert len(places) == 1
    assert write(app, lambda store: documents_of(store, mafe, Wanted())[1]) == 1


def test_retiring_and_page_acts_offer_undo(desk: FlaskClient, mafe: str, app: Flask):
    document = write(app, lambda store: kept(store, mafe))
    url = f"/registration/{mafe}/documents/{document}"
    assert post(desk, url + "/pages/1", {"act": "remove"}).status_code == 303
    page = text(desk.get(url))
    assert "The page is removed" in page
    assert f"{url}/pages/back/1" in page
    assert "Page 2 of 2" in page
    post(desk, url + "/pages/back/1", {})
    assert "Page 3 of 3" in text(desk.get(url))
    post(desk, url + "/retire", {"reason": "scanned for somebody else"})
    assert f"{url}/restore" in text(desk.get(f"/registration/{mafe}/documents"))
    assert "scanned for somebody else" in text(desk.get(url))
    post(desk, url + "/restore", {})
    assert "Retire this document" in text(desk.get(url))
    assert post(desk, url + "/pages/1", {"act": "burn"}).status_code == 422


def test_an_ended_card_says_so_in_the_list(desk: FlaskClient, mafe: str):
    add(desk, mafe, (photo(), "a.jpg"), kind="identity", title="", dated="", ends="2/28/27")
    assert "ended" in text(desk.get(f"/registration/{mafe}/documents"))
