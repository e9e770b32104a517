"""An import taken back: what it made goes, what it filled in is as before, and what people did since stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.core.json import Json, canonical, dumps, loads
from clinic.fhir.claims import keys_of
from clinic.fhir.store import Store
from clinic.fhir.tables import resource, unique_claim
from clinic.registration.service import amend_patient
from clinic.transfer.service import runs
from clinic.transfer.service.undoing import merged_back
from clinic.web.state import State
from tests.registration.factories import a_patient
from tests.transfer.factories import Import, a_csv, a_row, an_import

CHANGES: tuple[dict[str, Any], ...] = (
    {"preferred": "Changed"}, {"email": "since@example.org"}, {"mobile": "+12125550199"}, {"marital": "W"},
)  # fmt: skip


def records(state: State) -> dict[str, str]:
    """Every current record but the witnesses, without its version."""
    r = resource.c
    with state.database.read() as conn:
        rows = conn.execute(sa.select(r.type, r.id, r.json).where(~r.deleted, r.type != "Provenance"))
        return {f"{row.type}/{row.id}": canonical(bare(loads(row.json))) for row in rows}


def bare(one: Json) -> Json:
    return {name: value for name, value in one.items() if name != "meta"}


def claims(state: State) -> list[tuple[str, ...]]:
    with state.database.read() as conn:
        c = unique_claim.c
        rows = conn.execute(sa.select(unique_claim).where(c.kind.in_(("import", "identifier"))).order_by(c.kind, c.key))
        return [tuple(row) for row in rows]


def test_an_import_taken_back_leaves_everything_as_it_was(any_state: State) -> None:
    def people(store: Store) -> None:
        a_patient(store, "Mafe", "García", "1980-02-03", mobile="+12125550142")
        a_patient(store, "Bruno", "Keller", "1975-03-04")

    Import(any_state, "").do(people)
    before, held = records(any_state), claims(any_state)
    rows = (
        a_row(
            "OC-1001", "Mafe", "Garcia", **{"Cell Phone": "(212) 555-0142", "Email": "m@example.org", "Zip": "10001"}
        ),
        a_row("OC-1002", "Bruno", "Keller", "3/4/1975", Street="1 Main St"),
        a_row("OC-1003", "Noor", "Aziz", "12/1/1990"),
    )
    one = an_import(any_state, a_csv(*rows))
    one.check()
    assert one.run(likely="fill") == {"filled": 2, "created": 1}
    assert records(any_state) != before
    assert one.undo() == {"undone": 3}
    assert one.now.state == runs.UNDONE
    assert records(any_state) == before
    assert claims(any_state) == held


def test_after_taking_back_the_same_file_can_be_brought_in_again(state: State) -> None:
    rows = (a_row("OC-1001", "Mafe", "García"), a_row("OC-1002", "Noor", "Aziz"))
    first = an_import(state, a_csv(*rows))
    first.check()
    first.run()
    first.undo()
    again = an_import(state, a_csv(*rows))
    assert again.check() == {"new": 2}
    assert again.run() == {"created": 2}


def test_somebody_with_an_appointment_since_stays_and_is_listed(any_state: State) -> None:
    one = an_import(any_state, a_csv(a_row("OC-1001", "Mafe", "García"), a_row("OC-1002", "Noor", "Aziz")))
    one.check()
    one.run()
    mafe = one.rows()[0].patient_id

    def book(store: Store) -> None:
        who = {"actor": {"reference": f"Patient/{mafe}"}, "status": "accepted"}
        start, end = store.now + timedelta(days=1), store.now + timedelta(days=1, minutes=20)
        times = {"start": start.isoformat().replace("+00:00", "Z"), "end": end.isoformat().replace("+00:00", "Z")}
        store.create({"resourceType": "Appointment", "status": "booked", "participant": [who], **times})

    one.do(book)
    assert one.undo() == {"kept": 1, "undone": 1}
    kept = next(row for row in one.rows() if row.outcome == "kept")
    assert kept.patient_id == mafe
    assert "Appointment" in str(kept.said)
    assert f"Patient/{mafe}" in records(any_state)
    with any_state.database.read() as conn:
        assert any(kind == "import" for kind, _ in keys_of(conn, f"Patient/{mafe}"))


@settings(max_examples=25)
@given(data=st.data())
def test_what_was_changed_since_stays_and_all_else_is_as_before(_template_file, tmp_path_factory, data) -> None:  # type: ignore[no-untyped-def]  # noqa: PT019
    state = fresh(_template_file, tmp_path_factory)
    names = ("Anna", "Bruno", "Carla", "Dirk")
    known = data.draw(st.lists(st.sampled_from(names), unique=True), label="on file")

    def people(store: Store) -> None:
        for name in known:
            a_patient(store, name, "Keller", "1975-03-04", sex="unknown")

    Import(state, "").do(people)
    before = records(state)
    extra = st.fixed_dictionaries(
        {},
        optional={"Email": st.just("x@example.org"), "Cell Phone": st.just("2125550142"), "Street": st.just("1 Main")},
    )
    rows = [a_row(f"OC-{1000 + at}", name, "Keller", "3/4/1975", **data.draw(extra)) for at, name in enumerate(names)]
    one = an_import(state, a_csv(*rows))
    one.check()
    one.run(likely=data.draw(st.sampled_from(("fill", "new", "skip"))))
    touched = [row.patient_id for row in one.rows() if row.outcome in ("created", "filled")]
    changed: dict[str, dict[str, Any]] = {}
    for patient_id in data.draw(st.lists(st.sampled_from(touched), unique=True) if touched else st.just([])):
        changed[patient_id] = data.draw(st.sampled_from(CHANGES))
        one.do(lambda store, patient_id=patient_id: amend_patient(store, patient_id, changed[patient_id]))
    middle = records(state)
    one.undo()
    after = records(state)
    for reference, text in after.items():
        patient_id = reference.removeprefix("Patient/")
        if reference in before and patient_id not in changed:
            assert text == before[reference]
        elif reference not in before and reference.startswith("Patient/"):
            assert patient_id in changed, "a record that nobody touched since was left behind"
            assert text == middle[reference]
        elif patient_id in changed:
            field, value = next(iter(changed[patient_id].items()))
            assert str(value) in text, f"what was said of {field} since is gone"
    assert set(before) <= set(after)


def fresh(template: Any, folders: Any) -> State:
    """An empty practice for each example."""
    from clinic.core.clock import FixedClock
    from clinic.db.engine import Database
    from tests.conftest import NOW, _state

    folder = folders.mktemp("undo")
    path = folder / "clinic.sqlite3"
    path.write_bytes(template.read_bytes())
    return _state(Database(f"sqlite:///{path}"), FixedClock(NOW), folder / "data")


@given(
    before=st.dictionaries(
        st.sampled_from("abc"), st.one_of(st.text(max_size=3), st.lists(st.sampled_from("xyz"), unique=True))
    ),
    after=st.dictionaries(
        st.sampled_from("abc"), st.one_of(st.text(max_size=3), st.lists(st.sampled_from("xyz"), unique=True))
    ),
)
def test_a_change_is_taken_out_of_what_nobody_changed_since(before: Json, after: Json) -> None:
    back, kept = merged_back(before, after, after)
    assert kept == []
    assert dumps({k: v for k, v in back.items() if v != []}) or back == {}
    assert {k: v for k, v in back.items() if v != []} == {k: v for k, v in before.items() if v != []}


def test_a_list_keeps_what_was_added_since() -> None:
    before, after = {"telecom": ["a"]}, {"telecom": ["a", "b"]}
    assert merged_back(before, after, {"telecom": ["a", "b", "c"]}) == ({"telecom": ["a", "c"]}, [])
    assert merged_back(before, after, {"telecom": ["a", "c"]}) == ({"telecom": ["a", "c"]}, ["telecom"])
