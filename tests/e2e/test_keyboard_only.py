"""The staff's path with the keyboard alone, and how many keys it takes beyond what is typed as data."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import Window
from tests.e2e.practice import Practice

pytestmark = pytest.mark.e2e

MOST_TO_FIND, MOST_TO_BOOK, MOST_TO_REGISTER, MOST_TO_CHECK_IN = 6, 12, 12, 12


@dataclass
class Keys:
    """A keyboard that counts: names and numbers are data, all else is effort."""

    page: Page
    count: int = 0

    def press(self, *keys: str) -> None:
        """Keys one after the other; each counts."""
        for key in keys:
            self.count += 1
            self.page.keyboard.press(key)

    def data(self, text: str) -> None:
        """Something that has to be typed whatever the program."""
        self.page.keyboard.type(text)


@pytest.fixture
def keys(reception: Window) -> Keys:
    """The receptionist's keyboard, on Today; there is no mouse."""
    reception.go("/visits/today")
    return Keys(reception.page)


def _known(clinic: Practice, number: int) -> tuple[str, str]:
    details = clinic.people[number].details
    return details.given, details.family


def _choose_in_command_bar(keys: Keys, text: str, row: str) -> None:
    keys.press("/")
    keys.data(text)
    chosen = keys.page.locator("#command [role=option][aria-selected=true]")
    expect(chosen).to_contain_text(row)
    keys.press("Enter")


def test_a_known_patient_is_found_and_opened(keys: Keys, clinic: Practice) -> None:
    given, family = _known(clinic, 3)
    _choose_in_command_bar(keys, f"{family} {given}", family)
    expect(keys.page.locator(".banner")).to_contain_text(family)
    assert keys.count <= MOST_TO_FIND


def test_a_known_patient_is_booked_from_the_calendar(keys: Keys, clinic: Practice) -> None:
    given, family = "Ottoline", "Pembury"
    clinic.newcomer(given, family)
    page = keys.page
    keys.press("g", "c")
    expect(page.get_by_role("heading", level=1)).to_contain_text("March")
    page.wait_for_load_state("load")  # before its script is there, the same key opens the whole page
    keys.press("s")
    expect(page.locator("#find-time [name=q]")).to_be_focused()
    keys.data(f"{given} {family}")
    keys.press("Enter")
    expect(page.locator("#find-time [name=visit_type]")).to_be_focused()
    expect(page.locator("#find-time [name=patient]:checked")).to_have_count(1)
    keys.press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text=family)).to_be_visible()
    expect(page.locator("#find-time")).to_be_hidden()
    assert keys.count <= MOST_TO_BOOK


def test_a_known_patient_is_booked_by_saying_so(keys: Keys, clinic: Practice) -> None:
    given, family = "Jessamy", "Thornbury"
    clinic.newcomer(given, family)
    page = keys.page
    _choose_in_command_bar(keys, f"{given} {family} book", "Book a visit")
    expect(page.get_by_role("heading", name="Book an appointment")).to_be_visible()
    keys.press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text=family)).to_be_visible()
    assert keys.count <= MOST_TO_BOOK


def test_a_new_patient_is_registered_after_a_search(keys: Keys) -> None:
    page = keys.page
    _choose_in_command_bar(keys, "Tamsin Orrel", "Register a new patient")
    expect(page.locator("[name=given]")).to_be_focused()
    keys.press("Tab", "Tab")
    expect(page.locator("[name=birth_date]")).to_be_focused()
    keys.data("9 Feb 1991")
    keys.press("Tab")
    keys.data("212 555 0177")
    keys.press("Tab", "Space")
    expect(page.locator("[name=sex]:checked")).to_have_value("female")
    keys.press("Control+Enter")
    expect(page.locator(".banner")).to_contain_text("Tamsin Orrel")
    assert keys.count <= MOST_TO_REGISTER


def test_a_patient_is_checked_in(keys: Keys, clinic: Practice) -> None:
    page = keys.page
    name = _expected_on_today(page)
    while name not in page.evaluate("document.querySelector('tr.sel')?.innerText ?? ''"):
        page.keyboard.press("j")
    keys.press("c")
    expect(page.get_by_role("heading", name=re.compile("^Check in"))).to_be_visible()
    with page.expect_navigation():
        keys.press("y")
    expect(page.locator(".ask.done", has_text="Identity")).to_be_visible()
    keys.press("Tab")
    if page.locator("[name=reason]").count():
        page.locator("[name=reason]").focus()
        keys.data("Comes back tomorrow with the rest")
    keys.press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text="Checked in")).to_be_visible()
    assert keys.count <= MOST_TO_CHECK_IN
    keys.press("u")
    expect(page.get_by_role("status").filter(has_text="Taken back")).to_be_visible()


def _expected_on_today(page: Page) -> str:
    row = page.locator("tbody tr", has_text="Expected").last
    return row.locator(".who b").inner_text()


def test_escape_goes_back_without_loss_and_every_key_is_listed(keys: Keys) -> None:
    page = keys.page
    keys.press("?")
    expect(page.locator("#keys")).to_contain_text("Find a patient, a visit or an action")
    expect(page.locator("#keys")).to_contain_text("Walk-in")
    keys.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    for key, heading in (("n", "Find or register"), ("f", "Forms"), ("t", "My till"), ("l", "Calls"), ("h", "Today")):
        page.keyboard.press("Escape")
        page.evaluate("document.activeElement.blur()")
        keys.press("g", key)
        expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()
