"""Check-in counted: one key when all is fresh, only what is missing otherwise; and the list of those who are not ready."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from clinic.fhir.store import Store
from clinic.insurance.rules import Policy
from clinic.insurance.service import add_coverage
from clinic.registration.rules.consents import Signing
from clinic.registration.service.consents import sign
from clinic.visits import service
from clinic.visits.screens import today_of
from tests.e2e.browsing import Window, signed_in
from tests.e2e.practice import Practice
from tests.e2e.test_flow_board import _booked
from tests.e2e.test_keyboard_only import Keys

pytestmark = pytest.mark.e2e


def _expected(clinic: Practice, given: str, family: str, *, fresh: bool) -> str:
    """Somebody who comes within the hour; gives the id of the appointment."""
    patient = clinic.newcomer(given, family)

    def enter(store: Store) -> str:
        if fresh:
            add_coverage(store, patient, Policy("Meridian PPO", member_id="MRD1"))
            for kind in ("contact", "coverage"):
                service.confirm(store, patient, kind)
            for kind in ("privacy", "treatment"):
                sign(store, patient, Signing(kind, "en", "paper", today_of(store)))
        return _booked(clinic, store, patient)

    return str(clinic.read(enter))


def _choose(page: Page, appointment: str) -> None:
    """The line is in hand; how one got there is not check-in."""
    while page.evaluate("document.querySelector('tr.sel')?.dataset.id ?? ''") != appointment:
        page.keyboard.press("j")


def test_one_key_checks_in_whom_nothing_has_to_be_asked(reception: Window, clinic: Practice) -> None:
    appointment = _expected(clinic, "Perpetua", "Frisch", fresh=True)
    page = reception.go("/visits/today")
    keys = Keys(page)
    _choose(page, appointment)
    keys.press("c")
    expect(page.get_by_role("status").filter(has_text="Checked in: Perpetua Frisch")).to_be_visible()
    assert keys.count == 1
    expect(page.locator(f'tr[data-id="{appointment}"]')).to_contain_text("Waiting")
    keys.press("u")
    expect(page.get_by_role("status").filter(has_text="Taken back")).to_be_visible()
    expect(page.locator(f'tr[data-id="{appointment}"]')).to_contain_text("Expected")


def test_the_same_key_asks_only_what_is_missing(reception: Window, clinic: Practice) -> None:
    appointment = _expected(clinic, "Lotte", "Lueckert", fresh=False)
    page = reception.go("/visits/today")
    _choose(page, appointment)
    page.keyboard.press("c")
    expect(page.get_by_role("heading", name=re.compile("^Check in"))).to_be_visible()
    expect(page.locator(".ask", has_text="Coverage")).to_be_visible()
    expect(page.locator(".ask", has_text="Amount due")).to_have_count(0)


@pytest.mark.slow
def test_a_line_is_called_from_the_list_and_what_is_mended_goes_by_itself(browser: Browser, clinic: Practice) -> None:
    appointment = _expected(clinic, "Cosima", "Callas", fresh=False)
    desk = signed_in(browser, clinic.address, "receptionist")
    page = desk.go("/visits/ready?q=callas&days=1")
    row = page.locator(f'tr[data-id="{appointment}"]')
    expect(row).to_contain_text("Coverage: none")
    _choose(page, appointment)
    page.keyboard.press("a")
    expect(page.get_by_role("status").filter(has_text="nobody answered")).to_be_visible()
    expect(row).to_contain_text("no answer")
    page.keyboard.press("u")
    expect(page.get_by_role("status").filter(has_text="Taken back")).to_be_visible()
    expect(row).not_to_contain_text("no answer")

    def mend(store: Store) -> None:
        who = store.read("Appointment", appointment)["participant"][0]["actor"]["reference"].removeprefix("Patient/")
        add_coverage(store, who, Policy("Meridian PPO", member_id="MRD2"))
        for kind in ("privacy", "treatment"):
            sign(store, who, Signing(kind, "en", "paper", today_of(store)))

    clinic.read(mend)
    expect(row).to_have_count(0, timeout=15_000)
    desk.close()
