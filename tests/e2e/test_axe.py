"""Every screen and every tablet page, light and dark, wide and narrow: axe-core finds no violation."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.browsing import DESK, SMALL_DESK, TABLET, TABLET_UPRIGHT, Window, open_window, sign_in
from tests.e2e.practice import ROOT, Practice
from tests.e2e.screens import Screen, all_screens
from tests.e2e.tablet import hand_over, pair, tablet_pages

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
PASSES = ((DESK, "light"), (SMALL_DESK, "dark"))
PHONE_PASSES = (*PASSES, ((375, 740), "light"))
OUTSIDE = """[...document.querySelectorAll('main .head .btn')]
  .filter((one) => one.getClientRects().length && (one.getBoundingClientRect().right > innerWidth || one.getBoundingClientRect().left < 0))
  .map((one) => one.textContent.trim())"""
"""Buttons in the head of a page that nobody can see whole; the page clips them, so that it is not wider."""


def test_no_screen_of_the_staff_has_a_fault(browser: Browser, clinic: Practice) -> None:
    windows: dict[str, Window] = {}
    faults: list[str] = []
    for screen in all_screens(clinic):
        if screen.role not in windows:
            windows[screen.role] = open_window(browser, clinic.address)
            if screen.role != "stranger":
                sign_in(windows[screen.role], screen.role)
        faults += _faults_of(windows[screen.role], screen)
    for window in windows.values():
        window.close()
    assert not faults, "\n".join(faults)


def _faults_of(window: Window, screen: Screen) -> list[str]:
    page = window.page
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    window.go(screen.path)
    if screen.prepare:
        screen.prepare(page)
    page.evaluate(AXE)
    found: list[str] = []
    for (wide, tall), colours in PHONE_PASSES if screen.public else PASSES:
        page.set_viewport_size({"width": wide, "height": tall})
        page.emulate_media(color_scheme=colours, reduced_motion="reduce")
        found += [f"{screen.name} {wide} {colours}: {fault}" for fault in violations(page)]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{screen.name} {wide}: wider than the window")
        found += [f"{screen.name} {wide}: {words} stands outside the window" for words in page.evaluate(OUTSIDE)]
    return found


def test_no_page_of_the_tablet_has_a_fault(browser: Browser, clinic: Practice) -> None:
    desk = open_window(browser, clinic.address)
    sign_in(desk, "manager")
    tablet = open_window(browser, clinic.address, TABLET, has_touch=True)
    pair(desk, tablet, "Tablet 40")
    hand_over(desk, clinic, person=9, name="Tablet 40")
    faults: list[str] = []
    for name in tablet_pages(tablet, clinic, person=9):
        for wide, tall in (TABLET, TABLET_UPRIGHT):
            tablet.page.set_viewport_size({"width": wide, "height": tall})
            tablet.page.evaluate(AXE)
            faults += [f"{name} {wide}: {fault}" for fault in violations(tablet.page)]
    tablet.close()
    desk.close()
    assert not faults, "\n".join(faults)


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong: rule, place, reason."""
    answer = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']} {node['target'][0]} {node['failureSummary'].splitlines()[-1].strip()}"
        for one in answer["violations"]
        for node in one["nodes"][:3]
    ]
