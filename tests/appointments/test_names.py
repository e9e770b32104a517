"""A provider, a room, a site or a visit type that gets another name gets it in the coming visits too."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from clinic.appointments.service import book, record
from clinic.appointments.tables import appointment_row
from clinic.core.json import Json
from clinic.fhir.store import Store
from tests.appointments import factories as f


def renamed(store: Store, type_: str, id_: str, name: Any) -> Json:
    """What the FHIR interface does with a changed record."""
    update = store.registry.writers[type_].update
    assert update is not None
    return update(store, store.read(type_, id_) | {"name": name}, None)


def shown(store: Store, column: str) -> dict[str, str]:
    c = appointment_row.c
    return dict(store.conn.execute(sa.select(c.id, c[column])).all())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("type_", "reference", "column", "name"),
    [
        ("Practitioner", "provider", "provider_name", [{"text": "Dr. Newname", "family": "Newname"}]),
        ("Location", "room", "room_name", "Newname room"),
        ("HealthcareService", "type_id", "type_name", "Newname visit"),
    ],
)
def test_a_name_changed_by_a_program_is_shown_in_coming_visits_and_not_in_past_ones(
    desk: Store, type_: str, reference: str, column: str, name: Any
) -> None:
    coming = book(desk, f.a_booking())
    past = record(desk, f.a_booking("2027-03-08 14:00"), status="fulfilled")
    row = desk.conn.execute(sa.select(appointment_row).where(appointment_row.c.id == coming["id"])).mappings().one()
    before = shown(desk, column)
    renamed(desk, type_, row[reference], name)
    assert "Newname" in shown(desk, column)[coming["id"]]
    assert shown(desk, column)[past["id"]] == before[past["id"]]


def test_a_record_written_again_under_its_name_leaves_the_visits_alone(desk: Store) -> None:
    visit = book(desk, f.a_booking())
    renamed(desk, "Practitioner", "adams", desk.read("Practitioner", "adams")["name"])
    assert desk.read("Appointment", visit["id"])["meta"]["versionId"] == visit["meta"]["versionId"]
