"""A message is kept once, waits for the undo minute, and is taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.communication.queries.messages import messages_of
from clinic.communication.rules.messages import UNDO, Message, read_wanted
from clinic.communication.service.messages import send, take_back
from clinic.core.errors import Conflict, Invalid, Missing
from clinic.fhir.store import Store
from clinic.fhir.tables import outbox
from tests.registration.factories import a_patient


def test_a_message_is_said_once_and_leaves_after_the_undo_minute(any_store: Store) -> None:
    patient = str(a_patient(any_store, "Ana", "Soler", mobile="+12025550177", language="es")["id"])
    wanted = Message(patient, "recall", key="recall:1", links={"link": "https://clinic.example/secret"})
    first, again = send(any_store, wanted), send(any_store, wanted)
    assert again.repeated
    assert again.id == first.id
    (row,) = messages_of(any_store, patient)
    assert (row.state, row.purpose, row.key) == ("waiting", "recall", "recall:1")
    assert row.text.startswith("Harbour Street Clinic: Ana, es hora de su próxima cita.")
    assert "secret" not in row.text
    job = any_store.conn.execute(sa.select(outbox).where(outbox.c.kind == "message")).one()
    assert job.not_before == any_store.now + UNDO
    assert job.payload["links"] == {"link": "https://clinic.example/secret"}


def test_a_waiting_message_is_taken_back_once(any_store: Store) -> None:
    patient = str(a_patient(any_store, "Ana", "Soler")["id"])
    made = send(any_store, Message(patient, "own", key="own:1", words="Please ring us."))
    take_back(any_store, made.id, why="written by mistake")
    assert messages_of(any_store, patient)[0].state == "stopped"
    with pytest.raises(Conflict):
        take_back(any_store, made.id)


def test_a_lower_slice_asks_by_news(any_store: Store) -> None:
    patient = str(a_patient(any_store, "Ana", "Soler")["id"])
    news = {"patient": patient, "purpose": "own", "key": "offer:7", "words": "Hello", "at_once": True,
            "until": "2027-03-09T18:00:00Z"}  # fmt: skip
    assert read_wanted(news).until == any_store.now.replace(hour=18, minute=0)
    any_store.fire("message_wanted", news)
    any_store.fire("message_wanted", news)
    assert [row.key for row in messages_of(any_store, patient)] == ["offer:7"]
    assert any_store.conn.execute(sa.select(outbox.c.not_before)).scalar() < any_store.now + timedelta(seconds=1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"purpose": "gossip"},
        {"key": ""},
        {"key": "k" * 161},
        {"purpose": "own", "words": " "},
        {"words": "x" * 1601},
        {"channels": ("fax",)},
        {"channels": ()},
    ],
)
def test_what_nobody_could_send_is_refused(store: Store, wrong: dict[str, object]) -> None:
    patient = str(a_patient(store, "Ana", "Soler")["id"])
    given: dict[str, object] = {"patient_id": patient, "purpose": "recall", "key": "k", **wrong}
    with pytest.raises(Invalid):
        send(store, Message(**given))  # type: ignore[arg-type]


def test_nobody_writes_to_somebody_unknown(store: Store) -> None:
    with pytest.raises(Missing):
        send(store, Message("nobody", "recall", key="k"))
