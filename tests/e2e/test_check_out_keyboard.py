"""Check-out by keyboard alone, every key counted: the next visit, the money, the forms, the end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from clinic.appointments.rules.booking import Booking
from clinic.appointments.service.booking import book
from clinic.fhir.store import Store
from clinic.insurance.rules import Policy
from clinic.insurance.service import add_coverage
from clinic.visits import service
from clinic.visits.mapping.leaving import said_of
from tests.e2e.browsing import signed_in
from tests.e2e.practice import Practice

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def _at_check_out(clinic: Practice, given: str, family: str) -> tuple[str, str]:
    """Somebody at check-out who owes a copay; gives the ids of the appointment and the visit."""
    patient = clinic.newcomer(given, family)

    def enter(store: Store) -> tuple[str, str]:
        now = store.now.replace(second=0, microsecond=0)
        start = now + timedelta(minutes=15 - now.minute % 5)
        kind = clinic.made.types["Results"]
        wanted = Booking(patient, clinic.made.providers[0], kind, start, overbook_reason="They came anyway")
        add_coverage(store, patient, Policy("Harbor Mutual", member_id="HM1", copay_cents=3000, starts=start.date()))
        appointment = str(book(store, wanted)["id"])
        visit = service.move_to(store, service.arrive(store, appointment)["id"], "check-out")
        return appointment, str(visit["id"])

    found: tuple[str, str] = clinic.read(enter)
    return found


class Keys:
    """A keyboard that counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def press(self, *keys: str) -> None:
        """Press one key after the other."""
        for key in keys:
            self.page.keyboard.press(key)
            self.count += 1


def _walk_to(page: Page, row: Locator) -> None:
    """Down the list to somebody, however long it is today."""
    page.keyboard.press("Home")
    for _line in range(60):
        if "sel" in (row.get_attribute("class") or "").split():
            return
        page.keyboard.press("j")
    raise AssertionError("the list was walked to its end")


def test_a_visit_is_checked_out_by_keys_alone(browser: Browser, clinic: Practice) -> None:
    appointment, visit = _at_check_out(clinic, "Oona", "Lindgren")
    window = signed_in(browser, clinic.address, "receptionist")
    page = window.go("/cash/")
    if page.locator("[name=float]").count():
        page.locator("[name=float]").fill("100")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="My till")).to_be_visible()
    page = window.go("/visits/today")
    row = page.locator(f"tr[data-id='{appointment}']")
    _walk_to(page, row)
    keys = Keys(page)
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Check out")).to_be_visible()
    keys.press("w", *"3w", "Enter")
    expect(page.locator(".next-times [data-key='1']")).to_be_visible()
    keys.press("1")
    expect(page.get_by_role("status").filter(has_text="Next visit:")).to_be_visible()
    keys.press("p")
    expect(page.locator("#at-money").get_by_text("Receipt 20")).to_be_visible()
    page.locator("#at-forms summary").focus()
    keys.press("Enter", "Tab", *"tablet", "Enter")
    expect(page.get_by_text("Left: tablet")).to_be_visible()
    keys.press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text="Checked out")).to_be_visible()
    assert keys.count <= 20, "four for when, one for each of time, money and the end, the reason, and the way in"
    kept = clinic.read(lambda store: store.read("Encounter", visit))
    assert kept["status"] == "finished"
    assert said_of(kept)["forms"].reason == "tablet"
    assert not window.faults
    window.close()


def test_nothing_open_is_one_key_and_undo_brings_the_visit_back(browser: Browser, clinic: Practice) -> None:
    _appointment, visit = _at_check_out(clinic, "Enzo", "Marchetti")
    window = signed_in(browser, clinic.address, "receptionist")
    page = window.go(f"/visits/visits/{visit}/check-out")
    page.keyboard.press("o")
    expect(page.get_by_text("No further visit is wanted.")).to_be_visible()
    page.locator(".finish [name=reason]").fill("Pays and signs tomorrow")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text="Checked out")).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_role("status").filter(has_text="Taken back")).to_be_visible()
    assert clinic.read(lambda store: store.read("Encounter", visit))["status"] == "in-progress"
    window.close()
