"""The practice's records: valid FHIR both ways, nothing lost on a change, nothing retired that is needed."""

from __future__ import annotations

from datetime import time

import pytest

from clinic.appointments.queries.practice import calendar_setup
from clinic.core.errors import Conflict, Invalid, Stale
from clinic.fhir.store import Store
from clinic.management import mapping, queries, service
from clinic.management.mapping import Address, Provider, Room, Site, VisitType
from clinic.management.rules import Stretch

NPI = "1234567893"
WEEK = (
    Stretch("mon", time(8), time(12)),
    Stretch("mon", time(13), time(17)),
    Stretch("tue", time(8), time(12)),
)


def test_a_provider_with_hours_is_what_the_calendar_reads(any_practice: Store) -> None:
    store = any_practice
    room = service.save_room(store, Room("Room 1", store.practice.site_id))
    kind = service.save_visit_type(store, VisitType("Vaccination", 10, "green", "Bring the card"))
    wanted = Provider("Chidi", "Nwosu", "Dr.", "MD", NPI, store.practice.site_id, room["id"], (kind["id"],))
    person = service.save_provider(store, wanted)
    service.save_week(store, person["id"], WEEK)
    setup = calendar_setup(store)
    (column,) = setup.columns()
    assert (column.id, column.name, column.room) == (person["id"], "Dr. Chidi Nwosu MD", room["id"])
    assert column.types == {kind["id"]}
    assert sorted((min(one.weekdays), one.opens.hour) for one in column.hours) == [(0, 8), (0, 13)]
    assert setup.types[0].minutes == 10
    assert store.read("Schedule", person["id"])["actor"][0]["reference"] == f"Practitioner/{person['id']}"


def test_every_record_reads_back_as_it_was_given(practice: Store) -> None:
    site = Site("Annex", Address("4 Lake Road", "Portsmouth", "NH", "03801", "+1 603 555 0140"))
    assert mapping.site_of(service.save_site(practice, site)) == site
    room = Room("Room 2", practice.practice.site_id)
    assert mapping.room_of(service.save_room(practice, room)) == room
    kind = VisitType("Follow-up", 25, "blue", "Ask for the letter")
    assert mapping.visit_type_of(service.save_visit_type(practice, kind)) == kind
    provider = Provider("Ana María", "García Ochoa", "Dra.", "", NPI, practice.practice.site_id)
    person = service.save_provider(practice, provider)
    assert mapping.provider_of(*service.provider_records(practice, person["id"])) == provider
    service.save_week(practice, person["id"], WEEK)
    assert mapping.week_of(service.provider_records(practice, person["id"])[1]) == WEEK


def test_a_change_keeps_what_the_form_does_not_show(practice: Store) -> None:
    kind = service.save_visit_type(practice, VisitType("Follow-up"))
    practice.update({**kind, "telecom": [{"system": "phone", "value": "+1 603 555 0141"}],
                     "extension": [*kind["extension"], {"url": "urn:clinic:order", "valueInteger": 3}]})  # fmt: skip
    changed = service.save_visit_type(practice, VisitType("Follow-up", 30), kind["id"])
    assert changed["telecom"][0]["value"] == "+1 603 555 0141"
    assert {one["url"] for one in changed["extension"]} == {"urn:clinic:order", "urn:clinic:minutes"}


def test_changing_the_week_keeps_places_and_changing_places_keeps_the_week(practice: Store) -> None:
    person = service.save_provider(practice, Provider("Astrid", "Lindqvist", site=practice.practice.site_id))
    service.save_week(practice, person["id"], WEEK)
    service.save_provider(practice, Provider("Astrid", "Lindqvist"), person["id"])
    role = service.provider_records(practice, person["id"])[1]
    assert role is not None
    assert mapping.week_of(role) == WEEK
    assert "location" not in role


@pytest.mark.parametrize("npi", ["1234567890", "123", "abcdefghij", "=1+1"])
def test_an_npi_that_fails_its_check_is_refused(practice: Store, npi: str) -> None:
    with pytest.raises(Invalid) as caught:
        service.save_provider(practice, Provider("Astrid", "Lindqvist", npi=npi))
    assert caught.value.field == "npi"


def test_an_npi_belongs_to_one_provider_until_it_is_given_up(practice: Store) -> None:
    first = service.save_provider(practice, Provider("Astrid", "Lindqvist", npi=NPI))
    with pytest.raises(Conflict):
        service.save_provider(practice, Provider("Layla", "Haddad", npi=NPI))
    service.save_provider(practice, Provider("Astrid", "Lindqvist"), first["id"])
    service.save_provider(practice, Provider("Layla", "Haddad", npi=NPI))


def test_a_stale_save_of_either_record_of_a_provider_is_refused(practice: Store) -> None:
    person = service.save_provider(practice, Provider("Astrid", "Lindqvist"))
    loaded = service.version_of(*service.provider_records(practice, person["id"]))
    service.save_week(practice, person["id"], WEEK)
    with pytest.raises(Stale):
        service.save_provider(practice, Provider("Astrid", "Berg"), person["id"], version=loaded)


def test_the_main_site_and_a_site_with_rooms_stay_in_use(practice: Store) -> None:
    with pytest.raises(Conflict):
        service.set_active(practice, "Location", practice.practice.site_id, active=False)
    annex = service.save_site(practice, Site("Annex"))
    room = service.save_room(practice, Room("Room 9", annex["id"]))
    with pytest.raises(Conflict, match="Room 9"):
        service.set_active(practice, "Location", annex["id"], active=False)
    service.set_active(practice, "Location", room["id"], active=False)
    service.set_active(practice, "Location", annex["id"], active=False)
    assert [row.name for row in queries.sites(practice) if row.active] == ["Main desk"]
    service.set_active(practice, "Location", annex["id"], active=True)
    assert len([row for row in queries.sites(practice) if row.active]) == 2


def test_a_provider_with_booked_visits_stays_in_use(practice: Store) -> None:
    person = service.save_provider(practice, Provider("Astrid", "Lindqvist"))
    booked = {
        "resourceType": "Appointment",
        "status": "booked",
        "start": "2027-03-10T14:00:00Z",
        "end": "2027-03-10T14:20:00Z",
        "participant": [{"actor": {"reference": f"Practitioner/{person['id']}"}, "status": "accepted"}],
    }
    kept = practice.create(booked)
    with pytest.raises(Conflict):
        service.set_active(practice, "Practitioner", person["id"], active=False)
    practice.update({**kept, "status": "cancelled"})
    service.set_active(practice, "Practitioner", person["id"], active=False)
    assert calendar_setup(practice).columns() == ()


def test_lists_leave_out_what_an_import_brought_from_elsewhere(practice: Store) -> None:
    other = practice.create({"resourceType": "Organization", "name": "Elsewhere"})
    foreign = mapping.site_resource(Site("Foreign site"), other["id"])
    practice.create(foreign)
    assert [row.name for row in queries.sites(practice)] == ["Main desk"]


def test_a_renamed_main_site_is_renamed_on_every_screen(practice: Store) -> None:
    from clinic.fhir.practice import load_practice

    service.save_site(practice, Site("Harbour desk"), practice.practice.site_id)
    found = load_practice(practice.conn)
    assert found is not None
    assert found.site_name == "Harbour desk"
