"""People come in from an old system: who is new, who is on file, what is done with each, and never twice."""

from __future__ import annotations

import multiprocessing
import os
from dataclasses import replace
from datetime import datetime
from functools import partial

import pytest
import sqlalchemy as sa

from clinic.audit.tables import audit_event
from clinic.cli.state import transact
from clinic.core.actor import SYSTEM
from clinic.fhir.store import Store
from clinic.fhir.tables import resource
from clinic.jobs.outbox import LEASE
from clinic.registration.queries.finder import find_patients, today_of
from clinic.registration.rules.query import read_query
from clinic.registration.service import amend_patient, load_details
from clinic.transfer.errors import NotNow
from clinic.transfer.service import runs, work
from clinic.transfer.tables import import_file
from clinic.web.state import State
from tests.registration.factories import a_patient
from tests.transfer.factories import MANAGER, a_csv, a_row, an_import, worker

PEOPLE = (
    a_row("OC-1001", "Mafe", "García", Email="mafe@example.org", Street="1 Main St", City="Springfield"),
    a_row("OC-1002", "Bruno", "Keller", "3/4/1975", Gender="M"),
    a_row("OC-1003", "Noor", "Aziz", "12/1/1990"),
)


def patients(state: State) -> list[str]:
    with state.database.read() as conn:
        r = resource.c
        return sorted(conn.execute(sa.select(r.id).where(r.type == "Patient", ~r.deleted)).scalars())


def find(state: State, text: str) -> list[str]:
    def load(store: Store) -> list[str]:
        query = read_query(text, today=today_of(store), order=store.practice.date_order)
        return [hit.person.display for hit in find_patients(store, query)]

    return transact(state, load)


def test_new_people_are_registered_and_found_by_their_old_number(any_state: State) -> None:
    one = an_import(any_state, a_csv(*PEOPLE))
    assert one.check() == {"new": 3}
    assert patients(any_state) == []
    assert one.run() == {"created": 3}
    assert one.now.state == runs.DONE
    assert find(any_state, "OC-1002") == ["Bruno Keller"]
    mafe = next(row.patient_id for row in one.rows() if row.key == "OC-1001")
    details = transact(any_state, lambda store: load_details(store, mafe))
    assert (details.given, details.family, details.birth_date, details.sex) == (
        "Mafe",
        "García",
        "1980-02-03",
        "female",
    )
    assert (details.email, details.address.line, details.address.city) == (
        "mafe@example.org",
        "1 Main St",
        "Springfield",
    )


def test_what_is_written_is_in_the_trail_under_the_one_who_began_it(any_state: State) -> None:
    one = an_import(any_state, a_csv(*PEOPLE))
    one.check()
    one.run()
    with any_state.database.read() as conn:
        a = audit_event.c
        rows = conn.execute(sa.select(a.verb, a.actor_name).where(a.patient_id.in_(patients(any_state)))).all()
        acts = conn.execute(sa.select(a.verb).where(a.verb == "import")).all()
    assert {tuple(row) for row in rows} == {("create", "Manager")}
    assert len(rows) == 3
    assert len(acts) == 2


def test_the_same_file_again_changes_nothing(any_state: State) -> None:
    first = an_import(any_state, a_csv(*PEOPLE))
    first.check()
    first.run()
    before = patients(any_state)
    again = an_import(any_state, a_csv(*PEOPLE))
    assert again.check() == {"same": 3}
    assert again.run() == {"same": 3}
    assert patients(any_state) == before


def test_without_a_number_the_row_itself_keeps_it_from_coming_twice(any_state: State) -> None:
    heads, rows = ("First Name", "Last Name", "DOB"), (("Mafe", "García", "2/3/1980"), ("Noor", "Aziz", "12/1/1990"))
    for expected in ({"new": 2}, {"same": 2}):
        one = an_import(any_state, a_csv(*rows, heads=heads))
        assert one.check() == expected
        one.run()
    assert len(patients(any_state)) == 2


def test_a_fuller_list_fills_what_is_empty_and_changes_nothing_else(any_state: State) -> None:
    first = an_import(any_state, a_csv(PEOPLE[1]))
    first.check()
    first.run()
    (bruno,) = patients(any_state)
    transact(any_state, lambda store: amend_patient(store, bruno, {"given": "Bruno Karl"}))
    fuller = an_import(
        any_state, a_csv(a_row("OC-1002", "Bruno", "Keller", "3/4/1975", Email="b@example.org", Zip="10002"))
    )
    assert fuller.check() == {"known": 1}
    assert fuller.run() == {"filled": 1}
    details = transact(any_state, lambda store: load_details(store, bruno))
    assert (details.given, details.email, details.address.postal_code) == ("Bruno Karl", "b@example.org", "10002")
    assert patients(any_state) == [bruno]


