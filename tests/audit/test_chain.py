"""The trail shows every later change, on both databases."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from clinic.audit import chain, reader
from clinic.audit.event import REFUSED, Entity, Event
from clinic.audit.reader import Wanted
from clinic.audit.tables import audit_event, audit_head
from clinic.audit.writer import append
from clinic.core.actor import Actor
from clinic.db.engine import Database
from clinic.fhir.validate import require_valid

NOW = datetime(2027, 3, 9, 15, 24, 0, 123456, tzinfo=UTC)
NOOR = Actor("u1", "Noor Aziz", role="receptionist", network="192.0.2.7")


@pytest.fixture
def trail(any_database: Database) -> Database:
    """A database whose trail holds six events."""
    chain.use_key(any_database.engine, b"k" * 32)
    for number in range(6):
        at = NOW + timedelta(minutes=number)
        entities = (Entity(f"Patient/p{number}/_history/1", "", "read"), Entity(name="patient page"))
        event = Event("read", at, NOOR, f"p{number}", entities)
        any_database.run_write(lambda conn, event=event: append(conn, [event]))
    return any_database


def problems(database: Database) -> list[str]:
    with database.read() as conn:
        return reader.verify(conn)


def change(database: Database, statement: sa.Executable) -> None:
    with database.write() as conn:
        conn.execute(statement)


def test_an_untouched_trail_has_no_problem(trail: Database) -> None:
    assert problems(trail) == []


@pytest.mark.parametrize(
    "column", ["actor_name", "patient_id", "verb", "outcome", "json", "role", "actor_id", "action"]
)
def test_a_changed_column_is_found(trail: Database, column: str) -> None:
    change(trail, sa.update(audit_event).where(audit_event.c.patient_id == "p2").values({column: "X"}))
    assert any("was changed" in line for line in problems(trail))


def test_a_changed_time_is_found(trail: Database) -> None:
    later = NOW + timedelta(days=1)
    change(trail, sa.update(audit_event).where(audit_event.c.patient_id == "p2").values(at=later))
    assert any("was changed" in line for line in problems(trail))


def test_a_removed_event_is_found(trail: Database) -> None:
    change(trail, sa.delete(audit_event).where(audit_event.c.patient_id == "p2"))
    assert problems(trail)


def test_a_cut_tail_is_found(trail: Database) -> None:
    change(trail, sa.delete(audit_event).where(audit_event.c.patient_id == "p5"))
    assert any("head" in line for line in problems(trail))


def test_a_cut_tail_with_a_forged_head_is_found(trail: Database) -> None:
    with trail.write() as conn:
        last = conn.execute(sa.select(audit_event).where(audit_event.c.patient_id == "p5")).one()
        conn.execute(sa.delete(audit_event).where(audit_event.c.id == last.id))
        head = sa.update(audit_head).where(audit_head.c.lane == last.lane)
        conn.execute(head.values(seq=last.seq - 1, mac=last.prev))
    if last.seq > 1:
        assert any("seal" in line for line in problems(trail))
    else:
        with trail.read() as conn:
            assert reader.head_text(conn)


def test_a_tail_cut_with_an_old_head_put_back_is_found_by_the_printed_head(trail: Database) -> None:
    with trail.read() as conn:
        old_heads = conn.execute(sa.select(audit_head)).mappings().all()
    trail.run_write(lambda conn: append(conn, [Event("read", NOW, NOOR, "p9")]))
    with trail.read() as conn:
        printed = reader.head_text(conn)
        assert reader.contains_head(conn, printed)
    with trail.write() as conn:
        conn.execute(sa.delete(audit_event).where(audit_event.c.patient_id == "p9"))
        for head in old_heads:
            conn.execute(sa.update(audit_head).where(audit_head.c.lane == head["lane"]).values(**head))
    assert problems(trail) == [] or trail.is_sqlite is False
    with trail.read() as conn:
        assert not reader.contains_head(conn, printed)


def test_a_row_written_without_the_key_is_found(trail: Database) -> None:
    with trail.write() as conn:
        last = conn.execute(sa.select(audit_event).order_by(audit_event.c.seq.desc())).mappings().first()
        assert last is not None
        forged = {**last, "seq": last["seq"] + 1, "id": "forged", "prev": last["mac"]}
        forged["mac"] = chain.mark(b"another key", forged)
        conn.execute(sa.insert(audit_event).values(**forged))
    assert any("was changed" in line for line in problems(trail))


def test_without_a_key_nothing_is_written(any_database: Database) -> None:
    any_database.engine.update_execution_options(audit_key=b"")
    with pytest.raises(LookupError):
        any_database.run_write(lambda conn: append(conn, [Event("read", NOW, NOOR)]))


def test_forty_writers_at_once_leave_one_unbroken_chain(trail: Database) -> None:
    def write(number: int) -> None:
        for step in range(5):
            event = Event("update", NOW, NOOR, f"w{number}-{step}")
            pair = [event, replace(event, verb="read")]
            trail.run_write(lambda conn, pair=pair: append(conn, pair))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems(trail) == []
    with trail.read() as conn:
        assert len(reader.search(conn, Wanted(), limit=500)) == 6 + 8 * 5 * 2


def test_the_trail_is_searched_by_patient_person_verb_and_time(trail: Database) -> None:
    other = replace(NOOR, id="u2", name="Marit Solberg")
    refused = Event("sign-in", NOW, other, outcome=REFUSED, note="wrong name or password")
    trail.run_write(lambda conn: append(conn, [refused]))
    with trail.read() as conn:
        assert [line.patient_id for line in reader.search(conn, Wanted(patient_id="p3"))] == ["p3"]
        assert [line.verb for line in reader.search(conn, Wanted(person="solb"))] == ["sign-in"]
        assert len(reader.search(conn, Wanted(person="u1"))) == 6
        assert len(reader.search(conn, Wanted(verb="read"), limit=2, offset=5)) == 1
        since = NOW + timedelta(minutes=2)
        between = reader.search(conn, Wanted(since=since, until=since + timedelta(minutes=2)))
        assert [line.patient_id for line in between] == ["p3", "p2"]
        assert reader.search(conn, Wanted(patient_id="p3"))[0].things == ["Patient", "patient page"]


def test_a_percent_sign_in_a_search_is_only_a_percent_sign(trail: Database) -> None:
    with trail.read() as conn:
        assert reader.search(conn, Wanted(person="%")) == []


@pytest.mark.parametrize("verb", ["read", "create", "update", "delete", "sign-in", "sign-out", "print", "lock"])
def test_every_event_is_a_valid_fhir_audit_event(trail: Database, verb: str) -> None:
    entities = (Entity("Coverage/c1/_history/2", "", "update"), Entity(name="day schedule"))
    event = Event(verb, NOW, NOOR, "p7", entities, note="because")
    trail.run_write(lambda conn: append(conn, [event]))
    with trail.read() as conn:
        resource = reader.search(conn, Wanted(patient_id="p7"))[0].json
    require_valid(resource)
    assert resource["agent"][0]["requestor"] is True
    assert resource["entity"][0]["what"]["reference"] == "Patient/p7"
