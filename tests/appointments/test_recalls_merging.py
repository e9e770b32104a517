"""Orders and recalls of two records that become one, and two again: on both databases."""

from __future__ import annotations

from datetime import timedelta

from clinic.appointments.queries.recalls import attempts_of, open_for, today_of
from clinic.appointments.rules.recalls import NO_ANSWER, Recall, Tried
from clinic.appointments.service import recalls
from clinic.fhir.store import Store
from clinic.registration.service.parting import PartingOrder, unmerge_patients
from tests.registration.merging import desk, faults, merge, tick, two

__all__ = ["desk", "two"]


def test_orders_go_with_the_record_and_come_back_when_the_two_are_parted(desk: Store, two: tuple[str, str]) -> None:
    keep, gone = two
    wanted = Recall(gone, today_of(desk) + timedelta(days=30), what="Blood test", days=3)
    id_ = str(recalls.add(desk, wanted)["id"])
    recalls.log_attempt(desk, id_, Tried(NO_ANSWER))
    before = open_for(desk, gone)[0]
    made = merge(desk, two)
    (moved,) = open_for(desk, keep)
    assert (moved.id, moved.tally.attempts) == (id_, 1)
    assert moved.patient_name == desk.read("ServiceRequest", id_)["subject"]["display"]
    assert open_for(desk, gone) == []
    assert faults(desk) == []
    unmerge_patients(desk, PartingOrder(made))
    tick(desk)
    assert open_for(desk, keep) == []
    (back,) = open_for(desk, gone)
    assert (back.id, back.patient_name) == (id_, before.patient_name)
    assert len(attempts_of(desk, id_)) == 1
