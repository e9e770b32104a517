"""A message leaves by the way that is allowed, counts as sent when the gateway says so, and fails to a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from clinic.cli.messages import works
from clinic.cli.state import transact
from clinic.communication.queries.messages import MessageRow, messages_of
from clinic.communication.rules.messages import Message
from clinic.communication.service.messages import send
from clinic.communication.tables import desk_task, page_message
from clinic.core.clock import FixedClock
from clinic.fhir.store import Store
from clinic.fhir.tables import outbox
from clinic.jobs.worker import Worker
from clinic.registration.service.refusing import refuse
from clinic.web.state import State
from tests.communication.servers import Mails, Texts, mail_server, text_gateway
from tests.registration.factories import a_patient

MOBILE = "+12025550177"


@pytest.fixture
def mails() -> Iterator[Mails]:
    with mail_server() as server:
        yield server


@pytest.fixture
def texts() -> Iterator[Texts]:
    with text_gateway() as server:
        yield server


@pytest.fixture
def house(any_state: State, mails: Mails, texts: Texts) -> State:
    """The practice with both gateways on this machine."""
    any_state.settings = replace(
        any_state.settings, smtp_host="127.0.0.1", smtp_port=mails.port, smtp_tls="off", smtp_from="desk@clinic.example",
        text_gateway="twilio", text_url=f"http://127.0.0.1:{texts.port}", text_account="AC1", text_token="secret",
        text_from="+12025550100", public_url="https://desk.example",
    )  # fmt: skip
    return any_state


def work(state: State, clock: FixedClock, after: timedelta = timedelta(minutes=2), *, rounds: int = 30) -> None:
    """Let the worker do what is due some time later."""
    clock.instant += after
    worker = Worker(state.database, clock, lambda fn: transact(state, fn), works(state))
    for _ in range(rounds):
        if not worker.run_once():
            break


def patient_of(state: State, **details: Any) -> str:
    return str(transact(state, lambda store: a_patient(store, "Ana", "Soler", **details))["id"])


def told(state: State, patient: str, **more: Any) -> str:
    wanted = Message(patient, "own", "own:1", words="Please ring us.", **more)
    return transact(state, lambda store: send(store, wanted)).id


def rows(state: State, patient: str) -> list[MessageRow]:
    return transact(state, lambda store: messages_of(store, patient))


def tasks(state: State) -> list[Any]:
    with state.database.read() as conn:
        return list(conn.execute(sa.select(desk_task).where(desk_task.c.open)))


def test_a_text_is_sent_only_when_the_gateway_says_so(house: State, clock: FixedClock, texts: Texts) -> None:
    patient = patient_of(house, mobile=MOBILE)
    told(house, patient)
    work(house, clock, timedelta(seconds=30))
    assert texts.asked == []
    work(house, clock)
    ((method, path, fields, known),) = texts.asked
    assert (method, path) == ("POST", "/2010-04-01/Accounts/AC1/Messages.json")
    assert fields == {"To": MOBILE, "From": "+12025550100", "Body": "Please ring us.",
                      "StatusCallback": "https://desk.example/communication/gateway/report"}  # fmt: skip
    assert known.startswith("Basic ")
    (row,) = rows(house, patient)
    assert (row.state, row.sent, row.gateway_id, row.address) == ("handed", None, "SM1", MOBILE)
    texts.status, texts.answer = 200, {"sid": "SM1", "status": "delivered"}
    work(house, clock, timedelta(minutes=5))
    (row,) = rows(house, patient)
    assert (row.state, row.received is not None) == ("delivered", True)
    assert tasks(house) == []


def test_a_gateway_that_never_says_it_was_sent_is_a_task(house: State, clock: FixedClock, texts: Texts) -> None:
    patient = patient_of(house, mobile=MOBILE)
    told(house, patient)
    work(house, clock)
    texts.status, texts.answer = 200, {"sid": "SM1", "status": "queued"}
    for _ in range(5):
        work(house, clock, timedelta(hours=13))
    assert rows(house, patient)[0].state == "failed"
    assert [row.kind for row in tasks(house)] == ["message-failed"]


def test_a_gateway_that_is_away_is_tried_again_and_then_a_task(house: State, clock: FixedClock, texts: Texts) -> None:
    patient = patient_of(house, mobile=MOBILE)
    told(house, patient)
    texts.status, texts.answer = 503, {"message": "busy"}
    work(house, clock)
    assert rows(house, patient)[0].state == "waiting"
    for _ in range(5):
        work(house, clock, timedelta(hours=2, minutes=5))
    assert len(texts.asked) == 6
    assert rows(house, patient)[0].state == "failed"
    (task,) = tasks(house)
    assert (task.kind, task.patient_id, "busy" in task.words, task.urgent) == ("message-failed", patient, True, True)


def test_nothing_is_said_twice_when_nobody_knows_whether_it_was_said(
    house: State, clock: FixedClock, texts: Texts
) -> None:
    patient = patient_of(house, mobile=MOBILE)
    told(house, patient)
    texts.status = 0
    work(house, clock)
    texts.status = 201
    work(house, clock, timedelta(hours=3))
    assert len(texts.asked) == 1
    assert "look before you send" in rows(house, patient)[0].why
    assert [row.kind for row in tasks(house)] == ["message-failed"]


def test_a_number_that_opted_out_at_the_gateway_gets_no_more_texts(
    house: State, clock: FixedClock, texts: Texts, mails: Mails
) -> None:
    patient = patient_of(house, mobile=MOBILE, email="ana@home.example")
    texts.status, texts.answer = 400, {"code": 21610, "message": "Attempt to send to unsubscribed recipient"}
    told(house, patient)
    work(house, clock)
    assert rows(house, patient)[0].state == "failed"
    transact(house, lambda store: send(store, Message(patient, "own", "own:2", words="Once more")))
    work(house, clock)
    assert len(mails.taken) == 1
    assert "Once more" in mails.taken[0]


def test_mail_is_sent_when_the_server_takes_it(house: State, clock: FixedClock, mails: Mails, texts: Texts) -> None:
    patient = patient_of(house, mobile=MOBILE, texts=False, email="ana@home.example", language="es")
    transact(
        house, lambda store: send(store, Message(patient, "recall", "r1", links={"link": "https://x.example/t0k"}))
    )
    work(house, clock)
    assert texts.asked == []
    (mail,) = mails.taken
    assert "To: ana@home.example" in mail
    assert "Message-ID: <" in mail
    assert "https://x.example/t0k" in mail
    (row,) = rows(house, patient)
    assert (row.state, row.channel, "t0k" in row.text) == ("sent", "email", False)
    with house.database.read() as conn:
        assert "t0k" not in str(conn.execute(sa.select(outbox.c.payload)).all())


@pytest.mark.parametrize(
    ("answers", "state", "open_tasks"),
    [
        ({"RCPT": "550 no such person"}, "failed", 1),
        ({"RCPT": "450 later"}, "waiting", 0),
        ({"DATA": "554 not this one"}, "failed", 1),
        ({"MAIL": "451 later"}, "waiting", 0),
        ({"END": "452 full"}, "waiting", 0),
        ({"END": "hang up"}, "failed", 1),
    ],
)
def test_what_a_mail_server_answers_is_understood(
    house: State, clock: FixedClock, mails: Mails, answers: dict[str, str], state: str, open_tasks: int
) -> None:
    patient = patient_of(house, email="ana@home.example")
    mails.answers = answers
    told(house, patient)
    work(house, clock, rounds=1)
    assert rows(house, patient)[0].state == state
    assert len(tasks(house)) == open_tasks


@pytest.mark.parametrize("words", ["Hello\r\nBcc: all@x.example", "Hi\n.\nQUIT"])
def test_words_are_never_read_as_headers_or_commands(house: State, clock: FixedClock, mails: Mails, words: str) -> None:
    patient = patient_of(house, email="ana@home.example")
    wanted = Message(patient, "own", "k", words=words, subject=words)
    transact(house, lambda store: send(store, wanted))
    work(house, clock)
    (mail,) = mails.taken
    head = mail.partition("\r\n\r\n")[0]
    assert not any(line.startswith("Bcc") for line in head.splitlines())


def test_a_refused_consent_a_letter_writer_and_nobody_to_reach_are_tasks(
    house: State, clock: FixedClock, texts: Texts
) -> None:
    no = patient_of(house, mobile=MOBILE)
    transact(house, lambda store: refuse(store, no, "sms", reason="Said so"))
    letters = str(transact(house, lambda s: a_patient(s, "Leo", "Brief", mobile=MOBILE, contact_by="letter"))["id"])
    nobody = str(transact(house, lambda s: a_patient(s, "Nemo", "Nihil"))["id"])
    for id_ in (no, letters, nobody):
        wanted = Message(id_, "own", f"k:{id_}", words="Please ring us.")
        transact(house, lambda store, wanted=wanted: send(store, wanted))
    work(house, clock)
    assert texts.asked == []
    assert {row.patient_id for row in tasks(house)} == {no, letters, nobody}


def test_at_night_a_text_waits_until_the_morning_of_both_coasts(house: State, clock: FixedClock, texts: Texts) -> None:
    near, far = patient_of(house, mobile=MOBILE), None
    far = str(transact(house, lambda s: a_patient(s, "Wes", "Coast", mobile="+14155550123"))["id"])
    clock.instant += timedelta(hours=16)  # 02:24 in New York
    for id_ in (near, far):
        wanted = Message(id_, "own", f"k:{id_}", words="Please ring us.")
        transact(house, lambda store, wanted=wanted: send(store, wanted))
    work(house, clock)
    assert texts.asked == []
    work(house, clock, timedelta(hours=5, minutes=40))
    assert [fields["To"] for _, _, fields, _ in texts.asked if "To" in fields] == [MOBILE]
    work(house, clock, timedelta(hours=3))
    assert [fields["To"] for _, _, fields, _ in texts.asked if "To" in fields] == [MOBILE, "+14155550123"]


def test_what_ends_before_the_morning_goes_by_mail_or_is_taken_back(
    house: State, clock: FixedClock, texts: Texts, mails: Mails
) -> None:
    patient = patient_of(house, mobile=MOBILE, email="ana@home.example")
    clock.instant += timedelta(hours=16)
    told(house, patient, until=clock.now() + timedelta(hours=1))
    work(house, clock)
    assert (len(texts.asked), len(mails.taken)) == (0, 1)


def test_without_a_gateway_nothing_leaves_and_a_person_is_told(any_state: State, clock: FixedClock) -> None:
    patient = patient_of(any_state, mobile=MOBILE)
    told(any_state, patient)
    work(any_state, clock)
    assert rows(any_state, patient)[0].state == "failed"
    assert [row.kind for row in tasks(any_state)] == ["message-failed"]


def test_the_page_shows_what_was_not_sent(any_state: State, clock: FixedClock) -> None:
    any_state.settings = replace(any_state.settings, text_gateway="page")
    patient = patient_of(any_state, mobile=MOBILE)
    told(any_state, patient)
    work(any_state, clock)
    with any_state.database.read() as conn:
        (row,) = conn.execute(sa.select(page_message)).all()
    assert (row.address, row.text) == (MOBILE, "Please ring us.")
    assert rows(any_state, patient)[0].state == "sent"


def test_a_worker_that_died_while_it_handed_over_leaves_it_to_a_person(house: State, clock: FixedClock) -> None:
    from clinic.communication.service.leaving import prepare

    patient = patient_of(house, mobile=MOBILE)
    told(house, patient)

    def begin(store: Store) -> Any:
        payload = store.conn.execute(sa.select(outbox.c.payload).where(outbox.c.kind == "message")).scalar()
        return prepare(store, payload, channels=("sms",), public_url="", number=1)

    assert transact(house, begin) is not None
    work(house, clock)
    assert rows(house, patient)[0].state == "failed"
