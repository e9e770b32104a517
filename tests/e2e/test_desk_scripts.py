"""The desk's own script in a real browser: keys, command bar, lists, kept drafts, one send, live parts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Blueprint, Flask, redirect, render_template_string
from playwright.sync_api import Page
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from clinic.access.guard import public
from clinic.access.users import NewUser, create_user
from clinic.core.clock import FixedClock
from clinic.db.engine import Database
from clinic.tables import load_tables, metadata
from clinic.web.state import state_of
from tests.conftest import NOW, make_test_app
from tests.e2e.browsing import playwright
from tests.factories import PASSWORD
from tests.web.test_templates import ROOT

pytestmark = pytest.mark.e2e
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
BROWSER = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
SAMPLE = """
{% extends '_layout/desk.html' %}{% from '_parts/dialog.html' import dialog %}
{% block title %}Sample{% endblock %}
{% block content %}<h1>Sample</h1><a class="btn" href="#walked" data-key="w">Walk-in <kbd>w</kbd></a>
<button class="btn" type="button" data-dialog="move">Move</button>
<section class="panel"><table data-rows><thead><tr><th>Name</th></tr></thead><tbody>
{% for n in range(1, 4) %}<tr data-href="#row-{{ n }}"><td>Row {{ n }}</td></tr>{% endfor %}</tbody></table></section>
<form method="post" action="/toy/save"><input type="hidden" name="csrf_token" value="{{ csrf_token() }}"><input type="hidden" name="once" value="{{ range(99999)|random }}">
<div class="f"><label for="a">First name</label><input class="in" id="a" name="a"></div>
<div class="f"><label for="m">Method</label><select class="in" id="m" name="method"><option>cash</option><option>card</option></select></div>
<label class="opt-in" for="b"><input type="checkbox" id="b" name="b">Reminders</label>
<div class="f"><label for="s">Secret</label><input class="in" type="password" id="s" name="s" autocomplete="off"></div>
<button class="btn p" type="submit">Save</button></form>
<div id="live" data-poll-url="/toy/live" data-poll-seconds="2"><p>before</p></div>
{% call dialog('move', 'Move the visit') %}<div class="pb"><label class="sr" for="d">To</label><input class="in" id="d"></div>{% endcall %}
{% endblock %}
"""


class Toy:
    """A page of every part that the script serves, and what it was sent."""

    def __init__(self) -> None:
        self.saved = 0
        self.asked = 0
        self.blueprint = Blueprint("toy", __name__, url_prefix="/toy")

        @self.blueprint.get("/")
        @public
        def page() -> str:
            return render_template_string(SAMPLE)

        @self.blueprint.post("/save")
        @public
        def save() -> Response:
            self.saved += 1
            return redirect("/toy/#saved", 303)

        @self.blueprint.get("/live")
        @public
        def live() -> str:
            self.asked += 1
            return f"<p>answer {self.asked}</p>"


@pytest.fixture(scope="module")
def toy() -> Toy:
    return Toy()


@pytest.fixture(scope="module")
def address(toy: Toy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("desk")
    load_tables()
    database = Database(f"sqlite:///{folder / 'clinic.sqlite3'}")
    metadata.create_all(database.engine)
    app = make_test_app(database, FixedClock(NOW), folder)
    app.register_blueprint(toy.blueprint)
    _add_user(app)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    database.dispose()


def _add_user(app: Flask) -> None:
    state = state_of(app)
    new = NewUser("noor", "Noor Aziz", "administrator", PASSWORD)
    state.database.run_write(lambda conn: create_user(conn, new, state.clock.now()))


@pytest.fixture(scope="module")
def signed_in(address: str) -> Iterator[Page]:
    with playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=list(BROWSER))
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{address}/access/sign-in?next=/toy/")
        page.fill("[name=username]", "noor")
        page.fill("[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "sign-in" not in url)
        yield page
        browser.close()


@pytest.fixture
def desk(signed_in: Page, address: str) -> Page:
    """The sample page, freshly loaded, nothing kept from the test before."""
    signed_in.set_viewport_size({"width": 1440, "height": 900})
    signed_in.goto("about:blank")
    signed_in.goto(f"{address}/toy/")
    signed_in.evaluate("sessionStorage.clear()")
    signed_in.reload()
    return signed_in


def _soon(page: Page, question: str, tries: int = 80) -> bool:
    """Ask until it is so; the policy forbids wait_for_function, which needs eval."""
    for _again in range(tries):
        if page.evaluate(question):
            return True
        page.wait_for_timeout(50)
    return False


def _open(page: Page, name: str) -> bool:
    return bool(page.evaluate("name => document.getElementById(name).open", name))


@pytest.mark.parametrize("key", ["/", "Control+k"])
def test_the_command_bar_opens_finds_a_place_and_closes(desk: Page, key: str) -> None:
    desk.keyboard.press(key)
    assert _open(desk, "command")
    assert desk.evaluate("document.activeElement.getAttribute('role')") == "combobox"
    desk.keyboard.type("zzzz")
    assert _soon(desk, "!document.querySelector('[data-command-none]').hidden")
    desk.keyboard.press("Escape")
    assert not _open(desk, "command")


def test_a_single_key_presses_its_button_but_not_while_typing(desk: Page) -> None:
    desk.focus("#a")
    desk.keyboard.type("w/?")
    assert desk.input_value("#a") == "w/?"
    assert not desk.url.endswith("#walked")
    desk.keyboard.press("Alt+w")
    assert _soon(desk, "location.hash === '#walked'")


def test_the_list_of_keys_names_those_of_this_page(desk: Page) -> None:
    desk.keyboard.press("?")
    assert _open(desk, "keys")
    assert "Walk-in" in desk.inner_text("[data-keys-here]")


def test_rows_are_walked_and_opened_by_keyboard(desk: Page) -> None:
    for key in ("j", "j", "k", "ArrowDown", "End", "ArrowUp"):
        desk.keyboard.press(key)
    assert desk.evaluate("document.activeElement.dataset.href") == "#row-2"
    desk.keyboard.press("Enter")
    assert _soon(desk, "location.hash === '#row-2'")


def test_a_dialog_takes_the_focus_and_gives_it_back(desk: Page) -> None:
    desk.focus("[data-dialog=move]")
    desk.keyboard.press("Enter")
    assert desk.evaluate("document.activeElement.id") == "d"
    desk.keyboard.press("Escape")
    assert desk.evaluate("document.activeElement.dataset.dialog") == "move"


def test_typed_text_comes_back_but_never_a_password(desk: Page, address: str) -> None:
    desk.fill("#a", "Ann")
    desk.fill("#s", "hunter2")
    desk.check("#b")
    desk.select_option("#m", "card")
    desk.goto("about:blank")
    desk.goto(f"{address}/toy/")
    assert _soon(desk, "document.getElementById('a').value === 'Ann'")
    assert desk.is_checked("#b")
    assert desk.input_value("#m") == "card"
    assert desk.input_value("#s") == ""
    assert "hunter2" not in desk.evaluate("JSON.stringify(sessionStorage)")


def test_text_that_comes_back_keeps_its_one_time_key(desk: Page, address: str) -> None:
    desk.fill("#a", "Ann")
    key = desk.input_value("[name=once]")
    desk.goto("about:blank")
    desk.goto(f"{address}/toy/")
    assert desk.input_value("[name=once]") == key
    desk.evaluate("sessionStorage.clear()")
    desk.reload()
    assert desk.input_value("[name=once]") != key


def test_a_form_is_sent_once_and_its_draft_is_gone(desk: Page, toy: Toy) -> None:
    before = toy.saved
    desk.fill("#a", "Ann")
    desk.evaluate(
        "() => { const f = document.querySelector('form[action=\"/toy/save\"]'); f.requestSubmit(); f.requestSubmit(); }"
    )
    desk.wait_for_url("**/toy/#saved")
    assert desk.input_value("#a") == ""
    assert toy.saved == before + 1
    drafts = (
        "Object.keys(sessionStorage).filter((key) => key.startsWith('clinic-draft:') && !key.includes('once:')).length"
    )
    assert desk.evaluate(drafts) == 0
    assert desk.evaluate("JSON.stringify(sessionStorage).includes('Ann')") is False


def test_control_enter_finishes_what_is_in_hand(desk: Page) -> None:
    desk.focus("#a")
    desk.keyboard.type("Ann")
    desk.keyboard.press("Control+Enter")
    desk.wait_for_url("**/toy/#saved")


def test_a_live_part_renews_itself(desk: Page) -> None:
    assert _soon(desk, "document.getElementById('live').textContent.startsWith('answer')")


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
@pytest.mark.parametrize("width", [1440, 1024, 700])
def test_the_frame_breaks_no_rule_of_accessibility(desk: Page, theme: str, width: int) -> None:
    desk.set_viewport_size({"width": width, "height": 800})
    desk.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    desk.wait_for_timeout(200)
    session = desk.context.new_cdp_session(desk)
    run = AXE.read_text(encoding="utf-8") + ";axe.run(document, {resultTypes: ['violations']})"
    answer = session.send("Runtime.evaluate", {"expression": run, "awaitPromise": True, "returnByValue": True})
    found = answer["result"]["value"]["violations"]
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found] == []
    assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_sheets_and_scripts_are_where_the_page_asks_for_them(desk: Page) -> None:
    missing: list[str] = []
    desk.on("response", lambda answer: missing.append(answer.url) if answer.status >= 400 else None)
    desk.reload()
    desk.evaluate("document.fonts.ready")
    assert missing == []
    assert desk.evaluate("document.fonts.check('13px Inter')")
    assert Path(AXE).exists()
