"""Booking from home on a telephone, by keyboard, and looking after it by the link."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browsing import open_window, sign_in
from tests.e2e.practice import Practice
from tests.e2e.test_axe import AXE, violations

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
PHONE = (360, 740)


def fine(page: Page, name: str) -> list[str]:
    """What is wrong with a page on a small telephone."""
    page.evaluate(AXE)
    found = [f"{name}: {fault}" for fault in violations(page)]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append(f"{name}: wider than the telephone")
    small = page.evaluate("""[...document.querySelectorAll('main a, main button, main input:not([type=hidden]), header button, summary')]
      .filter((one) => one.getClientRects().length && !one.closest('p') && one.type !== 'radio')
      .filter((one) => one.getBoundingClientRect().height < 44).map((one) => one.textContent.trim().slice(0, 30))""")
    return found + [f"{name}: {words!r} is lower than 44 px" for words in small]


def born(page: Page, year: str = "1990") -> None:
    for name, value in (("m", "5"), ("d", "6"), ("y", year)):
        page.locator(f"[name={name}]").fill(value)


def test_a_new_person_asks_from_a_telephone_and_the_desk_accepts(browser: Browser, clinic: Practice) -> None:
    phone = open_window(browser, clinic.address, PHONE)
    page, faults = phone.go("/appointments/online"), []
    faults += fine(page, "kinds")
    page.get_by_role("link", name="New patient").press("Enter")
    faults += fine(page, "times")
    page.locator("a.time").first.press("Enter")
    faults += fine(page, "who")
    page.get_by_role("button", name="Ask for this time").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("need another look")
    faults += fine(page, "faults")
    page.get_by_label("No, I am new").check()
    for name, value in (("given", "Wilma"), ("family", "Quist"), ("number", "212 555 0178")):
        page.locator(f"[name={name}]").fill(value)
    born(page)
    page.locator("[name=number]").press("Enter")
    expect(page.get_by_role("heading", name="We have your request")).to_be_visible()
    faults += fine(page, "done")
    page.get_by_role("link", name="Look after my request").press("Enter")
    own = page.url
    faults += fine(page, "birth date")
    assert "Quist" not in page.content()
    born(page, "1991")
    page.get_by_role("button", name="Continue").press("Enter")
    expect(page.get_by_text("That does not match")).to_be_visible()
    born(page)
    page.get_by_role("button", name="Continue").press("Enter")
    expect(page.get_by_text("We have not answered yet")).to_be_visible()
    faults += fine(page, "wish")
    desk = open_window(browser, clinic.address)
    sign_in(desk, "receptionist")
    desk.go("/appointments/requests?q=wilma").locator("a.row-link").first.click()
    desk.page.get_by_role("radio", name="Somebody new").check()
    desk.page.get_by_role("button", name="Accept and book").click()
    expect(desk.page.get_by_text("Accepted", exact=True).first).to_be_visible()
    page.goto(own.rsplit("/own/", 1)[0] + "/own/" + own.rsplit("/own/", 1)[1].split("/")[0] + "/wish")
    expect(page.get_by_text("Your visit is booked")).to_be_visible()
    desk.close()
    phone.close()
    assert not faults, "\n".join(faults)
