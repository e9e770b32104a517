"""Placing visits in a real browser: copies, lengths, drawing on empty time, a lost network, and two people at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.appointments.test_browser import BEA_AT_THREE, SLOT, address, browser, desk, drag, toast, visit
from tests.factories import PASSWORD

__all__ = ["address", "browser", "desk"]
pytestmark = pytest.mark.e2e
LOST = "The network did not answer."


@pytest.fixture
def colleague(browser: Browser, address: str) -> Iterator[Page]:
    """The same day on another screen."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.goto(f"{address}/access/sign-in?next=/appointments/day")
    page.fill("[name=username]", "mina")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.locator("[data-cursor]").wait_for(state="attached")
    yield page
    context.close()


def bea(page: Page) -> int:
    return page.locator(".ev[data-id]", has_text="Bea Lovelace").count()


def test_a_visit_dragged_with_ctrl_is_copied_and_the_copy_is_taken_back(desk: Page) -> None:
    before = bea(desk)
    desk.keyboard.down("Control")
    drag(desk, visit(desk), (0, 12 * SLOT))
    desk.keyboard.up("Control")
    toast(desk, "Copied: Bea Lovelace, Tue 9 March at 16:00 for 30 min.")
    assert desk.locator(BEA_AT_THREE).count() == 1
    assert bea(desk) == before + 1
    desk.keyboard.press("u")
    toast(desk, "Taken back: Bea Lovelace.")


def test_length_copy_and_jumps_go_by_keyboard(desk: Page) -> None:
    desk.locator(BEA_AT_THREE).locator("a").focus()
    for _ in range(3):
        desk.keyboard.press("+")
    assert "45 minutes" in desk.locator("[data-calendar-said]").inner_text()
    desk.keyboard.press("Enter")
    toast(desk, "Moved: Bea Lovelace, Tue 9 March at 15:00 for 45 min.")
    desk.locator(BEA_AT_THREE).locator("a").focus()
    desk.keyboard.press("c")
    for _ in range(12):
        desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Enter")
    toast(desk, "Copied: Bea Lovelace, Tue 9 March at 16:00 for 45 min.")
    desk.keyboard.press("k")
    assert desk.evaluate("document.activeElement.closest('.ev').dataset.start").startswith("2027-03-09T20:00")
    desk.keyboard.press("j")
    assert desk.evaluate("document.activeElement.closest('.ev').dataset.start").startswith("2027-03-09T21:00")
    desk.keyboard.press("n")
    assert desk.evaluate("Boolean(document.activeElement.closest('[data-lane]').querySelector('.now'))")
    desk.keyboard.press("?")
    desk.locator("#keys", has_text="Copy the visit").wait_for()


def test_empty_time_is_drawn_and_booked_as_long_as_it_was_drawn(desk: Page) -> None:
    lane = desk.locator("[data-lane]").nth(1).bounding_box()
    assert lane
    x, y = lane["x"] + 60, lane["y"] + 6.5 * 12 * SLOT + 2
    desk.mouse.move(x, y)
    desk.mouse.down()
    desk.mouse.move(x, y + 8.5 * SLOT, steps=6)
    desk.mouse.up()
    desk.locator("#booking [name=minutes]").wait_for()
    assert desk.locator("#booking [name=minutes]").input_value() == "45"


def test_a_visit_can_be_made_longer_from_its_menu(desk: Page) -> None:
    desk.locator(BEA_AT_THREE).click(button="right")
    desk.locator("#cal-menu [data-do=longer]").click()
    toast(desk, "for 45 min.")


def test_a_drop_that_the_network_loses_leaves_the_visit_and_is_done_once_when_tried_again(desk: Page) -> None:
    tried: list[str] = []

    def lose(route: object) -> None:
        tried.append(route.request.post_data)  # type: ignore[attr-defined]
        route.fetch()  # type: ignore[attr-defined]
        route.abort("connectionreset")  # type: ignore[attr-defined]

    desk.route("**/place", lose, times=1)
    drag(desk, visit(desk), (0, 12 * SLOT))
    desk.locator("#refused", has_text=LOST).wait_for()
    assert desk.locator(".ghost").count() == 0
    with desk.expect_request("**/place") as again:
        desk.locator("#refused [data-again]").click()
    assert again.value.post_data == tried[0]
    toast(desk, "Moved: Bea Lovelace, Tue 9 March at 16:00 for 30 min.")
    assert desk.locator(".ev[data-start^='2027-03-09T21:00']", has_text="Bea").get_attribute("data-version") == "2"


def test_a_network_that_goes_in_mid_drag_leaves_the_visit_and_the_drop_is_done_when_it_is_back(desk: Page) -> None:
    box = visit(desk)
    desk.mouse.move(box["x"] + 60, box["y"] + 6)
    desk.mouse.down()
    desk.mouse.move(box["x"] + 60, box["y"] + 6 + 6 * SLOT, steps=4)
    desk.context.set_offline(True)
    desk.mouse.move(box["x"] + 60, box["y"] + 6 + 12 * SLOT, steps=4)
    desk.mouse.up()
    desk.locator("#refused", has_text=LOST).wait_for()
    assert "The visit is drawn where it was." in desk.locator("#refused").inner_text()
    assert LOST in desk.locator("[data-calendar-said]").inner_text()
    assert desk.locator(".ghost, .lifted").count() == 0
    assert visit(desk) == box
    desk.context.set_offline(False)
    toast(desk, "Moved: Bea Lovelace, Tue 9 March at 16:00 for 30 min.")


def test_a_visit_is_one_link_that_says_all_and_its_cut_words_show_under_the_pointer(desk: Page) -> None:
    link = desk.locator(BEA_AT_THREE).get_by_role("link")
    said = link.get_attribute("aria-label") or ""
    assert said.startswith("Bea Lovelace, ")
    assert "15:00–15:30" in said
    link.hover()
    assert link.get_attribute("title") == said
    edge = desk.locator(BEA_AT_THREE).bounding_box()
    assert edge
    desk.mouse.click(edge["x"] + 40, edge["y"] + edge["height"] - 3)
    desk.locator("#visit[open]", has_text="Bea Lovelace").wait_for()


def test_two_who_move_the_same_visit_are_both_told(desk: Page, colleague: Page) -> None:
    colleague.route("**/appointments/day", lambda route: route.abort())
    drag(desk, visit(desk), (0, 12 * SLOT))
    toast(desk, "Moved: Bea Lovelace, Tue 9 March at 16:00")
    colleague.unroute("**/appointments/day")
    drag(colleague, visit(colleague), (0, 6 * SLOT))
    colleague.locator("#refused", has_text="Changed by Mina Osei in the meantime.").wait_for()
    colleague.locator("#refused", has_text="It is now on Tue 9 March at 16:00").wait_for()
    colleague.keyboard.press("Escape")
    moved = colleague.locator(".ev[data-start^='2027-03-09T21:00']", has_text="Bea")
    moved.wait_for()
    moved.locator("a").focus()
    for _ in range(3):
        colleague.keyboard.press("Shift+ArrowUp")
    colleague.keyboard.press("Enter")
    toast(colleague, "Moved: Bea Lovelace, Tue 9 March at 15:45")
    toast(desk, "Bea Lovelace was changed by somebody else after you.")
    desk.locator(".ev.overtaken[data-start^='2027-03-09T20:45']").wait_for()
