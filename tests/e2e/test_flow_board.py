"""The flow board in two browsers, the screen of the waiting room, and a telephone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from clinic.appointments.rules.booking import Booking
from clinic.appointments.service.booking import book
from clinic.fhir.store import Store
from clinic.visits import mapping, service
from clinic.visits.service import screens
from tests.e2e.browsing import open_window, signed_in
from tests.e2e.practice import Practice
from tests.e2e.test_axe import AXE, violations

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PHONE = (390, 844)
WALL = (1280, 720)


def _booked(clinic: Practice, store: Store, patient: str) -> str:
    """A visit in some minutes, beside whatever is booked then; gives the id of the appointment."""
    now = store.now.replace(second=0, microsecond=0)
    start = now + timedelta(minutes=15 - now.minute % 5)
    kind = clinic.made.types["Results"]
    booking = Booking(patient, clinic.made.providers[0], kind, start, overbook_reason="They came anyway")
    return str(book(store, booking)["id"])


def _arrived(clinic: Practice, given: str, family: str) -> str:
    """Somebody who came for a visit within the hour and waits; gives the id of the appointment."""
    patient = clinic.newcomer(given, family)

    def enter(store: Store) -> str:
        appointment = _booked(clinic, store, patient)
        service.move_to(store, service.arrive(store, appointment)["id"], "waiting")
        return appointment

    return str(clinic.read(enter))


def _in_lane(page: Page, appointment: str, station: str) -> None:
    expect(page.locator(f'[data-lane="{station}"] .card[data-id="{appointment}"]')).to_have_count(1)


def test_a_step_on_one_screen_is_on_every_other_one_and_can_be_taken_back(browser: Browser, clinic: Practice) -> None:
    appointment = _arrived(clinic, "Ilse", "Brandt")
    mine, other = signed_in(browser, clinic.address, "receptionist"), signed_in(browser, clinic.address, "manager")
    list_ = signed_in(browser, clinic.address, "receptionist")
    for window in (mine, other):
        window.go("/visits/flow")
    board = other.page.locator("[data-flow]")
    assert float(board.get_attribute("data-poll-seconds") or 9) < 2, "every screen asks more often than every 2 seconds"
    card = mine.page.locator(f'.card[data-id="{appointment}"]')
    card.click()
    mine.page.keyboard.press("n")
    _in_lane(mine.page, appointment, "room")
    _in_lane(other.page, appointment, "room")
    expect(list_.page.locator(f'tr[data-id="{appointment}"]')).to_contain_text("In room")
    expect(mine.page.locator(f'.card[data-id="{appointment}"]')).to_be_focused()
    mine.page.keyboard.press("Shift+ArrowLeft")
    _in_lane(other.page, appointment, "waiting")
    mine.page.keyboard.press("u")
    mine.page.wait_for_load_state()
    _in_lane(mine.page, appointment, "room")
    _in_lane(other.page, appointment, "room")
    for window in (mine, other, list_):
        window.close()


def test_a_card_is_dragged_and_a_stale_board_is_told(browser: Browser, clinic: Practice) -> None:
    appointment = _arrived(clinic, "Anouk", "Visser")
    desk = signed_in(browser, clinic.address, "receptionist", (1440, 900))
    page = desk.go("/visits/flow")
    page.locator("[data-flow-find]").fill("visser")
    card = page.locator(f'.card[data-id="{appointment}"]')
    box, lane = card.bounding_box(), page.locator('[data-lane="provider"]').bounding_box()
    assert box is not None
    assert lane is not None
    page.mouse.move(box["x"] + 40, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(lane["x"] + 40, lane["y"] + 120, steps=8)
    expect(page.locator('[data-lane="provider"].over')).to_have_count(1)
    page.mouse.up()
    _in_lane(page, appointment, "provider")
    page.route("**/visits/flow/board", lambda route: route.abort())
    page.evaluate("id => (document.querySelector(`.card[data-id='${id}']`).dataset.version = '1')", appointment)
    page.locator(f'.card[data-id="{appointment}"]').click()
    page.keyboard.press("n")
    expect(page.locator(".toasts [role=alert]")).to_be_visible()
    _in_lane(page, appointment, "provider")
    page.context.set_offline(True)
    page.keyboard.press("n")
    expect(page.locator(".toasts [role=alert]")).to_contain_text("no connection")
    page.context.set_offline(False)
    desk.close()


def test_the_wall_shows_numbers_without_names_and_says_them(browser: Browser, clinic: Practice) -> None:
    appointment = _arrived(clinic, "Rosalind", "Achterberg")
    token = clinic.read(lambda store: screens.add_screen(store, "Wall", language="ar")[1])
    english = clinic.read(lambda store: screens.add_screen(store, "Wall 2", language="en")[1])
    number = clinic.read(lambda store: mapping.ticket_of(service.visit_of(store, appointment) or {}))
    desk = signed_in(browser, clinic.address, "receptionist")
    wall = open_window(browser, clinic.address, WALL, reduced_motion="reduce")
    wall.go(f"/visits/screen/{english}")
    expect(wall.page.locator(".next li", has_text=str(number)).first).to_be_visible()
    wall.page.evaluate("addEventListener('screen:called', (event) => (document.title = event.detail), true)")
    page = desk.go("/visits/flow")
    page.locator(f'.card[data-id="{appointment}"]').click()
    page.keyboard.press("a")
    expect(wall.page.locator(".call.newest b")).to_have_text(str(number))
    expect(wall.page).to_have_title(f"Number {number}, to the desk, please")
    assert "Achterberg" not in wall.page.content()
    wall.page.evaluate(AXE)
    assert violations(wall.page) == []
    wall.go(f"/visits/screen/{token}")
    assert wall.page.evaluate("document.documentElement.dir") == "rtl"
    assert wall.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    desk.close()
    wall.close()


def test_somebody_checks_in_with_the_telephone_and_is_called(browser: Browser, clinic: Practice) -> None:
    patient = clinic.newcomer("Quirijn", "Zonneveld")
    appointment = clinic.read(lambda store: _booked(clinic, store, patient))
    phone = open_window(browser, clinic.address, PHONE, has_touch=True)
    page = phone.go("/visits/here")
    page.evaluate(AXE)
    assert violations(page) == []
    for name, value in (("m", "8"), ("d", "14"), ("y", "1979"), ("fact", "XX")):
        page.fill(f"[name={name}]", value)
    page.keyboard.press("Enter")
    expect(page.locator("[role=alert]")).to_contain_text("come to the desk")
    page.fill("[name=fact]", "QZ")
    page.keyboard.press("Enter")
    expect(page.locator(".mine .big")).to_be_visible()
    page.evaluate(AXE)
    assert violations(page) == []
    assert "Zonneveld" not in page.content()
    desk = signed_in(browser, clinic.address, "receptionist")
    desk.go("/visits/flow")
    card = desk.page.locator(f'.card[data-id="{appointment}"]')
    expect(card).to_contain_text("by telephone")
    card.click()
    desk.page.keyboard.press("a")
    expect(page.locator(".go-now")).to_contain_text("It is your turn")
    phone.close()
    desk.close()
