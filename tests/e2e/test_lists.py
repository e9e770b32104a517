"""A list of home visits is put into another order by keys and by drag, and back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from clinic.cli.demo.things import make_closed, make_things
from clinic.fhir.store import Store
from tests.e2e.browsing import open_window, sign_in
from tests.e2e.practice import Practice
from tests.e2e.screens import _list_day

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def names(page: Page) -> list[str]:
    return [text.strip() for text in page.locator(".listed .who b").all_inner_texts()]


def test_the_order_is_changed_by_keys_and_by_drag_and_undone(browser: Browser, clinic: Practice) -> None:
    def make(store: Store) -> None:
        make_closed(store, clinic.made, make_things(store, clinic.made), clinic.people)

    clinic.read(make)
    window = open_window(browser, clinic.address)
    sign_in(window, "receptionist")
    page = window.go(f"/appointments/lists?day={clinic.read(_list_day)}")
    before = names(page)
    assert len(before) >= 2
    page.locator(".listed a").first.focus()
    page.keyboard.press("Shift+ArrowDown")
    expect(page.get_by_text("The order is changed.")).to_be_visible()
    assert names(page) == [before[1], before[0], *before[2:]]
    page.keyboard.press("u")
    expect(page.locator(".listed .who b").first).to_have_text(before[0])
    page.locator(".listed li").last.drag_to(page.locator(".listed li").first, target_position={"x": 100, "y": 2})
    expect(page.locator(".listed .who b").first).to_have_text(before[-1])
    window.close()