@pytest.mark.parametrize(
    ("rule", "outcome", "people"),
    [("skip", "skipped", 1), ("fill", "filled", 1), ("new", "created", 2), ("ask", "held", 1)],
)
def test_somebody_who_is_likely_on_file_goes_by_the_rule(state: State, rule: str, outcome: str, people: int) -> None:
    transact(state, lambda store: a_patient(store, "Mafe", "García", "1980-02-03", mobile="+12125550142"))
    one = an_import(
        state, a_csv(a_row("OC-1001", "Mafe", "Garcia", **{"Cell Phone": "(212) 555-0142", "Email": "m@example.org"}))
    )
    assert one.check() == {"likely": 1}
    assert one.rows()[0].score > 60
    assert one.run(likely=rule) == {outcome: 1}
    assert len(patients(state)) == people


def test_a_decision_about_one_row_goes_before_the_rule(state: State) -> None:
    transact(state, lambda store: a_patient(store, "Mafe", "García", "1980-02-03"))
    one = an_import(state, a_csv(a_row("OC-1001", "Mafe", "Garcia"), a_row("OC-1002", "Mafe", "García")))
    one.check()
    line = one.rows()[0].number
    one.do(lambda store: runs.decide(store, one.id, line, "fill"))
    assert one.run(likely="skip") == {"filled": 1, "skipped": 1}
    assert find(state, "OC-1001") == ["Mafe García"]


def test_two_rows_about_one_person_are_seen_within_the_file(any_state: State) -> None:
    rows = (
        a_row("OC-1001", "Mafe", "García"),
        a_row("OC-1009", "MAFE", "Garcia", Email="m@example.org"),
        a_row("OC-1001", "Noor", "Aziz"),
    )
    one = an_import(any_state, a_csv(*rows))
    assert one.check() == {"new": 1, "twin": 1, "fault": 1}
    assert one.run(likely="fill") == {"created": 1, "filled": 1, "fault": 1}
    (mafe,) = patients(any_state)
    assert transact(any_state, lambda store: load_details(store, mafe)).email == "m@example.org"


def test_the_same_identity_number_is_certainly_the_same_person(state: State) -> None:
    heads = ("Chart", "First Name", "Last Name", "DOB", "SSN")
    transact(state, lambda store: a_patient(store, "Maria", "Somebody", "1970-01-01"))
    (known,) = patients(state)
    from clinic.registration.rules.details import Number

    transact(state, lambda store: amend_patient(store, known, {"numbers": (Number("ssn", "536-90-4399"),)}))
    one = an_import(state, a_csv(("7", "Mary", "Other", "1/1/1970", "536904399"), heads=heads))
    assert one.check() == {"known": 1}
    assert one.rows()[0].match_id == known


def test_faults_keep_a_row_back_with_every_reason_and_spare_the_others(any_state: State) -> None:
    rows = (
        a_row("OC-1001", "", "García"),
        a_row("OC-1002", "Bruno", "Keller", "31/31/1980"),
        a_row("OC-1003", "Noor", "Aziz", "2/3/2090"),
        a_row("OC-1004", "Ok", "Fine"),
        a_row("OC-1005", "<b>", "=cmd()", "2/3/1980"),
    )
    one = an_import(any_state, a_csv(*rows))
    assert one.check() == {"fault": 4, "new": 1}
    said = [[message for message, _ in row.said] for row in one.rows()]
    assert all(said[place] for place in (0, 1, 2, 4))
    assert len(said[4]) == 2
    assert one.run() == {"fault": 4, "created": 1}


def test_a_value_that_cannot_be_read_is_left_out_and_told_or_holds_the_row_back(state: State) -> None:
    bad = a_row("OC-1001", "Mafe", "García", **{"Email": "nobody@", "Cell Phone": "12", "Zip": "ABCDE"})
    one = an_import(state, a_csv(bad))
    assert one.check() == {"new": 1}
    assert len(one.rows()[0].said) == 3
    strict = replace(one.now.mapping, hold_back=True)
    one.do(lambda store: runs.choose_mapping(store, one.id, strict))
    assert one.check() == {"fault": 1}


def test_words_without_a_meaning_are_told(state: State) -> None:
    one = an_import(
        state, a_csv(a_row("OC-1001", "Mafe", "García", Gender="Q"), a_row("OC-1002", "Noor", "Aziz", Gender="x"))
    )
    assert one.check() == {"fault": 1, "new": 1}
    mapping = replace(one.now.mapping, words={"sex": {"Q": "other"}})
    one.do(lambda store: runs.choose_mapping(store, one.id, mapping))
    assert one.check() == {"new": 2}


def test_a_mapping_is_remembered_for_the_next_file_with_the_same_columns(state: State) -> None:
    first = an_import(state, a_csv(*PEOPLE))
    columns = tuple("work_phone" if code == "mobile" else code for code in first.now.mapping.columns)
    chosen = replace(first.now.mapping, columns=columns, date_order="dmy")
    first.do(lambda store: runs.choose_mapping(store, first.id, chosen, "Old Chart patients"))
    heads = tuple(reversed(("ID", "First Name", "Last Name", "DOB", "Gender", "Cell Phone", "Email", "Street", "City",
                            "State", "Zip")))  # fmt: skip
    second = an_import(state, a_csv(tuple(reversed(PEOPLE[0])), heads=heads), source="")
    mapping = second.now.mapping
    assert mapping.columns == tuple(reversed(columns))
    assert (mapping.date_order, mapping.source) == ("dmy", "Old Chart")


