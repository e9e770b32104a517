"""Merging two records with the keyboard alone, undoing by one key, and later from the history."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browsing import DESK, SMALL_DESK, open_window, sign_in
from tests.e2e.practice import Practice
from tests.e2e.test_axe import AXE, violations

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def test_two_records_are_merged_and_parted_with_the_keyboard(browser: Browser, clinic: Practice) -> None:
    one, two = clinic.newcomer("Theodora", "Quist"), clinic.newcomer("Theo", "Quist")
    window = open_window(browser, clinic.address)
    sign_in(window, "receptionist")
    page = window.go(f"/registration/{one}/merge?q=quist")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Merge two records")
    page.keyboard.press("x")
    expect(page.locator("thead .who b").first).to_contain_text("Theo")
    page.keyboard.press("x")
    expect(page.locator("thead .who b").first).to_contain_text("Theodora")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-toast]")).to_contain_text("is part of this record now")
    window.go(f"/registration/{two}")
    assert page.url.endswith(f"/registration/{one}")
    window.go(f"/registration/{one}/history")
    page.get_by_role("link", name="Undo…").click()
    page.evaluate(AXE)
    for wide, tall in (DESK, SMALL_DESK):
        page.set_viewport_size({"width": wide, "height": tall})
        assert violations(page) == []
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-toast]")).to_contain_text("Both records stand by themselves again")
    window.go(f"/registration/{one}/merge/{two}")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-toast]")).to_contain_text("is part of this record now")
    page.keyboard.press("u")
    expect(page.locator("[data-toast]")).to_contain_text("Both records stand by themselves again")
    window.close()
