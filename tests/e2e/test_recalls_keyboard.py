"""The call list by keyboard alone: a call is noted, a time is found in the days that fit, and the order is booked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from clinic.appointments.queries.recalls import recall
from clinic.appointments.rules.recalls import Recall
from clinic.appointments.service import recalls
from clinic.fhir.store import Store
from tests.e2e.browsing import signed_in
from tests.e2e.practice import Practice

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def _ordered(clinic: Practice, patient: str) -> str:
    def order(store: Store) -> str:
        due = store.now.date() + timedelta(days=14)
        wanted = Recall(patient, due, type_id=clinic.made.types["Results"], days=7)
        return str(recalls.add(store, wanted)["id"])

    found: str = clinic.read(order)
    return found


def test_an_order_is_called_for_and_booked_by_keys_alone(browser: Browser, clinic: Practice) -> None:
    id_ = _ordered(clinic, clinic.newcomer("Ysolde", "Quintero"))
    window = signed_in(browser, clinic.address, "receptionist")
    page = window.go("/appointments/recalls?q=Quintero")
    page.keyboard.press("2")
    expect(page.locator("tr.sel", has_text="No answer")).to_be_visible()
    page.keyboard.press("f")
    dialog = page.locator("#find-time")
    expect(dialog.locator("input[type=checkbox][name=order]")).to_be_checked()
    expect(dialog.locator("[data-held]")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing fits the search")).to_be_visible()
    done = clinic.read(lambda store: recall(store, id_))
    assert done.status == "completed"
    assert done.tally.attempts == 1
    visit = clinic.read(lambda store: store.read("Appointment", done.booked))
    assert visit["basedOn"] == [{"reference": f"ServiceRequest/{id_}"}]
