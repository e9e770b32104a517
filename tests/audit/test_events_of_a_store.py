"""One event for each patient of a transaction, saying what was seen and changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from clinic.audit.writer import events_of
from clinic.core.actor import Actor
from clinic.core.hooks import Hooks
from clinic.db.engine import Database
from clinic.fhir.registry import Registry
from clinic.fhir.store import Setting, Store, Touch
from tests import factories
from tests.conftest import NOW


@pytest.fixture
def quiet(sqlite_database: Database) -> Iterator[Store]:
    """A store that touched nothing yet."""
    setting = Setting(Registry(), Hooks(), factories.PRACTICE)
    with sqlite_database.write() as conn:
        yield Store(conn, setting, actor=Actor("u1", "Noor Aziz"), now=NOW)


def test_a_transaction_that_touched_nothing_leaves_no_event(quiet: Store) -> None:
    assert events_of(quiet) == []


def test_touches_of_one_patient_are_one_event_with_the_weightiest_verb(quiet: Store) -> None:
    quiet.saw("p1", "patient page")
    quiet.touched.append(Touch("U", "Coverage", "c1", 3, "p1"))
    (event,) = events_of(quiet)
    assert (event.verb, event.patient_id) == ("update", "p1")
    assert [entity.reference for entity in event.entities] == ["Patient/p1", "Coverage/c1/_history/3"]


def test_two_patients_are_two_events_and_a_print_is_its_own(quiet: Store) -> None:
    quiet.saw("p1", "finder")
    quiet.saw("p2", "finder")
    quiet.did("print", "label", "p1")
    assert [(event.verb, event.patient_id) for event in events_of(quiet)] == [
        ("print", "p1"),
        ("read", "p1"),
        ("read", "p2"),
    ]


def test_a_large_import_is_cut_into_events_of_a_hundred(quiet: Store) -> None:
    quiet.touched += [Touch("C", "Observation", f"o{number}", 1, "p1") for number in range(250)]
    assert [len(event.entities) for event in events_of(quiet)] == [100, 100, 50]
