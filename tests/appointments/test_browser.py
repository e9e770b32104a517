"""The calendar in a real browser: mouse, finger, keyboard, the popover, and no accessibility fault."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, Route
from werkzeug.serving import make_server

from clinic.access.users import NewUser, create_user
from clinic.appointments.rules.spans import Span
from clinic.appointments.service import add_absence, book, record
from clinic.core.clock import FixedClock
from clinic.db.engine import Database
from clinic.fhir.store import Store
from clinic.tables import load_tables, metadata
from clinic.web.state import state_of
from tests.appointments import factories as f
from tests.appointments.conftest import NOW, fill
from tests.conftest import make_test_app
from tests.e2e.browsing import playwright
from tests.e2e.test_desk_scripts import AXE, BROWSER
from tests.factories import PASSWORD

pytestmark = pytest.mark.e2e
SLOT = 6.53


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with playwright() as play:
        made = play.chromium.launch(executable_path="/usr/bin/chromium", args=list(BROWSER))
        yield made
        made.close()


@pytest.fixture
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with the small practice and a day that has something of everything."""
    folder = tmp_path_factory.mktemp("calendar")
    load_tables()
    database = Database(f"sqlite:///{folder / 'clinic.sqlite3'}")
    metadata.create_all(database.engine)
    app = make_test_app(database, FixedClock(NOW), folder)
    state = state_of(app)
    fill(database, state.setting)
    database.run_write(lambda conn: create_user(conn, NewUser("mina", "Mina Osei", "manager", PASSWORD), NOW))
    with database.write() as conn:
        _a_day(Store(conn, state.setting, actor=f.MANAGER, now=NOW))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    database.dispose()


def _a_day(store: Store) -> None:
    record(store, f.a_booking("2027-03-09 09:00", patient_id="p2"), status="fulfilled")
    record(store, f.a_booking("2027-03-09 10:00", patient_id="p3"), status="arrived")
    record(store, f.a_booking("2027-03-09 10:00", patient_id="p2", provider_id="baker"))
    book(store, f.a_booking("2027-03-09 14:00"))
    book(store, f.a_booking("2027-03-09 14:00", patient_id="p3", overbook_reason="acute pain"))
    book(store, f.a_booking("2027-03-09 15:00", patient_id="p2"))
    for number in range(4):
        start = f.at("2027-03-09 13:00") + timedelta(minutes=15 * number)
        record(store, f.a_booking(start=start, patient_id="p1", visit_type="chat", provider_id="baker"))
    span = Span(f.at("2027-03-09 16:00"), f.at("2027-03-09 17:00"))
    add_absence(store, ["baker"], span, reason="Case meeting")


@pytest.fixture
def desk(browser: Browser, address: str) -> Iterator[Page]:
    """The day view, signed in."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, has_touch=True)
    page = context.new_page()
    page.set_default_timeout(10_000)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{address}/access/sign-in?next=/appointments/day")
    page.fill("[name=username]", "mina")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/appointments/day")
    page.locator("[data-cursor]").wait_for(state="attached")
    yield page
    context.close()
    assert faults == []


BEA_AT_THREE = '.ev[data-start^="2027-03-09T20:00"]'


def visit(page: Page) -> dict[str, float]:
    """Where Bea's visit at 15:00 stands."""
    box = page.locator(BEA_AT_THREE).bounding_box()
    assert box
    return box


def drag(page: Page, box: dict[str, float], by: tuple[float, float], *, edge: bool = False) -> None:
    x, y = box["x"] + 30, box["y"] + (box["height"] - 2 if edge else 8)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by[0], y + by[1], steps=8)
    page.mouse.up()


def toast(page: Page, words: str) -> None:
    page.locator(".toasts", has_text=words).wait_for()


def axe(page: Page) -> list[str]:
    """What axe-core finds, as `rule: element`. Run over the debugger, since the policy forbids foreign script."""
    page.evaluate(AXE.read_text(encoding="utf-8") + ";0")
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        f"{fault['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for fault in found["violations"]
        for node in fault["nodes"]
    ]


