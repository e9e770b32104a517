"""Claims of time are checked against the appointments and holds that need them, and can be built again."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from clinic.appointments import slice_ as appointments
from clinic.appointments.service import book, cancel
from clinic.appointments.service.holds import hold
from clinic.appointments.service.upkeep import CLAIMS, faults_of_claims, rebuild_claims
from clinic.fhir import upkeep
from clinic.fhir.registry import Registry
from clinic.fhir.store import Store
from clinic.fhir.tables import slot_claim
from tests.appointments import factories as f

LATER = f.at("2027-03-09 15:00")


def claimed(store: Store) -> set[tuple[str, int, int, str]]:
    return {tuple(row) for row in store.conn.execute(sa.select(slot_claim))}  # type: ignore[misc]


def test_booked_held_and_cancelled_times_are_in_order(desk: Store) -> None:
    book(desk, f.a_booking())
    gone = book(desk, f.a_booking("2027-03-10 14:00"))
    cancel(desk, gone["id"], reason="Patient asked")
    hold(desk, "adams", start=LATER, minutes=20)
    assert list(faults_of_claims(desk)) == []


def test_a_claim_that_nobody_needs_is_named(desk: Store) -> None:
    visit = book(desk, f.a_booking())
    desk.conn.execute(
        sa.insert(slot_claim), [{"actor": "Practitioner/adams", "cell": 9_999_999, "lane": 0, "appointment": "nobody"}]
    )
    (fault,) = faults_of_claims(desk)
    assert fault.startswith("Appointment/nobody: holds time that it does not need (1 times five minutes")
    desk.delete("Appointment", visit["id"])
    assert [line.partition(":")[0] for line in sorted(faults_of_claims(desk))] == sorted(
        [f"Appointment/{visit['id']}", "Appointment/nobody"]
    )


def test_a_visit_whose_time_is_free_for_others_is_named(desk: Store) -> None:
    visit = book(desk, f.a_booking())
    c = slot_claim.c
    desk.conn.execute(sa.delete(slot_claim).where(c.cell == sa.select(sa.func.max(c.cell)).scalar_subquery()))
    (fault,) = faults_of_claims(desk)
    assert fault.startswith(f"Appointment/{visit['id']}: does not hold its time")


def test_time_that_has_gone_by_may_be_forgotten(desk: Store) -> None:
    book(desk, f.a_booking())
    after = f.later(desk, 24 * 3600)
    assert list(faults_of_claims(after)) == []
    after.conn.execute(sa.delete(slot_claim))
    assert list(faults_of_claims(after)) == []


def test_claims_are_built_again_as_they_were(desk: Store) -> None:
    book(desk, f.a_booking())
    cancel(desk, book(desk, f.a_booking("2027-03-10 14:00"))["id"], reason="Patient asked")
    hold(desk, "adams", start=LATER, minutes=20)
    before = claimed(desk)
    desk.conn.execute(sa.delete(slot_claim))
    desk.conn.execute(
        sa.insert(slot_claim), [{"actor": "Practitioner/adams", "cell": 9_999_999, "lane": 0, "appointment": "nobody"}]
    )
    rebuild_claims(desk)
    assert claimed(desk) == before
    assert list(faults_of_claims(desk)) == []


def test_of_two_visits_at_one_time_the_second_is_named_also_after_claims_are_built_again(desk: Store) -> None:
    first = book(desk, f.a_booking())
    other = desk.create({key: value for key, value in first.items() if key not in ("id", "meta")}, id="zz-second")
    rebuild_claims(desk)
    (fault,) = faults_of_claims(desk)
    assert fault.startswith(f"Appointment/{other['id']}: does not hold its time")


def test_every_slice_s_check_is_asked_with_the_records(desk: Store) -> None:
    assert CLAIMS in appointments.upkeep
    setting = replace(desk.setting, registry=Registry(upkeep=(CLAIMS,)))
    store = Store(desk.conn, setting, actor=desk.actor, now=desk.now)
    desk.create({"resourceType": "Appointment", **_bare(book(desk, f.a_booking()))}, id="zz")
    assert len(list(upkeep.verify_parts(store))) == 1
    upkeep.rebuild_parts(store)
    assert len(list(upkeep.verify_parts(store))) == 1


def _bare(resource: dict) -> dict:  # type: ignore[type-arg]
    return {key: value for key, value in resource.items() if key not in ("id", "meta", "resourceType")}
