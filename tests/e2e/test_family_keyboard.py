"""A family is registered with the keyboard alone: after the first, each further one takes few keys beyond the data."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import Window
from tests.e2e.practice import Practice
from tests.e2e.test_keyboard_only import Keys

pytestmark = pytest.mark.e2e

MOST_FOR_ONE = 6
"""Tab to the birth date (2), to the sex (1), its arrow or blank (1), and the key that registers (1), with one to spare."""


def _one(keys: Keys, given: str, born: str) -> int:
    page, before = keys.page, keys.count
    expect(page.locator("[name=given]")).to_be_focused()
    keys.data(given)
    keys.press("Tab", "Tab")
    expect(page.locator("[name=birth_date]")).to_be_focused()
    keys.data(born)
    keys.press("Tab", "Space")
    return keys.count - before


def test_two_children_are_registered_after_their_mother(reception: Window, clinic: Practice) -> None:
    mother = clinic.newcomer("Wilhelmina", "Ashgrove")
    page = reception.page
    reception.go(f"/registration/{mother}/people")
    keys = Keys(page)
    page.locator("h1").first.click()  # leaves the search field, as Escape would
    keys.press("n")
    used = _one(keys, "Oswin", "1 2 2016")
    keys.press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text="Oswin Ashgrove is registered")).to_be_visible()
    assert used + 1 <= MOST_FOR_ONE
    used = _one(keys, "Perpetua", "3 4 2019")
    keys.press("Alt+f")
    expect(page.get_by_role("heading", level=1)).to_have_text("2 registered")
    assert used + 1 <= MOST_FOR_ONE
    expect(page.get_by_role("link", name="Label")).to_have_count(2)
    reception.go(f"/registration/{mother}")
    expect(page.locator(".panel").filter(has_text="People").first).to_contain_text("Wilhelmina pays for")


def test_somebody_is_found_and_put_beside_a_patient_by_the_keyboard(reception: Window, clinic: Practice) -> None:
    child, aunt = clinic.newcomer("Quentin", "Larkspur"), clinic.newcomer("Rosamund", "Larkspur")
    page = reception.page
    reception.go(f"/registration/{child}/people")
    keys = Keys(page)
    expect(page.locator("input[name=q][data-feeds]")).to_be_focused()
    keys.data("rosamund")
    expect(page.locator("#known tr.sel")).to_contain_text("Rosamund")
    keys.press("Enter")
    expect(page.locator("[name=relation]")).to_be_focused()
    keys.data("Other family")
    keys.press("Control+Enter")
    expect(page.locator(".kin")).to_contain_text("Rosamund Larkspur")
    assert keys.count <= 3
    expect(page.locator(f'.kin a[href$="{aunt}"]')).to_be_visible()
