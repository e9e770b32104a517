"""A tablet in a patient's hands: pairing it, handing it over, and walking through its pages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from playwright.sync_api import Page, expect

from tests.e2e.browsing import Window
from tests.e2e.practice import Practice

SLOWEST_POLL_MS = 20_000


def pair(manager: Window, tablet: Window, name: str = "Tablet 2") -> None:
    """The manager shows a code; the tablet takes it, and is locked."""
    page = manager.go("/intake/tablets")
    page.locator("[name=name]").fill(name)
    page.get_by_role("button", name="Add").click()
    code = page.locator(".code-big").inner_text()
    tablet.go("/intake/tablet")
    tablet.page.locator("[name=code]").fill(code)
    tablet.page.get_by_role("button", name="Pair").click()
    expect(tablet.page.get_by_text(f"{name} is ready")).to_be_visible()


def hand_over(desk: Window, clinic: Practice, *, person: int = 0, name: str = "Tablet 2", forms: str = "") -> None:
    """Give all forms, or those so named, to one of the practice's people."""
    page = desk.go(f"/intake/hand-over/patient/{clinic.people[person].id}")
    for form in page.locator(".opt-in:has([name=forms])").all():
        form.locator("input").set_checked(forms in form.inner_text())
    page.locator("label", has_text=name).locator("input").check()
    page.get_by_role("button", name="Hand over").click()
    expect(page.get_by_text("The forms are on the tablet")).to_be_visible()


def next_page(page: Page, word: str = "Next") -> None:
    """The one big button."""
    with page.expect_navigation():
        page.get_by_role("button", name=word).last.click()


def await_hand_over(page: Page) -> None:
    """The lock screen finds out by itself."""
    first = page.get_by_role("heading", name=re.compile("^(Welcome|First, your birth date)$"))
    expect(first).to_be_visible(timeout=SLOWEST_POLL_MS)


def identify(page: Page, born: str) -> None:
    """The language, unless it is on record, and the birth date (yyyy-mm-dd)."""
    await_hand_over(page)
    if page.get_by_role("heading", name="Welcome").count():
        next_page(page, "Continue")
    give_birth_date(page, born)


def give_birth_date(page: Page, born: str) -> None:
    """Type it and go on."""
    for name, value in zip(("y", "m", "d"), born.split("-"), strict=True):
        page.locator(f"[name={name}]").fill(value)
    next_page(page, "Continue")


def tablet_pages(tablet: Window, clinic: Practice, *, person: int = 0) -> Iterator[str]:
    """Stand on each page in turn, from the lock screen to the lock screen; gives a name for it."""
    page = tablet.page
    await_hand_over(page)
    tablet.go("/intake/tablet/welcome")
    yield "welcome"
    next_page(page, "Continue")
    yield "birth-date"
    give_birth_date(page, clinic.people[person].details.birth_date)
    for number in range(1, 25):
        if page.get_by_role("heading", name="Thank you, all done").count():
            break
        yield f"page-{number:02}"
        for _tile in range(8):
            if not page.locator(".yesno button[aria-pressed=false]").count():
                break
            with page.expect_navigation():
                page.locator(".yesno button[aria-pressed=false]").first.click()
        sign = page.locator("[name=signs]").count()
        if sign:
            page.locator(".choice", has_text="I have read this").click()
            page.locator("#signer").fill("A. Patient")
        next_page(page, "Sign" if sign else "Next")
    yield "thanks"
    page.get_by_role("button", name="Finish now").click()
    expect(page.get_by_text("is ready")).to_be_visible()
    yield "locked"
