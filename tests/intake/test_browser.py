"""The tablet in Chromium: kept answers, a lost network, a drawn signature; every page at two sizes with axe."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from waitress.server import create_server

from clinic.intake.service import devices
from tests.e2e.browsing import TABLET, TABLET_UPRIGHT, Window, chromium, open_window
from tests.intake.factories import handed, write

pytestmark = pytest.mark.e2e

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = "['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']"
SMALL = """() => [...document.querySelectorAll('a,button,input:not([type=hidden]),select,textarea')]
  .filter((e) => e.checkVisibility({visibilityProperty: true}) && !e.closest('.vh'))
  .map((e) => [(e.closest('label.choice,label.lang') ?? e).getBoundingClientRect(), e.name || e.textContent.trim()])
  .filter(([box]) => box.width < 44 || box.height < 44).map(([box, name]) => `${name} ${box.width}x${box.height}`)"""
OUTSIDE = """() => [...document.querySelectorAll('body *')].filter((e) => {
  const box = e.getBoundingClientRect();
  return box.width && (box.right > innerWidth + 1 || box.left < -1) && !e.closest('svg,.vh');
}).map((e) => e.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(5)


def pair(app: Flask, browser: Browser, address: str, **options: object) -> tuple[Window, str]:
    device_id, code = write(app, lambda store: devices.add_device(store, "Tablet 2"))
    window = open_window(browser, address, TABLET, **options)
    window.go("/intake/tablet").fill("#code", code)
    window.page.click(".btn.go")
    expect(window.page.get_by_text("Tablet 2 is ready")).to_be_visible()
    return window, device_id


def born(page: Page) -> None:
    for part, value in (("m", "04"), ("d", "17"), ("y", "1972")):
        page.fill(f"[name={part}]", value)
    page.click(".btn.go")


def sit_down(page: Page, language: str = "en") -> None:
    page.wait_for_url("**/welcome")
    page.check(f"input[value={language}]")
    page.click(".btn.go")
    born(page)


def holds(page: Page) -> None:
    """Every target is large enough, nothing leaves the screen, axe finds nothing; in both directions of the tablet."""
    for width, height in (TABLET, TABLET_UPRIGHT):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(SMALL) == [], page.url
        assert page.evaluate(OUTSIDE) == [], page.url
    page.evaluate(AXE.read_text())
    found = page.evaluate(f"() => axe.run(document, {{runOnly: {RULES}}})")["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == [], page.url
    page.set_viewport_size({"width": TABLET[0], "height": TABLET[1]})


def draw(page: Page) -> None:
    page.locator("canvas").scroll_into_view_if_needed()
    box = page.locator("canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + 30, box["y"] + 60)
    page.mouse.down()
    for step in range(20):
        page.mouse.move(box["x"] + 30 + step * 9, box["y"] + 60 + (step % 4) * 12)
    page.mouse.up()


def test_the_lock_screen_opens_by_itself_and_every_page_holds(app: Flask, browser: Browser, address: str) -> None:
    window, device_id = pair(app, browser, address)
    page = window.page
    holds(page)
    write(app, lambda store: handed(store, device_id=device_id))
    page.wait_for_url("**/welcome")
    holds(page)
    page.click(".btn.go")
    holds(page)
    born(page)
    holds(page)
    for link in ("home", "reach", "mail", "emergency"):
        page.click(f'button[value="yes:{link}"]')
    page.click(".btn.go")
    for _step in range(20):
        if page.url.endswith("/thanks"):
            break
        holds(page)
        if page.locator("canvas").count():
            page.locator(".sheet .choice input").first.check()
            draw(page)
        page.click(".btn.go")
    holds(page)
    responses = write(app, lambda store: store.search("QuestionnaireResponse", [], limit=9))
    assert {one["status"] for one in responses} == {"completed"}
    signed = write(app, lambda store: store.search("Provenance", [("signature-type:missing", "false")], limit=9))
    assert [one["signature"][0]["sigFormat"] for one in signed] == ["image/svg+xml"] * 2
    window.close()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_large_text_and_strong_contrast_hold_together(
    app: Flask, browser: Browser, address: str, language: str
) -> None:
    window, device_id = pair(app, browser, address)
    page = window.page
    write(app, lambda store: handed(store, "intake-new-patient", device_id=device_id))
    sit_down(page, language)
    page.click("button[value=text]")
    page.click("button[value=contrast]")
    assert page.locator("html").get_attribute("data-text") == "large"
    for _step in range(5):
        holds(page)
        page.click(".btn.go")
    window.close()


def test_answers_are_kept_as_they_are_given_and_wait_for_a_lost_network(
    app: Flask, browser: Browser, address: str
) -> None:
    window, device_id = pair(app, browser, address)
    page = window.page
    write(app, lambda store: handed(store, "intake-new-patient", device_id=device_id))
    sit_down(page)
    page.get_by_label("What should we call you?").fill("Anita")
    with page.expect_response("**/answer"):
        page.keyboard.press("Tab")
    window.context.set_offline(True)
    page.get_by_text("Yes", exact=True).click()
    expect(page.get_by_text("No connection right now")).to_be_visible()
    with page.expect_response("**/answer"):
        window.context.set_offline(False)
    expect(page.get_by_text("No connection right now")).to_be_hidden()
    page.reload()
    expect(page.get_by_label("What should we call you?")).to_have_value("Anita")
    expect(page.locator("input[value=true]")).to_be_checked()
    window.close()


def test_an_answer_opens_its_questions_and_the_finger_stays(app: Flask, browser: Browser, address: str) -> None:
    window, device_id = pair(app, browser, address)
    page = window.page
    write(app, lambda store: handed(store, "intake-new-patient", device_id=device_id))
    sit_down(page)
    while page.get_by_text("Do you take medicines?").count() == 0:
        page.click(".btn.go")
    page.locator("input[value=true]").first.check()
    expect(page.get_by_text("How much and how often")).to_be_visible()
    assert page.evaluate("document.activeElement.value") == "true"
    window.close()


def test_none_of_these_clears_the_others(app: Flask, browser: Browser, address: str) -> None:
    window, device_id = pair(app, browser, address)
    page = window.page
    write(app, lambda store: handed(store, "intake-new-patient", device_id=device_id))
    sit_down(page)
    while page.get_by_text("Asthma").count() == 0:
        page.click(".btn.go")
    page.get_by_label("Asthma").check()
    page.get_by_label("None of these").check()
    expect(page.get_by_label("Asthma")).not_to_be_checked()
    page.get_by_label("Asthma").check()
    expect(page.get_by_label("None of these")).not_to_be_checked()
    window.close()


def test_the_whole_way_works_without_script(app: Flask, browser: Browser, address: str) -> None:
    window, device_id = pair(app, browser, address, java_script_enabled=False)
    page = window.page
    write(app, lambda store: handed(store, "intake-contact-check", "intake-consent", device_id=device_id))
    window.go("/intake/tablet")
    sit_down(page)
    for link in ("home", "reach", "mail", "emergency"):
        page.click(f'button[value="yes:{link}"]')
    page.click(".btn.go")
    page.locator(".sheet .choice input").first.check()
    page.fill("#signer", "Ana Soler")
    page.click(".btn.go")
    page.wait_for_url("**/thanks")
    window.close()
