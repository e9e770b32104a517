"""Consents: the exact text with its seal, who signed, how long it holds, taking it back, and what it allows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.cli.state import transact
from clinic.core.errors import Conflict, Invalid, Missing, Stale
from clinic.core.json import Json
from clinic.fhir.store import Store
from clinic.fhir.upkeep import verify
from clinic.registration.mapping.consents import signed_of
from clinic.registration.queries.consents import book_of, signed_by, text_of, versions_of
from clinic.registration.rules.consents import (
    KINDS,
    LANGUAGES,
    Book,
    ConsentText,
    Held,
    Kind,
    Signing,
    judge,
    last_day,
    read_book,
    shipped,
)
from clinic.registration.rules.flags import Flag
from clinic.registration.service.consents import decide, may, restore, sign, withdraw, write_text
from clinic.registration.service.flags import set_flag
from clinic.registration.service.writing import writers
from clinic.web.state import state_of
from tests.conftest import NOW
from tests.factories import token_in
from tests.registration.factories import a_patient

TODAY = date(2027, 3, 9)
PAPER = Signing("treatment", "en", "paper", TODAY)


def state(store: Store, patient: Json, code: str = "treatment", on: date = TODAY) -> str:
    return book_of(store, [patient["id"]]).state(patient["id"], code, on).state


@pytest.mark.parametrize("kind", [kind.code for kind in KINDS])
def test_every_kind_ships_with_a_text_in_every_language(kind: str):
    texts = shipped()[kind]
    assert set(texts) == set(LANGUAGES)
    assert all(one.title and len(one.paragraphs) >= 2 for one in texts.values())


def test_the_seal_is_of_the_canonical_text_and_of_nothing_else():
    one = ConsentText("Títle", "First  \r\nline\n\nSecond")
    assert one.canonical == "Títle\n\nFirst\nline\n\nSecond\n"
    assert one.sha256 == hashlib.sha256("Títle\n\nFirst\nline\n\nSecond\n".encode()).hexdigest()
    assert ConsentText("Ti\u0301tle", "First\nline\n\nSecond").sha256 == one.sha256
    assert ConsentText("Títle", "First\nline\n\nSecond.").sha256 != one.sha256


@pytest.mark.parametrize(
    ("signed", "months", "last"),
    [
        (date(2027, 3, 9), 12, "2028-03-08"), (date(2027, 1, 31), 1, "2027-02-27"), (date(2028, 2, 29), 12, "2029-02-27"),
        (date(2027, 12, 1), 1, "2027-12-31"), (date(2027, 3, 9), 0, ""),
    ],
)  # fmt: skip
def test_a_signature_lasts_whole_months(signed: date, months: int, last: str):
    assert last_day(signed, months) == last


def test_a_consent_on_paper_keeps_text_seal_signer_and_language(any_store: Store):
    patient = a_patient(any_store, "Ada", "Quiroga")
    given = replace(PAPER, kind="financial", language="es", signer="guardian", signer_name="Eva Paz", relation="mother")
    kept = signed_of(sign(any_store, patient["id"], given))
    text = shipped()["financial"]["es"]
    assert (kept.text, kept.sha256, kept.number, kept.language) == (text.text, text.sha256, 1, "es")
    assert (kept.signer, kept.signer_name, kept.relation, kept.ends) == ("guardian", "Eva Paz", "mother", "2028-03-08")
    stored = any_store.read("Consent", kept.id)
    assert stored["sourceAttachment"]["language"] == "es"
    assert stored["verification"][0]["verifiedWith"] == {"display": "Eva Paz"}
    assert list(verify(any_store.conn, any_store.registry, lambda done, total: None)) == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (replace(PAPER, kind="nothing"), "kind"),
        (replace(PAPER, how="by dream"), "how"),
        (replace(PAPER, language="xx"), "language"),
        (replace(PAPER, signed=None), "signed"),
        (replace(PAPER, signed=TODAY + timedelta(days=1)), "signed"),
        (replace(PAPER, signed=date(1979, 1, 1)), "signed"),
        (replace(PAPER, signer="proxy"), "signer_name"),
        (replace(PAPER, signer="guardian", signer_name="Eva"), "relation"),
        (replace(PAPER, signer="the cat"), "signer"),
        (replace(PAPER, how="verbal"), "witness"),
        (replace(PAPER, witness="x" * 121), "witness"),
    ],
)
def test_what_makes_no_sense_is_refused_beside_its_field(any_store: Store, given: Signing, field: str):
    patient = a_patient(any_store, "Ada", "Quiroga", "1980-02-02")
    with pytest.raises(Invalid) as refused:
        sign(any_store, patient["id"], given)
    assert field in [detail.field for detail in refused.value.details]
    assert signed_by(any_store, patient["id"]) == []


def test_a_version_that_never_was_cannot_be_signed(any_store: Store):
    patient = a_patient(any_store, "Ada", "Quiroga")
    with pytest.raises(Invalid):
        sign(any_store, patient["id"], replace(PAPER, number=7))
    with pytest.raises(Missing):
        sign(any_store, "nobody", PAPER)


def test_a_new_text_is_a_new_version_that_has_to_be_signed_again(any_store: Store):
    patient = a_patient(any_store, "Ada", "Quiroga")
    sign(any_store, patient["id"], PAPER)
    assert state(any_store, patient) == "ok"
    assert write_text(any_store, "treatment", {"en": ConsentText("Care", "New words.")}, number=1) == 2
    assert state(any_store, patient) == "new-text"
    assert [one.number for one in versions_of(any_store, "treatment")] == [2, 1]
    assert signed_by(any_store, patient["id"])[0].text == shipped()["treatment"]["en"].text
    sign(any_store, patient["id"], PAPER)
    assert state(any_store, patient) == "ok"
    assert signed_by(any_store, patient["id"])[0].number == 2
    with pytest.raises(Invalid):
        sign(any_store, patient["id"], replace(PAPER, language="nl"))


def test_the_same_text_makes_no_version_and_a_stale_one_is_refused(any_store: Store):
    write_text(any_store, "sms", {"en": ConsentText("Texts", "One.")}, number=1)
    assert write_text(any_store, "sms", {"en": ConsentText("Texts", "One.")}, number=2) == 2
    with pytest.raises(Stale):
        write_text(any_store, "sms", {"en": ConsentText("Texts", "Two.")}, number=1)


@pytest.mark.parametrize(
    "texts",
    [{}, {"en": ConsentText("", "words")}, {"en": ConsentText("Title", "  ")}, {"en": ConsentText("T" * 121, "words")},
     {"nl": ConsentText("T", "w" * 20_001)}],
)  # fmt: skip
def test_a_text_that_cannot_be_read_is_refused(any_store: Store, texts: dict[str, ConsentText]):
    with pytest.raises(Invalid):
        write_text(any_store, "sms", texts, number=1)
    assert len(versions_of(any_store, "sms")) == 1


def test_a_kind_that_does_not_exist_has_no_text(any_store: Store):
    with pytest.raises(Missing):
        write_text(any_store, "nothing", {"en": ConsentText("T", "w")}, number=1)
    assert text_of(any_store, "nothing", "en") is None


def test_a_signature_ends_and_says_so_a_month_before(any_store: Store):
    patient = a_patient(any_store, "Ada", "Quiroga")
    sign(any_store, patient["id"], replace(PAPER, kind="financial"))
    assert state(any_store, patient, "financial") == "ok"
    assert state(any_store, patient, "financial", date(2028, 2, 20)) == "ending"
    assert state(any_store, patient, "financial", date(2028, 3, 8)) == "ending"
    assert state(any_store, patient, "financial", date(2028, 3, 9)) == "ended"


def test_taking_back_is_dated_respected_undone_and_not_done_twice(any_store: Store):
    patient = a_patient(any_store, "Ada", "Quiroga")
    kept = sign(any_store, patient["id"], replace(PAPER, kind="sms"))
    assert may(any_store, patient["id"], "sms").allowed
    changed = withdraw(any_store, kept["id"], on=TODAY, reason="no more texts")
    assert (changed["status"], changed["provision"]["type"]) == ("inactive", "deny")
    one = signed_of(changed)
    assert (one.withdrawn, one.reason) == ("2027-03-09", "no more texts")
    assert not may(any_store, patient["id"], "sms").allowed
    with pytest.raises(Conflict):
        withdraw(any_store, kept["id"], on=TODAY, reason="again")
    restore(any_store, kept["id"], version=int(changed["meta"]["versionId"]))
    assert may(any_store, patient["id"], "sms").allowed


@pytest.mark.parametrize(
    ("on", "reason"), [(TODAY, " "), (TODAY + timedelta(days=1), "x y"), (date(2027, 3, 1), "early")]
)
def test_taking_back_needs_a_reason_and_a_day_that_can_be(any_store: Store, on: date, reason: str):
    patient = a_patient(any_store, "Ada", "Quiroga")
    kept = sign(any_store, patient["id"], PAPER)
    with pytest.raises(Invalid):
        withdraw(any_store, kept["id"], on=on, reason=reason)


def test_a_new_yes_after_a_no_counts(any_store: Store):
    patient = a_patient(any_store, "Ada", "Quiroga")
    kept = sign(any_store, patient["id"], replace(PAPER, kind="email"))
    withdraw(any_store, kept["id"], on=TODAY, reason="changed her mind")
    sign(any_store, patient["id"], replace(PAPER, kind="email"))
    assert may(any_store, patient["id"], "email").allowed


def test_what_may_be_done_without_an_answer_is_the_managers_choice(any_store: Store):
    patient = a_patient(any_store, "Ada", "Quiroga")
    assert may(any_store, patient["id"], "sms").allowed
    assert not may(any_store, patient["id"], "release").allowed
    decide(any_store, Kind("sms", need="must"))
    assert not may(any_store, patient["id"], "sms").allowed
    with pytest.raises(Invalid):
        may(any_store, patient["id"], "smoke signals")


def test_the_flag_that_says_no_texts_stops_texts(any_store: Store):
    patient = a_patient(any_store, "Ada", "Quiroga")
    sign(any_store, patient["id"], replace(PAPER, kind="sms"))
    set_flag(any_store, patient["id"], Flag("no-texts"))
    assert not may(any_store, patient["id"], "sms").allowed
    assert may(any_store, patient["id"], "email").allowed


def test_who_needs_it_is_by_visit_type_and_age(any_store: Store):
    decide(any_store, Kind("telehealth", need="must", visit_types=("video",), from_age=18, months=6))
    book = book_of(any_store)
    codes = lambda *about: [one.kind.code for one in book.missing("p", *about, TODAY)]  # noqa: E731
    assert codes("video", "1980-02-02") == ["telehealth", "privacy", "treatment"]
    assert codes("video", "2015-02-02") == ["privacy", "treatment"]
    assert codes("annual", "1980-02-02") == ["privacy", "treatment"]
    assert codes("video", "") == ["telehealth", "privacy", "treatment"]


@pytest.mark.parametrize(
    "kind",
    [Kind("sms", need="maybe"), Kind("sms", months=-1), Kind("sms", months=601), Kind("sms", from_age=20, to_age=10),  # type: ignore[arg-type]
     Kind("sms", from_age=-1)],
)  # fmt: skip
def test_a_rule_that_makes_no_sense_is_refused(any_store: Store, kind: Kind):
    with pytest.raises(Invalid):
        decide(any_store, kind)


def test_a_stale_rule_is_refused(any_store: Store):
    decide(any_store, Kind("sms", need="ask"), version=0)
    with pytest.raises(Stale):
        decide(any_store, Kind("sms", need="must"), version=0)
    with pytest.raises(Missing):
        decide(any_store, Kind("nothing", need="ask"))


def test_a_no_is_an_answer_and_nobody_is_asked_again():
    book = Book(signed={"p": {"privacy": Held("privacy", "inactive", 1, "", True, NOW)}})
    found = book.state("p", "privacy", TODAY)
    assert (found.state, found.open, judge(found).allowed) == ("withdrawn", False, False)


def test_a_consent_of_before_this_system_counts_as_the_first_version():
    rows = [("consent", "treatment\tactive\t0\t\t0\told", None, "p"), ("consent-text", "treatment\t2", NOW, "")]
    assert read_book(rows).state("p", "treatment", TODAY).state == "new-text"
    assert read_book(rows[:1]).state("p", "treatment", TODAY).state == "ok"


def test_programs_write_consents_by_the_same_rules(any_store: Store):
    patient = a_patient(any_store, "Ada", "Quiroga")
    create = writers["Consent"].create
    assert create is not None
    kept = sign(any_store, patient["id"], PAPER)
    sent = {**{name: value for name, value in kept.items() if name != "meta"}, "id": "sent"}
    create(any_store, sent)
    broken = {**sent, "id": "broken", "extension": [dict(one) for one in sent["extension"]]}
    inside = [dict(one) for one in broken["extension"][1]["extension"]]
    next(one for one in inside if one["url"] == "text")["valueString"] = "Other words."
    broken["extension"][1] = {**broken["extension"][1], "extension": inside}
    for wrong in (
        broken,
        {**sent, "id": "x", "patient": {"reference": "Patient/nobody"}},
        {**sent, "id": "x", "provision": {"type": "permit", "period": {"start": "2027-03-09", "end": "2027-03-01"}}},
    ):
        with pytest.raises(Invalid):
            create(any_store, wrong)


# -- the screens


def somebody(app: Flask) -> str:
    return transact(state_of(app), lambda store: str(a_patient(store, "Ada", "Quiroga")["id"]))


def written(app: Flask, client: FlaskClient, **more: str) -> tuple[str, str, int]:
    """The patient, the token, and the status of writing a consent down."""
    id_ = somebody(app)
    token = token_in(client.get(f"/registration/{id_}/consents").text)
    data = {"csrf_token": token, "kind": "treatment", "how": "paper", "signed": "3/9/2027", "language": "en",
            "signer": "self", **more}  # fmt: skip
    return id_, token, client.post(f"/registration/{id_}/consents", data=data).status_code


def test_the_desk_writes_one_down_reads_prints_and_takes_it_back(app: Flask, client_of: Callable[[str], FlaskClient]):
    client = client_of("receptionist")
    id_, token, status = written(app, client)
    assert status == 303
    assert "Consent to care, version 1" in client.get(f"/registration/{id_}").text
    page = client.get(f"/registration/{id_}/consents").text
    consent = page.partition('href="/registration/consents/0')[2].partition('"')[0]
    one = client.get(f"/registration/consents/0{consent}")
    assert "no word was changed" in one.text
    paper = client.get(f"/registration/consents/0{consent}/print")
    assert (paper.status_code, paper.mimetype, paper.data[:5]) == (200, "application/pdf", b"%PDF-")
    data = {"csrf_token": token, "reason": "said so on the phone"}
    assert client.post(f"/registration/consents/0{consent}/withdraw", data=data).status_code == 303
    assert "taken back" in client.get(f"/registration/{id_}/consents").text
    assert client.post(f"/registration/consents/0{consent}/withdraw", data=data).status_code == 422


def test_what_is_wrong_is_said_and_what_was_typed_is_kept(app: Flask, client_of: Callable[[str], FlaskClient]):
    client = client_of("receptionist")
    id_, _token, status = written(app, client, signed="99/99/9999", witness="Bo <b>")
    assert status == 422
    assert "Nothing signed yet" in client.get(f"/registration/{id_}/consents").text
    assert "Nothing fits" in client.get(f"/registration/{id_}/consents?q=zzz").text


def test_only_who_may_write_has_the_form(app: Flask, client_of: Callable[[str], FlaskClient]):
    id_ = somebody(app)
    client = client_of("billing")
    assert "Write one down" not in client.get(f"/registration/{id_}/consents").text


def test_the_manager_writes_a_text_and_decides_who_needs_it(app: Flask, client_of: Callable[[str], FlaskClient]):
    client = client_of("manager")
    page = client.get("/management/consents/financial")
    token = token_in(page.text)
    text = {"csrf_token": token, "version": "1", "title_en": "Paying", "text_en": "I pay.\n\nAlways."}
    assert client.post("/management/consents/financial/text", data=text).status_code == 303
    assert client.post("/management/consents/financial/text", data=text).status_code == 422
    rule = {"csrf_token": token, "version": "0", "need": "must", "months": "6", "from_age": "18", "renew": "y"}
    assert client.post("/management/consents/financial/rule", data=rule).status_code == 303
    assert client.post("/management/consents/financial/rule", data={**rule, "months": "x"}).status_code == 422
    assert client.get("/management/consents/nothing").status_code == 404
    assert "a must" in client.get("/management/consents").text
    shown = client.get("/registration/consents/text/financial?language=en").text
    assert "Always." in shown
    form = transact(state_of(app), lambda store: store.read("Questionnaire", "consent-financial"))
    assert (form["version"], [one["text"] for one in form["item"][0]["item"]]) == ("2", ["I pay.", "Always."])
