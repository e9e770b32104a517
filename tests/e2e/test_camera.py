"""What the camera of the desk sees becomes a record: a licence, a portrait, the pages of a letter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browsing import ARGUMENTS, CHROMIUM, Window, open_window, sign_in
from tests.e2e.practice import Practice
from tests.registration.licences import V10, a_barcode, jpeg

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def desk(browser: Browser, clinic: Practice, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    """A desk whose camera looks at the back of a licence, all the time."""
    film: Path = tmp_path_factory.mktemp("camera") / "licence.mjpeg"
    film.write_bytes(jpeg(a_barcode(V10, scale=2, card=(1280, 720))) * 20)
    given = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    arguments = [*ARGUMENTS, *given, f"--use-file-for-fake-video-capture={film}"]
    own = browser.browser_type.launch(executable_path=CHROMIUM, args=arguments)
    window = open_window(own, clinic.address, permissions=["camera"])
    window.page.set_default_timeout(30_000)
    sign_in(window, "receptionist")
    yield window
    window.close()
    own.close()


def heading(page: Page, text: str) -> None:
    expect(page.locator("h1", has_text=text)).to_be_visible(timeout=30_000)


def test_a_licence_before_the_camera_registers_with_the_keyboard_and_is_found_again(desk: Window):
    page = desk.go("/registration/")
    page.keyboard.press("Alt+s")
    heading(page, "Nobody on file has this card")
    page.keyboard.press("Alt+n")
    expect(page.locator("#new-patient [name=number_licence]")).to_have_value("VA T64235789")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".banner .pname")).to_contain_text("Michael")
    page = desk.go("/registration/scan")
    heading(page, "The card beside the record")
    expect(page.get_by_text("Found by the licence number.")).to_be_visible()
    assert page.locator("input[name=take]").count() == 0


def test_a_licence_is_compared_with_what_is_typed_and_fills_the_form(desk: Window):
    page = desk.go("/registration/?q=Mikael+Sampel&new=1")
    page.keyboard.press("Alt+s")
    page.locator("[data-fill-in]").wait_for()
    expect(page.locator("#scan tr.differs")).to_have_count(2)
    page.locator("#scan input[value=family]").uncheck()
    page.locator("[data-fill-in]").click()
    expect(page.locator("#new-patient [name=given]")).to_have_value("Michael")
    expect(page.locator("#new-patient [name=family]")).to_have_value("Sampel")
    expect(page.locator("#new-patient [name=city]")).to_have_value("Richmond")
    assert page.evaluate("document.activeElement.closest('#new-patient') !== null")


def test_a_hand_scanner_types_the_card_into_its_field(desk: Window):
    page = desk.go("/registration/scan")
    page.evaluate("document.querySelector('[data-video]').srcObject?.getTracks().forEach((track) => track.stop())")
    page.locator("[data-wedge]").fill(V10.replace("\r", "\n").replace("\x1e", ""))
    heading(page, "card")


def test_a_portrait_is_framed_with_the_keys_and_kept(desk: Window, clinic: Practice):
    patient = clinic.people[1].id
    page = desk.go(f"/registration/{patient}/portrait")
    page.locator("[data-take]").wait_for()
    page.wait_for_timeout(600)
    page.keyboard.press("t")
    frame = page.locator("[data-square]")
    expect(frame).to_be_focused()
    before = frame.bounding_box()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("-")
    after = frame.bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] < before["width"]
    assert after["x"] > before["x"]
    page.keyboard.press("Control+Enter")
    expect(page.locator(".banner img.pic")).to_be_visible()
    assert page.evaluate("document.querySelector('.banner img.pic').naturalWidth") == 400


def test_pages_are_taken_with_the_camera_turned_and_kept_as_one_document(desk: Window, clinic: Practice):
    patient = clinic.people[1].id
    page = desk.go(f"/registration/{patient}/documents")
    page.keyboard.press("a")
    page.locator("[data-start]").click()
    page.locator("[data-take]").wait_for()
    page.wait_for_timeout(600)
    for count in (1, 2):
        page.locator("[data-take]").click()
        expect(page.locator(".thumb")).to_have_count(count)
    page.locator(".thumb button").first.click()
    page.fill("[name=title]", "Referral of Dr Haddad")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".paper")).to_have_count(2)
    shapes = "[...document.querySelectorAll('.paper img')].map((one) => one.naturalWidth > one.naturalHeight)"
    for picture in page.locator(".paper img").all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", value=True)
    page.wait_for_timeout(400)
    assert page.evaluate(shapes) == [False, True]