def test_steps_out_of_turn_are_refused(state: State) -> None:
    one = an_import(state, a_csv(*PEOPLE))
    for phase in (runs.RUN, runs.UNDO):
        with pytest.raises(NotNow):
            one.do(lambda store, phase=phase: runs.begin_phase(store, one.id, phase))
    one.check()
    one.run()
    for verb in (runs.discard_run, runs.stop_run, partial(runs.begin_phase, phase=runs.RUN)):
        with pytest.raises(NotNow):
            one.do(lambda store, verb=verb: verb(store, one.id))


def test_the_file_goes_when_the_import_is_done(state: State) -> None:
    one = an_import(state, a_csv(*PEOPLE))
    one.check()
    with state.database.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(import_file)).scalar() == 1
    one.run()
    with state.database.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(import_file)).scalar() == 0


def many(count: int) -> bytes:
    letters = "abcdefghijklmnopqrstuvwxyz"
    names = [letters[at // 676 % 26] + letters[at // 26 % 26] + letters[at % 26] for at in range(count)]
    return a_csv(*(a_row(f"N{at}", f"Anna{name}", f"Berg{name[::-1]}", f"{at % 12 + 1}/{at % 28 + 1}/19{at % 90 + 10}")
                   for at, name in enumerate(names)))  # fmt: skip


def test_a_run_can_be_stopped_and_taken_up_again(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "BATCHES", 1)
    one = an_import(state, many(200))
    one.check()
    one.do(lambda store: runs.begin_phase(store, one.id, runs.RUN))
    assert worker(state).run_once()
    one.do(lambda store: runs.stop_run(store, one.id))
    one.work()
    assert one.counts("outcome") == {"created": 50, "": 150}
    assert one.now.state == runs.STOPPED
    one.do(lambda store: runs.begin_phase(store, one.id, runs.RUN))
    one.work()
    assert one.counts("outcome") == {"created": 200}
    assert len(patients(state)) == 200


def _killed(url: str, folder: str, instant: datetime, after: int) -> None:
    """In a process of its own: work, and end at once in the middle of a batch."""
    from pathlib import Path

    from clinic import make_state
    from clinic.core.clock import FixedClock
    from clinic.db.engine import Database
    from clinic.fhir.practice import load_practice
    from clinic.transfer.service import people
    from config import Settings

    state = make_state(Settings(data_dir=Path(folder), worker=False), clock=FixedClock(instant), database=Database(url))
    with state.database.read() as conn:
        practice = load_practice(conn)
    assert practice is not None
    state.setting.practice = practice
    count = 0
    real = people.register_patient

    def counted(*given: object, **named: object) -> object:
        nonlocal count
        count += 1
        if count > after:
            os._exit(9)
        return real(*given, **named)  # type: ignore[arg-type]

    people.register_patient = counted  # type: ignore[assignment]
    while worker(state).run_once():
        pass


def test_a_worker_killed_in_the_middle_loses_nothing_and_doubles_nothing(any_state: State, tmp_path) -> None:  # type: ignore[no-untyped-def]
    one = an_import(any_state, many(220))
    one.check()
    one.do(lambda store: runs.begin_phase(store, one.id, runs.RUN))
    url = any_state.database.url.render_as_string(hide_password=False)
    for after in (70, 15):
        context = multiprocessing.get_context("spawn")
        process = context.Process(target=_killed, args=(url, str(tmp_path / "data"), any_state.clock.now(), after))
        process.start()
        process.join(120)
        assert process.exitcode == 9
        any_state.clock.instant += LEASE * 2  # type: ignore[attr-defined]
    assert 0 < one.counts("outcome").get("created", 0) < 220
    one.work()
    assert one.counts("outcome") == {"created": 220}
    assert len(patients(any_state)) == 220
    assert one.now.actor.name == MANAGER.name


def test_the_actor_of_the_system_is_not_used_for_rows(state: State) -> None:
    one = an_import(state, a_csv(*PEOPLE))
    one.check()
    one.run()
    with state.database.read() as conn:
        a = audit_event.c
        assert not conn.execute(sa.select(a.id).where(a.actor_id == SYSTEM.id, a.patient_id != "")).all()


def test_what_stood_in_an_earlier_batch_is_known(any_state: State) -> None:
    rows = [a_row(str(at), f"Ana{chr(97 + at // 26)}{chr(97 + at % 26)}", "Old") for at in range(work.BATCH + 2)]
    run = an_import(any_state, a_csv(*rows, a_row("0", "Other", "Person"), a_row("900", "Anaaa", "OLD"), rows[-1]))
    assert run.check() == {"new": work.BATCH + 2, "fault": 2, "twin": 1}
    last = {row.number: row for row in run.rows()[-3:]}
    first = work.BATCH + 4
    assert last[first].said[0][1] == {"number": "0", "line": 2}
    assert (last[first + 1].verdict, last[first + 1].match_id) == ("twin", "#2")
    assert last[first + 2].said[0][1] == {"number": str(work.BATCH + 1), "line": first - 1}