def test_a_visit_is_dragged_and_the_drag_is_taken_back(desk: Page) -> None:
    drag(desk, visit(desk), (0, 12 * SLOT))
    toast(desk, "Moved: Bea Lovelace, Tue 9 March at 16:00 for 30 min.")
    desk.keyboard.press("u")
    toast(desk, "Taken back: Bea Lovelace.")


def test_a_visit_is_made_longer_at_its_lower_edge(desk: Page) -> None:
    drag(desk, visit(desk), (0, 6 * SLOT), edge=True)
    toast(desk, "for 60 min.")


def test_dropping_on_a_taken_time_shows_the_nearest_free_ones(desk: Page) -> None:
    lane = desk.locator("[data-lane]").nth(1).bounding_box()
    box = visit(desk)
    drag(desk, box, (lane["x"] - box["x"], -24 * SLOT))
    desk.locator("#refused", has_text="This time has just been taken.").wait_for()
    assert desk.locator("#refused .offer").count() == 4
    desk.keyboard.press("Alt+1")
    toast(desk, "Moved: Bea Lovelace")


def test_a_finger_lifts_a_visit_only_after_a_moment(desk: Page) -> None:
    box = visit(desk)
    x, y = box["x"] + 30, box["y"] + 8
    finger = desk.context.new_cdp_session(desk)

    def touch(kind: str, at: float | None) -> None:
        points = [] if at is None else [{"x": x, "y": at}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", y)
    desk.wait_for_timeout(500)
    for step in range(1, 13):
        touch("touchMove", y + step * SLOT)
    touch("touchEnd", None)
    toast(desk, "Moved: Bea Lovelace, Tue 9 March at 16:00")


def test_everything_goes_by_keyboard(desk: Page) -> None:
    desk.locator(BEA_AT_THREE).locator("a").focus()
    for _ in range(12):
        desk.keyboard.press("Shift+ArrowDown")
    assert "Moving to" in desk.locator("[data-calendar-said]").inner_text()
    desk.keyboard.press("Escape")
    assert desk.locator(".ghost").count() == 0
    for _ in range(12):
        desk.keyboard.press("Shift+ArrowDown")
    desk.keyboard.press("Enter")
    toast(desk, "Moved: Bea Lovelace, Tue 9 March at 16:00")


def test_a_visit_is_booked_with_the_keyboard_alone(desk: Page) -> None:
    desk.locator("[data-cursor]").focus()
    desk.keyboard.press("b")
    desk.locator("#booking [data-patient-search]").wait_for()
    desk.keyboard.type("ada love")
    desk.locator("#booking [name=patient]").first.wait_for(state="attached")
    desk.keyboard.press("Enter")
    desk.locator("#booking .note, #booking [name=patient]:checked").first.wait_for(state="attached")
    desk.keyboard.press("Alt+2")
    desk.locator("#booking [data-held-left]").wait_for()
    desk.keyboard.press("Control+Enter")
    toast(desk, "Booked: Ada Lovelace")


def test_who_types_faster_than_the_answers_come_keeps_the_patient_chosen_by_enter(desk: Page) -> None:
    asked: list[str] = []

    def late(route: Route) -> None:
        asked.append(route.request.url)
        answer = route.fetch()
        desk.wait_for_timeout(400)
        route.fulfill(response=answer)

    desk.locator("[data-cursor]").focus()
    desk.keyboard.press("b")
    search = desk.locator("#booking [data-patient-search]")
    search.wait_for()
    desk.route(f"**{search.get_attribute('data-url')}**", late)
    desk.keyboard.type("ada love")
    desk.keyboard.press("Enter")
    desk.locator("#booking [name=patient]:checked").wait_for(state="attached")
    desk.wait_for_timeout(700)
    assert desk.locator("#booking [name=patient]:checked").count() == 1
    assert len(asked) == 1


def test_escape_gives_the_held_time_back(desk: Page, address: str) -> None:
    lane = desk.locator("[data-lane]").nth(0)
    lane.click(position={"x": 60, "y": 8.2 * 12 * SLOT})
    desk.locator("#booking [data-held-left]").wait_for()
    with desk.expect_response("**/appointments/release") as released:
        desk.keyboard.press("Escape")
    assert released.value.status == 204
    assert not desk.locator("#booking").is_visible()


def test_the_next_free_time_is_one_key_away(desk: Page) -> None:
    desk.keyboard.press("s")
    desk.locator("#find-time .offer").first.wait_for()
    assert desk.locator("#find-time .offer").count() == 5
    assert "soonest" in desk.locator("#find-time .offer .why").first.inner_text()


def test_a_known_patient_is_booked_in_three_actions_and_twelve_keys_beyond_the_name(desk: Page) -> None:
    keys: list[str] = []

    def press(key: str) -> None:
        keys.append(key)
        desk.keyboard.press(key)

    press("s")
    desk.locator("#find-time [data-patient-search]").wait_for()
    desk.keyboard.type("Cleo Lovelace")
    press("Enter")
    desk.locator("#find-time [name=patient][value=p3]:checked").wait_for(state="attached")
    desk.locator("#find-time [data-held]").wait_for()
    press("Alt+1")
    toast(desk, "Booked: Cleo Lovelace")
    assert keys == ["s", "Enter", "Alt+1"]
    assert sum(len(key.split("+")) for key in keys) <= 12


def test_the_found_time_is_held_while_one_chooses_and_given_back(desk: Page) -> None:
    desk.keyboard.press("s")
    desk.locator("#find-time [data-patient-search]").wait_for()
    desk.keyboard.type("Cleo")
    desk.keyboard.press("Enter")
    desk.locator("#find-time [data-held]").wait_for()
    desk.locator("#find-time [name=part][value=afternoon]").check(force=True)
    desk.locator("#find-time .why", has_text="in the afternoon, as asked").first.wait_for()
    assert axe(desk) == []
    with desk.expect_response("**/release") as given:
        desk.keyboard.press("Escape")
    assert given.value.status == 204
    assert not desk.locator("#find-time").is_visible()


def test_a_visit_is_moved_to_a_found_time(desk: Page) -> None:
    desk.locator(f"{BEA_AT_THREE} a").press("Enter")
    desk.locator("#visit .ph").first.wait_for()
    desk.keyboard.press("s")
    desk.locator("#find-time .offer").first.wait_for()
    desk.keyboard.press("2")
    toast(desk, "Moved: Bea Lovelace")


def test_days_are_turned_by_keys(desk: Page) -> None:
    desk.keyboard.press("]")
    desk.wait_for_url("**day=2027-03-10*")
    desk.locator("[data-cursor]").wait_for(state="attached")
    desk.keyboard.press("t")
    desk.wait_for_url("**day=2027-03-09*")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(desk: Page, address: str, scheme: str) -> None:
    desk.emulate_media(color_scheme=scheme)
    desk.reload()
    desk.locator("[data-cursor]").wait_for(state="attached")
    assert axe(desk) == []
    desk.keyboard.press("b")
    desk.locator("#booking .offer").first.wait_for()
    assert axe(desk) == []
    desk.keyboard.press("Escape")
    desk.locator(".ev[data-movable] a").first.press("Enter")
    desk.locator("#visit summary").first.click()
    assert axe(desk) == []
    desk.keyboard.press("Escape")
    for path in ("week", "list", "book?patient=p1"):
        desk.goto(f"{address}/appointments/{path}")
        assert axe(desk) == []


@pytest.mark.parametrize("size", [(1440, 900), (1024, 768)])
def test_nothing_hangs_out_of_the_page(desk: Page, size: tuple[int, int]) -> None:
    desk.set_viewport_size({"width": size[0], "height": size[1]})
    assert desk.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    desk.keyboard.press("b")
    desk.locator("#booking .offer").first.wait_for()
    desk.wait_for_timeout(100)
    box = desk.locator("#booking").bounding_box()
    assert box
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= size[1]
